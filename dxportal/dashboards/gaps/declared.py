"""Measured beside declared: every criterion that has both, never one in place of the other."""

from __future__ import annotations

from collections import Counter, defaultdict
from collections.abc import Collection, Iterable, Mapping, Sequence
from dataclasses import dataclass, replace
from datetime import date

from django.db.models import Exists, OuterRef, Q
from django.utils.translation import gettext as _

from dxportal.accounts.access import Permission, can
from dxportal.accounts.models import Department, User
from dxportal.dashboards.gaps.page import GapBoard
from dxportal.dashboards.gaps.words import Declared, apart, declared_sentence, sentence
from dxportal.dashboards.heads.own import own_departments
from roadmap.choices import Axis, CriterionSource, Level
from roadmap.models import Assessment, Criterion, EvidenceRequest, MeasuredValue
from surveys.gap import Positive, positive
from surveys.models import SegmentGroup
from surveys.results import Results

#: Fills of the bar of departments, firm first; what nobody said is left open.
FILLS = ("#0017c1", "#7096f8", "#c5d7fb", "#cccccc")


@dataclass(frozen=True, slots=True)
class Part:
    """One part of a bar, in per cent of the departments."""

    left: str
    width: str
    fill: str


@dataclass(frozen=True, slots=True)
class UnitShare:
    """The staff of one unit."""

    label: str
    share: Positive


@dataclass(frozen=True, slots=True)
class BothRow:
    """One criterion: levels of departments beside the staff, and for a survey one the heads.

    `names`: departments far apart that the viewer may read by name; `apart` counts all of them,
    `compared` those of which the staff's own value is known.
    """

    criterion: Criterion
    axis: str
    declared: Declared
    parts: Sequence[Part]
    staff: Positive
    chosen: Positive | None
    units: Sequence[UnitShare]
    heads: Positive
    sentence: str
    names: Sequence[Department] = ()
    apart: int = 0
    compared: int = 0

    @property
    def unnamed(self) -> int:
        """How many are counted without a name."""
        return self.apart - len(self.names)


@dataclass(frozen=True, slots=True)
class Both:
    """Declared criteria with an answer of the staff, and those that the staff decide."""

    declared: Sequence[BothRow]
    measured: Sequence[BothRow]


def both(user: User, board: GapBoard | None, today: date) -> Both:
    """Five statements beside those of the board, whatever the number of rows."""
    known = MeasuredValue.objects.filter(criterion=OuterRef("pk"))
    rows = Criterion.objects.visible_to(user).in_force().select_related("stage")
    criteria = list(
        rows.filter(~Q(question="") | Exists(known)).order_by(
            "-stage__axis", "stage__step", "order"
        )
    )
    here = Department.objects.visible_to(user).on(today).sections().in_order()
    departments = {row.pk: row for row in here}
    said = _declared(departments, criteria, today)
    measured = _measured(departments, criteria, today)
    names = _named(user, departments, today)
    build = _Build(board, departments, said, measured, names)
    return Both(
        [build.declared(c) for c in criteria if c.source == CriterionSource.DECLARED],
        [build.measured_one(c) for c in criteria if c.source == CriterionSource.SURVEY],
    )


Levels = Mapping[int, Mapping[int, int]]


def _declared(
    departments: Collection[int], criteria: Sequence[Criterion], today: date
) -> dict[int, dict[int, int]]:
    """Criterion → department → the level that counts today; one statement."""
    asked = EvidenceRequest.objects.open_on(today).filter(assessment=OuterRef("pk"))
    latest = Assessment.objects.filter(criterion__in=[c.pk for c in criteria]).latest_on(today)
    rows = latest.annotate(is_asked_back=Exists(asked)).values_list(
        "criterion_id", "department_id", "level", "expires_on", "is_asked_back"
    )
    found: dict[int, dict[int, int]] = defaultdict(dict)
    for pk, department, level, expires_on, asked_back in rows:
        if expires_on > today and not asked_back and department in departments:
            found[pk][department] = level
    return found


def _measured(
    departments: Collection[int], criteria: Sequence[Criterion], today: date
) -> dict[int, dict[int, MeasuredValue]]:
    """Criterion → department → the staff's value that counts today; one statement."""
    rows = (
        MeasuredValue.objects.filter(criterion__in=[c.pk for c in criteria], measured_on__lte=today)
        .order_by("department_id", "criterion_id", "-measured_on", "-id")
        .distinct("department_id", "criterion_id")
    )
    found: dict[int, dict[int, MeasuredValue]] = defaultdict(dict)
    for row in rows:
        if row.expires_on > today and row.department_id in departments:
            found[row.criterion_id][row.department_id] = row
    return found


