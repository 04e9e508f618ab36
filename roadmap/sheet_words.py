"""Values of a table of initiatives in the words of the municipality, and back again."""

from __future__ import annotations

import datetime as dt
import re
import unicodedata
from collections.abc import Callable, Iterable, Mapping, Sequence
from typing import TYPE_CHECKING, Any, Final

from django.utils import translation
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Department, Municipality, Post, User
from dxportal.shared.fiscal import parse_date, parse_fiscal_years
from roadmap.choices import (
    CHOOSABLE_PHASES,
    Beneficiary,
    Cause,
    Disclosure,
    InitiativeKind,
    Phase,
    Progress,
)
from roadmap.import_words import cause_of, kind_of, phase_of, usual_meaning, word_key
from roadmap.models import Criterion, StatusWord, Tag, Theme
from roadmap.sheet_columns import Cell, Column, Kind
from roadmap.sheet_names import Names, loose
from roadmap.shown_words import shown_words

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

#: Between several words of one cell.
JOINT: Final = "、"
_SEPARATOR = re.compile(r"[、，,;；\n]")
_YES: Final = frozenset(("はい", "可", "○", "〇", "◯", "よい", "yes", "true", "1"))
_NO: Final = frozenset(("いいえ", "不可", "×", "✕", "よくない", "no", "false", "0"))
YES, NO = "はい", "いいえ"
_QUARTER = re.compile(r"(?:第)?([1-4])(?:四半期|q|期)?|q([1-4])")
_NUMBER = re.compile(r"\d{1,5}")


class CellError(Exception):
    """A cell that means nothing; what is wrong, and what to write instead."""

    def __init__(self, what: str | _StrPromise, remedy: str | _StrPromise, **values: str) -> None:
        super().__init__(str(what))
        self.what, self.remedy, self.values = what, remedy, values


class SheetWords:
    """Everything that cells of one municipality may say: about eight queries, once per file."""

    def __init__(self, municipality: Municipality, day: dt.date) -> None:
        """Words are Japanese in every language, like the headings."""
        self.municipality, self.day = municipality, day
        with translation.override("ja"):
            self.choices = _choices(municipality)
        self.objects = _objects(municipality, day)
        self._said = {
            word_key(word): (phase, progress)
            for word, phase, progress in StatusWord.objects.filter(
                municipality=municipality
            ).values_list("word", "phase", "progress")
        }

    # Out ------------------------------------------------------------------------------------
    def cell(self, column: Column, value: Any) -> Cell:
        """A value as it is written into a cell; days stay days."""
        if value in (None, "", []):
            return ""
        if column.kind == Kind.DAY:
            return dt.date.fromisoformat(value)
        if column.kind == Kind.NUMBER:
            return int(value)
        return self.text(column, value)

    def text(self, column: Column, value: Any) -> str:
        """A value in words; empty for none."""
        if value in (None, "", []):
            return ""
        if column.kind in _WRITERS:
            return _WRITERS[column.kind](value)
        if column.kind == Kind.CHOICE:
            return self.choices[column.name].get(value, str(value))
        if column.kind == Kind.CHOICES:
            known = self.choices[column.name]
            return JOINT.join(text for code, text in known.items() if code in value)
        texts = self.objects[column.name].texts
        return JOINT.join(texts[key] for key in _listed(value) if key in texts)

    # In -------------------------------------------------------------------------------------
    def value(self, column: Column, text: str) -> Any:
        """What a filled or emptied cell means; raises CellError."""
        if not text:
            return [] if column.several else _EMPTY.get(column.kind, "")
        if column.kind in _READERS:
            return _READERS[column.kind](text)
        if column.kind in (Kind.TEXT, Kind.LINE):
            return _written(column, text)
        readers: Mapping[Kind, Callable[[Column, str], Any]] = {
            Kind.CHOICE: self._word,
            Kind.CHOICES: self._words,
            Kind.OBJECT: self._object,
            Kind.OBJECTS: self._objects,
        }
        return readers[column.kind](column, text)

    def _words(self, column: Column, text: str) -> list[str]:
        """Words of a list in the order of the list."""
        found = {self._one_of(column, word) for word in _SEPARATOR.split(text) if word}
        return [code for code in self.choices[column.name] if code in found]

    def _word(self, column: Column, text: str) -> str:
        """A word of ours, or of theirs where it means a phase or a progress."""
        for code, word in self.choices[column.name].items():
            if loose(word) == loose(text):
                return code
        found = _OURS[column.name](text) if column.name in _OURS else ""
        if column.name in ("phase", "progress"):
            phase, progress = self._said.get(word_key(text), ("", ""))
            found = (phase if column.name == "phase" else progress) or found
        if not found:
            raise CellError(_UNKNOWN_WORD, _ONE_OF, words=JOINT.join(self.allowed(column)))
        return found

    def allowed(self, column: Column) -> list[str]:
        """Words that a person may choose."""
        words = self.choices[column.name]
        if column.name != "phase":
            return list(words.values())
        return [words[phase] for phase in CHOOSABLE_PHASES]

    def _one_of(self, column: Column, word: str) -> str:
        for code, known in self.choices[column.name].items():
            if loose(known) == loose(word):
                return code
        raise CellError(_UNKNOWN_WORD, _ONE_OF, words=JOINT.join(self.allowed(column)))

    def _object(self, column: Column, text: str) -> Any:
        names = self.objects[column.name]
        try:
            key = names.find(text)
        except LookupError as error:
            meant = JOINT.join(error.args[0][:5])
            raise (
                CellError(_SEVERAL, _WRITE_ONE, words=meant)
                if meant
                else CellError(_NOBODY, _AS_LISTED, words="")
            ) from None
        if key in names.over:
            raise CellError(_OVER, _AS_LISTED, words="")
        return key

    def _objects(self, column: Column, text: str) -> list[Any]:
        return sorted(set(self._several(column, text)))

    def _several(self, column: Column, text: str) -> Iterable[Any]:
        """Names with 、 between them; a name may hold a 、 itself."""
        known = self.objects[column.name]
        marks = [-1, *(found.start() for found in _SEPARATOR.finditer(text)), len(text)]
        start = 0
        while start < len(marks) - 1:
            for end in range(len(marks) - 1, start, -1):
                name = text[marks[start] + 1 : marks[end]].strip()
                if end == start + 1 or name in known.keys:
                    break
            if name:
                yield self._object(column, name)
            start = end


