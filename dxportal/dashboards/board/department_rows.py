"""The list of departments: rows of one scene, filtered, sorted and cut, with what is published."""

from __future__ import annotations

from collections.abc import Callable, Iterable, Mapping, Sequence
from dataclasses import dataclass, field, replace
from typing import Any, Final

from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import User
from dxportal.dashboards.board.health import Health
from dxportal.dashboards.board.picture import missing_reason, moves
from dxportal.dashboards.board.standing import Place, Scene, Scenes, percent
from dxportal.dashboards.board.surveyed import Asked, Surveys, asked
from roadmap import staircase
from roadmap.choices import Axis
from roadmap.models import RoundStage, StageSnapshot

#: Rows of the table on the staircase page; all of them are on a page of their own.
FEW: Final = 8
PAGE_SIZE: Final = 50
#: What asks for attention first: fell, both, rose, stayed.
_MOVES: Final = {"down": 0, "mixed": 1, "up": 2, "": 3}


@dataclass(frozen=True, slots=True)
class Move:
    """From one step to another on an axis; the last step is reached, or no longer, without one."""

    axis: str
    before: int
    now: int
    up: bool

    @property
    def text(self) -> str:
        """技術 1→2, or 技術 到達."""
        if self.before != self.now:
            return f"{self.axis} {self.before}→{self.now}"
        words = gettext("reached") if self.up else gettext("no longer reached")
        return f"{self.axis} {words}"


@dataclass(frozen=True, slots=True)
class DepartmentRow:
    """One line. `missing`: why it has no place in the picture; `asked`: published cells.

    `levels`: axis → firmness of each step in percent, None where nothing is answered; only of rows
    that are drawn.
    """

    place: Place
    technology: staircase.Position | None
    culture: staircase.Position | None
    before: staircase.Standing
    move: str
    missing: str
    initiatives: int
    late: int
    levels: Mapping[str, Sequence[int | None]] = field(default_factory=dict)
    asked: Asked = field(default_factory=Asked)

    @property
    def pk(self) -> int:
        """Of the department."""
        return self.place.pk

    @property
    def moves(self) -> list[Move]:
        """One for each axis on which the number of reached steps changed."""
        pairs = (
            (Axis.TECHNOLOGY, self.before.technology, self.technology),
            (Axis.CULTURE, self.before.culture, self.culture),
        )
        return [
            Move(str(axis.label), old.current, new.current, new.reached > old.reached)
            for axis, old, new in pairs
            if old and new and new.reached != old.reached
        ]

    @property
    def known(self) -> bool:
        """Whether it has a position on any axis that the viewer sees."""
        return self.technology is not None or self.culture is not None

    @property
    def comparable(self) -> bool:
        """Whether it has a position on the same axis in both moments."""
        pairs = ((self.before.technology, self.technology), (self.before.culture, self.culture))
        return any(old and new for old, new in pairs)

    @property
    def topped(self) -> bool:
        """Whether every step of technology is reached."""
        return self.technology is not None and self.technology.all_reached


@dataclass(frozen=True, slots=True)
class Filters:
    """What the address asks for; empty values ask for nothing."""

    query: str = ""
    technology: str = ""
    culture: str = ""
    show: str = ""
    sort: str = ""


#: ?show= → which rows.
SHOWS: Final[Mapping[str, Callable[[DepartmentRow], bool]]] = {
    "up": lambda row: row.move == "up",
    "down": lambda row: row.move == "down",
    "mixed": lambda row: row.move == "mixed",
    "same": lambda row: row.move == "" and row.comparable,
    "placed": lambda row: not row.missing,
    "known": lambda row: row.known,
    "missing": lambda row: bool(row.missing),
    "missing-technology": lambda row: row.missing == "technology",
    "missing-culture": lambda row: row.missing == "culture",
    "missing-new": lambda row: row.missing == "new",
    "topped": lambda row: row.topped,
}
SHOW_LABELS: Final = {
    "up": _("Moved up"),
    "down": _("Moved down"),
    "mixed": _("Rose on one axis and fell on the other"),
    "same": _("Did not move"),
    "placed": _("With a position"),
    "known": _("With a position on one axis at least"),
    "missing": _("Without a position"),
    "missing-technology": _("No criterion confirmed"),
    "missing-culture": _("No published value of the survey"),
    "missing-new": _("Founded after the count"),
    "topped": _("Every step of technology reached"),
}


def comparable(rows: Iterable[DepartmentRow]) -> int:
    """How many can have moved at all."""
    return sum(row.comparable for row in rows)


