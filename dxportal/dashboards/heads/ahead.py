"""Who reached the step that a department is climbing to, and who helps it: by name, to ask."""

from __future__ import annotations

from collections.abc import Collection
from dataclasses import dataclass
from datetime import date

from django.db.models import Count, Max, Q

from dxportal.accounts.models import Department, Post, RoleGrant, User
from dxportal.shared.fiscal import add_months
from roadmap.choices import Axis
from roadmap.models import PositionSnapshot
from roadmap.next_steps import Ahead, whom_to_ask


@dataclass(frozen=True, slots=True)
class Guide:
    """One department that has reached the step; `holder` is empty where the post is vacant."""

    department: Department
    since: date | None
    post: str
    holder: str


@dataclass(frozen=True, slots=True)
class Help:
    """Whom to ask: the nearest departments of all that are ahead, and the section's promoters.

    `culture_ahead`: how many have reached the next culture step; no names. None: not for the
    viewer, or nothing is counted.
    """

    step: int | None
    guides: list[Guide]
    total: int
    culture_step: int | None
    culture_ahead: int | None
    helpers: list[RoleGrant]


def ahead_of(
    user: User, department: Department, steps: dict[str, int | None], *, as_of: date
) -> Help:
    """`steps`: axis → the step being climbed, None where all are reached. Seven statements."""
    technology, culture = steps.get(Axis.TECHNOLOGY), steps.get(Axis.CULTURE)
    period = _period(user)
    found = _reached(user, technology, period) if technology and period else {}
    found.pop(department.pk, None)
    guides = _guides(user, department, found, as_of)
    grants = RoleGrant.objects.visible_to(user).promoters().on(as_of)
    helpers = grants.filter(department=department, user__is_active=True)
    return Help(
        step=technology,
        guides=guides,
        total=len(found),
        culture_step=culture,
        culture_ahead=_culture(user, department, culture, period) if culture and period else None,
        helpers=list(helpers),
    )


def _period(user: User) -> date | None:
    """The newest month that was counted."""
    rows = PositionSnapshot.objects.visible_to(user)
    return rows.order_by("-period").values_list("period", flat=True).first()


def _reached(user: User, step: int, period: date) -> dict[int, date | None]:
    """Department → the month since which it has reached the step; None where it always had."""
    rows = (
        PositionSnapshot.objects.visible_to(user)
        .filter(axis=Axis.TECHNOLOGY, period__lte=period)
        .values("department_id")
        .annotate(
            now=Max("reached", filter=Q(period=period)),
            below=Max("period", filter=Q(reached__lt=step)),
        )
        .filter(now__gte=step)
    )
    return {
        row["department_id"]: add_months(row["below"], 1) if row["below"] else None for row in rows
    }


def _guides(
    user: User, department: Department, found: dict[int, date | None], as_of: date
) -> list[Guide]:
    """The three to ask first, with who heads them."""
    standing = Department.objects.visible_to(user).on(as_of).filter(pk__in=[*found, department.pk])
    people = Count("members", filter=Q(members__is_active=True))
    rows = {row.pk: row for row in standing.annotate(people=people).select_related("bureau")}
    own = rows.pop(department.pk, department)
    candidates = [
        Ahead(
            pk,
            found[pk],
            getattr(row, "people", 0),
            row.bureau_id is not None and row.bureau_id == department.bureau_id,
        )
        for pk, row in rows.items()
    ]
    chosen = whom_to_ask(candidates, size=getattr(own, "people", 0), as_of=as_of)
    heads = _heads([one.key for one in chosen], as_of)
    return [Guide(rows[one.key], one.since, *heads.get(one.key, ("", ""))) for one in chosen]


def _heads(departments: Collection[int], as_of: date) -> dict[int, tuple[str, str]]:
    """Department → (post of its head, who holds it today)."""
    posts = Post.objects.filter(department__in=departments, is_head=True).with_holders(as_of)
    return {
        post.department_id: (
            post.name,
            "・".join(seat.user.name for seat in getattr(post, "held_today", ())),
        )
        for post in posts
    }


def _culture(user: User, department: Department, step: int, period: date) -> int:
    """How many others have reached a culture step; heads learn no names."""
    rows = PositionSnapshot.objects.visible_to(user).in_period(period)
    reached = rows.filter(axis=Axis.CULTURE, reached__gte=step)
    return reached.exclude(department=department).count()
