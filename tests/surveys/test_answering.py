"""Answering in the browser's place: pages, drafts, sending, and what is never written or shown."""

import datetime as dt
import html
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.core.cache import cache
from django.db import connection
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from surveys.actions import ballots, keys, waves
from surveys.models import SealedBallot, Wave
from tests import factories
from tests.surveys import boxes

pytestmark = pytest.mark.django_db
SECRET = "紙の回覧が三日とまります"
BINDING = b"unused"


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def _client(person: Any) -> Client:
    client = Client()
    client.force_login(person)
    return client


def _url(wave: Wave, name: str = "start", *args: str) -> str:
    return reverse(f"surveys:answer_{name}", args=[wave.pk, *args])


def _post(client: Client, wave: Wave, action: str = "next", **data: Any) -> Any:
    return client.post(_url(wave, "send"), {"action": action, **data})


def _answer_all(client: Client, wave: Wave, text: str = SECRET) -> None:
    """Every question of the pain survey, as somebody taps through it."""
    given = {"Q1": "paper", "Q1b": ["phone"], "Q2": text, "Q3": "daily", "Q4": "to_15"}
    given |= {"Q5": "section", "Q6": "", "Q7": "", "Q9": "yes"}
    for code, answer in given.items():
        assert client.get(_url(wave, "question", code)).status_code == 200
        assert _post(client, wave, code=code, answer=answer).status_code == 302


def _hidden(page: Any, name: str) -> str:
    found = re.search(rf'name="{name}" value="([^"]*)"', page.content.decode())
    assert found, name
    return html.unescape(found[1])


def _tables() -> dict[str, list[tuple[Any, ...]]]:
    """Every row of every table with its place and writing transaction."""
    with connection.cursor() as cursor:
        cursor.execute(
            "SELECT relname FROM pg_class WHERE relkind = 'r'"
            " AND relnamespace = 'public'::regnamespace ORDER BY relname"
        )
        names = [name for (name,) in cursor.fetchall()]
        found = {}
        for name in names:
            cursor.execute(f'SELECT ctid::text, xmin::text, t::text FROM "{name}" t ORDER BY ctid')
            found[name] = cursor.fetchall()
    return found


# The way through ------------------------------------------------------------------------------
def test_the_way_through_without_scripts_ends_with_a_receipt() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])

    start = client.get(_url(town.wave))
    assert _url(town.wave, "question", "Q1") in start.content.decode()
    _answer_all(client, town.wave)
    check = client.get(_url(town.wave, "check"))
    sent = _post(client, town.wave, "send")
    thanks = client.get(sent.url)

    assert SECRET in check.content.decode()
    assert sent.url == _url(town.wave, "thanks")
    row = SealedBallot.objects.get()
    assert row.submitted
    assert ballots.anonymity.receipt(row.sealed) in thanks.content.decode()
    for page in (start, check, thanks):
        assert "<script" not in page.content.decode()


def test_nothing_is_preselected_and_the_seven_common_ones_stand_first() -> None:
    town = boxes.open_town()

    page = _client(town.staff[0]).get(_url(town.wave, "question", "Q1")).content.decode()

    before, inside = page.split("<details", 1)[0], page.split("<details", 1)[1]
    assert before.count('name="answer"') == 7
    assert inside.split("</details>")[0].count('name="answer"') == 12
    assert " checked" not in page


def test_nothing_to_say_leads_straight_to_the_check_page() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])

    response = _post(client, town.wave, code="Q1", answer="none")

    assert response.url == _url(town.wave, "check")
    assert _url(town.wave, "question", "Q3") in client.get(response.url).content.decode()


def test_reasons_are_asked_only_of_those_who_hardly_use_it() -> None:
    town = boxes.open_town(template="follow_up")
    client = _client(town.staff[0])

    _post(client, town.wave, code="F1", answer="daily")
    uses = _post(client, town.wave, code="F4", answer="ended")
    _post(client, town.wave, code="F1", answer="never")
    does_not = _post(client, town.wave, code="F4", answer="ended")

    assert uses.url == _url(town.wave, "question", "F6")
    assert does_not.url == _url(town.wave, "question", "F5")


def test_a_follow_up_is_sent_from_its_last_page() -> None:
    town = boxes.open_town(template="follow_up")
    client = _client(town.staff[0])
    _post(client, town.wave, code="F1", answer="daily")

    page = client.get(_url(town.wave, "question", "F6")).content.decode()
    sent = _post(client, town.wave, "send", code="F6", answer="")

    assert 'value="send"' in page
    assert sent.url == _url(town.wave, "thanks")


