"""The share that agrees and the gap: nothing is told that the stored cells do not say."""

from pathlib import Path
from typing import Any

import pytest

from surveys.gap import Positive, gap_text, heads_wave, positive, pulse, spread
from surveys.models import Wave
from surveys.results import Results
from surveys.trend import trend
from tests.surveys.boxes import own_key_dir
from tests.surveys.result_towns import intake, pulse_and_heads
from tests.surveys.test_comparing import LATER

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return own_key_dir(settings, tmp_path)


def _stored(wave: Wave, key: str, **cells: tuple[int | None, str]) -> Results:
    """P1 of one group as if these percents and bounds were stored; the tables allow no change."""
    results = Results(wave)
    group = next(group for group in results.groups if group.key == key)
    for option, (percent, bound) in cells.items():
        cell = results.row("P1", group)[option]
        cell.percent, cell.bound, cell.count, cell.below_k = percent, bound, None, False
    return results


@pytest.mark.parametrize(
    ("fully", "rather", "text"),
    [
        ((20, "exact"), (35, "exact"), "55%"),
        ((20, "exact"), (10, "at_most"), "20–30%"),
        ((80, "at_least"), (20, "at_most"), "80%以上"),
        ((10, "at_most"), (10, "at_most"), "20%以下"),
        ((30, "exact"), (None, "none"), "–"),
        ((None, "none"), (None, "none"), "–"),
        ((20, "exact"), (50, "at_most"), "–"),
    ],
)
def test_positive_share_is_the_sum_of_what_is_shown(
    fully: tuple[int | None, str], rather: tuple[int | None, str], text: str
) -> None:
    wave = pulse_and_heads([30], [25]).wave
    group = next(g for g in wave.groups.all() if g.label == "第1部")
    results = _stored(wave, group.key, fully_agree=fully, rather_agree=rather)

    share = positive(results, "P1", group)

    assert share.text == text
    assert share.masked == (text == "–") == bool(share.reason)


def test_positive_share_of_all_staff_comes_from_exact_counts() -> None:
    wave = pulse_and_heads([30], [25]).wave
    results = Results(wave)
    top = results.everybody
    assert top is not None
    both = ("fully_agree", "rather_agree")
    codes = [f"P{n}" for n in range(1, 10)]
    exact = {c: [results.row(c)[option].count for option in both] for c in codes}
    told = {c: sum(n) for c, n in exact.items() if None not in n}  # type: ignore[arg-type]

    assert told
    for code, agree in told.items():
        share = positive(results, code, top)
        assert share.low == share.high == round(100 * agree / top.n)


@pytest.mark.parametrize(
    ("staff", "heads", "text"),
    [
        (Positive(50, 50, False), Positive(65, 65, False), "所属長が15ポイント高い"),
        (Positive(50, 50, False), Positive(40, 40, False), "所属長が10ポイント低い"),
        (Positive(50, 50, False), Positive(50, 50, False), "同じ"),
        (Positive(50, 60, False), Positive(65, 65, False), "–"),
        (Positive(50, 50, False), Positive(80, 100, False), "–"),
        (Positive(), Positive(65, 65, False), "–"),
    ],
)
def test_a_gap_is_told_between_two_numbers_alone(
    staff: Positive, heads: Positive, text: str
) -> None:
    assert gap_text(staff, heads) == text


@pytest.mark.parametrize(("heads", "own"), [(6, True), (1, False)])
def test_heads_are_shown_by_bureau_only_where_five_of_them_answered(heads: int, own: bool) -> None:
    """Three more heads sit in each other section."""
    asked = pulse_and_heads([30, 20], [25], [40], heads=heads)
    results = Results(asked.wave)
    found = pulse(results, {g.key for g in results.groups}, asked.place.office, LATER)
    assert found is not None

    by_label = {unit.label: unit for unit in found.units}

    assert found.heads == asked.waves[0]
    assert (by_label["第1部"].heads_from == "") == own
    assert by_label["第3部"].heads_from == "市全体の所属長の値"
    assert all(unit.heads_n is None or unit.heads_n >= 5 for unit in found.units)


def test_too_few_heads_are_no_gap_at_all() -> None:
    asked = pulse_and_heads([30], [25], heads=1)
    results = Results(asked.wave)

    found = pulse(results, {g.key for g in results.groups}, asked.place.office, LATER)

    assert found is not None
    assert found.heads is None
    assert {row.gap for row in found.top.statements} == {"–"}


def test_heads_wave_is_of_the_same_half_year() -> None:
    asked = pulse_and_heads([30], [25])
    office, wave = asked.place.office, asked.wave

    assert heads_wave(office, wave, LATER) == asked.waves[0]
    wave.closes_at = wave.closes_at.replace(year=2027)
    assert heads_wave(office, wave, LATER) is None
    wave.closes_at = wave.closes_at.replace(year=2026, month=10)
    assert heads_wave(office, wave, LATER) is None


def test_distribution_needs_three_units() -> None:
    two, four = (pulse_and_heads(*sizes).wave for sizes in ([[30], [25]], [[30], [25], [40], [33]]))

    for wave, told in ((two, False), (four, True)):
        results = Results(wave)
        units = [group for group in results.groups if group.parent_key == "all"]
        rows = spread(results, units)
        assert bool(rows) == told
        assert all(sum(row.counts) == len(units) for row in rows)


def test_intake_has_a_line_with_a_gap_where_no_number_is_stored() -> None:
    asked = intake()
    results = Results(asked.wave)

    found = trend(results, asked.place.office, LATER)

    assert found is not None
    assert [wave.label for wave in found.waves] == ["1か月目", "2か月目", "3か月目"]
    phone = next(row for row in found.rows if row.code == "phone")
    assert [cell.text for cell in phone.cells] == ["8", "5人未満", "8"]
    assert (len(phone.spark.strokes), phone.spark.last is not None) == (0, True)
    paper = next(row for row in found.rows if row.code == "paper")
    assert len(paper.spark.strokes) == 2
    assert trend(Results(asked.waves[0]), asked.place.office, LATER) is None
