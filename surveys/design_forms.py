"""The form of a question: kind, texts, answers, and after which earlier answers it is asked."""

from __future__ import annotations

import unicodedata
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from itertools import pairwise
from typing import Any, Final

from django import forms
from django.forms.utils import ErrorDict
from django.http import QueryDict
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from surveys.actions.designing import OptionFields, QuestionFields
from surveys.choices import QuestionKind
from surveys.kinds import KINDS
from surveys.models import Option, Question

#: Empty rows that a new list of answers begins with, and those that a press of the button adds.
NEW_ROWS, MORE_ROWS, MOST_ROWS = 4, 3, 40
FEWEST_ANSWERS: Final = 2

#: One line on each kind, beside its name.
KIND_HINTS = {
    QuestionKind.SINGLE: _("The answers are yours; one of them."),
    QuestionKind.MULTIPLE: _("The answers are yours; up to as many as you allow."),
    QuestionKind.SCALE: _("A statement, from “exactly so” to “not so at all”."),
    QuestionKind.FREQUENCY: _("From every day to a few times a year."),
    QuestionKind.MINUTES: _("From under 5 minutes to more than an hour."),
    QuestionKind.NUMBER: _("A number is typed; counted by the classes that you set."),
    QuestionKind.JOB: _("Counter, office, in the field: results for all staff only."),
    QuestionKind.TEXT: _("Up to 400 characters; nobody has to write."),
}


def _line(label: Any, most: int, *, required: bool = False, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=most, required=required, **more)


class OptionForm(forms.Form):
    """One row of the list of answers; an empty new row is none."""

    code = forms.CharField(required=False, max_length=30, widget=forms.HiddenInput)
    place = forms.IntegerField(required=False, min_value=1, max_value=999)
    label = forms.CharField(required=False, max_length=120)
    label_en = forms.CharField(required=False, max_length=120)
    more = forms.BooleanField(required=False)
    low = forms.IntegerField(required=False, min_value=0, max_value=999_999)
    high = forms.IntegerField(required=False, min_value=0, max_value=999_999)
    gone = forms.BooleanField(required=False)

    @property
    def kept(self) -> bool:
        """Whether this row is an answer."""
        data = self.cleaned_data
        filled = any(data.get(name) not in (None, "") for name in ("label", "label_en"))
        bounded = any(data.get(name) is not None for name in ("low", "high"))
        return not data.get("gone") and bool(data.get("code") or filled or bounded)

    def name_class(self) -> None:
        """A class without a name is named after its bounds."""
        low, high = self.cleaned_data.get("low"), self.cleaned_data.get("high")
        if self.cleaned_data.get("label") or (low is None and high is None):
            return
        if low is None or high is None:
            words = (
                (f"{low}以上", f"{low} or more")
                if high is None
                else (f"{high}以下", f"up to {high}")
            )
        else:
            words = (f"{low}", f"{low}") if low == high else (f"{low}〜{high}", f"{low} to {high}")
        self.cleaned_data["label"] = words[0]
        self.cleaned_data["label_en"] = self.cleaned_data.get("label_en") or words[1]

    def wish(self) -> OptionFields:
        """As the action takes it."""
        names = ("code", "label", "label_en", "more", "low", "high")
        return OptionFields(**{name: self.cleaned_data.get(name) for name in names})  # type: ignore[arg-type]


@dataclass(frozen=True)
class Fixed:
    """What of a question can no longer be changed."""

    kind: bool = False
    answers: bool = False
    #: Codes of number classes whose bounds were asked.
    bounds: bool = False


