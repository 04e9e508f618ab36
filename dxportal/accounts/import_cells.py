"""What the preview shows cell by cell: which rows, in which order, and the same as a table."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from dataclasses import dataclass
from typing import Any, Final

from django.core.paginator import Page, Paginator
from django.http import QueryDict
from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dxportal.accounts.import_plan import CellState
from dxportal.accounts.import_preview import shown_fingerprint
from dxportal.accounts.models import ImportJob

#: Rows on one page.
PAGE_SIZE: Final = 25
CONFLICTS, CHANGES, NEW, REJECTED, ALL = "conflicts", "changes", "new", "rejected", "all"


@dataclass(frozen=True)
class Tab:
    """One way to narrow the preview, with its count."""

    name: str
    label: str
    count: int
    current: bool


@dataclass(frozen=True)
class CellsView:
    """Everything that _import_cells.html draws."""

    tabs: list[Tab]
    show: str
    page: Page[dict[str, Any]]
    mine: set[str]
    fingerprint: str
    conflicts: int
    may_confirm: bool


def cells_view(job: ImportJob, query: QueryDict) -> CellsView:
    """The rows of the chosen kind, one page of them."""
    groups: list[dict[str, Any]] = job.preview.get("groups", [])
    found = {
        CONFLICTS: [g for g in groups if _has(g, CellState.CONFLICT)],
        CHANGES: [g for g in groups if not g["is_new"] and _changes(g)],
        NEW: [g for g in groups if g["is_new"]],
        ALL: groups,
    }
    counts = {name: len(rows) for name, rows in found.items()}
    counts[REJECTED] = job.summary.get("rejected", 0)
    wanted = query.get("show", "")
    first = CONFLICTS if counts[CONFLICTS] else ALL
    show = wanted if wanted in counts else first
    pages = Paginator(found.get(show, []), PAGE_SIZE)
    return CellsView(
        tabs=[
            Tab(name, label, counts[name], name == show)
            for name, label in _labels().items()
            if counts[name] or name == show
        ],
        show=show,
        page=pages.get_page(query.get("page")),
        mine=set(job.options.get("mine", [])),
        fingerprint=shown_fingerprint(job.preview, job.options.get("mine", [])),
        conflicts=job.summary.get(CellState.CONFLICT, 0),
        may_confirm=bool(counts[CHANGES] or counts[NEW] or counts[CONFLICTS]),
    )


def _labels() -> Mapping[str, str]:
    return {
        ALL: pgettext("import", "All"),
        CONFLICTS: _("To choose"),
        CHANGES: _("Changed"),
        NEW: pgettext("import", "New"),
        REJECTED: _("Rows left out"),
    }


def _has(group: Mapping[str, Any], state: str) -> bool:
    return any(cell["state"] == state for cell in group["cells"])


def _changes(group: Mapping[str, Any]) -> bool:
    return any(cell["state"] != CellState.CONFLICT for cell in group["cells"])


def sides_of(data: QueryDict, groups: Sequence[Mapping[str, Any]]) -> dict[str, bool]:
    """Key → whether the file's value is wanted, for the conflicts that were sent or for all."""
    prefix = "side-"
    sent = {
        name.removeprefix(prefix): value == "mine"
        for name, value in data.items()
        if name.startswith(prefix)
    }
    everything = data.get("all", "")
    if everything in ("mine", "theirs"):
        keys = [cell["key"] for group in groups for cell in group["cells"] if cell["key"]]
        sent = dict.fromkeys(keys, everything == "mine")
    return sent


def state_words() -> Mapping[str, str]:
    """What becomes of a cell, in words."""
    return {
        CellState.CHANGE: _("changes"),
        CellState.CLEAR: _("is emptied"),
        CellState.CONFLICT: _("to choose"),
        CellState.FOLLOWS: _("follows from another cell"),
    }


def cell_header() -> list[str]:
    """Headings of the preview as a table."""
    return [
        *(_("Row"), _("Reference number"), _("Name"), _("Column"), _("Result")),
        *(_("When the file was saved"), _("As it is now"), _("In the file")),
        *(_("Changed meanwhile by"), _("Changed at"), _("Chosen")),
    ]


def cell_rows(job: ImportJob) -> Iterator[list[str]]:
    """Each cell of the preview as one row."""
    words, mine = state_words(), set(job.options.get("mine", []))
    sides = {True: _("the file"), False: _("as it is now")}
    for group in job.preview.get("groups", []):
        for cell in group["cells"]:
            base = cell["base"] if cell["key"] else cell["old"]
            chosen = sides[cell["key"] in mine] if cell["key"] else ""
            yield [
                *(str(group["row"]), group["number"], group["title"], cell["heading"]),
                *(words[cell["state"]], base, cell["old"], cell["new"]),
                *(cell["who"], cell["when"], chosen),
            ]
