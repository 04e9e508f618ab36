"""Accounts of people: created, changed, disabled, given a new password."""

from __future__ import annotations

import secrets
from typing import Any

from django.db import IntegrityError, transaction

from dxportal.accounts.audit import record
from dxportal.accounts.models import Department, Municipality, User

#: Without the letters and digits that look alike when read aloud or copied from paper.
LETTERS = "abcdefghjkmnpqrstuvwxyz23456789"


class EmailTaken(Exception):
    """Somebody on this installation has that e-mail."""


def one_time_password() -> str:
    """Four groups of four: about 79 bits, easy to dictate."""
    groups = ["".join(secrets.choice(LETTERS) for _ in range(4)) for _ in range(4)]
    return "-".join(groups)


def create_person(
    municipality: Municipality,
    *,
    name: str,
    email: str,
    department: Department | None,
    employment: str,
    by: User | None,
    channel: str = "screen",
) -> tuple[User, str]:
    """A new account and its password, which nobody can read again."""
    password = one_time_password()
    fields = {"name": name, "department": department, "employment": employment}
    try:
        with transaction.atomic():
            person = User.objects.create_user(email, password, municipality=municipality, **fields)
            record("person.created", person, by=by, channel=channel, after=_facts(person))
    except IntegrityError as error:
        raise EmailTaken from error
    return person, password


def edit_person(person: User, *, by: User, channel: str = "screen", **fields: Any) -> User:
    """Change name, email, department, employment or is_active; a disabled person is out at once."""
    with transaction.atomic():
        locked: User = User.objects.select_for_update().get(pk=person.pk)
        before = _facts(locked)
        for name, value in fields.items():
            setattr(locked, name, value.strip().lower() if name == "email" else value)
        try:
            with transaction.atomic():
                locked.save(update_fields=list(fields))
        except IntegrityError as error:
            raise EmailTaken from error
        after = _facts(locked)
        if before != after:
            record("person.edited", locked, by=by, channel=channel, before=before, after=after)
    return locked


@transaction.atomic
def reset_password(person: User, *, by: User | None, channel: str = "screen") -> str:
    """A new password, shown once; every session of the person ends."""
    password = one_time_password()
    locked = User.objects.select_for_update().get(pk=person.pk)
    locked.set_password(password)
    locked.save(update_fields=["password"])
    record("person.password_reset", locked, by=by, channel=channel)
    return password


def _facts(person: User) -> dict[str, Any]:
    """What the audit trail keeps of a person."""
    return {
        "name": person.name,
        "email": person.email,
        "department": str(person.department) if person.department else None,
        "employment": person.employment,
        "is_active": person.is_active,
    }
