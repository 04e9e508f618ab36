"""Change what a survey asks: questions, answers, conditions, settings.

Every change names the version that its author saw; codes are given once and never again. What an
opened wave froze is not touched.
"""

from __future__ import annotations

import re
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.db import transaction
from django.db.models import Q
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.audit import changed_fields, record
from dxportal.accounts.models import Event, User
from surveys.actions import waves
from surveys.actions.question_trail import conditions_of, in_trail, without_empty
from surveys.choices import EARLY, QuestionKind, Repeat, WaveState
from surveys.content import MAX_TEXT
from surveys.kinds import KINDS
from surveys.locks import hold_wave
from surveys.models import Option, Question, Survey, Wave
from surveys.tied import is_needed, is_tied, lost_without

#: New codes: no template uses these letters, so a copy of one never meets its own codes again.
QUESTION_CODE, OPTION_CODE = "N", "a"
#: States in which a round still takes answers or counts them.
RUNNING = (WaveState.OPEN, WaveState.CLOSING)


class DesignConflict(Exception):
    """Somebody else changed the survey meanwhile."""


class DesignRefused(Exception):
    """It cannot be changed so; the sentence says why."""


@dataclass(frozen=True)
class OptionFields:
    """One answer as wished; without a code it is a new one. `low` and `high` bound a class."""

    label: str
    label_en: str = ""
    code: str = ""
    more: bool = False
    low: int | None = None
    high: int | None = None


@dataclass(frozen=True)
class QuestionFields:
    """A question as wished, with all its answers in order; others are retired.

    Kinds with fixed answers bring their own, whatever is wished.
    """

    kind: str
    text: str
    text_en: str = ""
    hint: str = ""
    hint_en: str = ""
    required: bool = False
    max_choices: int = 1
    ask_if: tuple[Mapping[str, Any], ...] = ()
    options: tuple[OptionFields, ...] = ()


@dataclass(frozen=True)
class SurveyFields:
    """The settings of a survey."""

    title: str
    title_en: str
    minutes: int
    check_page: bool
    repeat: str = Repeat.NONE


# Which rows -------------------------------------------------------------------------------------
def asked_codes(survey: Survey) -> frozenset[str]:
    """Codes of the questions that an opened wave has asked; their kind stays as it is."""
    opened = survey.waves.exclude(state__in=EARLY)
    frozen = opened.values_list("frozen_definition__questions", flat=True)
    return frozenset(q["code"] for questions in frozen for q in questions or ())


def is_running(survey: Survey) -> bool:
    """Whether a round asks what it froze, whatever is changed here."""
    return survey.waves.filter(state__in=RUNNING).exists()


def why_kept(rounds: Iterable[Wave]) -> str:
    """Why a survey with these rounds cannot be deleted; nothing where it can."""
    states = {wave.state for wave in rounds}
    if states - set(EARLY):
        return _("It has been asked: its rounds, results and replies are kept.")
    if WaveState.SCHEDULED in states:
        return _("A round is scheduled. Cancel it first.")
    return ""


def last_change(survey: Survey) -> Event | None:
    """Who changed the survey or one of its questions last."""
    keys = [str(pk) for pk in survey.questions.values_list("pk", flat=True)]
    own = Q(object_type="survey", object_id=str(survey.pk))
    changes = Event.objects.filter(own | Q(object_type="question", object_id__in=keys))
    return changes.order_by("-pk").first()


# Settings and life of a survey --------------------------------------------------------------------
@transaction.atomic
def change_survey(survey: Survey, fields: SurveyFields, *, version: int, by: User | None) -> Survey:
    """Change title, minutes, check page, repetition."""
    held = hold(survey, version)
    before = {name: getattr(held, name) for name in vars(fields)}
    old, new = changed_fields(before, vars(fields))
    if not new:
        return held
    for name in new:
        setattr(held, name, getattr(fields, name))
    held.save(update_fields=list(new))
    bump(held)
    record("survey.changed", held, by=by, before=old, after=new)
    return held


@transaction.atomic
def delete_survey(survey: Survey, *, by: User | None) -> None:
    """Delete a survey that was never asked with its plans; held as opening holds them, in order."""
    rounds = Wave.objects.filter(survey_id=survey.pk).order_by("pk")
    for pk in rounds.values_list("pk", flat=True):
        hold_wave(pk)
    planned = list(rounds.select_for_update())
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    if why := why_kept(rounds.all()):
        raise DesignRefused(why)
    if rounds.count() > len(planned):
        raise DesignRefused(_("Somebody just planned a round. Please try again."))
    for wave in planned:
        waves.cancel_wave(wave, by=by, now=timezone.now())
    record("survey.deleted", held, by=by, before={"title": held.title})
    held.delete()


