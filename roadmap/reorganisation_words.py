"""Rows of a plan and operations that could not be set back, as people read them."""

from __future__ import annotations

from dataclasses import dataclass
from typing import Any

from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext, pgettext_lazy

from dxportal.shared.importing import RowProblem
from roadmap.actions.reorganisation_writes import names_of
from roadmap.choices import ChangeKind
from roadmap.reorganising.rows import Change
from roadmap.reorganising.state import REFERENCES, Operation


@dataclass(frozen=True)
class RowLine:
    """One row of the plan, with what is wrong with it."""

    change: Change
    kind: str
    what: str
    problems: list[RowProblem]


def row_words(changes: list[Change], problems: list[tuple[int, RowProblem]]) -> list[RowLine]:
    """Rows as a list reads them."""
    by_row: dict[int, list[RowProblem]] = {}
    for at, problem in problems:
        by_row.setdefault(at, []).append(problem)
    return [
        RowLine(
            change,
            str(ChangeKind(change.kind).label) if change.kind in ChangeKind.values else "–",
            _sentence(change),
            by_row.get(at, []),
        )
        for at, change in enumerate(changes)
    ]


def _sentence(change: Change) -> str:
    """Before → after, in the row's own words."""
    old = "、".join(change.department) or change.email
    new = "、".join(change.successor)
    if change.kind == ChangeKind.FOUND:
        old = ""
    parts = [part for part in (old, " ".join([new, change.new_post]).strip()) if part]
    more = [change.code, pgettext("reorganisation", "head") if change.head else "", *change.post]
    if change.initiatives:
        more.append(_("%(count)s initiatives") % {"count": len(change.initiatives)})
    rest = "、".join(word for word in more if word)
    text = " → ".join(parts)
    return f"{text}（{rest}）" if rest else text


def left_words(operations: list[Any]) -> list[str]:
    """What could not be set back, in words."""
    found = [Operation.from_plain(operation) for operation in operations]
    names = names_of(found)
    lines = []
    for operation in found:
        row = {**(operation.after or {}), **(operation.before or {})}
        table = operation.table
        target = names.get(table, {}).get(operation.key)
        if table == "assignment" and target is not None:
            target = f"{target.post}: {target.user}"
        elif target is None:
            references = [
                str(names[where][row[name]])
                for name, where in REFERENCES[table].items()
                if row.get(name) in names.get(where, {})
            ]
            target = " → ".join(references) or str(row.get("name", operation.key))
        lines.append(f"{_TABLE_WORDS[table]}: {target}")
    return list(dict.fromkeys(lines))


_TABLE_WORDS = {
    "department": gettext_lazy("department"),
    "post": gettext_lazy("post"),
    "succession": gettext_lazy("successor"),
    "post_succession": gettext_lazy("successor"),
    "assignment": pgettext_lazy("reorganisation", "holder of the post"),
    "grant": gettext_lazy("role"),
    "person": gettext_lazy("person"),
    "initiative": gettext_lazy("accountable post"),
    "part": gettext_lazy("department of an initiative"),
}
