"""What changed since an earlier wave: stored values of identical groups, side by side."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dxportal.accounts.models import User
from surveys.choices import Template
from surveys.models import CellTally, SegmentGroup, Survey, ThemeBurden, Wave
from surveys.partition import ALL
from surveys.results import (
    NOTHING,
    Results,
    Shown,
    hours_text,
    label_of,
    option_labels,
    shown,
)

#: Earlier waves that can be chosen.
CHOICES = 12
#: People who are counted in one place, whatever the place is called and hangs below.
Place = tuple[str, int | None]


@dataclass(frozen=True, slots=True)
class Delta:
    """Two stored values and what may be said of them; `points` only between two numbers."""

    code: str
    label: str
    before: Shown
    now: Shown
    text: str
    points: int | None = None

    @property
    def masked(self) -> bool:
        """Whether nothing is said, because one of the two is not shown."""
        return self.text == NOTHING


@dataclass(frozen=True, slots=True)
class ChangeRow:
    """One group's changes; `mark` names the larger group whose changes they are."""

    group: SegmentGroup
    label: str
    mark: str
    deltas: Sequence[Delta]


@dataclass(frozen=True, slots=True)
class ChangeTable:
    """One question, or the hours a week, in all groups."""

    code: str
    text: str
    columns: Sequence[str]
    top: ChangeRow
    units: Sequence[ChangeRow]


@dataclass(frozen=True, slots=True)
class Comparison:
    """The change since an earlier wave, and which others could be chosen."""

    wave: Wave
    choices: Sequence[Wave]
    tables: Sequence[ChangeTable]
    uneven: str


def earlier_waves(user: User, wave: Wave, now: dt.datetime) -> list[Wave]:
    """Published waves before this one that asked the same: newest first; two statements."""
    family = _family(user, wave.survey_id)
    found = Wave.objects.visible_to(user).shown(now).select_related("survey")
    found = found.filter(survey_id__in=family, initiative=wave.initiative, too_few=False)
    found = found.filter(opens_at__lt=wave.opens_at).exclude(pk=wave.pk)
    heavy = ("frozen_org", "frozen_definition", "notice_text")
    return list(found.defer(*heavy).order_by("-opens_at", "-pk")[:CHOICES])


def _family(user: User, survey: int) -> list[int]:
    """The survey, those of its template, and those it shares an original with."""
    rows = Survey.objects.visible_to(user).values_list("pk", "copied_from_id", "template")
    copied = {pk: source for pk, source, _template in rows}
    templates = {pk: template for pk, _source, template in rows}

    def original(pk: int) -> int:
        passed = set()
        while (source := copied.get(pk)) is not None and pk not in passed:
            passed.add(pk)
            pk = source
        return pk

    own = templates.get(survey)
    return [
        pk
        for pk in copied
        if original(pk) == original(survey) or (own != Template.EMPTY and templates[pk] == own)
    ]


def compare(
    results: Results, seen: set[str], waves: Sequence[Wave], wish: int
) -> Comparison | None:
    """The change since the wished-for wave, or the last one; None where there is none."""
    if not waves or results.everybody is None:
        return None
    chosen = next((wave for wave in waves if wave.pk == wish), waves[0])
    earlier = Results(Wave.objects.select_related("survey").get(pk=chosen.pk))
    if earlier.everybody is None or not _overlap(results, earlier):
        return None
    pairs = _Pairs(results, earlier)
    tables = [_hours(pairs, seen), *_questions(pairs, seen)]
    return Comparison(earlier.wave, waves, [t for t in tables if t], _uneven(results, earlier))


def places_of(wave: Wave, members: Sequence[int]) -> frozenset[Place]:
    """The departments whose people a group holds; heads and those without a section by bureau."""
    nodes = {node["key"]: node for node in wave.frozen_org["nodes"]}
    found: set[Place] = set()
    for key in members:
        node = nodes[key]
        department = node["department"]
        if department is None and node["parent"] is not None:
            found.add((f"{node['kind']} of", nodes[node["parent"]]["department"]))
        else:
            found.add((node["kind"], department))
    return frozenset(found)


def _overlap(now: Results, then: Results) -> bool:
    here, there = (_everywhere(results) for results in (now, then))
    return now.definition["audience"] == then.definition["audience"] and bool(here & there)


def _everywhere(results: Results) -> frozenset[Place]:
    top = results.everybody
    return places_of(results.wave, top.members) if top else frozenset()


def _uneven(now: Results, then: Results) -> str:
    """A sentence where all staff of both waves are not the same departments."""
    here, there = _everywhere(now), _everywhere(then)
    differ = len(here ^ there)
    if not differ:
        return ""
    return ngettext(
        "%(n)s unit was asked in one of the two rounds only. All staff are compared.",
        "%(n)s units were asked in one of the two rounds only. All staff are compared.",
        differ,
    ) % {"n": differ}


