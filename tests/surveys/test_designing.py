"""Changing what a survey asks: codes for ever, versions, conditions, and what stays frozen."""

from __future__ import annotations

from pathlib import Path
from threading import Thread
from typing import Any

import pytest
from django.db import connection, transaction
from django.utils import timezone

from dxportal.accounts.models import Event
from surveys.actions import crosses, definitions, designing, waves
from surveys.actions.designing import (
    DesignConflict,
    DesignRefused,
    OptionFields,
    QuestionFields,
    SurveyFields,
)
from surveys.choices import Audience, Template, WaveState
from surveys.models import CrossPair, Option, Question, Survey, Wave
from tests import factories
from tests.surveys import boxes, towns

pytestmark = pytest.mark.django_db
YES_NO = (OptionFields("はい"), OptionFields("いいえ"))


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


@pytest.fixture
def survey() -> Survey:
    """An empty survey of a town."""
    return definitions.create_survey(factories.municipality(), Template.EMPTY, by=None)


def _add(survey: Survey, text: str = "忙しいですか。", **fields: Any) -> Question:
    fields = {"kind": "single", "options": YES_NO, **fields}
    version = Survey.objects.get(pk=survey.pk).version
    wish = QuestionFields(text=text, **fields)
    return designing.add_question(survey, wish, version=version, by=None)


def _change(question: Question, **fields: Any) -> Question:
    fields = {"kind": "single", "text": "忙しいですか。", "options": YES_NO, **fields}
    version = Survey.objects.get(pk=question.survey_id).version
    return designing.change_question(question, QuestionFields(**fields), version=version, by=None)


def _codes(question: Question) -> list[str]:
    return list(question.options.filter(retired=False).values_list("code", flat=True))


def _asked(survey: Survey) -> list[str]:
    return [q["code"] for q in definitions.definition_of(survey)["questions"]]


def _plan(place: towns.Town, survey: Survey) -> Wave:
    now = timezone.now()
    times = {"opens_at": now, "closes_at": now + boxes.DAY, "publish_at": now + boxes.DAY}
    return waves.plan_wave(survey, label="秋", by=place.office, **times)


def _open(place: towns.Town, survey: Survey) -> Wave:
    wave = _plan(place, survey)
    return waves.open_wave(wave, by=place.office, now=wave.opens_at)


# Codes ----------------------------------------------------------------------------------------
def test_codes_are_given_once_and_stay_through_relabelling_and_reordering(survey: Survey) -> None:
    question = _add(survey)
    yes, no = _codes(question)

    wish = (OptionFields("まったく忙しくない", code=no), OptionFields("とても忙しい", code=yes))
    _change(question, options=wish)

    assert _codes(question) == [no, yes]
    assert question.options.get(code=yes).label == "とても忙しい"


def test_the_code_of_a_retired_answer_is_never_given_again(survey: Survey) -> None:
    question = _add(survey)
    yes, no = _codes(question)

    _change(question, options=(OptionFields("はい", code=yes), OptionFields("どちらでもない")))
    _change(question, options=(OptionFields("はい", code=yes), OptionFields("ときどき")))

    codes = list(question.options.values_list("code", flat=True))
    assert len(codes) == len(set(codes)) == 4
    assert question.options.get(code=no).retired
    assert no not in _codes(question)


def test_an_answer_that_is_brought_back_has_its_old_code(survey: Survey) -> None:
    question = _add(survey)
    yes, no = _codes(question)
    _change(question, options=(OptionFields("はい", code=yes), OptionFields("ときどき")))

    _change(question, options=(OptionFields("はい", code=yes), OptionFields("いいえ", code=no)))

    assert _codes(question) == [yes, no]


def test_the_code_of_a_retired_question_is_never_given_again(survey: Survey) -> None:
    first = _add(survey)
    designing.retire_question(first, by=None)

    second = _add(survey)

    assert second.code != first.code
    assert _asked(survey) == [second.code]


def test_a_restored_question_stands_where_it_stood(survey: Survey) -> None:
    codes = [_add(survey, text).code for text in ("一", "二", "三")]
    middle = survey.questions.get(code=codes[1])

    designing.retire_question(middle, by=None)
    without = _asked(survey)
    designing.restore_question(middle, by=None)

    assert without == [codes[0], codes[2]]
    assert _asked(survey) == codes


