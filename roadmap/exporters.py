"""The list of initiatives as a table, in the format that the import reads back cell by cell."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.db.models import Prefetch

from dxportal.accounts.models import Assignment, Municipality, Post
from dxportal.accounts.staff_importer import chunks
from roadmap.board import adoptions
from roadmap.models import Update
from roadmap.sheet_columns import COLUMNS, HEADER, Cell, Column
from roadmap.sheet_facts import Facts, load_facts
from roadmap.sheet_tokens import basis_text
from roadmap.sheet_words import SheetWords
from roadmap.timeliness import target_end

__all__ = ["HEADER", "Cell", "initiative_cells", "read_only_texts"]

#: Rows that are held at once.
CHUNK: Final = 1_000


def initiative_cells(
    keys: Sequence[int], municipality: Municipality, words: SheetWords, day: dt.date
) -> Iterator[list[Cell]]:
    """One list of cells an initiative, in the order of HEADER; ten queries per 1,000."""
    for chunk in chunks(keys, CHUNK):
        found = load_facts(municipality, chunk)
        informing = read_only(found, day)
        for pk, state in adoptions(found, day).items():
            informing[pk]["adoption"] = state.words
        for pk in chunk:
            if pk in found:
                yield [
                    _cell(column, found[pk], informing[pk], municipality, words)
                    for column in COLUMNS
                ]


def _cell(
    column: Column,
    facts: Facts,
    informing: Mapping[str, Cell],
    municipality: Municipality,
    words: SheetWords,
) -> Cell:
    if column.is_editable:
        return words.cell(column, facts.values[column.name])
    if column.name == "pk":
        return facts.pk
    if column.name == "basis":
        return basis_text(municipality.pk, facts.pk, facts.basis)
    return informing[column.name]


def read_only(found: Mapping[int, Facts], day: dt.date) -> dict[int, dict[str, Cell]]:
    """What is written beside the fields and only informs: three queries."""
    occupants = _occupants({facts.values["accountable_post"] for facts in found.values()}, day)
    reported = dict(
        Update.objects.filter(initiative__in=list(found), is_report=True)
        .order_by("initiative_id", "-id")
        .distinct("initiative_id")
        .values_list("initiative_id", "reported_on")
    )
    return {
        pk: {
            "holder": occupants.get(facts.values["accountable_post"], ""),
            "reported_on": reported.get(pk),
            "target_end": target_end(facts.values["target_fy"], facts.values["target_quarter"]),
        }
        for pk, facts in found.items()
    }


def read_only_texts(found: Mapping[int, Facts], day: dt.date) -> dict[int, dict[str, str]]:
    """The same as a file says it."""
    return {
        pk: {name: "" if cell is None else str(cell) for name, cell in cells.items()}
        for pk, cells in read_only(found, day).items()
    }


def _occupants(posts: set[Any], day: dt.date) -> dict[int, str]:
    """Names of the occupants of each post: two queries."""
    holders = Prefetch(
        "assignments", Assignment.objects.on(day).select_related("user"), to_attr="holders"
    )
    found = Post.objects.filter(pk__in=posts - {None}).prefetch_related(holders)
    return {
        post.pk: "、".join(assignment.user.name for assignment in getattr(post, "holders", []))
        for post in found
    }
