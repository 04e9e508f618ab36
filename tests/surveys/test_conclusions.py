"""Levels and verdicts beside cells: the two together never tell more than cells may."""

import datetime as dt
import random
from itertools import product

import pytest
from django.utils import timezone

from dxportal.accounts.models import Event
from roadmap.models import AdoptionVerdict, MeasuredValue
from roadmap.staircase import SURVEY, survey_level
from roadmap.staircase_checks import threshold_of
from roadmap.thresholds import NAMES
from surveys.actions.publishing import level_bands, shown_on
from surveys.conclusions import Told, level_tells, sum_tells, told_alone
from surveys.content import POSITIVE
from surveys.counting import positive
from surveys.followups import told_by_verdicts
from surveys.models import CellTally
from surveys.partition import (
    ALL,
    Ballot,
    Cell,
    Group,
    Node,
    QuestionSpec,
    Share,
    TallyRow,
    cell_span,
    partition,
    rounded_share,
    tally,
)
from surveys.shares import HIDDEN_CELL, hide
from tests import factories
from tests.surveys.test_partition import flat
from tests.surveys.towns import answer, close, open_wave, town


@pytest.fixture
def _own_keys(settings, tmp_path):
    settings.KEY_DIR = tmp_path / "keys"


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
    return level_tells(row, group, POSITIVE, lambda found: survey_level(found, n, n), 5)


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
        level = survey_level(sum(counts[:2]), group.n, group.n)
        same = [w for w in ways if survey_level(sum(w[:2]), group.n, group.n) == level]
        for column, before in zip(zip(*same, strict=True), zip(*ways, strict=True), strict=True):
            assert max(column) > 0 or max(before) == 0


# Several groups together --------------------------------------------------------------------------
LIKERT = QuestionSpec("P1", OPTIONS[:-1])


def _level_towns(number, threshold=SURVEY):
    """Small towns with everything that a close publishes of one statement of the pulse."""
    rng = random.Random(20260401)
    for _ in range(number):
        nodes, sizes = [Node(0, None, "")], {}
        for bureau in range(1, rng.randint(2, 4)):
            nodes.append(Node(bureau, 0, ""))
            for section in range(10 * bureau, 10 * bureau + rng.randint(1, 3)):
                nodes.append(Node(section, bureau, ""))
                sizes[section] = rng.randint(3, 18)
        groups = partition(nodes, sizes, 5)
        liked = [rng.choice((0, 1, 5)) for _option in OPTIONS]
        ballots = []
        for leaf, n in sizes.items():
            weights = [weight + rng.choice((0.01, 0.01, 0.5, 3)) for weight in liked]
            ballots += [Ballot(leaf, {"P1": o}) for o in rng.choices(OPTIONS, weights, k=n)]
        if groups:
            rows = tally(groups, ballots, [LIKERT], 5)
            by_key = {group.key: group for group in groups}
            stored = [hide(r) if _level_tells(r, by_key[r.group], threshold) else r for r in rows]
            agree = positive("P1", groups, ballots)
            shown = {row.group for row in rows if not row.hidden}
            yield groups, {r.group: r.cells for r in stored}, agree, shown, sizes, ballots


def _level_tells(row, group, threshold=SURVEY):
    n = group.n
    return level_tells(row, group, POSITIVE, lambda found: survey_level(found, n, n, threshold), 5)


def test_levels_of_parent_and_parts_tell_no_more_together_than_cells_may():
    """The control is inside: told all at once, the levels of every tenth town would tell more."""
    kept = given = would = 0
    for groups, cells, agree, shown, sizes, ballots in _level_towns(200):
        bands = level_bands(groups, shown, agree, sizes)
        alone = told_alone(groups, cells, POSITIVE, bands, 5)
        told = Told(groups, cells, POSITIVE, {key: bands[key] for key in alone}, 5)
        all_at_once = Told(groups, cells, POSITIVE, bands, 5)
        assert not told.ends()
        assert told.leaks() <= Told(groups, cells, POSITIVE, {}, 5).leaks()
        for found in (told, all_at_once):
            _holds_the_truth(found, groups, ballots)
        would += all_at_once.ends()
        kept, given = kept + len(alone), given + len(bands)
    assert would >= 10
    assert kept > 0.9 * given


@pytest.mark.parametrize(
    "numbers", [(90, 85, 80), (90, 50, 10), (20, 15, 10), (75, 70, 65), (55, 50, 45)]
)
def test_levels_by_own_numbers_tell_no_more_than_cells_may(numbers):
    """The farthest and the nearest numbers that a criterion may have; each is checked as it is."""
    threshold = threshold_of("survey", "", dict(zip(NAMES, numbers, strict=True)))
    given = 0
    for groups, cells, agree, shown, sizes, ballots in _level_towns(40, threshold):
        bands = level_bands(groups, shown, agree, sizes, [threshold])
        alone = told_alone(groups, cells, POSITIVE, bands, 5)
        told = Told(groups, cells, POSITIVE, {key: bands[key] for key in alone}, 5)
        assert not told.ends()
        _holds_the_truth(told, groups, ballots)
        given += len(alone)
    assert given