def _named(user: User, departments: Mapping[int, Department], today: date) -> set[int]:
    """Whose gap the viewer reads by name: it tells a unit's answers to the pulse.

    CDO and DX office: everybody's, heads: their own, on either axis; others learn counts.
    """
    if can(user, Permission.SEE_CULTURE_NAMES):
        return set(departments)
    return {row.pk for row in own_departments(user, today)}


@dataclass(frozen=True, slots=True)
class _Build:
    """Puts one row together."""

    board: GapBoard | None
    departments: Mapping[int, Department]
    said: Levels
    measured: Mapping[int, Mapping[int, MeasuredValue]]
    named: Collection[int]

    def declared(self, criterion: Criterion) -> BothRow:
        """What heads declare beside what the staff of the department say."""
        levels, values = self.said.get(criterion.pk, {}), self.measured.get(criterion.pk, {})
        own = {pk: value for pk, value in values.items() if not value.from_parent and pk in levels}
        far = [pk for pk in self.departments if pk in own and self._apart(levels, own, pk)]
        counted = count(levels.values(), len(self.departments))
        staff = self._staff(criterion)
        row = self._row(criterion, counted, staff, declared_sentence(counted, staff))
        return replace(
            row,
            names=[self.departments[pk] for pk in far if pk in self.named],
            apart=len(far),
            compared=len(own),
        )

    @staticmethod
    def _apart(levels: Mapping[int, int], own: Mapping[int, MeasuredValue], pk: int) -> bool:
        return apart(levels[pk], own[pk].share_band)

    def measured_one(self, criterion: Criterion) -> BothRow:
        """What the staff decide beside what heads guessed."""
        values = self.measured.get(criterion.pk, {}).values()
        counted = count((value.level for value in values), len(self.departments))
        staff, heads = self._staff(criterion), self._heads(criterion)
        asked = self.board is not None and self.board.heads is not None
        top = self.board.pulse.top.statements if self.board else ()
        text = next((one.text for one in top if one.code == criterion.question), str(criterion))
        return self._row(criterion, counted, staff, sentence(text, staff, heads, asked=asked))

    def _row(self, criterion: Criterion, counted: Declared, staff: Positive, words: str) -> BothRow:
        return BothRow(
            criterion=criterion,
            axis=str(Axis(criterion.stage.axis).label),
            declared=counted,
            parts=parts_of(counted),
            staff=staff,
            chosen=self._chosen(criterion.question),
            units=self._units(criterion.question),
            heads=self._heads(criterion),
            sentence=words,
        )

    def _chosen(self, question: str) -> Positive | None:
        board = self.board
        if board is None or board.is_whole:
            return None
        return self._share(board.results, question, board.unit.group)

    def _units(self, question: str) -> list[UnitShare]:
        board = self.board
        if board is None:
            return []
        return [
            UnitShare(unit.label, self._share(board.results, question, unit.group))
            for unit in board.units
        ]

    def _staff(self, criterion: Criterion) -> Positive:
        top = self.board.results.everybody if self.board else None
        if self.board is None or top is None:
            return Positive(reason=_("no survey of the staff is published yet"))
        return self._share(self.board.results, criterion.question, top)

    def _heads(self, criterion: Criterion) -> Positive:
        heads = self.board.heads if self.board else None
        top = heads.everybody if heads else None
        return self._share(heads, criterion.question, top) if heads and top else Positive()

    @staticmethod
    def _share(results: Results, question: str, group: SegmentGroup) -> Positive:
        if not results.row(question, group):
            return Positive(reason=_("the survey did not ask it"))
        return positive(results, question, group)


def count(levels: Iterable[int], total: int) -> Declared:
    """How many stand at each level, of so many departments."""
    found = Counter(levels)
    return Declared(
        firm=found[Level.FIRM],
        partly=found[Level.PARTLY],
        started=found[Level.STARTED],
        not_started=found[Level.NOT_STARTED],
        none=total - found.total(),
    )


def parts_of(declared: Declared) -> list[Part]:
    """The parts of a bar as wide as all departments; none where there are none."""
    if not declared.total:
        return []
    x, parts = 0.0, []
    counts = (declared.firm, declared.partly, declared.started, declared.not_started)
    for number, fill in zip(counts, FILLS, strict=True):
        width = 100 * number / declared.total
        if number:
            parts.append(Part(f"{x:.2f}%", f"{width:.2f}%", fill))
        x += width
    return parts
