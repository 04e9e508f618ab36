"""The templates are JSON-able, stable, in both languages, and short enough."""

import json

import pytest

from roadmap.content import CRITERIA, THEMES
from surveys.choices import QuestionKind, Template
from surveys.content import (
    FOLLOW_UP,
    PAIN,
    POSITIVE,
    PULSE,
    PULSE_HEADS,
    TEMPLATES,
    is_asked,
    most_taps,
    path,
)

ALL = pytest.mark.parametrize("template", [*TEMPLATES.values(), PULSE_HEADS])


def test_templates_are_named_as_in_choices():
    assert set(TEMPLATES) == set(Template) - {Template.EMPTY}
    kinds = {q["kind"] for template in TEMPLATES.values() for q in template["questions"]}
    assert kinds <= set(QuestionKind)


def question(template, code):
    return next(q for q in template["questions"] if q["code"] == code)


def codes(template, code):
    return [option["code"] for option in question(template, code)["options"]]


@ALL
def test_template_survives_json(template):
    assert json.loads(json.dumps(template)) == template


@ALL
def test_codes_are_unique_and_ascii(template):
    pages = [q["code"] for q in template["questions"]]
    assert len(set(pages)) == len(pages)
    for q in template["questions"]:
        found = [option["code"] for option in q["options"]]
        assert len(set(found)) == len(found)
        assert all(code.isascii() and code.islower() for code in found)


@ALL
def test_texts_are_in_both_languages(template):
    assert template["title_ja"]
    assert template["title_en"]
    for q in template["questions"]:
        assert q["text_ja"]
        assert q["text_en"]
        assert bool(q["hint_ja"]) == bool(q["hint_en"])
        assert all(option["label_ja"] and option["label_en"] for option in q["options"])


@ALL
def test_questions_have_the_limits_of_their_kind(template):
    for q in template["questions"]:
        assert (q["max_length"] == 400) == (q["kind"] == "text") == (not q["options"])
        assert (q["max"] > 1) == (q["kind"] == "multiple")


@ALL
def test_conditions_name_earlier_single_questions_and_their_options(template):
    pages = [q["code"] for q in template["questions"]]
    for q in template["questions"]:
        for condition in q["ask_if"] or []:
            assert pages.index(condition["question"]) < pages.index(q["code"])
            assert question(template, condition["question"])["kind"] == "single"
            assert set(condition["any_of"]) <= set(codes(template, condition["question"]))


def test_only_the_first_pain_question_must_be_answered_and_it_offers_not_to_say():
    required = [
        q["code"] for template in TEMPLATES.values() for q in template["questions"] if q["required"]
    ]
    assert required == ["Q1", "Q1"]  # pain and intake
    last = question(PAIN, "Q1")["options"][-1]
    assert (last["code"], last["finish"], last["more"]) == ("none", True, False)


def test_pain_shows_seven_themes_and_the_rest_below():
    shown = [o["code"] for o in question(PAIN, "Q1")["options"] if not o["more"]]
    assert shown == [*(theme.code for theme in THEMES if theme.common), "none"]
    assert codes(PAIN, "Q1") == [*(theme.code for theme in THEMES), "none"]
    assert codes(PAIN, "Q1b") == [theme.code for theme in THEMES]
    assert question(PAIN, "Q1b")["max"] == 2


def test_pain_asks_every_question_of_everybody():
    expected = ["Q1", "Q1b", "Q2", "Q3", "Q4", "Q5", "Q6", "Q7", "Q9"]
    assert path(PAIN, {"Q1": "none"}) == path(PAIN, {"Q1": "paper"}) == expected


def test_taps_stay_within_20_for_pain_and_12_for_the_follow_up():
    assert most_taps(PAIN) == 19
    assert most_taps(FOLLOW_UP) == 12
    assert most_taps(PULSE) == most_taps(PULSE_HEADS) == 19


@pytest.mark.parametrize(
    ("answers", "asked"),
    [
        ({}, False),
        ({"F1": "daily", "F2": "easier"}, False),
        ({"F1": "weekly", "F2": "harder"}, True),
        ({"F1": "monthly", "F2": "much_easier"}, True),
        ({"F1": "never"}, True),
        ({"F2": "much_harder"}, True),
    ],
)
def test_follow_up_asks_for_reasons_after_seldom_use_or_harder_work(answers, asked):
    assert is_asked(question(FOLLOW_UP, "F5"), answers) is asked
    assert ("F5" in path(FOLLOW_UP, answers)) is asked


def test_pulse_has_nine_statements_on_five_labels_and_do_not_know():
    assert [q["code"] for q in PULSE["questions"]] == [f"P{n}" for n in range(1, 10)]
    for q in PULSE["questions"]:
        assert len(q["options"]) == 6
        assert [o["code"] for o in q["options"]][:2] == list(POSITIVE)
        assert q["options"][-1]["label_ja"] == "分からない"


def test_heads_answer_the_same_nine_under_another_hint():
    for own, guessed in zip(PULSE["questions"], PULSE_HEADS["questions"], strict=True):
        assert own["text_ja"] == guessed["text_ja"]
        assert own["hint_ja"] != guessed["hint_ja"]


def test_pulse_asks_what_the_criteria_need():
    asked = {q["code"] for q in PULSE["questions"]}
    assert {row.question for row in CRITERIA if row.question} <= asked