# Kinds ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(("kind", "first"), [("scale", "fully_agree"), ("job", "counter")])
def test_kinds_with_fixed_answers_bring_their_own(survey: Survey, kind: str, first: str) -> None:
    question = _add(survey, kind=kind, options=YES_NO)

    assert _codes(question)[0] == first
    assert not question.options.filter(label="はい").exists()


def test_free_text_has_no_answers_and_is_never_required(survey: Survey) -> None:
    question = _add(survey, kind="text", required=True, options=YES_NO)

    assert (question.required, question.max_length) == (False, 400)
    assert _codes(question) == []


def test_the_kind_changes_until_it_was_asked_and_not_after() -> None:
    place = towns.town([6])
    survey = definitions.create_survey(place.municipality, Template.EMPTY, by=None)
    question = _add(survey)
    question = _change(question, kind="multiple", max_choices=2)
    _open(place, survey)

    with pytest.raises(DesignRefused):
        _change(question, kind="single")

    assert Question.objects.get().kind == "multiple"


def test_a_kind_with_other_answers_retires_those_before(survey: Survey) -> None:
    question = _add(survey)
    own = _codes(question)

    _change(question, kind="scale")
    scale = _codes(question)
    _change(question, kind="single", options=tuple(OptionFields("x", code=c) for c in own))

    assert scale[0] == "fully_agree"
    assert _codes(question) == own


def test_bounds_of_a_class_that_was_asked_stay() -> None:
    place = towns.town([6])
    survey = definitions.create_survey(place.municipality, Template.EMPTY, by=None)
    classes = (OptionFields("0〜4", low=0, high=4), OptionFields("5〜", low=5))
    question = _add(survey, kind="number", options=classes)
    few, many = _codes(question)
    _open(place, survey)

    moved = (OptionFields("0〜9", code=few, low=0, high=9), OptionFields("10〜", code=many, low=10))
    with pytest.raises(DesignRefused):
        _change(question, kind="number", options=moved)
    renamed = (
        OptionFields("少ない", code=few, low=0, high=4),
        OptionFields("5〜", code=many, low=5),
    )
    _change(question, kind="number", options=renamed)

    assert question.options.get(code=few).label == "少ない"


def test_answers_that_figures_are_made_of_stay() -> None:
    survey = definitions.create_survey(factories.municipality(), "pain", by=None)
    question = survey.questions.get(code="Q3")

    _change(question, kind=question.kind, text="どのくらいの頻度ですか。")
    with pytest.raises(DesignRefused):
        _change(question, kind="multiple")

    assert _codes(question) == ["daily", "weekly", "monthly", "yearly", "busy_season"]
    assert survey.questions.get(code="Q3").text == "どのくらいの頻度ですか。"


@pytest.mark.parametrize(("template", "code"), [("follow_up", "F4"), ("pulse", "P2")])
def test_what_a_level_or_verdict_needs_is_always_asked_of_everybody(
    template: str, code: str
) -> None:
    survey = definitions.create_survey(factories.municipality(), template, by=None)
    question, first = survey.questions.get(code=code), survey.questions.order_by("order")[0]
    condition = {"question": first.code, "any_of": _codes(first)[:1]}

    with pytest.raises(DesignRefused):
        designing.retire_question(question, by=None)
    with pytest.raises(DesignRefused):
        _change(question, kind=question.kind, ask_if=(condition,))

    assert code in _asked(survey)
    assert Question.objects.get(pk=question.pk).ask_if is None


# Conditions and order -------------------------------------------------------------------------
def _pair(survey: Survey) -> tuple[Question, Question]:
    first = _add(survey, "一")
    yes = _codes(first)[0]
    condition = {"question": first.code, "any_of": [yes]}
    return first, _add(survey, "二", ask_if=(condition,))


def test_a_condition_names_an_earlier_question_only(survey: Survey) -> None:
    first, second = _pair(survey)

    with pytest.raises(DesignRefused):
        _change(first, ask_if=({"question": second.code, "any_of": _codes(second)},))

    assert Question.objects.get(pk=first.pk).ask_if is None


def test_a_question_does_not_move_before_what_it_depends_on(survey: Survey) -> None:
    first, second = _pair(survey)
    version = Survey.objects.get().version

    for question, steps in ((second, -1), (first, 1)):
        with pytest.raises(DesignRefused):
            designing.move_question(question, steps, version=version, by=None)

    assert _asked(survey) == [first.code, second.code]


