"""Roles given and ended: always with a day, a way of choosing, and an event."""

from __future__ import annotations

import datetime as dt
from typing import Any

from django.db import IntegrityError, transaction

from dxportal.accounts.audit import record
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, Municipality, RoleGrant, User


class LastAdministrator(Exception):
    """Nobody would be left who can give roles."""


class RoleHeldAlready(Exception):
    """The person has that role from that day."""


def grant_role(
    person: User,
    role: Role,
    *,
    department: Department | None,
    valid_from: dt.date,
    valid_to: dt.date | None,
    how: str,
    by: User | None,
    channel: str = "screen",
    chosen: str = "",
    minutes: int | None = None,
) -> RoleGrant:
    """Give a role from a day on; what is already held from that day is refused.

    `chosen`, `minutes`: of promoters, how they were chosen and the minutes a week allowed for it.
    """
    try:
        with transaction.atomic():
            given = RoleGrant.objects.create(
                user=person,
                role=role,
                department=department,
                valid_from=valid_from,
                valid_to=valid_to,
                how=how,
                chosen=chosen,
                minutes=minutes,
            )
            record("role.granted", person, by=by, channel=channel, after=facts(given))
    except IntegrityError as error:
        raise RoleHeldAlready from error
    return given


@transaction.atomic
def end_role(grant: RoleGrant, *, on: dt.date, by: User, channel: str = "screen") -> None:
    """End a role on a day (that day it is gone); one that would never have been in force goes."""
    person = grant.user
    _lock(person.municipality)
    locked = RoleGrant.objects.select_for_update().get(pk=grant.pk)
    before = facts(locked)
    if locked.role == Role.ADMIN and not _other_administrators(locked, on):
        raise LastAdministrator
    if on <= locked.valid_from:
        locked.delete()
        after: dict[str, Any] = {}
    else:
        locked.valid_to = on
        locked.save(update_fields=["valid_to"])
        after = facts(locked)
    record("role.ended", person, by=by, channel=channel, before=before, after=after)


def _lock(municipality: Municipality | None) -> None:
    """One change of administrators at a time."""
    if municipality is not None:
        Municipality.objects.select_for_update().get(pk=municipality.pk)


def _other_administrators(ending: RoleGrant, on: dt.date) -> bool:
    """Whether another active person is an administrator on that day, without an end in sight."""
    return (
        RoleGrant.objects.on(on)
        .filter(
            role=Role.ADMIN,
            valid_to__isnull=True,
            user__municipality=ending.user.municipality,
            user__is_active=True,
        )
        .exclude(pk=ending.pk)
        .exists()
    )


def facts(grant: RoleGrant) -> dict[str, Any]:
    """What the audit trail keeps of a role."""
    return {
        "role": grant.role,
        "department": str(grant.department) if grant.department else None,
        "valid_from": grant.valid_from,
        "valid_to": grant.valid_to,
        "how": grant.how,
        "chosen": grant.chosen,
        "minutes": grant.minutes,
    }