class _Pairs:
    """Which group of the earlier wave each group is compared with, and through whom."""

    def __init__(self, now: Results, then: Results) -> None:
        self.now, self.then = now, then
        self.by_key = {group.key: group for group in now.groups}
        same: dict[tuple[frozenset[Place], int | None], SegmentGroup] = {}
        for group in reversed(then.groups):
            same[places_of(then.wave, group.members), group.department_id] = group
        self.twin: dict[str, SegmentGroup] = {}
        for group in now.groups:
            found = same.get((places_of(now.wave, group.members), group.department_id))
            if found is not None:
                self.twin[group.key] = found
        if now.everybody and then.everybody:
            self.twin[ALL] = then.everybody

    def of(self, group: SegmentGroup) -> tuple[SegmentGroup, SegmentGroup, str]:
        """The group, or the nearest above it, that both waves have; its twin; the mark."""
        at = group
        while at.key not in self.twin:
            at = self.by_key[at.parent_key]
        if at is group:
            return at, self.twin[at.key], ""
        mark = _("the value of all staff") if at.key == ALL else _("the bureau's value")
        return at, self.twin[at.key], mark


def _questions(pairs: _Pairs, seen: set[str]) -> list[ChangeTable | None]:
    """A table for each question that both asked in the same kind, of the answers of both."""
    then = {question["code"]: question for question in pairs.then.definition["questions"]}
    tables = []
    for question in pairs.now.definition["questions"]:
        other = then.get(question["code"])
        if question["kind"] != "text" and other is not None and other["kind"] == question["kind"]:
            tables.append(_question(pairs, question, other, seen))
    return tables


def _question(
    pairs: _Pairs, question: Mapping[str, Any], other: Mapping[str, Any], seen: set[str]
) -> ChangeTable | None:
    code = question["code"]
    common = option_labels(dict(other)).keys()
    labels = {o: label for o, label in option_labels(dict(question)).items() if o in common}

    def cells(now: SegmentGroup, then: SegmentGroup) -> list[Delta]:
        here, there = pairs.now.row(code, now), pairs.then.row(code, then)
        return [
            change(option, label, there.get(option), here.get(option))
            for option, label in labels.items()
            if option in pairs.now.row(code) and option in pairs.then.row(code)
        ]

    return _table(pairs, seen, code, label_of(dict(question), "text"), cells)


def _table(pairs: _Pairs, seen: set[str], code: str, text: str, cells: Any) -> ChangeTable | None:
    rows = []
    for group in pairs.now.groups:
        if group.key in seen:
            at, twin, mark = pairs.of(group)
            rows.append(ChangeRow(group, pairs.now.group_label(group), mark, cells(at, twin)))
    if not rows or all(delta.masked for row in rows for delta in row.deltas):
        return None
    columns = [delta.label for delta in rows[0].deltas]
    return ChangeTable(code, text, columns, rows[0], rows[1:])


def change(code: str, label: str, then: CellTally | None, now: CellTally | None) -> Delta:
    """The difference of two stored shares; of bands the two values, without arithmetic."""
    before, after = shown(then), shown(now)
    if before.masked or after.masked or then is None or now is None:
        return Delta(code, label, before, after, NOTHING)
    if then.bound == now.bound == "exact" and then.percent is not None and now.percent is not None:
        points = now.percent - then.percent
        return Delta(code, label, before, after, points_text(points), points)
    return Delta(code, label, before, after, f"{before.text} → {after.text}")


def points_text(points: int) -> str:
    """A difference in words, never by colour alone."""
    if points == 0:
        return _("unchanged")
    sign = "▲" if points > 0 else "▼"
    return _("%(sign)s%(n)s points") % {"sign": sign, "n": abs(points)}


def _hours(pairs: _Pairs, seen: set[str]) -> ChangeTable | None:
    """Hours a week by theme: both ranges, without arithmetic."""
    if pairs.now.definition["template"] != Template.PAIN:
        return None
    ranges: dict[tuple[int, str], str] = {}
    labels: dict[str, str] = {}
    waves = (pairs.now.wave, pairs.then.wave)
    found = ThemeBurden.objects.filter(wave__in=waves).select_related("theme")
    for row in found.order_by("theme__order", "theme_id"):
        ranges[row.group_id, row.theme.code] = hours_text(row.hours_low, row.hours_high)
        labels[row.theme.code] = str(row.theme)

    def cells(now: SegmentGroup, then: SegmentGroup) -> list[Delta]:
        return [
            _ranges(c, t, ranges.get((then.pk, c)), ranges.get((now.pk, c))) for c, t in columns
        ]

    top = pairs.now.everybody
    twin = pairs.twin.get(ALL)
    columns = [
        (code, label)
        for code, label in labels.items()
        if top and twin and (top.pk, code) in ranges and (twin.pk, code) in ranges
    ]
    return _table(pairs, seen, "hours", _("Hours a week"), cells)


def _ranges(code: str, label: str, then: str | None, now: str | None) -> Delta:
    before, after = (_range(text) for text in (then, now))
    text = NOTHING if before.masked or after.masked else f"{before.text} → {after.text}"
    return Delta(code, label, before, after, text)


def _range(text: str | None) -> Shown:
    if text is None:
        return Shown(NOTHING, None, "mask", _("it could be worked out from other numbers"))
    return Shown(text, 0.0)
