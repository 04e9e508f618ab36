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
    "alternatives": _("another way, and help, for those who cannot use it"),
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
    alternatives: bool = True


def cares_for_all(*, replaces: bool | None, alternative: str, support: str, safeguard: str) -> bool:
    """Whether those who cannot use it have another way and somebody who helps (T4-3).

    Asked only of what replaces a counter, paper or telephone. A text written under the question
    that asked for both at once (`safeguard`) still counts.
    """
    return not replaces or bool(safeguard) or bool(alternative and support)


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
        f" WHERE link.initiative_id = {table}.id)"
        f" AND {cares_sql(table)})"
    )


def cares_sql(table: str = "roadmap_initiative") -> str:
    """`cares_for_all` as a condition on one row; never null."""
    return (
        f"({table}.replaces_channel IS NOT TRUE OR {table}.safeguard <> ''"
        f" OR ({table}.alternative <> '' AND {table}.support <> ''))"
    )