_EMPTY: Final = {
    **dict.fromkeys((Kind.NUMBER, Kind.YEAR, Kind.QUARTER, Kind.DAY, Kind.YES_NO), None),
    Kind.OBJECT: None,
}


def _year(text: str) -> int:
    years = parse_fiscal_years(text)
    plain = unicodedata.normalize("NFKC", text).strip()
    if years is None and re.fullmatch(r"(?:19|20)\d\d", plain):
        return int(plain)
    if years is None or years[0] != years[1] or not 1900 <= years[0] <= 2100:
        raise CellError(
            _("is no fiscal year"), _("Write one year, for example 令和8年度 or 2026年度.")
        )
    return years[0]


def _quarter(text: str) -> int:
    found = _QUARTER.fullmatch(loose(text))
    if found is None:
        raise CellError(_("is no quarter"), _("Write 第1四半期 to 第4四半期; 1 is April to June."))
    return int(found[1] or found[2])


def _number(text: str) -> int:
    found = loose(text).removesuffix("分")
    if not _NUMBER.fullmatch(found) or int(found) > 32_767:
        raise CellError(_("is no number of minutes"), _("Write whole minutes, for example 30."))
    return int(found)


def _day(text: str) -> str:
    try:
        return parse_date(text).isoformat()
    except ValueError as error:
        raise CellError(_("is no date"), str(error)) from None


def _yes_no(text: str) -> bool:
    if loose(text) in _YES:
        return True
    if loose(text) in _NO:
        return False
    raise CellError(_("is neither はい nor いいえ"), _("Write はい or いいえ, or empty the cell."))


def _listed(value: Any) -> Sequence[Any]:
    return value if isinstance(value, list) else [value]


def _slashed(value: str) -> str:
    day = dt.date.fromisoformat(value)
    return f"{day.year}/{day.month}/{day.day}"


_WRITERS: Final[Mapping[Kind, Callable[[Any], str]]] = {
    Kind.TEXT: str,
    Kind.LINE: str,
    Kind.NUMBER: str,
    Kind.YEAR: lambda value: f"{value}年度",
    Kind.QUARTER: lambda value: f"第{value}四半期",
    Kind.YES_NO: lambda value: YES if value else NO,
    Kind.DAY: _slashed,
}
_READERS: Final[Mapping[Kind, Callable[[str], Any]]] = {
    Kind.YEAR: _year,
    Kind.QUARTER: _quarter,
    Kind.NUMBER: _number,
    Kind.DAY: _day,
    Kind.YES_NO: _yes_no,
}
_OURS: Final[Mapping[str, Callable[[str], str]]] = {
    "kind": kind_of,
    "cause": cause_of,
    "phase": phase_of,
    "progress": lambda text: usual_meaning(text).progress,
}
_UNKNOWN_WORD = _("is none of the words")
_ONE_OF = _("Write one of: %(words)s.")
_SEVERAL = _("can mean several")
_WRITE_ONE = _("Write one of: %(words)s.")
_NOBODY = _("was not found")
_OVER = _("has ended and cannot be chosen any more")
_AS_LISTED = _("Choose it from the list of the cell, or from the sheet of choices.")


