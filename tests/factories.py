"""Small builders of real rows: each fills what a test does not care about."""

import datetime as dt
from itertools import count
from typing import Any

from dxportal.accounts.choices import DEPARTMENT_ROLES, DepartmentKind, Role
from dxportal.accounts.codes import check_digit
from dxportal.accounts.models import (
    Assignment,
    Department,
    Municipality,
    Post,
    RoleGrant,
    User,
)
from roadmap.actions.content import ensure_staircase, ensure_tags, ensure_themes
from roadmap.choices import DepartmentRole, Phase, Progress
from roadmap.models import Initiative, InitiativeDepartment, Update

PASSWORD = "staircase-up-2026"
LONG_AGO = dt.date(2020, 4, 1)
_number = count(1)


def municipality(name: str = "見本市", *, staircase: bool = True) -> Municipality:
    """A municipality with a valid code, its own staircase and themes."""
    first_five = f"{next(_number) % 90000 + 10000:05d}"
    made = Municipality.objects.create(code=first_five + str(check_digit(first_five)), name=name)
    if staircase:
        ensure_staircase(made, by=None)
        ensure_themes(made, by=None)
        ensure_tags(made, by=None)
    return made


def department(
    owner: Municipality,
    name: str = "",
    *,
    parent: Department | None = None,
    kind: str = "",
    **fields: Any,
) -> Department:
    """A section, or a bureau when `kind` says so."""
    number = next(_number)
    kind = kind or DepartmentKind.SECTION
    fields.setdefault("stands", kind == DepartmentKind.SECTION)
    fields.setdefault("valid_from", LONG_AGO)
    return Department.objects.create(
        municipality=owner,
        parent=parent,
        bureau=(parent.bureau or parent) if parent else None,
        code=fields.pop("code", f"D{number}"),
        name=name or f"第{number}課",
        kind=kind,
        order=number,
        **fields,
    )


def user(
    owner: Municipality | None,
    *,
    role: Role | None = None,
    of: Department | None = None,
    **fields: Any,
) -> User:
    """A person; with a role, the grant that gives it."""
    number = next(_number)
    fields.setdefault("name", f"職員{number}")
    fields.setdefault("department", of)
    email = fields.pop("email", f"person{number}@example.test")
    made = User.objects.create_user(email, PASSWORD, municipality=owner, **fields)
    if role and role != Role.EMPLOYEE:
        RoleGrant.objects.create(
            user=made,
            role=role,
            department=of if role in DEPARTMENT_ROLES else None,
            valid_from=LONG_AGO,
        )
    return made


def post(of: Department, name: str = "課長", *, held_by: User | None = None, **fields: Any) -> Post:
    """A post, occupied when `held_by` says so."""
    made = Post.objects.create(department=of, name=name, **fields)
    if held_by:
        Assignment.objects.create(post=made, user=held_by, valid_from=LONG_AGO)
    return made


def initiative(
    owner: Municipality,
    title: str = "",
    *,
    lead: Department | None = None,
    phase: str = Phase.BUILDING,
    progress: str = Progress.ON_TRACK,
    reported_on: dt.date | None = None,
    **fields: Any,
) -> Initiative:
    """An initiative; with `reported_on`, one report."""
    made = Initiative.objects.create(
        municipality=owner, title=title or f"取組{next(_number)}", **fields
    )
    if lead:
        InitiativeDepartment.objects.create(
            initiative=made, department=lead, role=DepartmentRole.LEAD
        )
    if reported_on:
        Update.objects.create(
            initiative=made, phase=phase, progress=progress, reported_on=reported_on
        )
    return made