# Questions ------------------------------------------------------------------------------------
@transaction.atomic
def add_question(
    survey: Survey, fields: QuestionFields, *, version: int, by: User | None
) -> Question:
    """Put a question at the end."""
    held = hold(survey, version)
    rows = list(held.questions.all())
    _check_conditions(fields, _asked(rows))
    question = Question(
        survey=held,
        code=_next_code(QUESTION_CODE, (row.code for row in rows)),
        order=max((row.order for row in rows), default=-1) + 1,
    )
    _fill(question, fields)
    question.save()
    _write_options(question, _answers(fields))
    bump(held)
    record("question.added", question, by=by, after=without_empty(in_trail(question)))
    return question


@transaction.atomic
def change_question(
    question: Question, fields: QuestionFields, *, version: int, by: User | None
) -> Question:
    """Change texts, answers and condition; the kind only as long as nobody was asked."""
    held = hold(question.survey, version)
    question = held.questions.get(pk=question.pk)
    rows = _asked(held.questions.all())
    earlier = [row for row in rows if row.order < question.order]
    before = in_trail(question)
    was_asked = question.code in asked_codes(held)
    tied = is_tied(held.template, question.code)
    if fields.kind != question.kind:
        _check_kind(was_asked=was_asked, tied=tied)
    _check_conditions(fields, earlier)
    if fields.ask_if and is_needed(held.template, question.code):
        raise DesignRefused(lost_without(held.template, question.code))
    _fill(question, fields)
    if not tied:
        _check_classes(question, fields.options, was_asked=was_asked)
        _check_still_there(question, _answers(fields), rows)
        _write_options(question, _answers(fields))
    question.save()
    old, new = changed_fields(before, in_trail(question))
    if new:
        bump(held)
        record("question.changed", question, by=by, before=old, after=new)
    return question


@transaction.atomic
def move_question(question: Question, steps: int, *, version: int, by: User | None) -> Question:
    """One place up (-1) or down (1) among the questions that are asked."""
    held = hold(question.survey, version)
    rows = list(held.questions.all())
    asked = _asked(rows)
    place = next((n for n, row in enumerate(asked) if row.pk == question.pk), None)
    if place is None or not 0 <= place + steps < len(asked):
        raise DesignRefused(_("It cannot be moved further."))
    neighbour = asked[place + steps]
    first, second = (neighbour, asked[place]) if steps < 0 else (asked[place], neighbour)
    if first.code in conditions_of(second):
        raise DesignRefused(
            _("“%(later)s” depends on the answer to “%(earlier)s”, so it comes after it.")
            % {"later": second.text, "earlier": first.text}
        )
    rows.sort(key=lambda row: row.order)
    rows.remove(asked[place])
    rows.insert(rows.index(neighbour) + (steps > 0), asked[place])
    for order, row in enumerate(rows):
        row.order = order
    Question.objects.bulk_update(rows, ["order"])
    bump(held)
    places = {"before": {"place": place + 1}, "after": {"place": place + 1 + steps}}
    record("question.moved", question, by=by, **places)
    return question


@transaction.atomic
def retire_question(question: Question, *, version: int | None = None, by: User | None) -> Question:
    """Ask it no longer; its code stays taken."""
    held = hold(question.survey, version)
    question = held.questions.get(pk=question.pk)
    if question.retired:
        return question
    if is_needed(held.template, question.code):
        raise DesignRefused(lost_without(held.template, question.code))
    needing = [row for row in _asked(held.questions.all()) if question.code in conditions_of(row)]
    if needing:
        raise DesignRefused(
            _("“%(later)s” depends on its answers. Change that condition first.")
            % {"later": needing[0].text}
        )
    return _set_retired(held, question, by=by, retired=True)


@transaction.atomic
def restore_question(
    question: Question, *, version: int | None = None, by: User | None
) -> Question:
    """Ask it again, where it stood, with the same code."""
    held = hold(question.survey, version)
    question = held.questions.get(pk=question.pk)
    return _set_retired(held, question, by=by, retired=False) if question.retired else question


# How ------------------------------------------------------------------------------------------
def hold(survey: Survey, version: int | None) -> Survey:
    """The survey's row, held until the end; nobody else changes the survey meanwhile."""
    held = Survey.objects.select_for_update().get(pk=survey.pk)
    if version is not None and held.version != version:
        raise DesignConflict
    return held


