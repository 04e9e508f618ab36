"""Rows of trainings for the pages: coverage by section, and what an initiative was taught."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterable
from dataclasses import dataclass

from django.db.models import Count, Sum

from dxportal.accounts.access import Permission, can, departments_for
from dxportal.accounts.models import Department, User
from roadmap.choices import DepartmentRole
from roadmap.models import Initiative, Training, TrainingAttendance
from roadmap.training import Reach, reaches


@dataclass(frozen=True)
class Held:
    """Trainings of one initiative, and the people who came in all."""

    trainings: int
    people: int


@dataclass(frozen=True)
class SectionReach:
    """One line of the coverage."""

    department: Department
    reach: Reach


def trainings_of(initiative: Initiative) -> Held:
    """One query; a training has each section once, so that the join counts nobody twice."""
    rows = Training.objects.standing().filter(initiative=initiative)
    found = rows.aggregate(n=Count("pk", distinct=True), people=Sum("attendance__people"))
    return Held(found["n"], found["people"] or 0)


def users_of(initiative: Initiative) -> list[int]:
    """Departments that are meant to use it; the leading one where none is named."""
    parts = list(initiative.parts.values_list("department_id", "role"))
    users = [pk for pk, role in parts if role == DepartmentRole.USER]
    return users or [pk for pk, role in parts if role == DepartmentRole.LEAD]


def staff_of(departments: Collection[int], day: dt.date) -> int:
    """Staff of these departments and of what lies below them, with and without an account."""
    rows = Department.objects.filter(pk__in=departments).values_list("municipality_id", flat=True)
    municipality = rows.first()
    if municipality is None:
        return 0
    found = staff_by_section(municipality, day)
    above = {d.pk: d.parent_id for d in found}
    return sum(number for d, number in found.items() if _is_in(d.pk, set(departments), above))


def _is_in(pk: int | None, wanted: Collection[int], above: dict[int, int | None]) -> bool:
    while pk is not None:
        if pk in wanted:
            return True
        pk = above.get(pk)
    return False


def staff_by_section(municipality_id: int, day: dt.date) -> dict[Department, int]:
    """Every department of that day in order → staff of its own, with and without an account."""
    people = User.objects.filter(municipality=municipality_id, is_active=True)
    own = dict(people.values_list("department").annotate(n=Count("pk")))
    rows = Department.objects.filter(municipality=municipality_id).on(day)
    return {
        row: own.get(row.pk, 0) + row.without_account
        for row in rows.select_related("bureau").in_order()
    }


def coverage(
    user: User, trainings: Iterable[Training], day: dt.date, *, only: Collection[int] | None
) -> list[SectionReach]:
    """Sections with what they were offered and how many came; teams count with their section.

    `only`: these sections alone. Four queries, whatever the number of rows.
    """
    found = staff_by_section(user.municipality_id or 0, day)
    home = {
        d.pk: d.pk if d.stands else (d.parent_id or d.pk) for d in found
    }  # a team's people learn with their section
    staff = {d.pk: 0 for d in found if d.stands and (only is None or d.pk in only)}
    for department, number in found.items():
        if home[department.pk] in staff:
            staff[home[department.pk]] += number
    keys = [training.pk for training in trainings]
    offers = Training.offered_to.through.objects.filter(training__in=keys)
    came = TrainingAttendance.objects.filter(training__in=keys)
    result = reaches(
        staff,
        ((home.get(pk, pk), 1) for pk in offers.values_list("department_id", flat=True)),
        ((home.get(pk, pk), n) for pk, n in came.values_list("department_id", "people")),
    )
    return [SectionReach(d, result[d.pk]) for d in found if d.pk in result]


def sections_shown(user: User) -> Collection[int] | None:
    """Which sections' coverage a person sees: None for all, none for most employees."""
    if can(user, Permission.SEE_RETURNS) or can(user, Permission.RUN_TRAININGS):
        return None
    return departments_for(user, Permission.RECORD_TRAININGS)


def sections_entered(user: User) -> Collection[int] | None:
    """For which sections a person enters numbers: None for all."""
    if can(user, Permission.RUN_TRAININGS):
        return None
    return departments_for(user, Permission.RECORD_TRAININGS)
