"""What of an initiative is published: whole records, and fields that are withheld with a reason."""

from __future__ import annotations

from collections.abc import Collection, Iterable
from typing import Final

from roadmap.choices import Disclosure

#: Columns of the file for publication, in order. Persons, notes and reasons are never in it.
PUBLIC_FIELDS: Final = (
    "title",
    "purpose",
    "kind",
    "beneficiaries",
    "lead",
    "partners",
    "partner_bodies",
    "accountable_post",
    "phase",
    "progress",
    "start_fy",
    "target_fy",
    "target_text",
    "launched_on",
    "stops",
    "adds",
    "indicators",
    "budget",
    "contract",
    "themes",
    "criteria",
    "tags",
    "pillars",
    "procedures",
    "plan_code",
    "meetings",
    "data_home",
    "data_export",
    "safeguard",
    "replaced_channel",
    "alternative",
    "support",
    "risks",
    "pitfalls",
    "links",
    "source",
)
#: Key of the whole record among what is withheld.
WHOLE: Final = ""
#: A record without its name is withheld whole, so the name alone cannot be.
WITHHOLDABLE: Final = PUBLIC_FIELDS[1:]


def is_published(disclosure: str, withheld: Collection[str] = ()) -> bool:
    """Whether the record may be published: only where somebody said so."""
    return disclosure == Disclosure.OPEN and WHOLE not in withheld


def public_names(withheld: Iterable[str]) -> list[str]:
    """The fields that may be shown."""
    hidden = set(withheld)
    return [name for name in PUBLIC_FIELDS if name not in hidden]