# Drafts ---------------------------------------------------------------------------------------
def test_going_on_later_resumes_after_the_last_answer() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _post(client, town.wave, code="Q1", answer="paper")
    _post(client, town.wave, "later", code="Q2", answer=SECRET)

    page = client.get(_url(town.wave)).content.decode()

    assert _url(town.wave, "question", "Q3") in page
    assert SECRET in client.get(_url(town.wave, "question", "Q2")).content.decode()


def test_a_new_password_by_somebody_else_drops_the_draft() -> None:
    town = boxes.open_town()
    person = town.staff[0]
    _post(_client(person), town.wave, code="Q2", answer=SECRET)

    person.set_password("reset-by-admin-2026")
    person.save()
    client = _client(person)

    for name, *code in (("start",), ("question", "Q2"), ("check",)):
        assert SECRET not in client.get(_url(town.wave, name, *code)).content.decode()
    assert _url(town.wave, "question", "Q1") in client.get(_url(town.wave)).content.decode()


def test_changing_one_answer_leads_back_to_the_check_page() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _post(client, town.wave, code="Q1", answer="paper")

    page = client.get(_url(town.wave, "question", "Q3") + "?to=check").content.decode()
    changed = _post(client, town.wave, code="Q3", answer="daily", to_check="1")

    assert 'name="to_check"' in page
    assert changed.url == _url(town.wave, "check")


# Sending again --------------------------------------------------------------------------------
def test_a_sent_ballot_is_never_shown_again() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _answer_all(client, town.wave)
    _post(client, town.wave, "send")

    pages = [client.get(_url(town.wave, name), follow=True) for name in ("start", "check")]
    pages += [
        client.get(_url(town.wave, "question", question["code"]), follow=True)
        for question in town.wave.frozen_definition["questions"]
    ]
    pages += [client.get(_url(town.wave, "thanks")), _post(client, town.wave, "again")]
    pages += [client.get(reverse("surveys:survey_list"))]

    for page in pages:
        body = page.content.decode()
        assert page.status_code == 200
        assert SECRET not in body
        assert " checked" not in body


def test_sending_again_starts_empty_and_replaces_only_at_the_end() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _answer_all(client, town.wave)
    _post(client, town.wave, "send")
    first = bytes(SealedBallot.objects.get().sealed)

    page = _post(client, town.wave, "again")
    page = _post(client, town.wave, code="Q1", answer="phone", carry=_hidden(page, "carry"))
    other = "別の困りごとです"
    carry = _hidden(page, "carry")
    page = _post(client, town.wave, code="Q2", answer=other, carry=carry)
    assert bytes(SealedBallot.objects.get().sealed) == first
    assert other not in page.content.decode()
    carry = _hidden(page, "carry")
    back = _post(client, town.wave, "open", open="Q2", carry=carry)
    assert other in back.content.decode()
    check = _post(client, town.wave, code="Q9", answer="yes", carry=carry)
    assert other in check.content.decode()
    assert SECRET not in check.content.decode()
    sent = _post(client, town.wave, "send", carry=_hidden(check, "carry"))

    assert sent.url == _url(town.wave, "thanks")
    assert bytes(SealedBallot.objects.get().sealed) != first


def test_a_second_click_on_send_shows_the_same_thanks() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _answer_all(client, town.wave)

    urls = {_post(client, town.wave, "send").url for _ in range(3)}
    receipts = {_receipt(client.get(_url(town.wave, "thanks"))) for _ in range(2)}

    assert urls == {_url(town.wave, "thanks")}
    assert len(receipts) == 1
    assert SealedBallot.objects.count() == 1


def _receipt(page: Any) -> str:
    found = re.search(r"data-receipt>([0-9a-f]{10})<", page.content.decode())
    assert found
    return found[1]


def test_another_window_keeps_its_text_when_the_ballot_was_sent_meanwhile() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _answer_all(client, town.wave, text="はじめの文")
    _post(client, town.wave, "send")

    page = _post(client, town.wave, code="Q6", answer=SECRET)

    assert page.status_code == 409
    assert SECRET in page.content.decode()
    assert "はじめの文" not in page.content.decode()


