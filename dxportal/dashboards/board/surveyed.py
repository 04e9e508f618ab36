"""Published cells of the newest surveys, department by department: read for those asked for only.

A department whose people are counted together with others shows the smallest published group that
holds it, and says so.
"""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, field
from functools import cached_property

from django.db.models import Q

from dxportal.accounts.models import User
from surveys.choices import Template
from surveys.gap import Positive, positive
from surveys.models import SegmentGroup, Wave
from surveys.partition import ALL
from surveys.results import Results, Shown, ThemeLine

#: The statement that DX has been making one's own work easier.
EASIER = "P9"
#: The question whose answers are themes.
PAIN = "Q1"


@dataclass(frozen=True, slots=True)
class Asked:
    """What is published of one department; `own`: its own people, else the group that holds it."""

    easier: Positive | None = None
    easier_group: str = ""
    n: int | None = None
    eligible: int | None = None
    response_group: str = ""
    own: bool = True
    pain: str = ""
    pain_code: str = ""
    pain_cell: Shown | None = None

    @property
    def response(self) -> int | None:
        """Answers per hundred who could answer."""
        return round(100 * self.n / self.eligible) if self.n and self.eligible else None


def waves(user: User, template: str, now: dt.datetime, most: int = 1) -> list[Wave]:
    """The newest waves of a template whose results everybody may see."""
    found = Wave.objects.visible_to(user).shown(now).filter(survey__template=template)
    return list(
        found.filter(too_few=False).select_related("survey").order_by("-closes_at", "-pk")[:most]
    )


def holding(wave: Wave, groups: Iterable[SegmentGroup]) -> dict[int, SegmentGroup]:
    """Department → the smallest published group that holds its people."""
    smallest: dict[int, SegmentGroup] = {}
    for group in groups:
        for leaf in group.members:
            held = smallest.get(leaf)
            if held is None or group.n < held.n:
                smallest[leaf] = group
    return {
        node["department"]: smallest[node["key"]]
        for node in wave.frozen_org["nodes"]
        if node["department"] is not None and node["key"] in smallest
    }


@dataclass
class PartOfWave:
    """A published wave of which one question is read, for all staff, the units below the top, and
    the departments asked for."""

    wave: Wave
    question: str
    departments: Collection[int] = ()
    _holding: dict[int, SegmentGroup] = field(default_factory=dict)

    @cached_property
    def results(self) -> Results:
        """Two statements: the groups, and the cells that are wanted of them."""
        return Results(self.wave, self._wanted)

    def _wanted(self, groups: list[SegmentGroup]) -> Q:
        self._holding = holding(self.wave, groups)
        shown = {group.pk for group in groups if ALL in {group.key, group.parent_key}}
        shown |= {self._holding[pk].pk for pk in self.departments if pk in self._holding}
        return Q(question=self.question, group__in=shown)

    def group_of(self, department: int) -> SegmentGroup | None:
        """The smallest published group that holds a department."""
        _ = self.results
        return self._holding.get(department)


@dataclass(frozen=True, slots=True)
class Surveys:
    """The newest waves as far as the viewer may see them, read for some departments.

    `units`: whether the viewer sees how units answer about their culture; `before`: all staff of
    the culture survey before the newest one.
    """

    pain: PartOfWave | None = None
    pulse: PartOfWave | None = None
    before: PartOfWave | None = None
    lines: Sequence[ThemeLine] = ()
    units: bool = False


def surveys(
    user: User, at: dt.datetime, departments: Collection[int] = (), *, units: bool
) -> Surveys:
    """What was published by that moment; ten statements at most, whatever the number."""
    pain = waves(user, Template.PAIN, at)
    pulse = waves(user, Template.PULSE, at, most=2)
    part = PartOfWave(pain[0], PAIN, departments) if pain else None
    return Surveys(
        part,
        PartOfWave(pulse[0], EASIER, departments if units else ()) if pulse else None,
        PartOfWave(pulse[1], EASIER) if len(pulse) > 1 else None,
        part.results.themes() if part else (),
        units,
    )


def asked(departments: Sequence[int], found: Surveys) -> dict[int, Asked]:
    """What is published of each department; nothing is read that the surveys do not hold."""
    labels = {line.theme.code: str(line.theme) for line in found.lines}
    pulse = found.pulse if found.units else None
    return {pk: _asked(pk, found.pain, pulse, labels) for pk in departments}


def _asked(
    pk: int, pain: PartOfWave | None, pulse: PartOfWave | None, labels: Mapping[str, str]
) -> Asked:
    shared = pulse.group_of(pk) if pulse else None
    easier = positive(pulse.results, EASIER, shared) if pulse and shared else None
    group = pain.group_of(pk) if pain else None
    if pain is None or group is None:
        return Asked(easier=easier, easier_group=shared.key if shared else "")
    cells = [(code, pain.results.cell(PAIN, code, group)) for code in labels]
    named = [(code, cell) for code, cell in cells if cell.value]
    code, cell = max(named, key=lambda pair: pair[1].value or 0, default=("", None))
    return Asked(
        easier,
        shared.key if shared else "",
        group.n,
        group.eligible,
        group.key,
        own=group.level == "node" and group.department_id == pk,
        pain=labels.get(code, ""),
        pain_code=code,
        pain_cell=cell,
    )
