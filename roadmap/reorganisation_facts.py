"""The facts of one municipality as a reorganisation needs them: ten queries, whatever the size."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db.models import Model, OuterRef, Q, QuerySet, Subquery

from dxportal.accounts.models import (
    Assignment,
    Department,
    DepartmentSuccession,
    Post,
    RoleGrant,
    User,
)
from roadmap.choices import Phase
from roadmap.models import Initiative, InitiativeDepartment, PostSuccession, Update
from roadmap.reorganising.state import COLUMNS, REFERENCES, State

MODELS: dict[str, type[Model]] = {
    "department": Department,
    "post": Post,
    "succession": DepartmentSuccession,
    "post_succession": PostSuccession,
    "assignment": Assignment,
    "grant": RoleGrant,
    "person": User,
    "initiative": Initiative,
    "part": InitiativeDepartment,
}


def field_of(table: str, column: str) -> str:
    """The attribute of the model that holds a column's value."""
    return f"{column}_id" if column in REFERENCES[table] else column


def rows_of(table: str, rows: QuerySet[Any], *more: str) -> dict[Any, dict[str, Any]]:
    """Rows by key, with the columns of the table and some that are only read."""
    names = {field_of(table, column): column for column in COLUMNS[table]}
    names |= {name: name for name in more}
    found = {}
    for row in rows.values("pk", *names):
        key = row.pop("pk")
        found[key] = {names[name]: value for name, value in row.items()}
    return found


def load_state(municipality_id: int, day: dt.date) -> State:
    """What holds on the eve of that day, and what is to come."""
    mine = {"municipality": municipality_id}
    eve = day - dt.timedelta(days=1)
    lasting = Q(valid_to__isnull=True) | Q(valid_to__gt=eve)
    of_department = {"department__municipality": municipality_id}
    state = State()
    state.tables |= {
        "department": rows_of("department", Department.objects.filter(**mine).order_by("pk")),
        "post": rows_of("post", Post.objects.filter(**of_department).order_by("pk")),
        "succession": rows_of(
            "succession",
            DepartmentSuccession.objects.filter(predecessor__municipality=municipality_id),
        ),
        "post_succession": rows_of(
            "post_succession",
            PostSuccession.objects.filter(predecessor__department__municipality=municipality_id),
        ),
        "assignment": rows_of(
            "assignment",
            Assignment.objects.filter(
                lasting, post__department__municipality=municipality_id
            ).order_by("pk"),
        ),
        "grant": rows_of(
            "grant",
            RoleGrant.objects.filter(lasting, user__municipality=municipality_id).order_by("pk"),
        ),
        "person": rows_of("person", User.objects.filter(**mine).order_by("pk"), "email", "name"),
        "part": rows_of(
            "part",
            InitiativeDepartment.objects.filter(initiative__municipality=municipality_id).order_by(
                "pk"
            ),
        ),
    }
    state.tables["initiative"] = _initiatives(municipality_id)
    return state


def _initiatives(municipality_id: int) -> dict[Any, dict[str, Any]]:
    """Those that were removed follow too; only standing ones that go on need an owner."""
    latest = Update.objects.filter(initiative=OuterRef("pk")).order_by("-id").values("phase")[:1]
    rows = (
        Initiative.objects.filter(municipality=municipality_id)
        .annotate(now_phase=Subquery(latest))
        .order_by("pk")
    )
    found = rows_of("initiative", rows, "title", "contact_id", "removed_on", "now_phase")
    for row in found.values():
        row["contact"] = row.pop("contact_id")
        stopped = row.pop("now_phase") == Phase.STOPPED
        row["needs_owner"] = row.pop("removed_on") is None and not stopped
    return found