# Mistakes -------------------------------------------------------------------------------------
def test_the_first_question_needs_an_answer() -> None:
    town = boxes.open_town()

    page = _post(_client(town.staff[0]), town.wave, code="Q1")

    assert page.status_code == 422
    assert 'href="#answer-0"' in page.content.decode()
    assert not SealedBallot.objects.exists()


def test_sending_without_the_required_answer_names_it() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _post(client, town.wave, code="Q3", answer="daily")

    page = _post(client, town.wave, "send")

    assert page.status_code == 422
    assert 'href="#row-Q1"' in page.content.decode()


@pytest.mark.parametrize("answer", [["paper", "phone", "meetings"], ["nonsense"]])
def test_impossible_choices_are_refused(answer: list[str]) -> None:
    town = boxes.open_town()

    page = _post(_client(town.staff[0]), town.wave, code="Q1b", answer=answer)

    assert page.status_code == 422
    assert not SealedBallot.objects.exists()


def test_a_text_that_is_too_long_stays_on_the_page() -> None:
    town = boxes.open_town()
    text = "あ" * 401

    page = _post(_client(town.staff[0]), town.wave, code="Q2", answer=text)

    assert page.status_code == 422
    assert text in page.content.decode()


def test_a_name_is_asked_about_once_and_then_accepted() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    text = "鈴木課長が止めています"

    warned = _post(client, town.wave, code="Q2", answer=text)
    accepted = _post(client, town.wave, code="Q2", answer=text, name_seen="1")

    assert warned.status_code == 422
    assert text in warned.content.decode()
    assert 'name="name_seen"' in warned.content.decode()
    assert accepted.status_code == 302


def test_what_was_typed_stays_when_the_wave_closed_meanwhile() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _post(client, town.wave, code="Q1", answer="paper")
    Wave.objects.filter(pk=town.wave.pk).update(closes_at=timezone.now())

    typed = _post(client, town.wave, code="Q2", answer=SECRET)
    checked = client.post(_url(town.wave, "send"), {"action": "send", "text-Q2": SECRET})

    for page in (typed, checked):
        assert page.status_code == 409
        assert SECRET in page.content.decode()
    assert not SealedBallot.objects.get().submitted


# States ---------------------------------------------------------------------------------------
def test_a_survey_that_has_not_begun_says_when() -> None:
    town = boxes.open_town()
    opens = dt.datetime(2031, 5, 7, 9, 0, tzinfo=timezone.get_default_timezone())
    later = opens + boxes.DAY
    planned = boxes.draft(
        town.municipality, town.office, opens_at=opens, closes_at=later, publish_at=later
    )

    page = _client(town.staff[0]).get(_url(planned)).content.decode()

    assert "5月7日" in page


@pytest.mark.parametrize("state", ["closed", "cancelled", "key_lost"])
def test_a_survey_that_has_ended_says_so(state: str) -> None:
    town = boxes.open_town()
    now = timezone.now()
    if state == "closed":
        Wave.objects.filter(pk=town.wave.pk).update(closes_at=now)
    elif state == "cancelled":
        waves.cancel_wave(town.wave, by=town.office, now=now)
    else:
        keys.mark_key_lost(town.wave, now=now)
    client = _client(town.staff[0])

    for name in ("start", "check", "thanks"):
        page = client.get(_url(town.wave, name))
        assert page.status_code == 200
        assert 'name="answer"' not in page.content.decode()
        assert 'class="act still"' in page.content.decode()


def test_somebody_who_is_not_asked_reads_so() -> None:
    town = boxes.open_town()
    auditor = factories.user(town.municipality, role=Role.AUDITOR, of=town.section)

    page = _client(auditor).get(_url(town.wave))

    assert page.status_code == 200
    assert 'name="answer"' not in page.content.decode()


def test_another_municipality_finds_nothing() -> None:
    town = boxes.open_town()
    stranger = factories.user(factories.municipality("隣市"))
    client = _client(stranger)

    for name in ("start", "check", "thanks"):
        assert client.get(_url(town.wave, name)).status_code == 404
    assert _post(client, town.wave, code="Q1", answer="paper").status_code == 404


def test_without_a_sign_in_there_is_nothing_to_see() -> None:
    town = boxes.open_town()

    assert Client().get(_url(town.wave)).status_code == 302


