"""Initiatives as the assembly may read them: open records, without what is withheld."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from typing import Any

from dxportal.accounts.models import User
from dxportal.dashboards.briefing.content import Published
from roadmap.choices import DepartmentRole, Phase
from roadmap.disclosure import is_published
from roadmap.public_rows import open_records
from roadmap.shown_words import shown_words


def published_rows(user: User, day: dt.date) -> tuple[Published, ...]:
    """One row a published initiative; no person, no note, nothing withheld."""
    words = shown_words(user.municipality_id or 0)
    return tuple(
        Published(
            title=initiative.title,
            purpose=_unless("purpose", withheld, initiative.purpose),
            lead=_unless("lead", withheld, _lead(initiative)),
            phase=_unless("phase", withheld, words.phase(_latest(initiative, "phase"))),
            progress=_unless("progress", withheld, words.progress(_latest(initiative, "progress"))),
        )
        for initiative, withheld in _open(user, day)
    )


def open_addresses(user: User, day: dt.date) -> dict[str, set[str]]:
    """Address of the initiatives that may be named → fields of theirs that are withheld."""
    return {row.get_absolute_url(): withheld for row, withheld in _open(user, day)}


def _open(user: User, day: dt.date) -> Iterator[tuple[Any, set[str]]]:
    for initiative in open_records(user, day):
        withheld = {row.field for row in initiative.withholdings.all()}
        if is_published(initiative.disclosure, withheld):
            yield initiative, withheld


def _unless(name: str, withheld: set[str], text: str) -> str:
    return "" if name in withheld else str(text or "")


def _latest(initiative: Any, name: str) -> str:
    latest = getattr(initiative, "latest", None)
    return str(getattr(latest, name)) if latest else {"phase": Phase.IDEA.value}.get(name, "")


def _lead(initiative: Any) -> str:
    parts = initiative.parts.all()
    return "、".join(p.department.name for p in parts if p.role == DepartmentRole.LEAD)
