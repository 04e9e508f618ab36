"""Promise P10: two people who change one initiative at once never lose work unseen.

Over HTTP, both requests let go by a barrier; the control takes the version predicate away.
"""

from __future__ import annotations

import http.client
import threading
from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass, field
from typing import Any
from urllib.parse import urlencode, urlsplit

import pytest
from django.conf import settings
from django.test import Client
from django.utils import timezone
from pytest_django.live_server_helper import LiveServer

from dxportal.accounts.models import User
from roadmap.actions import initiatives, updates
from roadmap.actions.initiatives import fields_of
from roadmap.choices import Progress
from roadmap.forms.initiatives import form_values
from roadmap.models import Initiative
from tests import factories
from tests.roadmap.board import Town, latest, town
from tests.storm import TOKEN

pytestmark = pytest.mark.django_db(transaction=True)

PAIRS = 100
#: Enough for the control, where nearly every race loses something.
FEW = 12
WORDS = (Progress.LATE, Progress.AHEAD)
LABELS = ("遅れている", "予定より進んでいる")


@dataclass
class Racer:
    """One person with a kept connection, and what the site answered in each race."""

    server: str
    session: str
    answers: list[tuple[int, str]] = field(default_factory=list)

    def post(self, path: str, fields: dict[str, Any]) -> None:
        """Send one form."""
        body = urlencode({**fields, "csrfmiddlewaretoken": TOKEN}, doseq=True)
        headers = {
            "Cookie": f"{settings.SESSION_COOKIE_NAME}={self.session}; csrftoken={TOKEN}",
            "Content-Type": "application/x-www-form-urlencoded",
        }
        connection = http.client.HTTPConnection(self.server, timeout=30)
        connection.request("POST", path, body, headers)
        answer = connection.getresponse()
        self.answers.append((answer.status, answer.read().decode()))
        connection.close()


def racer(server: LiveServer, person: User) -> Racer:
    """Somebody who is signed in."""
    client = Client()
    client.force_login(person)
    key = client.cookies[settings.SESSION_COOKIE_NAME].value
    return Racer(urlsplit(server.url).netloc, key)


def race(
    pairs: int, racers: list[Racer], starts: list[Callable[[int], tuple[str, dict[str, Any]]]]
) -> None:
    """Both send at once, again and again."""
    barrier = threading.Barrier(len(racers), timeout=60)

    def run(who: int) -> None:
        for number in range(pairs):
            path, fields = starts[who](number)
            barrier.wait()
            racers[who].post(path, fields)

    threads = [threading.Thread(target=run, args=(who,)) for who in range(len(racers))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(120)


def reported(place: Town, pairs: int) -> list[Initiative]:
    """As many initiatives as races, each with one report."""
    day = timezone.localdate()
    return [
        factories.initiative(
            place.municipality, f"取組の{number}番", lead=place.section, reported_on=day
        )
        for number in range(pairs)
    ]


def outcome(racers: list[Racer], shows: Callable[[int, str], bool]) -> Counter[str]:
    """accepted, told (409 with both sides) and lost: accepted, then covered by the other's."""
    told: Counter[str] = Counter(accepted=0, told=0, lost=0)
    for number, both in enumerate(zip(*(one.answers for one in racers), strict=True)):
        accepted = sum(1 for status, _html in both if status == 302)
        told["accepted"] += accepted
        told["told"] += sum(1 for status, html in both if status == 409 and shows(number, html))
        told["lost"] += max(0, accepted - 1)
    return told


@pytest.mark.parametrize(
    ("guarded", "pairs"), [(True, PAIRS), (False, FEW)], ids=["as it is", "control: no version"]
)
def test_racing_reports_are_accepted_or_shown(
    guarded: bool, pairs: int, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(updates, "_refuse_overwriting", lambda *_facts: None)
    place = town()
    rows = reported(place, pairs)
    seen = [latest(row).pk for row in rows]
    racers = [racer(live_server, place.head), racer(live_server, place.office)]

    def start(who: int) -> Callable[[int], tuple[str, dict[str, Any]]]:
        return lambda number: (
            f"/initiatives/{rows[number].pk}/status/",
            {"progress": WORDS[who], "expected": seen[number]},
        )

    race(pairs, racers, [start(0), start(1)])

    found = outcome(racers, lambda _number, html: all(word in html for word in LABELS))
    assert sum(row.updates.count() for row in rows) == pairs + found["accepted"]
    if guarded:
        assert found == {"accepted": PAIRS, "told": PAIRS, "lost": 0}
        assert all(latest(row).progress in WORDS for row in rows)
    else:
        assert found["lost"] > 0


@pytest.mark.parametrize(
    ("guarded", "pairs"), [(True, PAIRS), (False, FEW)], ids=["as it is", "control: no version"]
)
def test_racing_edits_of_one_field_are_accepted_or_shown(
    guarded: bool, pairs: int, live_server: LiveServer, monkeypatch: pytest.MonkeyPatch
) -> None:
    if not guarded:
        monkeypatch.setattr(initiatives, "_merged", lambda _row, mine, *_rest: mine)
    place = town()
    colleague = factories.user(place.municipality, role="dx_office", name="渡辺")
    rows = reported(place, pairs)
    typed = [filled(row) for row in rows]
    racers = [racer(live_server, place.office), racer(live_server, colleague)]

    def start(who: int) -> Callable[[int], tuple[str, dict[str, Any]]]:
        return lambda number: (
            f"/initiatives/{rows[number].pk}/edit/",
            {**typed[number], "purpose": purpose(number, who), "version": 1},
        )

    race(pairs, racers, [start(0), start(1)])

    found = outcome(
        racers, lambda number, html: all(purpose(number, who) in html for who in (0, 1))
    )
    if guarded:
        assert found == {"accepted": PAIRS, "told": PAIRS, "lost": 0}
        for number, row in enumerate(rows):
            row.refresh_from_db()
            kept = [one.answers[number][0] == 302 for one in racers].index(True)
            assert row.purpose == purpose(number, kept)
    else:
        assert found["lost"] > 0


def purpose(number: int, who: int) -> str:
    """What one of the two writes."""
    return f"{number}番の目的、{'甲乙'[who]}の案"


def filled(row: Initiative) -> dict[str, Any]:
    """The edit form as it stands."""
    values = form_values(fields_of(row))
    return {name: value for name, value in values.items() if value not in (None, "", [], ())}
