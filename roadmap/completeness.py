"""Which mandatory fields an initiative lacks (domain 3.2): once in Python, once in SQL."""

from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext_lazy as _

#: Field → its name for people. The phase is no field: it is reported and never missing.
MANDATORY: Final = {
    "title": _("title"),
    "purpose": _("purpose"),
    "kind": _("kind"),
    "beneficiaries": _("for whom"),
    "lead": _("lead department"),
    "accountable_post": _("accountable post"),
    "target": _("target fiscal year"),
    "criteria": _("criterion it contributes to"),
}


@dataclass(frozen=True, slots=True)
class MandatoryFacts:
    """What is filled in."""

    title: bool
    purpose: bool
    kind: bool
    beneficiaries: bool
    lead: bool
    accountable_post: bool
    target: bool
    criteria: bool


def incomplete_fields(facts: MandatoryFacts) -> list[str]:
    """Names of the mandatory fields that are empty, in the order of MANDATORY."""
    return [name for name in MANDATORY if not getattr(facts, name)]


def complete_sql(table: str = "roadmap_initiative") -> str:
    """The same rule as a condition on one row of roadmap_initiative; `table` is its alias."""
    return (
        f"({table}.title <> '' AND {table}.purpose <> '' AND {table}.kind <> ''"
        f" AND {table}.beneficiaries <> '[]'::jsonb"
        f" AND {table}.accountable_post_id IS NOT NULL AND {table}.target_fy IS NOT NULL"
        " AND EXISTS (SELECT 1 FROM roadmap_initiativedepartment part"
        f" WHERE part.initiative_id = {table}.id AND part.role = 'lead')"
        " AND EXISTS (SELECT 1 FROM roadmap_initiativecriterion link"
        f" WHERE link.initiative_id = {table}.id))"
    )
