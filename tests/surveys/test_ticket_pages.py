"""Tickets in the browser's place: printing, coming in, sending, paper; what stays behind."""

import html
import json
import logging
import re
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings as django_settings
from django.contrib.sessions.backends.cache import SessionStore
from django.core.cache import cache
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from surveys import anonymity
from surveys.actions import tickets, waves
from surveys.models import SealedBallot, Ticket, Wave
from surveys.tickets import grouped, new_token, read_token, token_hash
from surveys.views import ticket_entry
from tests import factories
from tests.surveys import boxes

pytestmark = pytest.mark.django_db
SECRET = "検診車の鍵が一つしかありません"
COOKIE = django_settings.SESSION_COOKIE_NAME


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own, and no wrong code of another test."""
    cache.clear()
    return boxes.own_key_dir(settings, tmp_path)


def _client(person: Any = None) -> Client:
    client = Client()
    if person is not None:
        client.force_login(person)
    return client


def _url(wave: Wave, name: str = "answer_start", *args: str) -> str:
    return reverse(f"surveys:{name}", args=[wave.pk, *args])


def _token(town: boxes.Town) -> str:
    given = sum(place.given for place in tickets.places(town.wave))
    return tickets.print_tickets(
        town.wave,
        segment=tickets.places(town.wave)[0].segment,
        number=1,
        seen=given,
        by=town.office,
        now=timezone.now(),
    )[0]


def _enter(town: boxes.Town, client: Client, token: str, **more: str) -> Any:
    return client.post(_url(town.wave, "ticket_code"), {"code": grouped(token), **more})


def _post(client: Client, wave: Wave, action: str = "next", **data: Any) -> Any:
    return client.post(_url(wave, "answer_send"), {"action": action, "by_ticket": "1", **data})


def _answer_all(client: Client, wave: Wave, text: str = SECRET) -> None:
    given = {"Q1": "paper", "Q1b": ["phone"], "Q2": text, "Q3": "daily", "Q4": "to_15"}
    given |= {"Q5": "section", "Q6": "", "Q7": "", "Q9": "yes"}
    for code, answer in given.items():
        assert client.get(_url(wave, "answer_question", code)).status_code == 200
        assert _post(client, wave, code=code, answer=answer).status_code == 302


def _text(response: Any) -> str:
    return html.unescape(response.content.decode())


# Printing -------------------------------------------------------------------------------------
def _print(client: Client, town: boxes.Town, number: int, seen: int = 0) -> Any:
    segment = tickets.places(town.wave)[0].segment
    data = {"segment": segment, "number": number, "seen": seen}
    return client.post(_url(town.wave, "ticket_list"), data)


def test_sheets_are_shown_once_and_their_tokens_stand_nowhere_else(
    caplog: pytest.LogCaptureFixture,
) -> None:
    caplog.set_level(logging.DEBUG)
    town = boxes.open_town(without_account=3)
    client = _client(town.office)

    sheets = _print(client, town, 2)
    again = _print(client, town, 2)
    page = client.get(_url(town.wave, "ticket_list"))

    codes = re.findall(r'class="code">([^<]+)<', _text(sheets))
    assert len(codes) == len(set(codes)) == 2
    tokens = [read_token(code) for code in codes]
    assert {token_hash(token or "") for token in tokens} == {
        bytes(row) for row in Ticket.objects.values_list("token_hash", flat=True)
    }
    assert sheets.headers["Cache-Control"] == "no-store"
    assert "no-store" in again.headers["Cache-Control"]
    assert again.status_code == 409
    assert Ticket.objects.count() == 2
    session = dict(client.session.items())
    events = [json.dumps([row.before, row.after, row.object_label]) for row in Event.objects.all()]
    for token, code in zip(tokens, codes, strict=True):
        assert token is not None
        for place in (_text(again), _text(page), caplog.text, str(session), *events):
            assert token not in place
            assert code not in place
        assert token not in sheets.wsgi_request.get_full_path()


def test_a_sheet_has_section_deadline_address_and_a_qr_code_of_the_same_token() -> None:
    town = boxes.open_town(without_account=1)

    text = _text(_print(_client(town.office), town, 1))

    address = django_settings.SITE_URL + _url(town.wave, "ticket_code")
    assert address in text
    assert "総務部 総務課" in text
    assert 'src="data:image/svg+xml' in text
    assert not [person for person in town.staff if person.name in text]


def test_the_page_tells_how_many_are_left() -> None:
    town = boxes.open_town(without_account=3)
    client = _client(town.office)
    _print(client, town, 2)

    page = client.get(_url(town.wave, "ticket_list"))

    (place,) = page.context["places"]
    assert (place.staff, place.given, place.left) == (3, 2, 1)
    assert _print(client, town, 2, seen=2).status_code == 409
    assert _print(client, town, 0, seen=2).status_code == 422


def test_staff_without_the_right_print_nothing() -> None:
    town = boxes.open_town(without_account=3)
    stranger = boxes.open_town(without_account=3)

    assert _print(_client(town.staff[0]), town, 1).status_code == 403
    assert _print(_client(stranger.office), town, 1).status_code == 404
    assert not Ticket.objects.exists()


# Coming in ------------------------------------------------------------------------------------
def test_a_ticket_opens_its_wave_without_an_account_and_ends_with_a_receipt() -> None:
    town = boxes.open_town(without_account=1)
    client, token = _client(), _token(town)

    entered = _enter(town, client, token)
    start = client.get(entered.url)
    _answer_all(client, town.wave)
    check = client.get(_url(town.wave, "answer_check"))
    sent = _post(client, town.wave, "send")

    assert entered.url == _url(town.wave)
    assert "総務課" in _text(start)
    assert SECRET in _text(check)
    row = SealedBallot.objects.get()
    assert row.submitted
    assert anonymity.receipt(row.sealed) in _text(sent)
    for page in (start, check, sent):
        assert page.headers["Cache-Control"] == "no-store"
        assert "<script" not in _text(page)
        assert token not in _text(page)


def test_a_scanned_code_shows_the_notice_and_does_nothing_before_the_button() -> None:
    town = boxes.open_town(without_account=1)
    client, token = _client(), _token(town)

    page = client.get(_url(town.wave, "ticket_scan", token))

    assert page.status_code == 200
    assert town.wave.notice_text.split("\n")[0] in _text(page)
    assert "総務課" in _text(page)
    assert not client.session.keys()
    entered = _enter(town, client, token, told="1")
    assert entered.url == _url(town.wave, "answer_question", "Q1")


def test_the_session_holds_hash_and_pseudonym_but_no_token() -> None:
    town = boxes.open_town(without_account=1)
    client, token = _client(), _token(town)

    _enter(town, client, token)

    kept = client.session["ticket"]
    assert set(kept) == {"wave", "hash", "nullifier", "binding"}
    assert token not in json.dumps(kept)
    assert client.session.get_expire_at_browser_close()
    assert client.cookies[COOKIE]["max-age"] == ""


def test_after_sending_the_session_is_over_and_nothing_opens_again() -> None:
    town = boxes.open_town(without_account=1)
    client, token = _client(), _token(town)
    _enter(town, client, token)
    _answer_all(client, town.wave)
    old = client.cookies[COOKIE].value

    sent = _post(client, town.wave, "send")

    assert not SessionStore(old).exists(old)
    assert client.cookies[COOKIE].value == ""
    for name in ("answer_check", "answer_thanks", "answer_start"):
        page = client.get(_url(town.wave, name))
        assert page.status_code == 302
        assert reverse("accounts:sign_in") in page.url
    assert "Clear-Site-Data" not in sent.headers


def test_over_tls_the_browser_is_told_to_drop_everything() -> None:
    town = boxes.open_town(without_account=1)
    client, token = Client(), _token(town)
    client.post(_url(town.wave, "ticket_code"), {"code": token}, secure=True)
    for code, answer in {"Q1": "none", "Q3": "daily", "Q4": "to_15"}.items():
        data = {"action": "next", "code": code, "answer": answer}
        client.post(_url(town.wave, "answer_send"), data, secure=True)

    sent = client.post(_url(town.wave, "answer_send"), {"action": "send"}, secure=True)

    assert sent.status_code == 200, _text(sent)
    assert sent.headers["Clear-Site-Data"] == '"cache", "storage", "cookies"'


def test_the_same_ticket_answers_again_from_empty_and_tells_nothing_of_before() -> None:
    town = boxes.open_town(without_account=1)
    token, first, second = _token(town), _client(), _client()
    _enter(town, first, token)
    _answer_all(first, town.wave)
    receipt = anonymity.receipt(_sealed_after(first, town))

    entered = _enter(town, second, token)
    thanks = second.get(entered.url, follow=True)
    again = _post(second, town.wave, "again")

    assert SECRET not in _text(thanks) + _text(again)
    assert receipt not in _text(thanks)
    assert again.status_code == 200
    assert " checked" not in _text(again)
    carry = re.search(r'name="carry" value="([^"]*)"', _text(again))
    assert carry
    step = _post(second, town.wave, code="Q1", answer="none", carry=carry[1])
    carry = re.search(r'name="carry" value="([^"]*)"', _text(step))
    assert carry
    assert SealedBallot.objects.count() == 1


def _sealed_after(client: Client, town: boxes.Town) -> bytes:
    assert _post(client, town.wave, "send").status_code == 200
    return bytes(SealedBallot.objects.get().sealed)


def test_an_unsent_draft_is_not_shown_in_another_browser() -> None:
    town = boxes.open_town(without_account=1)
    token, first, second = _token(town), _client(), _client()
    _enter(town, first, token)
    _post(first, town.wave, code="Q1", answer="paper")
    _post(first, town.wave, code="Q2", answer=SECRET)

    _enter(town, second, token)

    assert SECRET in _text(first.get(_url(town.wave, "answer_check")))
    assert SECRET not in _text(second.get(_url(town.wave, "answer_check")))


def test_another_ticket_in_the_same_browser_begins_anew_and_old_pages_are_refused() -> None:
    town = boxes.open_town(without_account=2)
    one, two, client = _token(town), _token(town), Client(enforce_csrf_checks=True)
    old = _enter_with_csrf(town, client, one)
    _post(client, town.wave, code="Q1", answer="paper", csrfmiddlewaretoken=old)

    _enter_with_csrf(town, client, two)
    late = _post(client, town.wave, code="Q2", answer=SECRET, csrfmiddlewaretoken=old)

    assert late.status_code == 403
    assert SECRET not in _text(client.get(_url(town.wave, "answer_check")))


def _enter_with_csrf(town: boxes.Town, client: Client, token: str) -> str:
    page = client.get(_url(town.wave, "ticket_code"))
    entered = _enter(town, client, token, csrfmiddlewaretoken=_csrf(page))
    assert entered.status_code == 302
    return _csrf(client.get(_url(town.wave, "answer_question", "Q1")))


def _csrf(page: Any) -> str:
    found = re.search(r'name="csrfmiddlewaretoken" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


# Attacks --------------------------------------------------------------------------------------
def test_wrong_unknown_and_foreign_codes_get_the_same_answer() -> None:
    town, other = boxes.open_town(without_account=1), boxes.open_town(without_account=1)
    draft = boxes.draft(town.municipality, town.office)
    tried = [
        (town.wave.pk, new_token()),
        (town.wave.pk, _token(other)),
        (draft.pk, _token(town)),
        (999_999, new_token()),
        (town.wave.pk, "あいうえお"),
    ]

    pages = []
    for pk, code in tried:
        url = reverse("surveys:ticket_code", args=[pk])
        page = _client().post(url, {"code": code})
        assert page.status_code == 422
        pages.append(re.sub(r'value="[^"]*"', "", _text(page)).replace(f"/{pk}/", "/"))

    assert len(set(pages)) == 1
    assert town.wave.label not in pages[0]
    assert town.wave.survey.title not in pages[0]
    for pk, code in tried[:4]:
        scan = _client().get(reverse("surveys:ticket_scan", args=[pk, code]))
        assert scan.status_code == 422


def test_a_ticket_opens_no_other_page() -> None:
    town = boxes.open_town(without_account=1)
    other = waves.open_wave(
        boxes.draft(town.municipality, town.office), by=town.office, now=timezone.now()
    )
    client = _client()
    _enter(town, client, _token(town))

    for url in (
        _url(other),
        _url(other, "answer_question", "Q1"),
        _url(town.wave, "wave_detail"),
        _url(town.wave, "ticket_list"),
        _url(town.wave, "paper"),
        reverse("surveys:survey_list"),
        reverse("surveys:voice_list"),
        reverse("home"),
    ):
        page = client.get(url)
        assert page.status_code == 302, url
        assert page.url.startswith(reverse("accounts:sign_in")), url
    refused = client.post(_url(other, "answer_send"), {"action": "next", "code": "Q1"})
    assert refused.status_code == 401
    assert not SealedBallot.objects.exists()


def test_pretending_to_hold_a_ticket_saves_and_tells_nothing() -> None:
    town = boxes.open_town(without_account=1)

    page = _post(_client(), town.wave, "send", code="Q2", answer=SECRET, kind="text")

    assert page.status_code == 409
    assert SECRET in _text(page)
    assert town.wave.survey.title not in _text(page)
    assert not SealedBallot.objects.exists()


def test_a_hand_made_session_of_another_wave_opens_nothing() -> None:
    town = boxes.open_town(without_account=1)
    other = boxes.open_town(without_account=1)
    client = _client()
    _enter(other, client, _token(other))
    session = client.session
    session["ticket"] = {**session["ticket"], "wave": town.wave.pk}
    session.save()

    page = client.get(_url(town.wave))
    sent = _post(client, town.wave, code="Q1", answer="paper")

    assert page.context["reason"] == "not_eligible"
    assert sent.status_code == 409
    assert not SealedBallot.objects.exists()


@pytest.mark.parametrize("how", ["late", "cancelled", "key"])
def test_a_survey_that_has_ended_says_so_and_keeps_what_was_typed(how: str, key_dir: Path) -> None:
    town = boxes.open_town(without_account=1)
    client, token = _client(), _token(town)
    _enter(town, client, token)
    if how == "late":
        Wave.objects.filter(pk=town.wave.pk).update(closes_at=timezone.now())
    elif how == "cancelled":
        waves.cancel_wave(town.wave, by=town.office, now=timezone.now())
    else:
        (key_dir / f"{town.wave.key_id}.key").unlink()

    typed = _post(client, town.wave, code="Q2", answer=SECRET)
    entered = _enter(town, _client(), token)
    scanned = _client().get(_url(town.wave, "ticket_scan", token))

    assert typed.status_code == 409
    assert SECRET in _text(typed)
    assert entered.status_code == 409
    assert scanned.status_code == (200 if how == "key" else 409)
    assert not SealedBallot.objects.exists()


@pytest.mark.parametrize("role", [None, Role.DX_OFFICE, Role.HEAD])
def test_who_is_signed_in_answers_with_the_account(role: Role | None) -> None:
    town = boxes.open_town(without_account=1)
    person = town.staff[0]
    if role:
        person = factories.user(town.municipality, role=role, of=town.section)
    client, token = _client(person), _token(town)

    typed = client.get(_url(town.wave, "ticket_code"))
    scanned = client.get(_url(town.wave, "ticket_scan", token))
    posted = _enter(town, client, token)

    assert (typed.status_code, posted.status_code) == (200, 409)
    for page in (typed, posted):
        assert _url(town.wave) in _text(page)
    assert scanned.headers["Location"] == _url(town.wave, "ticket_code")
    assert "ticket" not in client.session


def test_a_strangers_account_leaves_the_address_with_the_token_before_it_is_refused() -> None:
    town = boxes.open_town(without_account=1)
    client = _client(boxes.open_town().staff[0])

    scanned = client.get(_url(town.wave, "ticket_scan", _token(town)))

    assert scanned.headers["Location"] == _url(town.wave, "ticket_code")
    assert scanned.headers["Referrer-Policy"] == "no-referrer"
    assert client.get(scanned.headers["Location"]).status_code == 404


def test_signing_in_drops_the_ticket_that_the_browser_held() -> None:
    town = boxes.open_town(without_account=1)
    client = _client()
    _enter(town, client, _token(town))
    assert "ticket" in client.session

    data = {"email": town.staff[0].email, "password": factories.PASSWORD}
    assert client.post(reverse("accounts:sign_in"), data).status_code == 302

    assert "ticket" not in client.session


def test_a_ticket_kept_in_a_session_is_no_second_vote_for_an_account() -> None:
    town = boxes.open_town(without_account=1)
    client, token = _client(town.staff[0]), _token(town)
    voter = tickets.voter_of(town.wave, token)
    session = client.session
    seat = {"hash": voter.token_hash.hex(), "nullifier": voter.nullifier.hex()}
    session["ticket"] = {"wave": town.wave.pk, "binding": "x", **seat}
    session.save()

    _post(client, town.wave, code="Q1", answer="paper")

    assert bytes(SealedBallot.objects.get().nullifier) != voter.nullifier


def test_many_wrong_codes_are_told_to_wait_but_shut_nobody_out(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    monkeypatch.setattr(ticket_entry, "WRONG_CODES", 2)
    town, client = boxes.open_town(without_account=1), _client()

    answers = [_enter(town, client, new_token()).status_code for _number in range(4)]

    assert answers == [422, 422, 429, 429]
    assert _enter(town, _client(), _token(town)).status_code == 302


def test_no_log_line_names_a_token(caplog: pytest.LogCaptureFixture) -> None:
    caplog.set_level(logging.DEBUG)
    town = boxes.open_town(without_account=1)
    token = _token(town)
    strict = Client(enforce_csrf_checks=True, raise_request_exception=False)
    path = _url(town.wave, "ticket_scan", token)

    strict.post(path, {"code": token})
    strict.get(_url(town.wave, "ticket_scan", new_token()))
    logging.getLogger("django.request").error("Internal Server Error: %s", path)
    logging.getLogger("django.server").info('"GET %s HTTP/1.1" 200', path)

    assert "/ticket/-" in caplog.text
    assert token not in caplog.text


# A second click, a second window ---------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_a_second_click_on_send_is_told_that_the_first_arrived() -> None:
    town = boxes.open_town(without_account=1)
    client, token = _client(), _token(town)
    _enter(town, client, token)
    _answer_all(client, town.wave)
    second = Client()
    second.cookies[COOKIE] = client.cookies[COOKIE].value

    first = _post(client, town.wave, "send")
    click = _post(second, town.wave, "send")
    typed = _post(second, town.wave, "next", code="Q2", answer=SECRET, kind="text")

    receipt = anonymity.receipt(SealedBallot.objects.get().sealed)
    assert receipt in _text(first)
    assert click.status_code == 200
    assert click.context["sent"]
    assert receipt not in _text(click)
    assert typed.status_code == 409
    assert SECRET in _text(typed)


# A PC that others use too ---------------------------------------------------------------------
def _sign_in(person: Any, **data: str) -> Client:
    client = Client()
    given = {"email": person.email, "password": factories.PASSWORD, **data}
    assert client.post(reverse("accounts:sign_in"), given).status_code == 302
    return client


def test_on_a_shared_pc_sending_signs_out_and_the_receipt_stands_in_the_answer() -> None:
    town = boxes.open_town()
    client = _sign_in(town.staff[0], shared_pc="on")
    assert client.cookies[COOKIE]["max-age"] == ""
    _answer_all(client, town.wave)

    sent = client.post(_url(town.wave, "answer_send"), {"action": "send"})

    assert sent.status_code == 200
    assert anonymity.receipt(SealedBallot.objects.get().sealed) in _text(sent)
    assert town.staff[0].name not in _text(sent)
    assert sent.headers["Cache-Control"] == "no-store"
    assert client.cookies["last-user"].value == ""
    page = client.get(_url(town.wave, "answer_check"))
    assert page.status_code == 302


def test_without_the_tick_nothing_changes() -> None:
    town = boxes.open_town()
    client = _sign_in(town.staff[0])
    assert int(client.cookies[COOKIE]["max-age"]) == django_settings.SESSION_COOKIE_AGE
    _answer_all(client, town.wave)

    sent = client.post(_url(town.wave, "answer_send"), {"action": "send"})

    assert sent.url == _url(town.wave, "answer_thanks")
    assert client.get(sent.url).status_code == 200
    assert client.get(reverse("surveys:survey_list")).status_code == 200


# Paper ----------------------------------------------------------------------------------------
def _begin(client: Client, town: boxes.Town) -> Any:
    segment = tickets.places(town.wave)[0].segment
    return client.post(_url(town.wave, "paper"), {"segment": segment})


def _sheet(page: Any) -> str:
    found = re.search(r'name="sheet" value="([^"]+)"', page.content.decode())
    assert found
    return found[1]


def _type(client: Client, wave: Wave, sheet: str, action: str = "next", **data: Any) -> Any:
    return client.post(_url(wave, "paper_send"), {"action": action, "sheet": sheet, **data})


def _type_all(client: Client, wave: Wave, sheet: str, text: str = SECRET) -> Any:
    given = {"Q1": "paper", "Q1b": ["phone"], "Q2": text, "Q3": "daily", "Q4": "to_15"}
    given |= {"Q5": "section", "Q6": "", "Q7": "", "Q9": "yes"}
    for code, answer in given.items():
        assert _type(client, wave, sheet, code=code, answer=answer).status_code == 302
    return _type(client, wave, sheet, "send")


def test_a_clerk_types_in_two_sheets_and_the_own_ballot_is_untouched() -> None:
    town = boxes.open_town(without_account=3)
    client = _client(town.office)

    for number in (1, 2):
        begun = _begin(client, town)
        page = client.get(begun.url)
        assert "紙の回答" in _text(page) or "on paper" in _text(page)
        sent = _type_all(client, town.wave, _sheet(page))
        assert sent.url.startswith(_url(town.wave, "paper"))
        assert SealedBallot.objects.filter(submitted=True).count() == number
    after = client.get(sent.url)

    assert Ticket.objects.count() == 2
    assert after.context["places"][0].left == 1
    assert "selected" in _text(after)
    assert SECRET not in _text(after)
    own = client.get(_url(town.wave))
    assert own.status_code == 200
    assert not own.context["resumes"]


def test_a_dropped_sheet_leaves_nothing_and_its_pages_save_nothing_any_more() -> None:
    town = boxes.open_town(without_account=1)
    client = _client(town.office)
    sheet = _sheet(client.get(_begin(client, town).url))
    _type(client, town.wave, sheet, code="Q2", answer=SECRET)

    client.post(_url(town.wave, "paper_drop"))
    late = _type(client, town.wave, sheet, code="Q2", answer=SECRET)

    assert not Ticket.objects.exists()
    assert not SealedBallot.objects.exists()
    assert late.status_code == 409
    assert SECRET in _text(late)


def test_pages_of_an_old_sheet_never_reach_the_next_one() -> None:
    town = boxes.open_town(without_account=2)
    client = _client(town.office)
    old = _sheet(client.get(_begin(client, town).url))
    client.post(_url(town.wave, "paper_drop"))
    new = _sheet(client.get(_begin(client, town).url))

    late = _type(client, town.wave, old, code="Q2", answer=SECRET)

    assert old != new
    assert late.status_code == 409
    assert SECRET not in _text(client.get(_url(town.wave, "paper_check")))


def test_a_second_click_on_a_sheet_sends_one_and_begins_none() -> None:
    town = boxes.open_town(without_account=2)
    client = _client(town.office)
    sheet = _sheet(client.get(_begin(client, town).url))
    _type_all(client, town.wave, sheet)

    again = _type(client, town.wave, sheet, "send")

    assert again.url == _url(town.wave, "paper")
    assert Ticket.objects.count() == SealedBallot.objects.count() == 1


def test_beginning_twice_takes_one_ticket() -> None:
    town = boxes.open_town(without_account=2)
    client = _client(town.office)

    _begin(client, town)
    _begin(client, town)

    assert Ticket.objects.count() == 1
    page = client.get(_url(town.wave, "paper"))
    assert page.context["begun"]["section"] == "総務課"


def test_without_a_ticket_left_no_sheet_begins() -> None:
    town = boxes.open_town(without_account=1)
    _token(town)

    assert _begin(_client(town.office), town).status_code == 409
    assert _client(town.staff[0]).get(_url(town.wave, "paper")).status_code == 403


def test_events_of_paper_tell_of_no_section_how_many_of_it_answered() -> None:
    town = boxes.open_town(without_account=1)
    client = _client(town.office)
    _type_all(client, town.wave, _sheet(client.get(_begin(client, town).url)))

    told = Event.objects.filter(actor_id=town.office.pk, action__startswith="tickets.")

    assert [row.after for row in told] == [{"number": 1}]
    assert not Event.objects.filter(action__contains="ballot").exists()