# What is never written ------------------------------------------------------------------------
@pytest.mark.parametrize("action", ["next", "send"])
def test_one_table_changes_and_nothing_else(action: str) -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _post(client, town.wave, code="Q1", answer="paper")
    session = dict(client.session)
    before = _tables()

    response = _post(client, town.wave, action, code="Q2", answer=SECRET)

    assert response.status_code == 302
    after = _tables()
    assert [name for name in before if before[name] != after[name]] == ["surveys_sealedballot"]
    assert len(after["surveys_sealedballot"]) == 1
    assert dict(client.session) == session


def test_sending_takes_seven_statements(django_assert_num_queries: Any) -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    _answer_all(client, town.wave)

    # person, municipality, wave, own row; then the lock, the state behind it, the upsert;
    # in this test's transaction the request's own one is a savepoint (2)
    with django_assert_num_queries(9):
        _post(client, town.wave, "send")


def test_saving_and_sending_look_alike_from_outside() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    saved = _post(client, town.wave, code="Q1", answer="paper")
    sent = _post(client, town.wave, "send")

    assert saved.request["PATH_INFO"] == sent.request["PATH_INFO"]
    assert saved.status_code == sent.status_code
    assert len(saved.content) == len(sent.content)


@pytest.mark.parametrize("name", ["start", "check", "question"])
def test_answering_pages_are_not_stored_and_send_no_referrer(name: str) -> None:
    town = boxes.open_town()
    code = ["Q1"] if name == "question" else []

    page = _client(town.staff[0]).get(_url(town.wave, name, *code))

    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_a_page_without_a_token_cannot_answer() -> None:
    town = boxes.open_town()
    client = Client(enforce_csrf_checks=True)
    client.force_login(town.staff[0])
    data = {"action": "next", "code": "Q1", "answer": "paper"}

    bare = client.post(_url(town.wave, "send"), data, headers={"origin": "null"})
    page = client.get(_url(town.wave, "question", "Q1"))
    data["csrfmiddlewaretoken"] = _hidden(page, "csrfmiddlewaretoken")
    good = client.post(_url(town.wave, "send"), data, headers={"origin": "null"})
    foreign = client.post(_url(town.wave, "send"), data, headers={"origin": "https://evil.test"})

    assert bare.status_code == 403
    assert good.status_code == 302
    assert foreign.status_code == 403


def test_the_text_is_in_no_log_no_session_and_no_cache(caplog: Any) -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    with caplog.at_level(logging.DEBUG):
        _answer_all(client, town.wave)
        _post(client, town.wave, "send")
        _post(client, town.wave, code="Q6", answer=SECRET)

    mine = [r for r in caplog.records if r.name.startswith(("dxportal", "surveys", "django.req"))]
    assert SECRET not in "".join(record.getMessage() for record in mine)
    assert SECRET not in str(dict(client.session))
    kept = getattr(cache, "_cache", {})
    assert SECRET.encode() not in b"".join(bytes(value) for value in kept.values())
    assert all(SECRET.encode() not in bytes(row.sealed) for row in SealedBallot.objects.all())


def test_contact_points_stand_beside_free_text_once_the_municipality_names_them() -> None:
    town = boxes.open_town()
    client = _client(town.staff[0])
    without = client.get(_url(town.wave, "question", "Q2")).content.decode()
    municipality = town.wave.survey.municipality
    municipality.report_channel, municipality.report_url = "総務課 内線1234", "https://in.example/"
    municipality.save()
    with_both = client.get(_url(town.wave, "question", "Q2")).content.decode()

    assert "内線1234" not in without
    assert '<a href="https://in.example/" rel="noreferrer">総務課 内線1234</a>' in with_both
    assert "内線1234" not in client.get(_url(town.wave, "question", "Q3")).content.decode()


def test_a_text_typed_after_the_session_ended_is_sent_again_after_sign_in() -> None:
    town = boxes.open_town()
    person, client = town.staff[0], Client()
    entry = {"email": person.email, "password": factories.PASSWORD}
    client.post(reverse("accounts:sign_in"), entry)
    _post(client, town.wave, code="Q1", answer="paper")
    client.session.flush()

    refused = _post(client, town.wave, code="Q2", answer=SECRET)
    replay = client.post(
        reverse("accounts:sign_in"), {**entry, "carried": _hidden(refused, "carried")}
    )
    sent = client.post(
        _url(town.wave, "send"),
        {name: _hidden(replay, name) for name in ("action", "code", "answer")},
    )

    assert refused.status_code == 401
    assert SECRET not in refused.content.decode()
    assert sent.status_code == 302
    check = client.get(_url(town.wave, "check")).content.decode()
    assert SECRET in check
    assert "紙" in check
