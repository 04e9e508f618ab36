"""One scene → the two-axis staircase: steps with their sums, cells with departments or bureaus."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from dataclasses import dataclass, field
from typing import Final
from urllib.parse import urlencode

from dxportal.dashboards.board.standing import Place, Scene, StageName, Tally, move_of
from roadmap.choices import Axis
from roadmap.sharing import distribution

#: More departments than this stand in the cells bureau by bureau.
MOST_DEPARTMENTS: Final = 40
#: A cell with more chips than this shows nine.
MOST_CHIPS: Final = 12
SHOWN_CHIPS: Final = 9


@dataclass(frozen=True, slots=True)
class Step:
    """One step of the picture with its sums; `before`: its firmness in the compared moment.

    `empty`: it has no criterion, though departments are counted: nothing can be firm then. `begun`:
    departments that stand on it or for which it is a seed, without having reached it.
    """

    stage: StageName
    tally: Tally | None
    here: int
    seeds: int
    before: int | None = None
    empty: bool = False
    begun: int = 0

    @property
    def step(self) -> int:
        """Its number, from 1."""
        return self.stage.step

    @property
    def firmness(self) -> int | None:
        """In percent; None without criteria, or where the sums are not kept."""
        return self.tally.firmness if self.tally else None

    @property
    def unanswered(self) -> bool:
        """Whether nothing is answered: no data is no 0 %."""
        return self.tally is not None and not self.empty and not self.tally.answered

    @property
    def change(self) -> int | None:
        """Percentage points since the compared moment."""
        if self.firmness is None or self.before is None:
            return None
        return self.firmness - self.before


@dataclass(frozen=True, slots=True)
class Chip:
    """A department on a tread, or a bureau with how many of its departments stand there.

    `move`: up, down, mixed or ""; of a bureau `up` and `down` say how many of them moved.
    """

    pk: int
    name: str
    move: str = ""
    picked: bool = False
    count: int | None = None
    up: int = 0
    down: int = 0


@dataclass(slots=True)
class Cell:
    """One (technology step, culture step) with its chips; `count` departments stand there."""

    technology: int
    culture: int | None
    count: int = 0
    chips: list[Chip] = field(default_factory=list)

    @property
    def shown(self) -> list[Chip]:
        """All of them, or nine."""
        return self.chips if len(self.chips) <= MOST_CHIPS else self.chips[:SHOWN_CHIPS]

    @property
    def hidden(self) -> int:
        """How many chips the cell does not name."""
        return len(self.chips) - len(self.shown)

    @property
    def picked(self) -> bool:
        """Whether the chosen department stands here."""
        return any(chip.picked for chip in self.chips)

    @property
    def query(self) -> str:
        """The list of departments of this cell."""
        steps = {"technology": self.technology, "culture": self.culture}
        return urlencode({name: step for name, step in steps.items() if step})


@dataclass(frozen=True, slots=True)
class Row:
    """One culture step with its cells, from the first technology step on."""

    step: Step
    cells: list[Cell]


@dataclass(frozen=True, slots=True)
class Missing:
    """Departments without a place in the picture for one reason."""

    reason: str
    places: list[Place]


@dataclass(frozen=True, slots=True)
class Picture:
    """The two-axis staircase; `grouped`: chips are bureaus."""

    rows: list[Row]
    columns: list[Step]
    culture: list[Step]
    missing: list[Missing]
    departments: int
    grouped: bool

    @property
    def placed(self) -> int:
        """How many departments stand in a cell."""
        return sum(cell.count for row in self.rows for cell in row.cells)

    @property
    def not_shown(self) -> int:
        """How many stand in none."""
        return sum(len(missing.places) for missing in self.missing)


def steps_of(scene: Scene, then: Scene | None, axis: str) -> list[Step]:
    """The steps of one axis, from the first."""
    found = []
    counted = any(tally.departments for tally in scene.tallies.values())
    for number, stage in enumerate(scene.of_axis(axis), start=1):
        at = (stage.axis, stage.step)
        before = then.tallies.get(at) if then else None
        tally = scene.tallies.get(at, Tally())
        here, seeds = len(scene.here(*at)), len(scene.seeded(*at))
        found.append(
            Step(
                stage,
                scene.tallies.get(at),
                here,
                seeds,
                before.firmness if before else None,
                empty=counted and not tally.total,
                begun=here + seeds - _reached_among(scene, axis, number, tally),
            )
        )
    return found


def _reached_among(scene: Scene, axis: str, number: int, tally: Tally) -> int:
    """Of those that stand on the step or have sown it, how many have reached it.

    Who stands on the last step may have all of it. A step that was reached above a gap is a seed:
    these are all that have reached it, without those that came up to it step by step.
    """
    positions = [found for pk in scene.places if (found := scene.position(pk, axis))]
    complete = sum(p.all_reached and p.current == number for p in positions)
    stepwise = sum(p.reached >= number for p in positions)
    return complete + max(tally.reached - stepwise, 0)


def missing_reason(scene: Scene, pk: int, *, with_culture: bool) -> str:
    """Why a department has no place: new, technology or culture; "" where it has one.

    new: not counted yet, because it began after the count.
    """
    if pk not in scene.stands:
        return "new"
    if scene.position(pk, Axis.TECHNOLOGY) is None:
        return "technology"
    if with_culture and scene.position(pk, Axis.CULTURE) is None:
        return "culture"
    return ""


def moves(scene: Scene, then: Scene | None, *, with_culture: bool) -> dict[int, str]:
    """Department → up, down, mixed or "" since the compared moment."""
    if then is None:
        return {}
    return {
        pk: move_of(
            scene.standing(pk, with_culture=with_culture),
            then.standing(pk, with_culture=with_culture),
        )
        for pk in scene.places
    }


def picture(
    scene: Scene, then: Scene | None, *, with_culture: bool, picked: int | None, unit: int | None
) -> Picture:
    """Place every department; without culture there is one row, and no name says anything of it.

    More than MOST_DEPARTMENTS stand bureau by bureau, unless one bureau is looked at.
    """
    columns = steps_of(scene, then, Axis.TECHNOLOGY)
    culture = steps_of(scene, then, Axis.CULTURE)
    levels = list(reversed(culture)) if with_culture else culture[:1]
    rows = [
        Row(s, [Cell(c.step, s.step if with_culture else None) for c in columns]) for s in levels
    ]
    told = culture if with_culture or (unit is None and may_tell(culture)) else []
    cells = {(cell.technology, cell.culture): cell for row in rows for cell in row.cells}
    moved = moves(scene, then, with_culture=with_culture)
    held: dict[tuple[int, int | None], list[Place]] = {}
    missing: dict[str, list[Place]] = {}
    for pk, place in scene.places.items():
        technology = scene.position(pk, Axis.TECHNOLOGY)
        height = scene.position(pk, Axis.CULTURE) if with_culture else None
        reason = missing_reason(scene, pk, with_culture=with_culture)
        at = (technology.current if technology else 0, height.current if height else None)
        if at in cells:
            held.setdefault(at, []).append(place)
        else:
            missing.setdefault(reason or "technology", []).append(place)
    grouped = unit is None and len(scene.places) > MOST_DEPARTMENTS
    fill = _bureaus if grouped else _departments
    for at, places in held.items():
        cells[at].count = len(places)
        cells[at].chips = fill(places, moved, picked)
    ordered = [Missing(r, missing[r]) for r in ("technology", "culture", "new") if r in missing]
    return Picture(rows, columns, told, ordered, len(scene.places), grouped)


def may_tell(culture: Sequence[Step]) -> bool:
    """Whether counts of culture tell of no single department; those of one bureau always would."""
    return distribution([step.here for step in culture]) is not None


def _departments(
    places: Sequence[Place], moved: Mapping[int, str], picked: int | None
) -> list[Chip]:
    return [Chip(p.pk, p.name, moved.get(p.pk, ""), p.pk == picked) for p in places]


def _bureaus(places: Sequence[Place], moved: Mapping[int, str], picked: int | None) -> list[Chip]:
    units: dict[int, list[Place]] = {}
    for place in places:
        units.setdefault(place.unit, []).append(place)
    return [
        Chip(
            unit,
            inside[0].bureau or inside[0].name,
            picked=any(place.pk == picked for place in inside),
            count=len(inside),
            up=sum(moved.get(place.pk) == "up" for place in inside),
            down=sum(moved.get(place.pk) == "down" for place in inside),
        )
        for unit, inside in units.items()
    ]