def test_moving_passes_retired_questions_and_stops_at_the_ends(survey: Survey) -> None:
    one, two, three = (_add(survey, text) for text in ("一", "二", "三"))
    designing.retire_question(two, by=None)

    version = Survey.objects.get().version
    designing.move_question(three, -1, version=version, by=None)
    with pytest.raises(DesignRefused):
        designing.move_question(three, -1, version=version + 1, by=None)

    assert _asked(survey) == [three.code, one.code]


def test_what_a_condition_needs_can_neither_go_nor_lose_the_answer(survey: Survey) -> None:
    first, second = _pair(survey)
    _yes, no = _codes(first)

    with pytest.raises(DesignRefused, match="二"):
        designing.retire_question(first, by=None)
    with pytest.raises(DesignRefused, match="二"):
        _change(first, options=(OptionFields("いいえ", code=no), OptionFields("別")))
    designing.retire_question(second, by=None)
    designing.retire_question(first, by=None)

    assert _asked(survey) == []


# Two at once ----------------------------------------------------------------------------------
def test_the_second_of_two_editors_is_stopped(survey: Survey) -> None:
    question = _add(survey)
    seen = Survey.objects.get().version
    wish = QuestionFields(kind="single", text="甲", options=YES_NO)
    designing.change_question(question, wish, version=seen, by=None)

    wish = QuestionFields(kind="single", text="乙", options=YES_NO)
    with pytest.raises(DesignConflict):
        designing.change_question(question, wish, version=seen, by=None)

    assert Question.objects.get().text == "甲"


def test_saving_without_a_change_leaves_version_and_trail_alone(survey: Survey) -> None:
    fields = SurveyFields(survey.title, survey.title_en, survey.minutes, survey.check_page)

    held = designing.change_survey(survey, fields, version=1, by=None)

    assert held.version == 1
    assert not Event.objects.filter(action="survey.changed").exists()


def test_settings_are_changed_with_a_trace(survey: Survey) -> None:
    fields = SurveyFields("残業の調査", "", 2, False, "monthly")

    designing.change_survey(survey, fields, version=1, by=None)

    saved = Survey.objects.get()
    assert (saved.title, saved.minutes, saved.check_page, saved.repeat, saved.version) == (
        "残業の調査",
        2,
        False,
        "monthly",
        2,
    )
    assert Event.objects.get(action="survey.changed").after["title"] == "残業の調査"


def test_the_trail_tells_answers_and_conditions_in_words(survey: Survey) -> None:
    first, second = _pair(survey)

    _change(
        second,
        text="二",
        options=(OptionFields("いいえ", code=_codes(second)[1]), OptionFields("別")),
    )

    added = Event.objects.get(action="question.added", object_id=second.pk).after
    changed = Event.objects.get(action="question.changed")
    assert added["ask_if"] == [f"{first.text} はい"]
    assert "hint" not in added
    assert changed.before.keys() == {"ask_if", "options"}
    assert (changed.before["options"], changed.after["options"]) == (
        ["はい", "いいえ"],
        ["いいえ", "別"],
    )


# An opened wave -------------------------------------------------------------------------------
def test_what_an_opened_wave_froze_stays() -> None:
    place = towns.town([6])
    survey = definitions.create_survey(place.municipality, Template.EMPTY, by=None)
    question, other = _add(survey), _add(survey, "二")
    wave = _open(place, survey)
    frozen = Wave.objects.get(pk=wave.pk).frozen_definition

    _change(question, text="変わりました。")
    designing.retire_question(other, by=None)

    assert Wave.objects.get(pk=wave.pk).frozen_definition == frozen
    assert [q["text_ja"] for q in definitions.definition_of(survey)["questions"]] == [
        "変わりました。"
    ]


@pytest.mark.django_db(transaction=True)
def test_opening_waits_for_a_change_and_freezes_all_of_it(
    django_db_setup: Any, settings: Any
) -> None:
    place = towns.town([6])
    survey = definitions.create_survey(place.municipality, Template.EMPTY, title="残業", by=None)
    question = _add(survey)
    wave = _plan(place, survey)

    def opens() -> None:
        try:
            waves.open_wave(wave, by=None, now=timezone.now())
        finally:
            connection.close()

    opener = Thread(target=opens)
    with transaction.atomic():
        _change(question, text="変わりました。")
        opener.start()
        opener.join(timeout=1)
        waiting = opener.is_alive()
    opener.join(timeout=30)

    frozen = Wave.objects.get(pk=wave.pk).frozen_definition["questions"]
    assert waiting
    assert [q["text_ja"] for q in frozen] == ["変わりました。"]


