"""Marks: what must be counted again, written in the transaction that changed the facts."""

from collections.abc import Iterable

from django.db import transaction

from roadmap.models import DirtyMark

DEPARTMENT = "department"
INITIATIVE = "initiative"
ALL = "all"


def mark(municipality_id: int, scope: str, ids: Iterable[int] = ()) -> None:
    """Append marks, and after the commit hint to the worker; a lost hint only costs time."""
    rows = [DirtyMark(municipality_id=municipality_id, scope=scope, scope_id=pk) for pk in set(ids)]
    if scope == ALL:
        rows = [DirtyMark(municipality_id=municipality_id, scope=ALL)]
    if not rows:
        return
    DirtyMark.objects.bulk_create(rows)
    transaction.on_commit(lambda: _hint(municipality_id), robust=True)


def _hint(municipality_id: int) -> None:
    from dxportal.celery import hint
    from roadmap.tasks import roll_up

    hint(roll_up, municipality_id)
