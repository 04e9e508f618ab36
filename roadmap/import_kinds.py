"""The tables that roadmap can import: initiatives, and figures of criteria."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.urls import reverse
from django.utils.translation import gettext, ngettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.access import Permission, can
from dxportal.accounts.choices import ImportKind
from dxportal.accounts.import_plan import Choices, Plan
from dxportal.accounts.import_registry import Importer, ResultLink, register
from dxportal.accounts.models import Municipality, User
from dxportal.shared.tables import Table
from roadmap.actions.imports import apply_initiatives
from roadmap.actions.sheet_undo import undo_sheet
from roadmap.actions.sheets import apply_sheet
from roadmap.importers import plan_initiatives
from roadmap.models import StatusWord
from roadmap.reading_importer import apply_readings, plan_readings
from roadmap.sheet_plan import SheetPlan, is_ours, plan_sheet


def plan_table(table: Table, municipality: Municipality, choices: Choices) -> Plan[Any]:
    """Our own table cell by cell; any other one by its guessed and remembered columns."""
    if is_ours(table, municipality):
        return plan_sheet(table, municipality, choices)
    return plan_initiatives(table, municipality, choices)


def apply_table(plan: Plan[Any], **details: Any) -> None:
    """Write what `plan_table` found."""
    if isinstance(plan, SheetPlan):
        apply_sheet(plan, **details)
    else:
        apply_initiatives(plan, **details)  # type: ignore[arg-type]


def _links(_summary: Mapping[str, int], user: User) -> list[ResultLink]:
    """The list, what is missing, and the words that mean nothing yet."""
    here = reverse("roadmap:initiative_list")
    links = [
        ResultLink(gettext("Fill in what is missing"), f"{here}?queue=incomplete"),
        ResultLink(gettext("See the initiatives"), here),
    ]
    unmapped = StatusWord.objects.filter(
        municipality_id=user.municipality_id or 0, phase="", progress=""
    ).count()
    if unmapped and can(user, Permission.EDIT_WORDS):
        label = ngettext(
            "Say what %(count)s status word means", "Say what %(count)s status words mean", unmapped
        ) % {"count": unmapped}
        links.insert(0, ResultLink(label, reverse("roadmap:status_word_list")))
    return links


INITIATIVES = Importer(
    kind=ImportKind.INITIATIVES,
    title=_("Import initiatives"),
    noun=_("initiatives"),
    hint=_("Only the name of the initiative is required. Everything else can follow."),
    permissions=(Permission.IMPORT_DATA,),
    fields={
        "title": _("Name of the initiative"),
        "department": _("lead department"),
        "start": _("First year or day"),
        "end": _("Last year or day"),
        "fiscal_years": _("Years (from and to in one)"),
        "status": _("progress"),
        "phase": _("phase"),
        "target": _("target in words"),
        "actual": _("What was achieved"),
        "purpose": _("purpose"),
        "kind": _("kind"),
        "post": _("accountable post"),
        "person": _("person in charge"),
        "beneficiaries": _("for whom"),
        "budget": _("budget"),
        "next_step": _("next step"),
        "cause": _("cause of the delay"),
        "code": _("Reference number"),
        "source": _("source"),
        "note": _("Remarks"),
        "origin": _("Municipality"),
    },
    required=("title",),
    template=(
        *("取組名", "主管所属", "開始年度", "目標年度", "進み具合", "フェーズ", "目的", "種別"),
        *("対象者", "責任者", "担当者", "目標", "予算", "出典", "備考"),
    ),
    upload_url="roadmap:initiative_import",
    template_url="roadmap:initiative_import_template",
    list_url="roadmap:initiative_list",
    origin_as=_("Import all; the name of the municipality stays on each initiative."),
    keeps_leftovers=True,
    plan=plan_table,
    apply=apply_table,
    links=_links,
    undo=undo_sheet,
)


def _reading_links(_summary: Mapping[str, int], _user: User) -> list[ResultLink]:
    return [ResultLink(gettext("See the figures of criteria"), reverse("roadmap:reading_list"))]


READINGS = Importer(
    kind=ImportKind.READINGS,
    title=_("Import figures of criteria"),
    noun=_("figures of criteria"),
    hint=_("Department, day, criterion and value. A row without a value enters nothing."),
    permissions=(Permission.FEED_READINGS,),
    fields={
        "department_code": _("Code of the department"),
        "department": _("Name of the department"),
        "measured_on": _("Day of the measurement"),
        "criterion": _("Code of the criterion"),
        "value": _("value"),
        "note": _("where the figure comes from"),
        "origin": _("Municipality"),
    },
    required=("measured_on", "criterion", "value"),
    template=("所属コード", "所属名", "測定日", "基準コード", "値", "出典"),
    upload_url="roadmap:reading_import",
    template_url="roadmap:reading_import_template",
    list_url="roadmap:reading_list",
    origin_as=_("Import all."),
    keeps_leftovers=False,
    plan=plan_readings,
    apply=apply_readings,
    links=_reading_links,
    chooses_rows=True,
)


def register_all() -> None:
    """Make both known."""
    register(INITIATIVES)
    register(READINGS)