class QuestionForm(forms.Form):
    """One question: kind, texts, answers, and after which earlier answers it is asked."""

    kind = forms.ChoiceField(
        label=_("Kind of question"),
        choices=QuestionKind.choices,
        initial=QuestionKind.SINGLE,
        widget=forms.RadioSelect,
    )
    text = _line(_("Question"), 300, required=True)
    text_en = _line(_("Question in English"), 300)
    hint = _line(_("Hint"), 300, help_text=_("It stands below the question, smaller."))
    hint_en = _line(_("Hint in English"), 300)
    required = forms.BooleanField(
        label=_("An answer is required"),
        required=False,
        help_text=_("Only where an answer such as “nothing” or “I would rather not say” exists."),
    )
    max_choices = forms.IntegerField(
        label=_("Answers at most"), min_value=1, max_value=MOST_ROWS, required=False, initial=2
    )

    def __init__(
        self,
        data: QueryDict | None = None,
        *,
        question: Question | None = None,
        earlier: Sequence[Mapping[str, Any]] = (),
        fixed: Fixed = Fixed(),
    ) -> None:
        """`earlier`: questions before this one, in the shape of `content.Question`."""
        super().__init__(data, initial=_initial(question))
        self.question, self.fixed = question, fixed
        options = list(question.options.all()) if question else []
        own = [o for o in options if not o.retired and not _is_fixed(question)]
        self.rows = self._rows(data, own)
        self.retired = [o for o in options if o.retired]
        self.back = set(data.getlist("back")) if data is not None else set()
        self.earlier = [q for q in earlier if KINDS[q["kind"]].branched_on and q["options"]]
        self.ask_if = _posted(data, self.earlier) if data is not None else _saved(question)
        if fixed.kind and question:
            self.fields["kind"].disabled = True

    def _rows(self, data: QueryDict | None, own: Sequence[Option]) -> list[OptionForm]:
        if data is not None:
            return self._held([OptionForm(data, prefix=f"row{n}") for n in range(_count(data))])
        filled = [
            OptionForm(
                prefix=f"row{n}",
                initial={
                    "code": option.code,
                    "place": n + 1,
                    "label": option.label,
                    "label_en": option.label_en,
                    "more": option.more,
                    "low": option.low,
                    "high": option.high,
                },
            )
            for n, option in enumerate(own)
        ]
        blank = range(len(own), max(len(own) + 2, NEW_ROWS))
        return self._held(filled + [OptionForm(prefix=f"row{n}") for n in blank])

    def _held(self, rows: list[OptionForm]) -> list[OptionForm]:
        """Bounds that were asked can be read, not typed over."""
        for row in rows:
            if self.fixed.bounds and row["code"].value():
                for name in ("low", "high"):
                    row.fields[name].widget.attrs["readonly"] = True
        return rows

    def with_more_rows(self) -> QuestionForm:
        """What was typed, unjudged, with more empty rows."""
        for form in (self, *self.rows):
            form._errors = ErrorDict()  # type: ignore[attr-defined]
        first = len(self.rows)
        last = min(first + MORE_ROWS, MOST_ROWS)
        self.rows += [OptionForm(prefix=f"row{n}") for n in range(first, last)]
        if last > first:
            self.rows[first].fields["label"].widget.attrs["autofocus"] = True
        return self

    @property
    def lists(self) -> bool:
        """Whether the kind's answers are written here."""
        kind = KINDS.get(self.cleaned_data.get("kind", ""))
        return bool(kind and kind.options and kind.fixed is None and not self.fixed.answers)

    def clean(self) -> dict[str, Any]:
        """The answers fit the kind."""
        data = super().clean() or self.cleaned_data
        if not self.lists:
            return data
        for row in self.rows:
            row.full_clean()
        kept = [row for row in self.rows if row.kept]
        if any(row.errors for row in self.rows):
            self.add_error(None, _("Please check the list of answers."))
        if data["kind"] == QuestionKind.NUMBER:
            for row in kept:
                row.name_class()
            self._check_classes(kept)
        self._check_labels(kept)
        if len(kept) + len(self.back) < FEWEST_ANSWERS:
            self.add_error(None, _("Give at least two answers."))
        if data["kind"] == QuestionKind.MULTIPLE:
            self._check_most(len(kept) + len(self.back))
        return data

    def _check_labels(self, kept: Iterable[OptionForm]) -> None:
        seen: set[str] = set()
        for row in kept:
            label = row.cleaned_data.get("label", "")
            folded = unicodedata.normalize("NFKC", label).casefold()
            if not label and "label" not in row.errors:
                row.add_error("label", _("Write the answer in Japanese."))
            elif folded in seen:
                row.add_error("label", _("This answer is there twice."))
            seen.add(folded)
        if any("label" in row.errors for row in self.rows):
            self.add_error(None, _("Every answer needs words of its own."))

    def _check_classes(self, kept: Iterable[OptionForm]) -> None:
        spans = []
        for row in kept:
            low, high = row.cleaned_data.get("low"), row.cleaned_data.get("high")
            if low is None and high is None:
                row.add_error("low", _("Give the lowest or the highest number."))
            elif low is not None and high is not None and low > high:
                row.add_error("high", _("The highest number is below the lowest."))
            spans.append((low or 0, 999_999 if high is None else high, row))
        spans.sort(key=lambda span: span[:2])
        for before, after in pairwise(spans):
            if after[0] <= before[1]:
                after[2].add_error("low", _("This class overlaps another one."))
        if any({"low", "high"} & row.errors.keys() for row in self.rows):
            self.add_error(None, _("Every class needs its own bounds."))

    def _check_most(self, answers: int) -> None:
        most = self.cleaned_data.get("max_choices")
        if most is None and "max_choices" not in self.errors:
            self.add_error("max_choices", _("Say how many answers may be chosen."))
        elif most is not None and most > max(answers, 1):
            self.add_error("max_choices", _("There are fewer answers than that."))

    def wish(self) -> QuestionFields:
        """As the action takes it."""
        names = ("kind", "text", "text_en", "hint", "hint_en", "required")
        return QuestionFields(
            **{name: self.cleaned_data[name] for name in names},
            max_choices=self.cleaned_data["max_choices"] or 1,
            ask_if=tuple(
                {"question": code, "any_of": answers} for code, answers in self.ask_if.items()
            ),
            options=tuple(self._options()),
        )

    def _options(self) -> list[OptionFields]:
        """The answers in the order of their numbers; rows without one stay where they stand.

        Classes of a number are in the order of their bounds.
        """
        if not self.lists:
            return []
        numbered = []
        latest = 0
        for row in self.rows:
            if row.kept:
                latest = row.cleaned_data.get("place") or latest
                numbered.append((latest, row.wish()))
        numbered.sort(key=lambda pair: pair[0])
        back = [_wish(option) for option in self.retired if option.code in self.back]
        wishes = [wish for _place, wish in numbered] + back
        if self.cleaned_data["kind"] == QuestionKind.NUMBER:
            wishes.sort(key=lambda wish: wish.low or 0)
            return [replace(wish, more=False) for wish in wishes]
        return [replace(wish, low=None, high=None) for wish in wishes]

    # What the page shows ------------------------------------------------------------------------
    @property
    def kinds(self) -> list[tuple[str, str, str, bool]]:
        """Each kind: code, name, its line, whether it is chosen."""
        chosen = self["kind"].value()
        return [(k.value, str(k.label), str(KIND_HINTS[k]), k == chosen) for k in QuestionKind]

    @property
    def fixed_answers(self) -> list[tuple[str, list[Mapping[str, Any]]]]:
        """Kind → the answers that it brings."""
        return [(code, list(kind.fixed)) for code, kind in KINDS.items() if kind.fixed]

    @property
    def conditions(self) -> list[tuple[Mapping[str, Any], list[tuple[Mapping[str, Any], bool]]]]:
        """Each earlier question with its answers and whether they are ticked."""
        return [
            (q, [(o, o["code"] in self.ask_if.get(q["code"], ())) for o in q["options"]])
            for q in self.earlier
        ]

    @property
    def brought_back(self) -> list[tuple[Option, bool]]:
        """Each retired answer and whether it is to come back."""
        return [(option, option.code in self.back) for option in self.retired]

    @property
    def row_problems(self) -> list[tuple[str, str]]:
        """Address of a field and what is wrong in it, for the list of problems."""
        return [
            (row[name].auto_id, gettext("Answer %(number)s: %(text)s") % {"number": n, "text": e})
            for n, row in enumerate(self.rows, start=1)
            for name, errors in row.errors.items()
            for e in errors
        ]


def _initial(question: Question | None) -> dict[str, Any]:
    if question is None:
        return {}
    names = ("kind", "text", "text_en", "hint", "hint_en", "required", "max_choices")
    return {name: getattr(question, name) for name in names}


def _is_fixed(question: Question | None) -> bool:
    return question is not None and KINDS[question.kind].fixed is not None


def _wish(option: Option) -> OptionFields:
    names = ("code", "label", "label_en", "more", "low", "high")
    return OptionFields(**{name: getattr(option, name) for name in names})


def _count(data: QueryDict) -> int:
    given = data.get("rows", "")
    return min(int(given), MOST_ROWS) if given.isascii() and given.isdigit() else 0


def _posted(data: QueryDict, earlier: Iterable[Mapping[str, Any]]) -> dict[str, list[str]]:
    found = {}
    for question in earlier:
        known = {option["code"] for option in question["options"]}
        ticked = [code for code in data.getlist(f"when-{question['code']}") if code in known]
        if ticked:
            found[question["code"]] = ticked
    return found


def _saved(question: Question | None) -> dict[str, list[str]]:
    conditions = (question.ask_if if question else None) or ()
    return {condition["question"]: list(condition["any_of"]) for condition in conditions}
