"""What updating costs: medians, minutes measured and estimated, nobody's figure alone."""

from __future__ import annotations

import datetime as dt

import pytest
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from roadmap.choices import Channel, RoundState
from roadmap.effort import Effort, cost, measured, shared
from roadmap.effort_counts import EffortTable, effort_table
from roadmap.models import Initiative, ReportingRound, Update
from tests import factories
from tests.roadmap.board import Town, latest, signed_in, town

PAGE = "/initiatives/effort/"
PAGE_QUERIES = 10


@pytest.mark.parametrize(
    ("text", "seconds"),
    [("1", 1), ("900", 900), ("0", None), ("901", None), ("", None), ("-3", None), ("1.5", None),
     ("٣", None), ("9" * 400, None), ("9\x00", None)],
)  # fmt: skip
def test_seconds_are_1_to_900_or_none(text: str, seconds: int | None) -> None:
    assert measured(text) == seconds


@pytest.mark.parametrize(("seconds", "number"), [(7, 3), (2, 5), (900, 1000), (30, 1)])
def test_shared_seconds_add_up(seconds: int, number: int) -> None:
    parts = [part for part in shared(seconds, number) if part is not None]
    assert (len(parts), sum(parts)) == (number, seconds)
    assert max(parts) - min(parts) <= 1


def test_nothing_measured_is_shared_as_nothing() -> None:
    assert shared(None, 2) == [None, None]


def test_cost_is_what_was_measured_and_the_rest_at_the_typical_time() -> None:
    everywhere = Effort(updates=20, measured=10, seconds=100, median=12.0)
    few = cost(Effort(updates=8, measured=2, seconds=60, median=30.0), everywhere)
    assert (few.measured_minutes, few.estimated_minutes, few.minutes) == (1.0, 1.2, 2.2)
    many = cost(Effort(updates=8, measured=6, seconds=60, median=30.0), everywhere)
    assert many.estimated_minutes == 1.0
    unknown = cost(Effort(updates=6, measured=1, seconds=9, median=9.0), Effort())
    assert (unknown.estimated_minutes, unknown.minutes, unknown.unmeasured) == (None, None, 5)
    assert cost(Effort(5, 0, 5, 60, 12.0), Effort()).minutes == 1.0


def test_minutes_of_few_updates_are_not_told() -> None:
    few = cost(Effort(updates=4, measured=4, seconds=60, median=15.0), Effort())
    assert (few.few, few.minutes) == (True, None)


def spend(
    place: Town, seconds: list[int | None], *, channel: str = Channel.SCREEN, days: int = 0
) -> None:
    """Updates of the promoter some days ago, each with its seconds."""
    at = timezone.now() - dt.timedelta(days=days)
    initiative = factories.initiative(place.municipality, lead=place.section)
    with pytest.MonkeyPatch.context() as clock:  # rows are append-only: their time is their own
        clock.setattr(timezone, "now", lambda: at)
        _write(initiative, seconds, place, channel, at)


def _write(
    initiative: Initiative,
    seconds: list[int | None],
    place: Town,
    channel: str,
    at: dt.datetime,
) -> None:
    Update.objects.bulk_create(
        Update(
            initiative=initiative,
            phase="trial",
            progress="on_track",
            unchanged=number % 2 == 0,
            reported_on=timezone.localdate(at),
            by=place.promoter,
            channel=channel,
            seconds=spent,
        )
        for number, spent in enumerate(seconds)
    )


def look(place: Town, days: int = 366) -> EffortTable:
    """The table of the office."""
    now = timezone.now()
    return effort_table(place.office, since=now - dt.timedelta(days=days), now=now)


@pytest.mark.django_db
def test_median_is_by_month_and_channel_and_hidden_below_five() -> None:
    place, elsewhere = town(), town("別の市")
    spend(place, [3, 5, 7, 9, 200, None])
    spend(place, [60, 60], channel=Channel.LINK)
    spend(place, [1] * 9, channel=Channel.IMPORT)
    spend(elsewhere, [900] * 9)
    table = look(place)
    assert (table.everywhere.updates, table.everywhere.measured) == (8, 7)
    assert table.everywhere.told_median == 9
    (month, channels, spent) = table.months[0]
    assert month == timezone.localdate().replace(day=1)
    told = [(found.updates, found.told_median) for _label, found in channels]
    assert told == [(6, 7.0), (2, None)]
    assert spent.effort.seconds == 344


@pytest.mark.django_db
def test_round_costs_what_was_done_while_it_was_open() -> None:
    place = town()
    spend(place, [10] * 6, days=40)
    spend(place, [20] * 5 + [None], days=12)
    spend(place, [30] * 5)
    now = timezone.now()
    common = {
        "municipality": place.municipality,
        "fiscal_year": 2026,
        "opens_on": timezone.localdate(),
        "due_on": timezone.localdate(),
    }
    closed = ReportingRound.objects.create(
        **common,
        label="上半期",
        number=1,
        state=RoundState.CLOSED,
        opened_at=now - dt.timedelta(days=20),
        closed_at=now - dt.timedelta(days=5),
        as_of=timezone.localdate(),
    )
    opened = ReportingRound.objects.create(
        **common,
        label="下半期",
        number=2,
        state=RoundState.OPEN,
        opened_at=now - dt.timedelta(days=4),
    )
    ReportingRound.objects.create(**{**common, "fiscal_year": 2027}, label="先", number=1)
    rounds = dict(look(place).rounds)
    assert set(rounds) == {closed, opened}
    assert (rounds[closed].effort.updates, rounds[closed].effort.seconds) == (6, 100)
    assert rounds[closed].estimated_minutes == pytest.approx(20 / 60)
    assert rounds[opened].minutes == pytest.approx(150 / 60)
    html = signed_in(place.office).get(PAGE).content.decode()
    assert "上半期" in html
    assert place.promoter.name not in html


@pytest.mark.django_db
@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    for months in range(number):
        spend(place, [5] * 6, days=31 * months)
    client = signed_in(place.office)
    with django_assert_num_queries(PAGE_QUERIES):
        client.get(PAGE)


@pytest.mark.django_db
def test_row_sends_its_seconds_and_nonsense_stops_nobody() -> None:
    place = town()
    initiative = factories.initiative(
        place.municipality, lead=place.section, reported_on=timezone.localdate()
    )
    client, address = signed_in(place.head), f"/initiatives/{initiative.pk}/status/"
    client.post(address, {"progress": "late", "seconds": "6"})
    assert latest(initiative).seconds == 6
    client.post(address, {"progress": "ahead", "seconds": "-1 OR 1=1"})
    assert (latest(initiative).progress, latest(initiative).seconds) == ("ahead", None)
