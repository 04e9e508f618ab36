"""The beginning of a municipality: itself, and many people at once."""

from __future__ import annotations

from collections.abc import Iterable
from dataclasses import dataclass

from django.db import transaction

from dxportal.accounts.audit import event_row, record
from dxportal.accounts.choices import Employment
from dxportal.accounts.models import Department, Event, Municipality, User

BATCH = 1000


@dataclass(frozen=True, slots=True)
class NewPerson:
    """Somebody who gets an account."""

    name: str
    email: str
    department: Department | None
    employment: str = Employment.REGULAR


@transaction.atomic
def found_municipality(
    code: str, name: str, *, size_band: str, by: User | None, channel: str = "command"
) -> Municipality:
    """A municipality without anything in it. Raises ValidationError for a wrong or taken code."""
    made = Municipality(code=code, name=name, size_band=size_band)
    made.full_clean()
    made.save(force_insert=True)
    after = {"code": code, "name": name, "size_band": size_band}
    record(
        "municipality.created", made, by=by, channel=channel, after=after, municipality_id=made.pk
    )
    return made


@transaction.atomic
def create_people(
    municipality: Municipality | None,
    people: Iterable[NewPerson],
    *,
    encoded_password: str,
    by: User | None,
    channel: str = "command",
) -> list[User]:
    """Accounts for all of them, who share one password that was hashed once.

    Without a municipality: people who run the installation.
    """
    made: list[User] = User.objects.bulk_create(
        (
            User(
                municipality=municipality,
                name=person.name,
                email=person.email.strip().lower(),
                department=person.department,
                employment=person.employment,
                password=encoded_password,
            )
            for person in people
        ),
        batch_size=BATCH,
    )
    Event.objects.bulk_create(
        (
            event_row(
                "person.created",
                person,
                by=by,
                channel=channel,
                after={"name": person.name, "email": person.email},
            )
            for person in made
        ),
        batch_size=BATCH,
    )
    return made
