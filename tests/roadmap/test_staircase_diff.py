"""Two versions side by side, and what stands against one: no database."""

from dataclasses import replace

import pytest
from django.utils import translation

from roadmap.choices import CriterionSource
from roadmap.staircase_checks import lacking, problems, stored, threshold_of
from roadmap.staircase_diff import (
    Asked,
    Change,
    Step,
    Version,
    alike,
    another_thing,
    asks_for_choice,
    compare,
    gaps,
    origin,
)
from roadmap.staircase_words import source_words, threshold_words

FIRST = Step(1, "technology", 1, "デジタル化", "Digital")
SECOND = Step(2, "technology", 2, "情報共有", "Sharing")


def asked(row, code, criterion=None, stage=1, **fields):
    fields.setdefault("text", f"{code} の文")
    fields.setdefault("mandatory", True)
    criterion = row * 10 if criterion is None else (criterion or None)
    return Asked(row=row, criterion=criterion, stage=stage, code=code, order=row, **fields)


def version(*rows, steps=(FIRST, SECOND)):
    return Version(steps, rows)


ONE, TWO = asked(1, "T1-1"), asked(2, "T2-1", stage=2)


def later(row, **changes):
    """The same line in a later version."""
    return replace(row, row=row.row + 100, **changes)


def test_equal_versions_do_not_differ():
    assert not compare(version(ONE, TWO), version(later(ONE), later(TWO)))


def test_each_kind_of_change_is_told_apart():
    three, four = asked(3, "T1-2"), asked(4, "T1-3")
    after = version(
        later(ONE, text="別の文", code="T1-9"),
        later(TWO, criterion=None),
        later(three),
        asked(200, "T1-7", criterion=0),
    )
    found = compare(version(ONE, TWO, three, four), after)
    assert [(row.kind, row.code, row.fields) for row in found.criteria] == [
        (Change.CHANGED, "T1-9", ("code", "text")),
        (Change.REPLACED, "T2-1", ()),
        (Change.ADDED, "T1-7", ()),
        (Change.TAKEN_OUT, "T1-3", ()),
    ]
    assert found.of(Change.TAKEN_OUT)[0].before == four


def test_lines_that_never_applied_are_the_same_by_code():
    planned = asked(5, "T1-7", criterion=0)
    found = compare(version(ONE, planned), version(later(ONE), later(planned, text="直した")))
    assert [(row.kind, row.fields) for row in found.criteria] == [(Change.CHANGED, ("text",))]


def test_names_and_order_of_a_step_are_told():
    three = asked(3, "T1-2")
    before = version(ONE, three)
    after = version(
        later(three, order=0),
        later(ONE, order=1),
        steps=(replace(FIRST, name="紙をなくす"), SECOND),
    )
    (step,) = compare(before, after).steps
    assert (step.fields, step.reordered) == (("name",), True)
    moved = compare(before, version(later(three, order=0), later(ONE, order=1, stage=2)))
    assert [row.fields for row in moved.criteria] == [("stage",)]
    assert not moved.steps


def test_a_line_comes_from_its_criterion_or_from_the_one_that_it_replaces():
    again = later(ONE, criterion=None)
    assert origin(again, [ONE, TWO], [again, later(TWO)]) == ONE
    assert origin(later(TWO), [ONE, TWO], [again, later(TWO)]) == TWO
    new = asked(300, "T1-7", criterion=0)
    assert origin(new, [ONE, TWO], [new]) is None
    swapped = [later(ONE, code="T2-1"), later(TWO, code="T1-1", criterion=None)]
    assert origin(swapped[1], [ONE, TWO], swapped) is None  # T1-1 lives on as T2-1


@pytest.mark.parametrize(
    ("before", "after", "near"),
    [
        ("一覧があり、紙で受けるものが分かる", "一覧があり、紙で受けるものが分かる。", True),
        ("一覧がある", "一 覧 が あ る", True),
        ("一覧があり、紙で受けるものが分かる", "職員が住民の声を聞いている", False),
    ],
)
def test_texts_are_alike_or_not(before, after, near):
    assert alike(before, after) is near


