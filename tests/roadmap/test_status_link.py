"""The link of a reminder: one person, one initiative, no sign-in, and an end."""

from __future__ import annotations

import datetime as dt
import logging
import re

import pytest
from django.core import signing
from django.test import Client
from django.utils import timezone

from dxportal.accounts.models import Event, User
from dxportal.shared.privacy import TokenFilter
from roadmap.actions.updates import report
from roadmap.choices import Channel, Phase, Progress
from roadmap.models import Initiative, StatusWord
from roadmap.signed_links import LINK_DAYS, drawn_now, seconds_since, token_for
from tests import factories
from tests.roadmap.board import Town, latest, signed_in, town

pytestmark = pytest.mark.django_db


def linked(place: Town, person: User) -> tuple[Initiative, str]:
    """An initiative of the section with a report, and the person's link to it."""
    made = factories.initiative(
        place.municipality,
        "窓口の申請書を電子化",
        lead=place.section,
        reported_on=timezone.localdate() - dt.timedelta(days=40),
    )
    return made, f"/u/{token_for(made.pk, person.pk)}/"


def test_opening_changes_nothing_starts_no_session_and_shows_little() -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    Initiative.objects.update(purpose="秘めた目的", budget="秘めた予算")
    client = Client()
    response = client.get(url)
    html = response.content.decode()
    assert response.status_code == 200
    assert "窓口の申請書を電子化" in html
    assert "市民課" in html
    assert "秘めた" not in html
    assert place.promoter.name not in html
    assert "sessionid" not in client.cookies
    assert response["Cache-Control"] == "no-store"
    assert response["Referrer-Policy"] == "no-referrer"
    assert initiative.updates.count() == 1
    assert client.head(url).status_code == 405 or initiative.updates.count() == 1


def test_no_change_is_one_press_by_that_person_through_the_link() -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    client = Client()
    data = {"unchanged": "1", "expected": latest(initiative).pk, "seconds": "4"}
    response = client.post(url, data)
    update = latest(initiative)
    assert response["Location"] == f"{url}?done={update.pk}"
    assert (update.unchanged, update.by, update.channel) == (True, place.promoter, Channel.LINK)
    assert update.seconds == 4
    assert "sessionid" not in client.cookies
    event = Event.objects.latest("id")
    assert (event.actor_id, event.channel) == (place.promoter.pk, "link")
    client.post(url, data)
    assert initiative.updates.count() == 2, "a second click writes nothing"


def test_late_is_saved_at_once_and_asks_the_rest_on_the_next_page() -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    client = Client()
    done = client.post(url, {"progress": "late", "expected": latest(initiative).pk})
    assert latest(initiative).progress == Progress.LATE
    html = client.get(done["Location"]).content.decode()
    assert 'name="cause"' in html
    data = {"progress": "late", "expected": latest(initiative).pk}
    client.post(url, {**data, "cause": "law", "note": "条例の改正待ち"})
    update = latest(initiative)
    assert (update.cause, update.note, update.channel) == ("law", "条例の改正待ち", "link")
    assert update.phase == Phase.BUILDING


def test_link_never_changes_the_phase() -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    Client().post(url, {"progress": "ahead", "phase": "stopped", "note": "x"})
    assert latest(initiative).phase == Phase.BUILDING


def test_report_is_taken_back_on_the_page_of_thanks() -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    client = Client()
    html = client.get(client.post(url, {"progress": "ahead"})["Location"]).content.decode()
    undo = re.search(r'action="(/u/[^"]+/undo/\d+/)"', html)
    assert undo, "no way back"
    back = client.post(undo[1])
    assert back.status_code == 302
    assert latest(initiative).progress == Progress.ON_TRACK
    assert latest(initiative).channel == Channel.LINK
    assert client.get(back["Location"]).status_code == 200
    assert client.post(undo[1]).status_code == 409


def test_undo_is_for_what_came_through_the_link_alone() -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    theirs = report(initiative, by=place.office, progress=Progress.LATE)
    assert Client().post(f"{url}undo/{theirs.pk}/").status_code == 422
    assert latest(initiative) == theirs


def test_report_of_somebody_else_meanwhile_is_shown_not_covered() -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    client, seen = Client(), latest(initiative).pk
    theirs = report(initiative, by=place.office, progress=Progress.LATE)
    response = client.post(url, {"progress": "ahead", "expected": seen})
    html = response.content.decode()
    assert response.status_code == 409
    assert "佐藤" in html
    assert latest(initiative) == theirs
    assert client.post(url, {"keep": "theirs"}).status_code == 200
    client.post(url, {"progress": "ahead", "expected": theirs.pk})
    assert latest(initiative).progress == Progress.AHEAD


