"""Who may answer a wave, read from the organisation as of a day."""

from collections import Counter
from collections.abc import Collection, Sequence
from dataclasses import replace
from datetime import date

from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.models import Assignment, Department, Municipality, RoleGrant, User
from surveys.segments import OrgNode, Person, Placed, Unit, draw, section_of
from surveys.sittings import Asked, AskGroup, SittingDraw, draw_sitting

#: They read or run the installation for others and are not staff who could be asked.
NOT_STAFF = (Role.AUDITOR, Role.HOST)


def frame(
    municipality: Municipality,
    day: date,
    *,
    only: Collection[int] | None = None,
    heads_only: bool = False,
) -> tuple[list[OrgNode], list[Placed]]:
    """Everybody who may be asked, placed in the organisation; five queries.

    `only`: departments whose people, with those of everything below, are asked; None asks all.
    `heads_only`: of these only holders of a head's post or role.
    """
    units = units_of(municipality, day, only=() if heads_only else only)
    people = (
        person
        for person in _staff(municipality, day)
        if (only is None or _is_below(units, person.unit, only))
        and (person.is_head or not heads_only)
    )
    return draw(units, people)


def sitting_frame(
    municipality: Municipality,
    day: date,
    blocks: Sequence[tuple[Collection[int], Collection[AskGroup]]],
) -> SittingDraw:
    """Everybody whom a block asks: (departments with all below them, groups left out) a block.

    Five queries, whatever the number of blocks.
    """
    every = {department for departments, _left_out in blocks for department in departments}
    units = units_of(municipality, day, only=every)
    asked = [
        Asked(
            frozenset(unit for unit in units if _is_below(units, unit, set(departments))),
            frozenset((department, is_head) for department, is_head in left_out),
        )
        for departments, left_out in blocks
    ]
    return draw_sitting(units, _staff(municipality, day), asked)


def group_sizes(
    municipality: Municipality, day: date, asked: Sequence[Collection[int]]
) -> list[dict[AskGroup, int]]:
    """For each set of departments, with all below them: how many people of which group are asked.

    Staff without an account count with their department. Five queries for any number of sets.
    """
    every = {department for departments in asked for department in departments}
    units = units_of(municipality, day, only=every)
    people = Counter(
        (person.unit, person.is_head)
        for person in _staff(municipality, day)
        if person.unit in units
    )
    for unit in units.values():
        if unit.without_account:
            people[unit.id, False] += unit.without_account
    found = []
    for departments in asked:
        sizes: Counter[AskGroup] = Counter()
        for (unit_id, is_head), n in people.items():
            if _is_below(units, unit_id, set(departments)):
                sizes[section_of(units, unit_id).id, is_head] += n
        found.append(dict(sizes))
    return found


def _staff(municipality: Municipality, day: date) -> list[Person]:
    """All staff with an account and a department; three queries."""
    heads = heads_on(municipality, day)
    outside = RoleGrant.objects.on(day).filter(user__municipality=municipality, role__in=NOT_STAFF)
    staff = (
        User.objects.filter(municipality=municipality, is_active=True, department__isnull=False)
        .exclude(pk__in=outside.values("user_id"))
        .order_by("pk")
        .values_list("pk", "department_id")
    )
    return [Person(pk, unit, pk in heads) for pk, unit in staff if unit is not None]


def units_of(
    municipality: Municipality, day: date, *, only: Collection[int] | None = None
) -> dict[int, Unit]:
    """All departments in order; staff without an account only where the wave asks, on that day."""
    rows = Department.objects.filter(municipality=municipality).in_order()
    units = {
        unit.pk: Unit(
            id=unit.pk,
            parent=unit.parent_id,
            bureau=unit.bureau_id,
            name=unit.name,
            is_bureau=unit.kind == DepartmentKind.BUREAU,
            is_team=unit.kind == DepartmentKind.TEAM,
        )
        for unit in rows
    }
    for unit in rows.on(day).filter(without_account__gt=0):
        if only is None or _is_below(units, unit.pk, only):
            units[unit.pk] = replace(units[unit.pk], without_account=unit.without_account)
    return units


def heads_on(municipality: Municipality, day: date) -> set[int]:
    """Holders of a head's post, and of the role, on that day."""
    posts = Assignment.objects.on(day).filter(
        post__is_head=True, post__department__municipality=municipality
    )
    grants = RoleGrant.objects.on(day).filter(user__municipality=municipality, role=Role.HEAD)
    return {
        *posts.values_list("user_id", flat=True),
        *grants.values_list("user_id", flat=True),
    }


def _is_below(units: dict[int, Unit], unit_id: int, only: Collection[int]) -> bool:
    at: int | None = unit_id
    while at is not None and at in units:
        if at in only:
            return True
        at = units[at].parent
    return False
