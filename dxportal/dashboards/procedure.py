"""The check list of the national procedure: what was said, beside what the product sees itself."""

from __future__ import annotations

from collections import Counter
from collections.abc import Callable
from dataclasses import dataclass
from datetime import date

from django.urls import reverse
from django.utils import translation
from django.utils.translation import gettext as _
from django.utils.translation import ngettext

from dxportal.accounts.access import Permission, can
from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, RoleGrant, User
from roadmap.choices import ProcedureState, RoundState
from roadmap.content.procedure import STEPS, ProcedureItem, ProcedureStep
from roadmap.models import AdoptionVerdict, Initiative, ProcedureEntry, ReportingRound
from surveys.choices import EARLY
from surveys.models import Wave


@dataclass(frozen=True)
class Fact:
    """What the product sees itself. `url` is empty where the reader may not open the page."""

    label: str
    words: str
    seen: bool
    url: str = ""


@dataclass(frozen=True)
class ItemRow:
    """One item with the entry that holds, if there is one."""

    item: ProcedureItem
    entry: ProcedureEntry | None

    @property
    def text(self) -> str:
        """The item in the reader's language."""
        return _spoken(self.item.text_ja, self.item.text_en)

    @property
    def hint(self) -> str:
        """What serves as evidence."""
        return _spoken(self.item.hint_ja, self.item.hint_en)

    @property
    def state(self) -> ProcedureState:
        """What holds now."""
        return ProcedureState(self.entry.state) if self.entry else ProcedureState.NOT_YET


@dataclass(frozen=True)
class StepRows:
    """One step of the procedure."""

    step: ProcedureStep
    items: list[ItemRow]
    facts: list[Fact]

    @property
    def title(self) -> str:
        """Its name in the reader's language."""
        return _spoken(self.step.title_ja, self.step.title_en)

    @property
    def in_place(self) -> int:
        """How many items are in place."""
        return sum(row.state == ProcedureState.IN_PLACE for row in self.items)


def steps_of(user: User, today: date) -> list[StepRows]:
    """All four steps of the user's municipality; a fixed number of queries."""
    said = {
        entry.item: entry
        for entry in ProcedureEntry.objects.visible_to(user).in_force().select_related("by")
    }
    facts = facts_of(user, today)
    return [
        StepRows(
            step,
            [ItemRow(item, said.get(item.code)) for item in step.items],
            [facts[name] for name in step.facts],
        )
        for step in STEPS
    ]


def facts_of(user: User, today: date) -> dict[str, Fact]:
    """What can be seen without anybody typing it: one query each, two for the promoters."""
    held = Counter(
        RoleGrant.objects.visible_to(user)
        .on(today)
        .filter(user__is_active=True)
        .values_list("role", flat=True)
    )
    found = {
        "cdo": _people(_("People with the role of the CDO"), held[Role.CDO]),
        "office": _people(_("People of the DX office"), held[Role.DX_OFFICE]),
    }
    parts: dict[str, Callable[[User, date], Fact]] = {
        "promoters": _promoters,
        "initiatives": _initiatives,
        "rounds": _rounds,
        "surveys": _surveys,
        "asked_again": _asked_again,
    }
    return {**found, **{name: part(user, today) for name, part in parts.items()}}


def _people(label: str, count: int) -> Fact:
    words = ngettext("%(count)s person", "%(count)s people", count) % {"count": count}
    return Fact(label, words, count > 0)


def _promoters(user: User, today: date) -> Fact:
    standing = Department.objects.visible_to(user).on(today).filter(stands=True)
    total = standing.count()
    grants = RoleGrant.objects.on(today).filter(role=Role.PROMOTER, department__in=standing)
    covered = grants.filter(user__is_active=True).values("department").distinct().count()
    words = _("%(covered)s of %(total)s departments have one") % {
        "covered": covered,
        "total": total,
    }
    url = _url(user, Permission.SEE_TECHNOLOGY_NAMES, "dashboards:department_list")
    return Fact(_("DX promoters of departments"), words, covered > 0, url)


def _initiatives(user: User, _today: date) -> Fact:
    count = Initiative.objects.visible_to(user).real().count()
    words = ngettext("%(count)s initiative", "%(count)s initiatives", count) % {"count": count}
    url = _url(user, Permission.SEE_INITIATIVES, "roadmap:initiative_list")
    return Fact(_("List of initiatives"), words, count > 0, url)


def _rounds(user: User, _today: date) -> Fact:
    closed = ReportingRound.objects.visible_to(user).filter(state=RoundState.CLOSED)
    labels = list(closed.values_list("label", flat=True))
    words = _("None closed yet")
    if labels:
        words = _("%(count)s closed, last: %(label)s") % {"count": len(labels), "label": labels[0]}
    url = _url(user, Permission.SEE_INITIATIVES, "roadmap:round_list")
    return Fact(_("Progress reports"), words, bool(labels), url)


def _surveys(user: User, _today: date) -> Fact:
    count = Wave.objects.visible_to(user).exclude(state__in=EARLY).count()
    words = ngettext("asked %(count)s time", "asked %(count)s times", count) % {"count": count}
    url = _url(user, Permission.SEE_REPLIES, "surveys:survey_list")
    return Fact(_("Surveys of the staff"), words, count > 0, url)


def _asked_again(user: User, _today: date) -> Fact:
    rows = AdoptionVerdict.objects.filter(initiative__in=Initiative.objects.visible_to(user))
    count = rows.values("initiative").distinct().count()
    words = ngettext("%(count)s initiative", "%(count)s initiatives", count) % {"count": count}
    url = _url(user, Permission.SEE_RESULTS, "surveys:followup_list")
    return Fact(_("Asked again after three months"), words, count > 0, url)


def _url(user: User, permission: Permission, name: str) -> str:
    return reverse(name) if can(user, permission) else ""


def _spoken(japanese: str, english: str) -> str:
    return english if translation.get_language() == "en" else japanese