# Cross tables ---------------------------------------------------------------------------------
def test_a_cross_table_is_declared_once_either_way_round(survey: Survey) -> None:
    one, two = _add(survey, "一"), _add(survey, "二")
    version = Survey.objects.get().version
    pair = crosses.add_cross(survey, one, two, version=version, by=None)

    for rows, columns in ((one, two), (two, one), (one, one)):
        with pytest.raises(DesignRefused):
            crosses.add_cross(survey, rows, columns, version=version + 1, by=None)
    crosses.remove_cross(pair, version=version + 1, by=None)

    assert not CrossPair.objects.exists()
    assert Event.objects.filter(action__startswith="survey.cross_").count() == 2


# Templates, copies, deleting -------------------------------------------------------------------
@pytest.mark.parametrize("template", [t for t in Template if t != Template.EMPTY])
def test_a_survey_bears_the_title_given_or_the_templates(template: str) -> None:
    town = factories.municipality()

    plain = definitions.create_survey(town, template, by=None)
    named = definitions.create_survey(town, template, title="わが町の調査", by=None)

    assert (plain.title, plain.title_en) != (named.title, named.title_en)
    assert (named.title, named.title_en) == ("わが町の調査", "")
    assert (
        definitions.definition_of(named)["questions"]
        == (definitions.definition_of(plain)["questions"])
    )


def test_only_an_empty_survey_chooses_whom_it_asks() -> None:
    town = factories.municipality()

    empty = definitions.create_survey(town, "empty", audience=Audience.HEADS, by=None)
    pulse = definitions.create_survey(town, "pulse", audience=Audience.HEADS, by=None)

    assert (empty.audience, pulse.audience) == (Audience.HEADS, Audience.STAFF)


def test_a_copy_has_the_same_codes_and_a_life_of_its_own() -> None:
    place = towns.town([6])
    source = definitions.create_survey(place.municipality, "pain", by=None)
    questions = {q.code: q for q in source.questions.all()}
    crosses.add_cross(source, questions["Q1"], questions["Q5"], version=1, by=None)
    designing.retire_question(questions["Q7"], by=None)
    _open(place, source)

    copy = definitions.copy_survey(source, title="冬の調査", by=None)
    _change(copy.questions.get(code="Q5"), kind="multiple", text="どこまで", max_choices=2)

    assert copy.copied_from == source
    assert _asked(copy) == _asked(source)
    assert copy.questions.get(code="Q7").retired
    assert (copy.cross_pairs.get().rows.survey, copy.cross_pairs.get().rows.code) == (copy, "Q1")
    assert source.questions.get(code="Q5").kind == "single"
    assert designing.asked_codes(copy) == frozenset()


def test_a_survey_that_was_never_asked_goes_with_its_plans() -> None:
    town = boxes.open_town()
    draft = boxes.draft(town.municipality, town.office, "pulse")

    designing.delete_survey(draft.survey, by=town.office)

    assert not Survey.objects.filter(pk=draft.survey_id).exists()
    assert not Wave.objects.filter(pk=draft.pk).exists()
    assert Event.objects.filter(action="survey.deleted", object_id=draft.survey_id).exists()
    assert Survey.objects.filter(pk=town.wave.survey_id).exists()


@pytest.mark.parametrize("state", [WaveState.SCHEDULED, WaveState.OPEN, WaveState.CANCELLED])
def test_a_survey_that_was_asked_or_is_about_to_be_stays(state: str) -> None:
    town = boxes.open_town()
    survey = town.wave.survey
    if state == WaveState.CANCELLED:
        waves.cancel_wave(town.wave, by=town.office, now=timezone.now())
    if state == WaveState.SCHEDULED:
        wave = boxes.draft(town.municipality, town.office, "pulse")
        Wave.objects.filter(pk=wave.pk).update(state=state)
        survey = wave.survey

    with pytest.raises(DesignRefused):
        designing.delete_survey(survey, by=town.office)

    assert Survey.objects.filter(pk=survey.pk).exists()
    assert survey.waves.exists()
    assert Option.objects.filter(question__survey=survey).exists()
