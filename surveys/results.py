"""What a published wave shows, read from its stored tables only: the same cells for everybody."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass, replace
from functools import cached_property
from typing import Any

from django.db.models import Q
from django.utils.translation import get_language
from django.utils.translation import gettext as _

from dxportal.accounts.models import User
from dxportal.shared.charts import sequential_class
from roadmap.models import Theme
from surveys.choices import Template
from surveys.models import CellTally, SegmentGroup, Wave
from surveys.partition import ALL, NOT_ASKED, UNANSWERED

#: Columns of a heat map: what fits on a telephone.
HEAT_COLUMNS = 6
NOTHING = "–"


@dataclass(frozen=True, slots=True)
class Shown:
    """One cell as it is shown: words, a number for sorting and colour, its class."""

    text: str
    value: float | None
    css: str = ""
    reason: str = ""

    @property
    def masked(self) -> bool:
        """Whether nothing is shown."""
        return self.value is None


@dataclass(frozen=True, slots=True)
class Line:
    """One answer of a question among all staff."""

    code: str
    label: str
    count: str
    share: Shown


@dataclass(frozen=True, slots=True)
class Asked:
    """One question with its lines, in the order of the survey."""

    code: str
    text: str
    lines: Sequence[Line]


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One unit: cells in the order of the columns."""

    label: str
    n: int | None
    cells: Sequence[Shown]


@dataclass(frozen=True, slots=True)
class HeatMap:
    """Units against options; `masked`: whether any cell is hatched."""

    columns: Sequence[str]
    rows: Sequence[HeatRow]

    @property
    def masked(self) -> bool:
        """Whether the legend has to explain the hatching."""
        return any(cell.masked for row in self.rows for cell in row.cells)


@dataclass(frozen=True, slots=True)
class ThemeLine:
    """One theme: hours a week as an estimated range, and how many named it first."""

    theme: Theme
    hours_low: float | None
    hours_high: float | None
    count: str
    share: Shown

    @property
    def weighs(self) -> bool:
        """Whether k people or more stand behind it; lighter themes are named together."""
        return self.count.isdigit() or bool(self.hours)

    @property
    def people(self) -> str:
        """How many named it first, or their share where the number itself is not stored."""
        return self.share.text if self.count == NOTHING else self.count

    @property
    def hours(self) -> str:
        """The range in words; "" where fewer than k told how often and how long."""
        if self.hours_low is None or self.hours_high is None:
            return ""
        return hours_text(self.hours_low, self.hours_high)


class Results:
    """The stored numbers of one wave; three statements, whatever is asked afterwards."""

    def __init__(self, wave: Wave, only: Callable[[list[SegmentGroup]], Q] | None = None) -> None:
        """Read groups and cells; `only` says of the groups which cells are wanted."""
        self.wave = wave
        self.definition: dict[str, Any] = wave.frozen_definition
        self.groups: list[SegmentGroup] = list(wave.groups.all())
        self._cells: dict[tuple[str, int], dict[str, CellTally]] = {}
        for cell in CellTally.objects.filter(only(self.groups) if only else Q(), wave=wave):
            self._cells.setdefault((cell.question, cell.group_id), {})[cell.option] = cell

    @cached_property
    def everybody(self) -> SegmentGroup | None:
        """The group of all staff; None where too few answered."""
        return next((group for group in self.groups if group.key == ALL), None)

    @property
    def response(self) -> int | None:
        """Answers per hundred who could answer."""
        top = self.everybody
        return round(100 * top.n / top.eligible) if top and top.eligible else None

    def questions(self) -> list[Asked]:
        """Every closed question for all staff; those that may not be shown are left out."""
        return [
            Asked(question["code"], label_of(question, "text"), lines)
            for question in self.definition["questions"]
            if question["kind"] != "text" and (lines := self._lines(question))
        ]

    def _lines(self, question: dict[str, Any]) -> list[Line]:
        cells = self.row(question["code"])
        return [
            Line(code, label, self.count_text(cells[code]), shown(cells[code]))
            for code, label in option_labels(question).items()
            if code in cells
        ]

    def row(self, question: str, group: SegmentGroup | None = None) -> dict[str, CellTally]:
        """The stored cells of one question in one group, all staff unless a group is given."""
        at = group or self.everybody
        return self._cells.get((question, at.pk), {}) if at else {}

    def count_text(self, cell: CellTally | None) -> str:
        """The exact number of people where it is stored, else what stands for it."""
        if cell is None:
            return NOTHING
        if cell.below_k:
            return _("fewer than %(k)s") % {"k": self.wave.k_cell}
        return NOTHING if cell.count is None else str(cell.count)

    def cell(self, question: str, option: str, group: SegmentGroup | None = None) -> Shown:
        """One cell, of all staff unless a group is given."""
        return shown(self.row(question, group).get(option))

    def themes(self) -> list[ThemeLine]:
        """Themes of a pain wave, those with most hours a week first, then most named."""
        top = self.everybody
        if top is None or self.definition["template"] != Template.PAIN:
            return []
        hours = {row.theme_id: row for row in self.wave.burdens.filter(group=top)}
        cells = self._cells.get(("Q1", top.pk), {})
        lines = []
        for theme in Theme.objects.filter(municipality_id=self.wave.municipality_id):
            cell, burden = cells.get(theme.code), hours.get(theme.pk)
            if cell is None and burden is None:
                continue
            low, high = (burden.hours_low, burden.hours_high) if burden else (None, None)
            lines.append(ThemeLine(theme, low, high, self.count_text(cell), shown(cell)))
        return sorted(lines, key=_weight)

    def heat(self, question: str = "Q1", columns: Sequence[tuple[str, str]] = ()) -> HeatMap:
        """Units directly below the top against options (code, label), as shares.

        A unit whose answers are shown only together with others stands in their row.
        """
        top = self.everybody
        if top is None:
            return HeatMap((), ())
        parts = [group for group in self.groups if group.parent_key == ALL]
        found = {
            group.pk: [self.cell(question, code, group) for code, _label in columns]
            for group in parts
        }
        values = [cell.value for row in found.values() for cell in row if cell.value is not None]
        highest = max(values, default=0)
        rows = [
            HeatRow(
                self.group_label(group),
                group.n,
                [replace(c, css=sequential_class(c.value, highest)) for c in cells],
            )
            for group in parts
            for cells in (found[group.pk],)
        ]
        reason = _("fewer than %(k)s answers") % {"k": self.wave.k_cell}
        hidden = [Shown(NOTHING, None, "mask", reason) for _column in columns]
        rows += [HeatRow(label, None, hidden) for label in self._units_not_shown(parts)]
        return HeatMap([label for _code, label in columns], rows)

    def group_label(self, group: SegmentGroup) -> str:
        """The unit's name; of a merged group, the names of the units in it."""
        if group.level == "all":
            return _("All staff")
        if group.level == "node":
            return group.label
        above = 0 if group.parent_key == ALL else int(group.parent_key[1:])
        members = set(group.members)
        names = [node["label"] for node in self._units_of(above) if self._holds(node, members)]
        return _("%(names)s (together)") % {"names": "・".join(names) or group.label}

    def _units_of(self, key: int) -> list[dict[str, Any]]:
        return [node for node in self.wave.frozen_org["nodes"] if node["parent"] == key]

    @cached_property
    def _below(self) -> dict[int, set[int]]:
        """Unit → itself and all units below it, as the organisation was when the wave opened."""
        above = {node["key"]: node["parent"] for node in self.wave.frozen_org["nodes"]}
        found: dict[int, set[int]] = {key: {key} for key in above}
        for key, first in above.items():
            parent = first
            while parent in found and key not in found[parent]:
                found[parent].add(key)
                parent = above[parent]
        return found

    def _holds(self, node: dict[str, Any], members: set[int]) -> bool:
        return not self._below[node["key"]].isdisjoint(members)

    def _units_not_shown(self, parts: Sequence[SegmentGroup]) -> list[str]:
        told = set().union(*(group.members for group in parts))
        return [node["label"] for node in self._units_of(0) if not self._holds(node, told)]


