"""Rules of a row of our own table: how a text may come back, what follows, what cannot be."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from typing import TYPE_CHECKING, Any, Final

from django.utils.translation import gettext_lazy as _

from dxportal.shared.tables import Cleaner, guard
from dxportal.shared.tabular_csv import with_geta
from dxportal.shared.tabular_xlsx import MAX_TEXT, writable
from roadmap.choices import CHOOSABLE_PHASES, Phase, Progress
from roadmap.sheet_columns import BY_NAME, Column, Kind, Side

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

#: What belongs to a delay and ends with it.
CARE: Final = ("cause", "next_step", "next_due")
EMPTY: Final[tuple[Any, ...]] = ("", None, [])


def same(one: Any, other: Any) -> bool:
    """Equal, or empty both."""
    return one == other or (one in EMPTY and other in EMPTY)


def ways_back(column: Column, text: str) -> set[str]:
    """How a text may come back from CSV, from a workbook, or from Shift_JIS."""
    found = {text, with_geta(text)}
    if column.kind == Kind.DAY:
        return found
    found |= {writable(one)[:MAX_TEXT] for one in found}
    unguarded = {Cleaner()(one) for one in found}
    return found | unguarded | {Cleaner()(guard(one)) for one in found}


def empty_values() -> dict[str, Any]:
    """Every field of an initiative that does not exist yet."""
    return {
        column.name: []
        if column.several
        else None
        if column.kind in (Kind.NUMBER, Kind.YEAR, Kind.QUARTER, Kind.DAY, Kind.YES_NO, Kind.OBJECT)
        else ""
        for column in BY_NAME.values()
        if column.side == Side.FIELD
    }


def follow(
    after: Mapping[str, Any], before: Mapping[str, Any], wanted: Iterable[str], day: str
) -> dict[str, Any]:
    """What nobody wrote and yet changes: care ends with the delay, going live has a day."""
    found: dict[str, Any] = {}
    if after["progress"] != Progress.LATE and "progress" in wanted:
        found = {
            name: None if name == "next_due" else "" for name in CARE if after[name] not in EMPTY
        }
    went_live = after["phase"] == Phase.LIVE and before["phase"] != Phase.LIVE
    if went_live and after["launched_on"] is None:
        found["launched_on"] = day
    return found


Rule = tuple[str, "str | _StrPromise", "str | _StrPromise"]


def broken_rule(
    after: Mapping[str, Any], before: Mapping[str, Any], wanted: Mapping[str, Any]
) -> Rule | None:
    """(column, what, remedy) of the first rule that the row would break."""
    if not after["title"]:
        return "title", _("Row %(row)s: the name of the initiative is missing."), _ENTER_NAME
    for name in ("start", "target"):
        changed = {f"{name}_fy", f"{name}_quarter"} & wanted.keys()
        if changed and after[f"{name}_quarter"] and not after[f"{name}_fy"]:
            return f"{name}_quarter", _("Row %(row)s: a quarter needs its fiscal year."), _BOTH
    if after["phase"] != before["phase"] and after["phase"] not in CHOOSABLE_PHASES:
        return "phase", _FOLLOWS, _LEAVE_PHASE
    stops = after["phase"] == Phase.STOPPED and before["phase"] != Phase.STOPPED
    if stops and not after["note"].strip():
        return "note", _("Row %(row)s: it is stopped without a reason."), _WHY_STOPPED
    for name in CARE:
        if after["progress"] != Progress.LATE and wanted.get(name) not in EMPTY:
            return name, _CARE_OF_NOTHING, _CARE_REMEDY
    return None


_ENTER_NAME = _("Enter a name or delete the row.")
_BOTH = _("Write the fiscal year beside it, or empty the quarter.")
_FOLLOWS = _("Row %(row)s, column “%(column)s”: “%(value)s” follows from the staff's answers.")
_LEAVE_PHASE = _("Choose another phase, or leave the cell as it was.")
_WHY_STOPPED = _("Write into the column 備考 why it is stopped.")
_CARE_OF_NOTHING = _(
    "Row %(row)s, column “%(column)s”: cause, next step and its date belong to a delay."
)
_CARE_REMEDY = _("Choose the word for late in the column 進み具合, or empty the cell.")
