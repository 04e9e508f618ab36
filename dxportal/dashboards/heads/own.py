"""The departments of a head: what the first page opens with, and what is one press away."""

from __future__ import annotations

from datetime import date

from django.db.models import Q

from dxportal.accounts.access import Permission, departments_for
from dxportal.accounts.models import Department, User


def own_departments(user: User, day: date) -> list[Department]:
    """Those that a head sees as the own ones, in the order of the organisation; one statement.

    The head of a bureau has the sections in it. Where nothing stands on the staircases any more,
    the departments of the role itself, also ended ones: their pages say where the work went.
    """
    held = departments_for(user, Permission.SEE_OWN_DEPARTMENT)
    if not held:
        return []
    here = Q(pk__in=held) | Q(bureau__in=held) | Q(parent__in=held)
    rows = list(Department.objects.visible_to(user).filter(here).in_order())
    standing = [
        row for row in rows if row.stands and row.valid_from <= day and not _ended(row, day)
    ]
    return standing or [row for row in rows if row.pk in held]


def _ended(department: Department, day: date) -> bool:
    return department.valid_to is not None and department.valid_to <= day