def bump(held: Survey) -> None:
    """Let the next editor see that something has changed."""
    held.version += 1
    held.save(update_fields=["version"])


def _set_retired(held: Survey, question: Question, *, by: User | None, retired: bool) -> Question:
    question.retired = retired
    question.save(update_fields=["retired"])
    bump(held)
    record("question.retired" if retired else "question.restored", question, by=by)
    return question


def _asked(rows: Iterable[Question]) -> list[Question]:
    return sorted((row for row in rows if not row.retired), key=lambda row: row.order)


def _next_code(letter: str, taken: Iterable[str]) -> str:
    numbers = (re.fullmatch(rf"{letter}(\d+)", code) for code in taken)
    return f"{letter}{max((int(found[1]) for found in numbers if found), default=0) + 1}"


def _fill(question: Question, fields: QuestionFields) -> None:
    is_text = fields.kind == QuestionKind.TEXT
    question.kind = fields.kind
    question.text, question.text_en = fields.text, fields.text_en
    question.hint, question.hint_en = fields.hint, fields.hint_en
    question.required = fields.required and not is_text
    question.max_choices = fields.max_choices if fields.kind == QuestionKind.MULTIPLE else 1
    question.max_length = MAX_TEXT if is_text else 0
    question.ask_if = [dict(condition) for condition in fields.ask_if] or None


def _answers(fields: QuestionFields) -> Sequence[OptionFields]:
    kind = KINDS[fields.kind]
    if kind.fixed is None:
        return fields.options if kind.options else ()
    return [
        OptionFields(
            label=option["label_ja"],
            label_en=option["label_en"],
            code=option["code"],
            more=option["more"],
            low=option["low"],
            high=option["high"],
        )
        for option in kind.fixed
    ]


def _check_conditions(fields: QuestionFields, earlier: Collection[Question]) -> None:
    known = {question.code for question in earlier if KINDS[question.kind].branched_on}
    if any(condition["question"] not in known for condition in fields.ask_if):
        raise DesignRefused(_("A condition needs a question with answers that comes before."))


def _check_kind(*, was_asked: bool, tied: bool) -> None:
    if tied:
        raise DesignRefused(_("Figures are made of this question: its kind stays."))
    if was_asked:
        raise DesignRefused(
            _("Its kind cannot change once it has been asked. Retire it and add a new question.")
        )


def _check_classes(question: Question, wanted: Sequence[OptionFields], *, was_asked: bool) -> None:
    """Bounds of a class that was asked stay: its code would mean something else."""
    if not was_asked or question.kind != QuestionKind.NUMBER:
        return
    bounds = {option.code: (option.low, option.high) for option in question.options.all()}
    if any(bounds.get(o.code, (o.low, o.high)) != (o.low, o.high) for o in wanted):
        raise DesignRefused(
            _("The bounds of a class that was asked stay. Retire it and add a new one.")
        )


def _check_still_there(
    question: Question, wanted: Sequence[OptionFields], rows: Iterable[Question]
) -> None:
    """An answer that a later question depends on cannot go."""
    kept = {option.code for option in wanted}
    for row in rows:
        if lost := conditions_of(row).get(question.code, set()) - kept:
            labels = [o.label for o in question.options.all() if o.code in lost]
            raise DesignRefused(
                _("“%(later)s” is asked after the answer “%(answer)s”. Change that first.")
                % {"later": row.text, "answer": "、".join(labels)}
            )


def _write_options(question: Question, wanted: Sequence[OptionFields]) -> None:
    """Exactly these answers, in this order; what is not among them is retired.

    Only kinds with fixed answers bring codes of their own.
    """
    known = {option.code: option for option in question.options.all()}
    taken = set(known)
    brings = KINDS[question.kind].fixed is not None
    new: list[Option] = []
    for order, fields in enumerate(wanted):
        option = known.get(fields.code)
        if option is None:
            code = fields.code if brings else _next_code(OPTION_CODE, taken)
            taken.add(code)
            option = Option(question=question, code=code)
            new.append(option)
        option.label, option.label_en = fields.label, fields.label_en
        option.more, option.low, option.high = fields.more, fields.low, fields.high
        option.order, option.retired = order, False
    kept = {fields.code for fields in wanted}
    for code, option in known.items():
        option.retired = option.retired if code in kept else True
    columns = ["label", "label_en", "more", "low", "high", "order", "retired"]
    Option.objects.bulk_update(known.values(), columns)
    Option.objects.bulk_create(new)