def rows_of(scenes: Scenes, counts: Health, *, with_culture: bool) -> list[DepartmentRow]:
    """Every department of the scene, in the order of the chart."""
    scene, then = scenes.now, scenes.then
    if scene is None:
        return []
    moved = moves(scene, then, with_culture=with_culture)
    nowhere = staircase.Standing(None, None)
    found = []
    for pk, place in scene.places.items():
        here = scene.standing(pk, with_culture=with_culture)
        counted = counts.of(pk)
        found.append(
            DepartmentRow(
                place,
                here.technology,
                here.culture,
                then.standing(pk, with_culture=with_culture) if then else nowhere,
                moved.get(pk, ""),
                missing_reason(scene, pk, with_culture=with_culture),
                counted["initiatives"],
                counted["hurry"],
            )
        )
    return found


def matching(
    rows: Iterable[DepartmentRow], filters: Filters, *, with_culture: bool
) -> list[DepartmentRow]:
    """Those that the filters ask for; culture only where it is for the viewer."""
    shown = SHOWS.get(filters.show)
    word = filters.query.strip()
    return [
        row
        for row in rows
        if word in f"{row.place.bureau} {row.place.name}"
        and _stands(row.technology, filters.technology)
        and (not with_culture or _stands(row.culture, filters.culture))
        and (not (filters.technology and filters.culture) or not row.missing)
        and (shown is None or shown(row))
    ]


def _stands(position: staircase.Position | None, step: str) -> bool:
    return not step or (position is not None and str(position.current) == step)


# order --------------------------------------------------------------------------------------------
def _of_position(position: staircase.Position | None) -> tuple[int, int] | None:
    return (position.current, position.reached) if position else None


#: Heading → what is compared; None comes last both ways.
SORTS: Final[Mapping[str, Callable[[DepartmentRow], Any]]] = {
    "department": lambda _row: 0,
    "technology": lambda row: _of_position(row.technology),
    "culture": lambda row: _of_position(row.culture),
    "move": lambda row: _MOVES[row.move],
    "easier": lambda row: (
        row.asked.easier.low if row.asked.easier and not row.asked.easier.masked else None
    ),
    "response": lambda row: row.asked.response,
    "pain": lambda row: row.asked.pain or None,
    "initiatives": lambda row: (row.late, row.initiatives),
}
#: Headings that need the published cells of every row.
OF_SURVEYS: Final = frozenset({"easier", "response", "pain"})


def sorted_rows(rows: Sequence[DepartmentRow], sort: str) -> list[DepartmentRow]:
    """In the order of a heading, with - the other way round; equals stay in the chart's order."""
    name, back = sort.removeprefix("-"), sort.startswith("-")
    key = SORTS.get(name)
    if key is None:
        return list(rows)
    if name == "department":
        return list(reversed(rows)) if back else list(rows)
    known = [row for row in rows if key(row) is not None]
    unknown = [row for row in rows if key(row) is None]
    return [*sorted(known, key=key, reverse=back), *unknown]


# what is drawn ------------------------------------------------------------------------------------
def with_answers(rows: Sequence[DepartmentRow], found: Surveys) -> list[DepartmentRow]:
    """The rows with what is published of them."""
    answers = asked([row.pk for row in rows], found)
    return [replace(row, asked=answers[row.pk]) for row in rows]


def with_levels(
    user: User, rows: Sequence[DepartmentRow], scene: Scene, *, with_culture: bool
) -> list[DepartmentRow]:
    """The rows with the firmness of each step, for the small stairs; one statement."""
    axes = list(Axis) if with_culture else [Axis.TECHNOLOGY]
    held: dict[int, dict[tuple[str, int], int | None]] = {}
    pks = [row.pk for row in rows]
    for pk, axis, step, levels, answered, total, _reached in step_sums(user, pks, scene):
        share = percent(levels, total) if answered else None
        held.setdefault(pk, {})[axis, step] = share
    steps = {axis: [stage.step for stage in scene.of_axis(axis)] for axis in axes}
    return [
        replace(
            row,
            levels={
                str(axis): [held.get(row.pk, {}).get((axis, step)) for step in steps[axis]]
                for axis in axes
            },
        )
        for row in rows
    ]


_SUMS: Final = ("level_sum", "answered", "total", "reached")


def step_sums(user: User, pks: Sequence[int], scene: Scene) -> Iterable[tuple[Any, ...]]:
    """(department, axis, step, levels, answered, total, reached) of the scene; one statement."""
    if scene.moment.period:
        found = StageSnapshot.objects.visible_to(user).in_period(scene.moment.period)
        return found.filter(department__in=pks).values_list(
            "department_id", "stage__axis", "stage__step", *_SUMS
        )
    kept = Q(round=scene.moment.round, round__municipality_id=user.municipality_id or 0)
    return RoundStage.objects.filter(kept, department_key__in=pks).values_list(
        "department_key", "axis", "step", *_SUMS
    )
