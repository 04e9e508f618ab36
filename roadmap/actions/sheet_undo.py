"""Taking an applied import back: every cell that still holds what the file had written."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any

from django.db import transaction
from django.db.models import F

from dxportal.accounts.actions.imports import write_events
from dxportal.accounts.audit import event_row
from dxportal.accounts.import_plan import CellChange, CellGroup, CellState
from dxportal.accounts.models import Municipality, User
from roadmap import marks
from roadmap.actions.removal import REMOVED
from roadmap.actions.sheets import write_changes
from roadmap.choices import Channel, Progress
from roadmap.models import Initiative
from roadmap.sheet_columns import BY_NAME, STATUS_NAMES
from roadmap.sheet_facts import Facts, load_facts, lock_all
from roadmap.sheet_plan import SheetChange
from roadmap.sheet_rules import CARE, EMPTY, same
from roadmap.sheet_words import SheetWords


@transaction.atomic
def undo_sheet(
    applied: Sequence[Mapping[str, Any]],
    *,
    municipality: Municipality,
    as_of: dt.date,
    by: User | None,
) -> tuple[int, list[CellGroup]]:
    """Set back what nobody touched since; how many initiatives, and what was left as it is."""
    keys = [entry["pk"] for entry in applied]
    lock_all(municipality, keys)
    found = load_facts(municipality, keys)
    words = SheetWords(municipality, as_of)
    changes: list[SheetChange] = []
    gone: list[Facts] = []
    left: list[CellGroup] = []
    for entry in applied:
        facts = found.get(entry["pk"])
        if facts is None or facts.removed:
            continue
        if entry["new"] and facts.version == entry["version"] and _is_latest(facts, entry):
            gone.append(facts)
            continue
        change = _back(facts, entry)
        if change.after:
            changes.append(change)
        left += _left(facts, entry, change, words)
    channel = Channel.IMPORT
    write_changes(changes, municipality=municipality, as_of=as_of, by=by, channel=channel)
    _remove(gone, municipality, as_of, by)
    return len(changes) + len(gone), left


def _is_latest(facts: Facts, entry: Mapping[str, Any]) -> bool:
    return facts.latest is not None and facts.latest.pk == entry["update"]


def _back(facts: Facts, entry: Mapping[str, Any]) -> SheetChange:
    """What stood there before, for every cell that still holds the imported value."""
    before, after = entry["before"], entry["after"]
    back = {
        name: before[name]
        for name, value in after.items()
        if not entry["new"] and same(facts.values[name], value)
    }
    care = {name: back.get(name, facts.values[name]) for name in CARE}
    if back.get("progress", Progress.LATE) != Progress.LATE and any(
        value not in EMPTY for value in care.values()
    ):
        del back["progress"]  # somebody took care of the delay since: it stays a delay
    reports = any(name in STATUS_NAMES for name in back)
    undoes = entry["update"] if reports and _is_latest(facts, entry) else 0
    return SheetChange(facts, back, reports, undoes)


def _left(
    facts: Facts, entry: Mapping[str, Any], change: SheetChange, words: SheetWords
) -> Iterator[CellGroup]:
    """The cells that hold something newer, in words."""
    cells = [
        CellChange(
            heading=BY_NAME[name].heading,
            old=words.text(BY_NAME[name], facts.values[name]),
            new=words.text(BY_NAME[name], value),
            state=CellState.CONFLICT,
            base=words.text(BY_NAME[name], entry["before"].get(name)),
        )
        for name, value in entry["after"].items()
        if name not in change.after
    ]
    if cells:
        yield CellGroup(0, facts.values["title"], str(facts.pk), entry["new"], cells)


def _remove(
    gone: Sequence[Facts], municipality: Municipality, as_of: dt.date, by: User | None
) -> None:
    """New initiatives that nobody touched leave the list; they can be brought back."""
    rows = Initiative.objects.filter(pk__in=[facts.pk for facts in gone])
    if not gone:
        return
    rows.update(removed_on=as_of, version=F("version") + 1)
    write_events(
        event_row(
            REMOVED,
            row,
            by=by,
            channel=Channel.IMPORT,
            municipality_id=municipality.pk,
            before={"removed_on": None, "version": row.version - 1},
            after={"removed_on": as_of, "version": row.version},
        )
        for row in rows
    )
    marks.mark(municipality.pk, marks.ALL)
