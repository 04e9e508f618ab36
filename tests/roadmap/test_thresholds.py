"""From where a level holds: defaults, what may be typed, and shares that are never rounded."""

from decimal import Decimal
from fractions import Fraction
from typing import Any

import pytest
from hypothesis import given
from hypothesis import strategies as st

from roadmap.choices import CriterionSource, Direction, InitiativeMeasure
from roadmap.staircase import survey_level
from roadmap.thresholds import (
    DEFAULTS,
    Threshold,
    default_threshold,
    level_of,
    read_threshold,
    share_level,
)

SURVEY, INDICATOR = CriterionSource.SURVEY, CriterionSource.INDICATOR
INITIATIVE = CriterionSource.INITIATIVE


def typed(firm: object, partly: object, started: object, **more: object) -> dict[str, object]:
    return {"firm": firm, "partly": partly, "started": started, **more}


@pytest.mark.parametrize(
    ("value", "level"), [(61, 3), (60, 3), (Fraction(5999, 100), 2), (50, 2), (40, 1), (39, 0)]
)
def test_threshold_itself_is_reached(value: Any, level: int) -> None:
    assert level_of(value, default_threshold(SURVEY)) == level


@pytest.mark.parametrize(("value", "level"), [(3, 3), (4, 2), (10, 1), (11, 0)])
def test_smaller_is_better_where_it_counts_downwards(value: int, level: int) -> None:
    numbers = Threshold(Decimal(3), Decimal(5), Decimal(10), Direction.DOWN)
    assert level_of(value, numbers) == level


@given(n=st.integers(10, 90), positive=st.integers(0, 90))
def test_default_of_surveys_is_rule_3(n: int, positive: int) -> None:
    positive = min(n, positive)
    expected = survey_level(positive, n, n, default_threshold(SURVEY))
    assert level_of(Fraction(100 * positive, n), default_threshold(SURVEY)) == expected


@pytest.mark.parametrize(
    ("confirmed", "launched", "level"),
    [
        (0, 1, 0),
        (1, 100, 1),
        (1, 3, 1),
        (1, 2, 2),
        (2, 3, 2),
        (99, 100, 2),
        (3, 3, 3),
        (0, 0, None),
    ],
)
def test_default_of_asking_again_is_all_half_some(
    confirmed: int, launched: int, level: int | None
) -> None:
    numbers = default_threshold(INITIATIVE, InitiativeMeasure.ASKED_AGAIN)
    assert share_level(confirmed, launched, numbers) == level


def test_no_initiative_is_no_data() -> None:
    assert share_level(0, 0, default_threshold(INITIATIVE, InitiativeMeasure.ESTABLISHED)) is None


@pytest.mark.parametrize("key", list(DEFAULTS))
def test_what_is_stored_is_read_back(key: tuple[str, str]) -> None:
    numbers = DEFAULTS[key]
    assert read_threshold(*key, numbers.plain) == numbers
    assert read_threshold(*key, {}) == numbers


@pytest.mark.parametrize(
    ("source", "measure", "raw", "says"),
    [
        (SURVEY, "", {"firm": 60}, "three levels"),
        (SURVEY, "", typed("六十", 50, 40), "three levels"),
        (SURVEY, "", typed("NaN", 50, 40), "three levels"),
        (SURVEY, "", typed(60, 50, 40, direction="sideways"), "three levels"),
        (SURVEY, "", typed(40, 50, 60), "in order"),
        (INDICATOR, "", typed(10, 5, 3, direction="down"), "in order"),
        (SURVEY, "", typed(101, 50, 40), "at most 100"),
        (SURVEY, "", typed(60, 50, 0), "above 0"),
        (SURVEY, "", typed(40, 50, 60, direction="down"), "only an indicator"),
        (INITIATIVE, InitiativeMeasure.STOPPED, typed("2.5", 2, 1), "whole numbers"),
        (INITIATIVE, InitiativeMeasure.STOPPED, typed(2, 1, 0), "whole numbers"),
    ],
)
def test_wrong_numbers_are_refused_with_what_to_do(
    source: str, measure: str, raw: dict[str, object], says: str, settings: Any
) -> None:
    settings.LANGUAGE_CODE = "en"
    with pytest.raises(ValueError, match=says):
        read_threshold(source, measure, raw)


def test_figure_may_be_any_number_in_order() -> None:
    numbers = read_threshold(INDICATOR, "", typed("-1.5", "-2", "-2"))
    assert [level_of(Decimal(v), numbers) for v in ("-1.5", "-1.6", "-2", "-3")] == [3, 2, 2, 0]


def test_declared_level_has_no_numbers() -> None:
    with pytest.raises(KeyError):
        default_threshold(CriterionSource.DECLARED)