def test_link_speaks_the_municipalitys_words() -> None:
    place = town()
    _initiative, url = linked(place, place.promoter)
    StatusWord.objects.create(
        municipality=place.municipality, word="B 計画どおり", progress="on_track", shown=True
    )
    assert "B 計画どおり" in Client().get(url).content.decode()


@pytest.mark.parametrize("method", ["get", "post"])
def test_link_ends_with_the_assignment_the_account_the_initiative_and_time(
    method: str, monkeypatch: pytest.MonkeyPatch
) -> None:
    place = town()
    initiative, url = linked(place, place.promoter)

    def ask(address: str = url) -> tuple[int, str]:
        response = getattr(Client(), method)(address, {"progress": "late"})
        html = response.content.decode()
        assert initiative.title not in html
        assert response["Cache-Control"] == "no-store"
        return response.status_code, html

    place.promoter.grants.update(valid_to=timezone.localdate())
    assert ask()[0] == 403
    place.promoter.grants.update(valid_to=None)
    User.objects.filter(pk=place.promoter.pk).update(is_active=False)
    assert ask()[0] == 403
    User.objects.filter(pk=place.promoter.pk).update(is_active=True)
    Initiative.objects.update(removed_on=timezone.localdate())
    assert ask()[0] == 410
    Initiative.objects.update(removed_on=None)
    assert ask(url[:-2] + "/")[0] == 404
    assert ask("/u/nonsense/")[0] == 404
    assert ask(f"/u/{signing.dumps([initiative.pk, place.promoter.pk])}/")[0] == 404
    later = signing.time.time() + LINK_DAYS * 86_400 + 60
    monkeypatch.setattr(signing.time, "time", lambda: later)
    assert ask()[0] == 410
    assert latest(initiative).progress == Progress.ON_TRACK


def test_link_of_another_municipality_reaches_nothing_here() -> None:
    place, elsewhere = town(), town("別の市")
    initiative, _url = linked(place, place.promoter)
    crossed = f"/u/{token_for(initiative.pk, elsewhere.office.pk)}/"
    assert Client().get(crossed).status_code == 410
    assert initiative.title not in Client().get(crossed).content.decode()


def test_somebody_else_who_is_signed_in_does_not_report_for_the_person() -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    assert signed_in(place.office).post(url, {"progress": "late"}).status_code == 403
    assert signed_in(place.promoter).post(url, {"progress": "late"}).status_code == 302
    assert latest(initiative).by == place.promoter


def test_contact_without_any_role_reports_through_the_link() -> None:
    place = town()
    initiative, url = linked(place, place.employee)
    assert Client().get(url).status_code == 403
    Initiative.objects.update(contact=place.employee)
    assert Client().post(url, {"unchanged": "1"}).status_code == 302
    assert latest(initiative).by == place.employee


def test_forged_request_from_another_site_is_refused() -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    client = Client(enforce_csrf_checks=True)
    assert client.post(url, {"progress": "late"}).status_code == 403
    client.get(url)
    token = client.cookies["csrftoken"].value
    data = {"progress": "late", "csrfmiddlewaretoken": token}
    assert client.post(url, data, headers={"Origin": "https://evil.example"}).status_code == 403
    assert client.post(url, data, headers={"Origin": "null"}).status_code == 302
    assert latest(initiative).progress == Progress.LATE


@pytest.mark.parametrize("data", [{"progress": "done"}, {"next_due": "いつか"}, {"expected": "x"}])
def test_nonsense_is_refused_and_writes_nothing(data: dict[str, str]) -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    assert Client().post(url, {"progress": "late", **data}).status_code == 422
    assert initiative.updates.count() == 1


@pytest.mark.parametrize("wish", ["x", "-1", "99999999999999999999999", "٣"])
def test_thanks_for_no_report_of_this_link_is_the_plain_page(wish: str) -> None:
    place = town()
    _initiative, url = linked(place, place.promoter)
    response = Client().get(url, {"done": wish})
    assert response.status_code == 200
    assert 'id="link-thanks"' not in response.content.decode()


def test_seconds_without_scripts_are_those_since_the_page_was_drawn(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    place = town()
    initiative, url = linked(place, place.promoter)
    stamp = drawn_now()
    later = signing.time.time() + 12
    monkeypatch.setattr(signing.time, "time", lambda: later)
    Client().post(url, {"progress": "ahead", "drawn": stamp})
    assert latest(initiative).seconds == 12
    assert seconds_since("forged") is None
    Client().post(url, {"progress": "late", "drawn": "forged", "seconds": "5000"})
    assert latest(initiative).seconds is None


def test_token_stands_in_no_log_line() -> None:
    record = logging.LogRecord(
        "django.request", logging.ERROR, "", 1, "Not Found: %s", ("/u/WzEsMl0:abc:def/",), None
    )
    assert TokenFilter().filter(record)
    assert record.getMessage() == "Not Found: /u/-/"