def heat_columns(lines: Iterable[ThemeLine]) -> list[tuple[str, str]]:
    """The themes that weigh most, as columns of a heat map."""
    return [(line.theme.code, str(line.theme)) for line in list(lines)[:HEAT_COLUMNS]]


def shown(cell: CellTally | None) -> Shown:
    """A share in words: a number, a band, or nothing."""
    if cell is None or (cell.percent is None and not cell.below_k):
        return Shown(NOTHING, None, "mask", _("it could be worked out from other numbers"))
    if cell.percent is None:
        return Shown(_("few"), 0.0)
    if cell.bound == "at_least":
        return Shown(_at_least(cell.percent), float(cell.percent))
    if cell.bound == "at_most":
        return Shown(_at_most(cell.percent), 0.0)  # anything from nobody up: no colour for it
    return Shown(f"{cell.percent}%", float(cell.percent))


def in_words(percent: int, bound: str) -> str:
    """A stored share in words: a number, or the band that stands for it."""
    if bound == "at_least":
        return _at_least(percent)
    return _at_most(percent) if bound == "at_most" else f"{percent}%"


def _at_least(percent: int) -> str:
    words = {50: _("50% or more"), 80: _("80% or more"), 90: _("90% or more")}
    return words.get(percent) or _("%(percent)s%% or more") % {"percent": percent}


def _at_most(percent: int) -> str:
    words = {50: _("50% or less"), 20: _("20% or less"), 10: _("10% or less")}
    return words.get(percent) or _("%(percent)s%% or less") % {"percent": percent}


def option_labels(question: dict[str, Any]) -> dict[str, str]:
    """Code → words of every answer, "not asked" and "no answer" last."""
    labels = {option["code"]: label_of(option) for option in question["options"]}
    return labels | {NOT_ASKED: _("Not asked"), UNANSWERED: _("No answer")}


def label_of(row: dict[str, Any], name: str = "label") -> str:
    """The words of a question or option in the reader's language."""
    english = row.get(f"{name}_en")
    return str(english if get_language() == "en" and english else row[f"{name}_ja"])


def hours_text(low: float, high: float) -> str:
    """A range of hours in words."""
    return f"{low:g}–{high:g}"


def _weight(line: ThemeLine) -> tuple[float, float, int]:
    return -(line.hours_high or 0), -(line.share.value or 0), line.theme.order


def latest_pain_wave(user: User, now: dt.datetime) -> Wave | None:
    """The newest pain wave with results that everybody may see."""
    waves = Wave.objects.visible_to(user).shown(now).filter(survey__template=Template.PAIN)
    return waves.filter(too_few=False).select_related("survey").first()
