"""What waits for a decision of the CDO: escalated blockers with their initiative, oldest first."""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date

from django.db.models import Prefetch

from dxportal.accounts.models import User
from roadmap.choices import DepartmentRole
from roadmap.models import Blocker, InitiativeDepartment


@dataclass(frozen=True)
class Waiting:
    """One blocker on the CDO's list."""

    blocker: Blocker
    department: str
    days: int


def waiting_decisions(user: User, day: date) -> list[Waiting]:
    """The list of the user's municipality: two queries."""
    leads = InitiativeDepartment.objects.filter(role=DepartmentRole.LEAD).select_related(
        "department"
    )
    rows = (
        Blocker.objects.visible_to(user)
        .escalated()
        .select_related("initiative", "escalated_by")
        .prefetch_related(Prefetch("initiative__parts", leads, to_attr="leading"))
        .order_by("escalated_on", "pk")
    )
    return [
        Waiting(
            blocker=row,
            department=next((part.department.name for part in _leading(row)), ""),
            days=max((day - row.escalated_on).days, 0) if row.escalated_on else 0,
        )
        for row in rows
    ]


def _leading(row: Blocker) -> list[InitiativeDepartment]:
    found: list[InitiativeDepartment] = getattr(row.initiative, "leading", [])
    return found