def test_another_question_or_unit_is_another_thing():
    survey = asked(1, "C1-1", source=CriterionSource.SURVEY, question="P1")
    assert another_thing(survey, replace(survey, question="P2"))
    assert not another_thing(survey, replace(survey, threshold={"firm": "70"}))
    figure = asked(1, "T1-4", source=CriterionSource.INDICATOR, unit="%")
    assert another_thing(figure, replace(figure, unit="件"))
    assert not another_thing(ONE, replace(ONE, question="P2"))
    assert not asks_for_choice(ONE, replace(ONE, mandatory=False))
    assert asks_for_choice(ONE, replace(ONE, text="職員が住民の声を聞いて業務を変えている"))


def test_steps_that_nobody_can_reach():
    found = gaps(version(replace(ONE, mandatory=False)))
    assert [(gap.step.step, gap.empty) for gap in found] == [(1, False), (2, True)]
    assert gaps(version(ONE, TWO)) == []


def test_what_keeps_a_version_from_applying():
    survey = {"source": CriterionSource.SURVEY, "question": "P1"}
    rows = [
        ONE,
        replace(TWO, code="T1-1"),
        asked(3, "C1-1", **survey),
        asked(4, "C1-2", **survey),
        asked(5, "T1-5", source=CriterionSource.INDICATOR),
    ]
    assert [row.code for row in problems(version(*rows))] == ["T1-1", "P1", "T1-5"]
    assert problems(version(ONE, TWO)) == []


@pytest.mark.parametrize(
    "fields",
    [
        {"text": " "},
        {"source": CriterionSource.SURVEY},
        {"source": CriterionSource.INITIATIVE},
        {"source": CriterionSource.INDICATOR},
        {"source": CriterionSource.INDICATOR, "unit": "%", "threshold": {"firm": "x"}},
    ],
)
def test_what_one_criterion_lacks(fields):
    assert lacking(asked(1, "T1-1", **fields))


def cuts(firm, partly, started):
    return {"firm": firm, "partly": partly, "started": started}


@pytest.mark.parametrize(
    "raw",
    [
        cuts(100, 50, 40),
        cuts(91, 50, 40),
        cuts(60, 50, 9),
        cuts(60, 50, 0),
        cuts(60, 56, 40),
        cuts(60, 50, 50),
        cuts("60.5", 50, 40),
        cuts(40, 50, 60),
        cuts("多い", 50, 40),
    ],
)
def test_numbers_of_a_survey_that_are_refused(raw):
    with pytest.raises(ValueError, match=r".+"):
        threshold_of(CriterionSource.SURVEY, "", raw)


@pytest.mark.parametrize("raw", [{}, cuts(90, 50, 10), cuts(20, 15, 10)])
def test_numbers_of_a_survey_that_stand(raw):
    assert threshold_of(CriterionSource.SURVEY, "", raw)


def test_usual_numbers_are_kept_as_none_but_for_an_indicator():
    survey = threshold_of(CriterionSource.SURVEY, "", cuts(60, 50, 40))
    assert stored(survey, CriterionSource.SURVEY, "") == {}
    own = threshold_of(CriterionSource.SURVEY, "", cuts(70, 50, 40))
    assert stored(own, CriterionSource.SURVEY, "")["firm"] == "70"
    figure = threshold_of(CriterionSource.INDICATOR, "", cuts(60, 30, 1))
    assert stored(figure, CriterionSource.INDICATOR, "")["partly"] == "30"
    assert stored(None, CriterionSource.DECLARED, "") == {}


def test_words_of_numbers_and_sources():
    days = asked(
        1,
        "T1-4",
        source=CriterionSource.INDICATOR,
        unit="days",
        threshold={**cuts("3.50", 5, 10), "direction": "down"},
    )
    ended = asked(1, "T4-4", source=CriterionSource.INITIATIVE, measure="stopped")
    survey = asked(1, "C1-1", source=CriterionSource.SURVEY, question="P1")
    with translation.override("en"):
        down = "level 3 up to 3.5 days, level 2 up to 5 days, level 1 up to 10 days"
        assert threshold_words(days) == down
        assert threshold_words(survey) == "level 3 from 60%, level 2 from 50%, level 1 from 40%"
        assert threshold_words(ended).startswith("level 3 from 3 times")
        assert source_words(survey, {"P1": "We can say so"}).endswith("P1 We can say so")
    assert threshold_words(ended) == "水準3は3件以上、水準2は2件以上、水準1は1件以上"
    assert source_words(survey, {"P1": "言える"}).endswith("：P1「言える」")
    assert threshold_words(ONE) == ""
    assert threshold_words(replace(days, threshold={"firm": "x"})) == ""
