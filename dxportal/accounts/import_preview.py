"""A plan as it is kept beside the uploaded file: plain values in the reader's language."""

from __future__ import annotations

import hashlib
from collections.abc import Iterable, Mapping, Sequence
from dataclasses import asdict
from typing import Any

from dxportal.accounts.import_plan import CellGroup, Outcome, Plan
from dxportal.shared.importing import RowProblem
from dxportal.shared.tables import Note

#: More are counted and not kept.
KEPT_PROBLEMS = 5_000
KEPT_NOTES = 10


def preview_of(plan: Plan[Any]) -> dict[str, Any]:
    """Everything that the preview shows, as JSON."""
    return {
        "header": list(plan.header),
        "columns": dict(plan.columns),
        "origins": dict(plan.origins),
        "asks_origin": plan.asks_origin,
        "broken": plan.is_broken,
        "fingerprint": plan.fingerprint,
        "headings": [str(heading) for heading in plan.headings],
        "shown": [
            {
                "row": shown.row,
                "outcome": str(shown.outcome),
                "cells": list(shown.cells),
                "changes": shown.changes,
            }
            for shown in plan.shown
        ],
        "problems": [_problem(problem) for problem in _in_order(plan.problems)[:KEPT_PROBLEMS]],
        "problem_count": len(plan.problems),
        "notes": grouped_notes(plan.notes),
        "cellwise": plan.cellwise,
        "groups": [group_of(group) for group in plan.groups],
    }


def group_of(group: CellGroup) -> dict[str, Any]:
    """One row with its cells, as JSON."""
    return asdict(group)


def conflict_keys(preview: Mapping[str, Any]) -> set[str]:
    """Keys of the cells in which a person may choose."""
    return {
        cell["key"] for group in preview.get("groups", []) for cell in group["cells"] if cell["key"]
    }


def shown_fingerprint(preview: Mapping[str, Any], mine: Sequence[str]) -> str:
    """Of what was shown together with what was chosen in it."""
    fingerprint = str(preview.get("fingerprint", ""))
    if not mine:
        return fingerprint
    return hashlib.sha256("\n".join([fingerprint, *sorted(mine)]).encode()).hexdigest()


def summary_of(plan: Plan[Any]) -> dict[str, int]:
    """The four counts, and what else the importer counted."""
    counts = {str(outcome): plan.outcomes[outcome] for outcome in Outcome}
    return {**counts, "rejected": plan.rejected, **plan.facts}


def _in_order(problems: Iterable[RowProblem]) -> list[RowProblem]:
    return sorted(problems, key=lambda problem: problem.row or 0)


def _problem(problem: RowProblem) -> dict[str, Any]:
    return {
        "row": problem.row,
        "column": problem.column,
        "value": problem.value[:200],
        "what": str(problem.message),
        "remedy": str(problem.remedy),
    }


def grouped_notes(notes: Iterable[Note]) -> list[dict[str, Any]]:
    """Notes of one kind and column together: the first ones in full, the others counted."""
    groups: dict[tuple[str, str], dict[str, Any]] = {}
    for note in notes:
        key = (str(note.message.template), note.column)
        group = groups.setdefault(key, {"texts": [], "more": 0})
        if len(group["texts"]) < KEPT_NOTES:
            group["texts"].append(str(note))
        else:
            group["more"] += 1
    return list(groups.values())
