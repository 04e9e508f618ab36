"""Which kinds of tables can be imported: each app registers its own when it is ready."""

from __future__ import annotations

from collections.abc import Callable, Mapping, Sequence
from dataclasses import dataclass
from typing import TYPE_CHECKING, Any

from dxportal.accounts.import_plan import CellGroup, Choices, Plan
from dxportal.shared.tables import Table

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

    from dxportal.accounts.access import Permission
    from dxportal.accounts.models import Municipality, User


@dataclass(frozen=True)
class ResultLink:
    """Where to go on after an import."""

    label: str
    url: str


@dataclass(frozen=True)
class Importer:
    """Everything that the import pages and commands need to know of one kind of table.

    `plan(table, municipality, choices)` reads; `apply(plan, municipality, …)` writes it in the
    caller's transaction; `undo(applied, municipality=…, as_of=…, by=…)` takes back what `apply`
    left in `plan.applied`. `permissions`: any of them is enough.
    """

    kind: str
    title: _StrPromise
    noun: _StrPromise
    hint: _StrPromise
    permissions: Sequence[Permission]
    fields: Mapping[str, str | _StrPromise]
    required: Sequence[str]
    template: Sequence[str]
    upload_url: str
    template_url: str
    list_url: str
    origin_as: _StrPromise
    keeps_leftovers: bool
    plan: Callable[[Table, Municipality, Choices], Plan[Any]]
    apply: Callable[..., None]
    links: Callable[[Mapping[str, int], User], list[ResultLink]]
    undo: Callable[..., tuple[int, list[CellGroup]]] | None = None
    chooses_rows: bool = False  # a person may say which rows are wanted (`Choices.rows`)


_importers: dict[str, Importer] = {}


def register(importer: Importer) -> None:
    """Make a kind known; the last registration of a kind counts."""
    _importers[importer.kind] = importer


def importer_of(kind: str) -> Importer:
    """The importer of a kind; KeyError where no app brought it."""
    return _importers[kind]
