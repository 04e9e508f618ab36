"""Levels and verdicts beside cells: the two together never tell more than cells may."""

import datetime as dt
from itertools import product

import pytest
from django.utils import timezone

from dxportal.accounts.models import Event
from roadmap.models import AdoptionVerdict, MeasuredValue
from roadmap.staircase import survey_level
from surveys.actions.publishing import shown_on
from surveys.conclusions import level_tells
from surveys.content import POSITIVE
from surveys.models import CellTally
from surveys.partition import ALL, Cell, Group, TallyRow, cell_span, rounded_share
from tests import factories
from tests.surveys.towns import answer, close, open_wave, town

OPTIONS = (*POSITIVE, "neutral", "rather_disagree", "fully_disagree", "unknown", "")


def _row(counts):
    n = sum(counts)
    cells = {
        option: Cell(None, False, rounded_share(count, n))
        for option, count in zip(OPTIONS, counts, strict=True)
    }
    return TallyRow("n1", "P1", n, cells), Group("n1", ALL, "node", 1, (1,), n)


def _tells(counts):
    row, group = _row(counts)
    n = group.n
    return level_tells(row, group, POSITIVE, lambda found: survey_level(found / n, n, n), 5)


def test_a_level_that_says_nobody_disagreed_is_found():
    # 3 of 5 neutral; two of the four others: level "40-49 %" says both agree, so nobody disagrees.
    assert _tells((1, 1, 3, 0, 0, 0, 0))
    assert _tells((0, 0, 3, 1, 1, 0, 0))  # the answer itself makes no difference


def test_a_level_that_follows_from_the_cells_tells_nothing():
    assert not _tells((0, 8, 0, 2, 0, 0, 0))


def test_a_large_group_may_have_levels_beside_its_cells():
    assert not _tells((0, 12, 12, 0, 0, 0, 0))


def test_no_level_of_a_row_that_passes_tells_nobody():
    for first in product(range(4), repeat=4):
        counts = (*first, 3, 0, 0)
        row, group = _row(counts)
        if group.n < 5 or _tells(counts):
            continue
        spans = [cell_span(cell, group, 5) for cell in row.cells.values()]
        ways = [w for w in product(*(range(a, b + 1) for a, b in spans)) if sum(w) == group.n]
        level = survey_level(sum(counts[:2]) / group.n, group.n, group.n)
        same = [w for w in ways if survey_level(sum(w[:2]) / group.n, group.n, group.n) == level]
        for column, before in zip(zip(*same, strict=True), zip(*ways, strict=True), strict=True):
            assert max(column) > 0 or max(before) == 0


# When levels are seen ---------------------------------------------------------------------------
@pytest.mark.parametrize(
    ("now", "publish", "shown"),
    [
        ((14, 17, 1), (14, 17, 0), 14),
        ((14, 17, 1), (20, 9, 0), 21),
        ((14, 17, 1), (20, 0, 0), 20),
        ((14, 8, 0), (14, 17, 0), 15),
    ],
)
def test_levels_are_seen_no_earlier_than_results(now, publish, shown):
    zone = timezone.get_default_timezone()
    moment = dt.datetime(2026, 9, *now, tzinfo=zone)
    assert shown_on(moment, dt.datetime(2026, 9, *publish, tzinfo=zone)) == dt.date(2026, 9, shown)


# What is stored beside them -----------------------------------------------------------------------
@pytest.fixture
def _own_keys(settings, tmp_path):
    settings.KEY_DIR = tmp_path / "keys"


@pytest.mark.django_db
@pytest.mark.usefixtures("_own_keys")
def test_cells_beside_a_level_that_would_tell_too_much_are_not_stored():
    place = town([8, 25])
    wave = open_wave(place, "pulse")
    for people in place.staff.values():
        given = ["fully_agree", "rather_agree", "rather_agree", "rather_agree"]
        given += ["neutral"] * (len(people) - 4)
        for person, answered in zip(people, given, strict=True):
            answer(wave, person, {"P1": answered, "P9": answered})
    wave = close(wave)

    assert Event.objects.get(action="wave.closed").after == {"state": "published"}
    leveled = set(MeasuredValue.objects.values_list("criterion__question", flat=True))
    small = CellTally.objects.filter(wave=wave, group__n__lt=20)
    assert "P1" in leveled
    assert "P9" not in leveled
    assert set(small.filter(question="P1").values_list("bound", flat=True)) == {"none"}
    assert "exact" in small.filter(question="P9").values_list("bound", flat=True)
    large = CellTally.objects.filter(wave=wave, group__n__gte=20, question="P1")
    assert "exact" in large.values_list("bound", flat=True)


@pytest.mark.django_db
@pytest.mark.usefixtures("_own_keys")
def test_a_verdict_of_few_stands_without_the_cells_that_it_is_made_of():
    place = town([8])
    initiative = factories.initiative(place.municipality)
    wave = open_wave(place, "follow_up", initiative=initiative)
    for person in place.everybody:
        answer(wave, person, {"F1": "daily", "F2": "easier", "F3": "same", "F4": "ended"})
    wave = close(wave)

    assert AdoptionVerdict.objects.get().figures == {"asked": wave.asked_count(), "n": 8}
    for question, shown in (("F1", False), ("F2", False), ("F4", False), ("F3", True)):
        bounds = set(CellTally.objects.filter(question=question).values_list("bound", flat=True))
        assert (bounds != {"none"}) == shown
