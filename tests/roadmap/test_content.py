"""The default staircase is complete, stable and in both languages."""

from collections import Counter
from dataclasses import astuple

import pytest

from roadmap.choices import Axis, CriterionSource
from roadmap.content import CRITERIA, STAGES, STAIRCASE_VERSION, THEMES
from roadmap.staircase_checks import threshold_of

#: Every stage has three mandatory criteria, and they come first.
MANDATORY = [
    f"{stage}-{number}"
    for stage in ("T1", "T2", "T3", "T4", "C1", "C2", "C3")
    for number in (1, 2, 3)
]


def test_stages_are_four_of_technology_and_three_of_culture():
    assert [(stage.axis, stage.step) for stage in STAGES] == [
        *((Axis.TECHNOLOGY, step) for step in (1, 2, 3, 4)),
        *((Axis.CULTURE, step) for step in (1, 2, 3)),
    ]
    assert STAIRCASE_VERSION == "2026.2"


def test_criteria_are_37_with_codes_that_name_their_step():
    assert len(CRITERIA) == 37
    assert Counter((row.axis, row.step) for row in CRITERIA) == {
        (Axis.TECHNOLOGY, 1): 6,
        (Axis.TECHNOLOGY, 2): 6,
        (Axis.TECHNOLOGY, 3): 5,
        (Axis.TECHNOLOGY, 4): 5,
        (Axis.CULTURE, 1): 5,
        (Axis.CULTURE, 2): 5,
        (Axis.CULTURE, 3): 5,
    }
    numbered = Counter()
    for row in CRITERIA:
        numbered[row.axis, row.step] += 1
        letter = "T" if row.axis == Axis.TECHNOLOGY else "C"
        assert row.code == f"{letter}{row.step}-{numbered[row.axis, row.step]}"


def test_mandatory_criteria_are_the_three_first_of_each_stage():
    assert [row.code for row in CRITERIA if row.mandatory] == MANDATORY


def test_survey_criteria_name_the_pulse_question_that_decides():
    by_source = {row.code: row.question for row in CRITERIA if row.source == CriterionSource.SURVEY}
    assert by_source == {"T1-3": "P8", "C1-1": "P1", "C1-2": "P3", "C2-1": "P5"}


def test_declared_criteria_have_the_question_that_asks_staff_the_same_beside_them():
    beside = {
        row.code: row.question
        for row in CRITERIA
        if row.question and row.source != CriterionSource.SURVEY
    }
    assert beside == {"C1-4": "P2", "C1-5": "P4", "C2-3": "P6", "C3-1": "P7"}
    declared = {row.code for row in CRITERIA if row.source == CriterionSource.DECLARED}
    assert beside.keys() <= declared


def test_measured_criteria_say_what_is_counted_and_from_where_a_level_holds():
    counted = {
        row.code: row.measure for row in CRITERIA if row.source == CriterionSource.INITIATIVE
    }
    assert counted == {"T4-4": "stopped", "C3-3": "asked_again"}
    indicators = [row for row in CRITERIA if row.source == CriterionSource.INDICATOR]
    assert [(row.code, row.unit) for row in indicators] == [("T1-4", "%")]
    for row in CRITERIA:
        if row.source != CriterionSource.DECLARED:
            threshold_of(row.source, row.measure, row.threshold)


@pytest.mark.parametrize("row", CRITERIA, ids=lambda row: row.code)
def test_criterion_has_text_and_help_in_both_languages(row):
    assert not row.text_ja.isascii()
    assert not row.help_ja.isascii()
    assert row.help_ja.endswith("。")
    assert row.help_ja.count("。") <= 3
    assert row.help_en.endswith(".")
    for english in (row.text_en, row.help_en):
        assert english
        assert not any("぀" <= letter <= "鿿" for letter in english)


def test_stages_and_themes_leave_no_text_empty():
    assert all(text != "" for row in (*STAGES, *THEMES) for text in astuple(row))


def test_themes_are_19_with_the_seven_common_ones_first():
    assert len(THEMES) == 19
    assert len({row.code for row in THEMES}) == 19
    assert [row.order for row in THEMES] == list(range(1, 20))
    assert [row.common for row in THEMES] == [True] * 7 + [False] * 12
    assert THEMES[-1].code == "other"