def _written(column: Column, text: str) -> str:
    """A text as it is kept: a line has no line breaks, and nothing is cut unseen."""
    found = " ".join(text.split("\n")) if column.kind == Kind.LINE else text
    if len(found) > column.longest:
        what = _("has more than %(words)s characters")
        raise CellError(what, _("Shorten it."), words=f"{column.longest:,}")
    return found


def _choices(municipality: Municipality) -> Mapping[str, Mapping[str, str]]:
    """Code → word, for every column with a list of words."""
    words = shown_words(municipality.pk)
    return {
        "kind": {kind.value: str(kind.label) for kind in InitiativeKind},
        "beneficiaries": {one.value: str(one.label) for one in Beneficiary},
        "phase": {phase.value: words.phase(phase) for phase in Phase},
        "progress": {progress.value: words.progress(progress) for progress in Progress},
        "cause": {cause.value: str(cause.label) for cause in Cause},
        "disclosure": {one.value: str(one.label) for one in Disclosure},
    }


def _objects(municipality: Municipality, day: dt.date) -> Mapping[str, Names]:
    """Names for every column that names departments, posts, people and so on."""
    departments, by_key = _departments(municipality, day)
    posts = _post_names(municipality, by_key, departments)
    themes = Theme.objects.filter(municipality=municipality)
    criteria = Criterion.objects.filter(stage__municipality=municipality).order_by("order", "pk")
    tags = Tag.objects.filter(municipality=municipality)
    open_tags = set(tags.on(day).values_list("pk", flat=True))
    return {
        **dict.fromkeys(("lead", "partners", "users"), departments),
        "accountable_post": posts,
        "contact": Names.of(_people(municipality)),
        "themes": Names.of(
            (pk, active and merged is None, (label, f"{label}（{code}）"))
            for pk, label, code, active, merged in themes.values_list(
                "pk", "label", "code", "active", "merged_into"
            )
        ),
        "criteria": Names.of(
            (pk, not retired, (code, f"{code}（{version}）", f"{code} #{pk}"))
            for pk, code, version, retired in criteria.values_list(
                "pk", "code", "version", "retired"
            )
        ),
        "tags": Names.of(
            (pk, pk in open_tags, (label, f"{label}（{version}）", f"{label} #{pk}"))
            for pk, label, version in tags.values_list("pk", "label", "version")
        ),
    }


def _departments(
    municipality: Municipality, day: dt.date
) -> tuple[Names, Mapping[int, tuple[str, bool]]]:
    """By name; else with the one above it; else with its code. And name and life of each."""
    rows = list(
        Department.objects.filter(municipality=municipality)
        .order_by("order", "code")
        .values_list("pk", "name", "parent__name", "code", "valid_from", "valid_to")
    )
    here = {pk: end is None or end > day for pk, _n, _p, _c, _begin, end in rows}
    names = Names.of(
        (
            pk,
            here[pk],
            (name, f"{above or ''} {name}".strip(), f"{name}（{code}）", f"{name} #{pk}"),
        )
        for pk, name, above, code, _begin, _end in rows
    )
    for pk, _name, _above, code, *_days in rows:
        names.loosely[loose(code)].add(pk)
    return names, {pk: (name, here[pk]) for pk, name, *_rest in rows}


def _post_names(
    municipality: Municipality,
    by_key: Mapping[int, tuple[str, bool]],
    departments: Names,
) -> Names:
    """市民課 課長; people also write 市民課長, or 課長 where there is only one."""
    posts = Post.objects.filter(department__municipality=municipality)
    columns = ("pk", "name", "department_id")
    rows = list(posts.order_by("department__order", "-is_head", "pk").values_list(*columns))
    found = []
    for pk, name, key in rows:
        place, here = by_key[key]
        sure = f"{departments.texts.get(key, place)} {name}"
        found.append((pk, here, (f"{place} {name}", sure, f"{sure} #{pk}")))
    names = Names.of(found)
    for pk, name, key in rows:
        for short in (name, f"{by_key[key][0][:-1]}{name}"):
            names.loosely[loose(short)].add(pk)
    return names


def _people(municipality: Municipality) -> Iterable[tuple[Any, bool, Sequence[str]]]:
    """By name; where two share it, with the e-mail address."""
    people = User.objects.filter(municipality=municipality).order_by("name", "pk")
    for pk, name, email, active in people.values_list("pk", "name", "email", "is_active"):
        yield pk, active, (name, f"{name}（{email}）", email)
