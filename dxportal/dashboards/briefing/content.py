"""What a sheet shows, as plain values: frozen to JSON once, read back by every file.

No row, no request, no clock. Dates are ISO texts; a share or a count that is not known is None,
never 0.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Mapping
from dataclasses import asdict, dataclass, fields, is_dataclass
from typing import Any, Final, TypeVar, get_args, get_origin, get_type_hints

T = TypeVar("T")

#: Shape of `Content`; a sheet of another shape is drawn as far as its fields are known.
SHAPE: Final = 1
#: Limits of what the office types, so that three of them fit on the mayor's page.
MOST_ASKS, MOST_OPTIONS = 3, 3
LONGEST: Final[Mapping[str, int]] = {
    "purpose": 80,
    "title": 40,
    "text": 16,
    "risk": 24,
    "cost": 16,
    "effect": 24,
}
#: Characters of the checksum that a footer shows.
SHORT_SUM: Final = 12


@dataclass(frozen=True, slots=True)
class Place:
    """Whose sheet it is: the six-digit code keeps its zeros."""

    code: str
    name: str


@dataclass(frozen=True, slots=True)
class Option:
    """One way to decide, with what it risks, costs and brings."""

    text: str
    risk: str = ""
    cost: str = ""
    effect: str = ""


@dataclass(frozen=True, slots=True)
class Ask:
    """One thing that is to be decided."""

    title: str
    options: tuple[Option, ...] = ()


@dataclass(frozen=True, slots=True)
class Figure:
    """One key figure in words: the value, its unit, and what stands below it."""

    key: str
    label: str
    value: str
    note: str = ""


@dataclass(frozen=True, slots=True)
class Step:
    """One step of a staircase over all departments; `firmness` in percent.

    Of culture, on a sheet without its names, to the nearest 5 % and without sums (decision 68).
    """

    axis: str
    step: int
    name: str
    short: str
    firmness: int | None
    answered: int | None
    total: int | None
    here: int
    seeds: int | None


@dataclass(frozen=True, slots=True)
class Name:
    """One department on a tread; `move` is +1, −1 or 0 against the compared month."""

    code: str
    name: str
    bureau: str
    move: int


@dataclass(frozen=True, slots=True)
class Cell:
    """Departments on one step; `culture` is 0 where nothing is told of culture."""

    technology: int
    culture: int
    names: tuple[Name, ...]


@dataclass(frozen=True, slots=True)
class FollowUp:
    """What staff said three months after; shares in words and as lengths of bars in percent."""

    title: str
    launched_on: str
    on: str
    n: int | None
    harder: str
    harder_percent: int | None
    easier: str
    easier_percent: int | None
    verdict: str
    verdict_label: str
    declared: bool
    hollow: bool


@dataclass(frozen=True, slots=True)
class HeatCell:
    """One published share: as shown, as a number where it is one, and its shade h0–h5 or mask."""

    text: str
    value: int | None
    shade: str


@dataclass(frozen=True, slots=True)
class HeatRow:
    """One unit of the organisation."""

    label: str
    n: int | None
    cells: tuple[HeatCell, ...]


@dataclass(frozen=True, slots=True)
class Heat:
    """Units against themes, of one closed survey."""

    survey: str
    published_on: str
    answered: int | None
    asked: int | None
    codes: tuple[str, ...]
    columns: tuple[str, ...]
    rows: tuple[HeatRow, ...]


@dataclass(frozen=True, slots=True)
class Mover:
    """One department whose step of technology changed."""

    code: str
    name: str
    bureau: str
    before: int | None
    after: int | None
    up: bool


@dataclass(frozen=True, slots=True)
class Late:
    """One initiative that is late or of which nothing was heard."""

    title: str
    bureau: str
    department: str
    late: bool
    stale: bool
    reported: str
    derived: str
    last_report: str
    next_step: str
    next_due: str


@dataclass(frozen=True, slots=True)
class Bureau:
    """One bureau: how many of its departments stand on each step of technology."""

    code: str
    name: str
    departments: int
    here: tuple[int, ...]
    unplaced: int
    up: tuple[str, ...]
    down: tuple[str, ...]
    initiatives: int
    late: int
    stale: int


@dataclass(frozen=True, slots=True)
class Published:
    """One initiative as it may be published; a field that is withheld is empty."""

    title: str
    purpose: str
    lead: str
    phase: str
    progress: str


@dataclass(frozen=True, slots=True)
class Definition:
    """One word and what it means here."""

    term: str
    meaning: str


@dataclass(frozen=True, slots=True)
class Content:
    """All that the page and the files of one sheet show."""

    shape: int
    kind: str
    language: str
    calendar: str
    place: Place
    title: str
    audience: str
    made_at: str
    made_by: str
    office: str
    period: str
    compare: str
    round: str
    as_of: str
    method: str
    staircase: str
    purpose: str
    finding: str
    lines: tuple[str, ...]
    figures: tuple[Figure, ...]
    departments: int
    steps: tuple[Step, ...]
    cells: tuple[Cell, ...]
    missing: tuple[Name, ...]
    follow_ups: tuple[FollowUp, ...]
    heat: Heat | None
    bureaus: tuple[Bureau, ...]
    movers: tuple[Mover, ...]
    late: tuple[Late, ...]
    initiatives: tuple[Published, ...]
    asks: tuple[Ask, ...]
    definitions: tuple[Definition, ...]
    source: str

    @property
    def with_culture(self) -> bool:
        """Whether a name stands on a step of culture: on the mayor's sheet alone."""
        return any(cell.culture for cell in self.cells)

    def steps_on(self, axis: str) -> tuple[Step, ...]:
        """The steps of one axis, the first one first."""
        return tuple(step for step in self.steps if step.axis == axis)


def freeze(content: Content) -> dict[str, Any]:
    """As JSON keeps it: dictionaries, lists, texts, numbers."""
    plain: dict[str, Any] = json.loads(json.dumps(asdict(content), ensure_ascii=False))
    return plain


def checksum(plain: Mapping[str, Any]) -> str:
    """sha256 of the frozen content as JSON with sorted keys, without spaces, in UTF-8."""
    text = json.dumps(plain, ensure_ascii=False, sort_keys=True, separators=(",", ":"))
    return hashlib.sha256(text.encode()).hexdigest()


def thaw(plain: Mapping[str, Any]) -> Content:
    """The content that was frozen."""
    found: Content = _read(Content, plain)
    return found


def thaw_asks(plain: Any) -> tuple[Ask, ...]:
    """What was typed once, as far as it can be read."""
    found: tuple[Ask, ...] = _read(tuple[Ask, ...], plain or [])
    return found


def _read(kind: Any, value: Any) -> Any:
    """A plain value as the given type; fields that a later shape added are left out."""
    if is_dataclass(kind):
        hints = get_type_hints(kind)
        known = {field.name for field in fields(kind)} & set(value)
        return kind(**{name: _read(hints[name], value[name]) for name in known})  # type: ignore[operator]
    if get_origin(kind) is tuple:
        return tuple(_read(get_args(kind)[0], item) for item in value)
    inner = [one for one in get_args(kind) if is_dataclass(one)]
    return _read(inner[0], value) if inner and value is not None else value