def test_a_number_that_only_everybody_reaches_hides_the_cells_of_a_small_group():
    ninety = threshold_of("survey", "", {"firm": 90, "partly": 60, "started": 40})
    row, group = _row((4, 3, 2, 0, 0, 0, 0))
    assert _level_tells(row, group, ninety)  # 9 people: 90 % are all of them
    assert not _level_tells(*_row((0, 8, 0, 2, 0, 0, 0)))


def test_what_two_criteria_ask_of_one_question_is_told_together():
    usual, own = SURVEY, threshold_of("survey", "", {"firm": 70, "partly": 55, "started": 45})
    groups = partition(*flat(30, 30), 5)
    agree, sizes = {group.key: 17 for group in groups}, {1: 30, 2: 30}
    shown = {group.key for group in groups}
    node = next(group.key for group in groups if group.node == 1)
    assert level_bands(groups, shown, agree, sizes, [usual])[node] == (15, 17)
    assert level_bands(groups, shown, agree, sizes, [usual, own])[node] == (17, 17)


def _holds_the_truth(told, groups, ballots):
    for group in groups:
        inside = [ballot for ballot in ballots if ballot.leaf in group.members]
        for at, option in enumerate(LIKERT.listed):
            true = sum(option in LIKERT.chosen(ballot.answers) for ballot in inside)
            assert told.spans.low[group.key][at] <= true <= told.spans.high[group.key][at]


@pytest.mark.django_db
@pytest.mark.usefixtures("_own_keys")
def test_a_bureaus_level_beside_its_section_says_nobody_agreed_in_the_other():
    """A bureau at 50-59 % of 67 has 40 at most, and the cells of its section of 60 say 40."""
    place = town([60, 3, 4], [50], [50])
    one, two, _three, _other, _last = place.sections
    wave = open_wave(place, "pulse")
    yes, no = ("fully_agree", "rather_agree", "rather_agree"), [*OPTIONS[2:6], "neutral", ""]
    for section, agree in zip(place.sections, (40, 0, 0, 35, 20), strict=True):
        for number, person in enumerate(place.staff[section.pk]):
            given = yes[number % 3] if number < agree else no[number % 6]
            answer(wave, person, {"P1": given, "P8": given})
    close(wave)

    of = {row.department_id: row for row in MeasuredValue.objects.filter(criterion__code="C1-1")}
    assert (of[one.pk].level, of[one.pk].from_parent) == (3, False)
    assert (of[two.pk].share_band, of[two.pk].n_band) == ("50–59%", "≥ 50")
    groups = {group.key: group.n for group in wave.groups.all()}
    assert sorted(n for key, n in groups.items() if key.startswith("m")) == [7]


def _used(number):
    """Of 40: 22 daily, 15 monthly, 3 tried it once, nobody weekly."""
    if number % 2 == 0 or number < 4:
        return "daily"
    return "tried" if number < 10 else "monthly"


@pytest.mark.django_db
@pytest.mark.usefixtures("_own_keys")
def test_a_figure_beside_a_verdict_tells_no_more_than_the_cells():
    place = town([8, 8], [24])
    initiative = factories.initiative(place.municipality)
    wave = open_wave(place, "follow_up", initiative=initiative)
    for number, person in enumerate(place.everybody):
        answer(wave, person, {"F1": _used(number), "F2": "easier"})
    close(wave)

    # 22 of 40 daily, and 55 % (21 or 22) weekly or more: nobody would have said "weekly". The cells
    # leave 22 to 26, so that it is told as "55 % or more".
    figures = AdoptionVerdict.objects.get().figures
    assert figures["weekly_or_more"] == {"percent": 55, "bound": "at_least"}
    assert figures["n"] == 40


@pytest.mark.django_db
@pytest.mark.usefixtures("_own_keys")
def test_the_same_figure_stands_where_no_group_is_small():
    place = town([40])
    initiative = factories.initiative(place.municipality)
    wave = open_wave(place, "follow_up", initiative=initiative)
    for number, person in enumerate(place.everybody):
        answer(wave, person, {"F1": _used(number), "F2": "easier"})
    close(wave)

    assert AdoptionVerdict.objects.get().figures["weekly_or_more"]["percent"] == 55


@pytest.mark.parametrize(("weekly", "hidden"), [(11, True), (8, False), (16, False)])
def test_a_verdict_that_could_say_nobody_hides_what_it_is_made_of(weekly, hidden):
    """Of 40, 11 daily: under 12 means that nobody said weekly, whatever was answered."""
    spans = {"daily": (weekly, weekly), "weekly": (0, 4), "rarely": (40 - weekly - 4, 40 - weekly)}
    groups = partition(*flat(8, 32), 5)
    top = {
        option: Cell(low if low == high else None, low == 0, Share(None, "none"))
        for option, (low, high) in spans.items()
    }
    cells = {ALL: top} | {key: dict.fromkeys(spans, HIDDEN_CELL) for key in ("n1", "n2")}
    found = any(
        sum_tells(groups, cells, options, band, 5)
        for options, band in told_by_verdicts("F1", spans, 40)
    )
    assert found == hidden


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
