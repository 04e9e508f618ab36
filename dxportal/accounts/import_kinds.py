"""The tables that accounts can import: departments and people."""

from __future__ import annotations

from collections.abc import Mapping

from django.urls import reverse
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.access import Permission
from dxportal.accounts.actions.imports import apply_departments, apply_staff
from dxportal.accounts.choices import ImportKind
from dxportal.accounts.import_registry import Importer, ResultLink, register
from dxportal.accounts.importers import plan_departments, plan_staff
from dxportal.accounts.models import User

_LEVELS = {
    "level0": _("Level above the bureau (局)"),
    "level1": _("Bureau (部)"),
    "level2": _("Section (課)"),
    "level3": _("Team (係)"),
}


def _department_links(_summary: Mapping[str, int], _user: User) -> list[ResultLink]:
    return [
        ResultLink(gettext("See the departments"), reverse("dashboards:department_list")),
    ]


def _staff_links(_summary: Mapping[str, int], _user: User) -> list[ResultLink]:
    return [ResultLink(gettext("See the people"), reverse("accounts:people_list"))]


DEPARTMENTS = Importer(
    kind=ImportKind.DEPARTMENTS,
    title=_("Import departments"),
    noun=_("departments"),
    hint=_("A list with codes, or a table with the columns 部, 課 and 係."),
    permissions=(Permission.IMPORT_DATA, Permission.MANAGE_PEOPLE),
    fields={
        "code": _("Code of the department"),
        "name": _("Name of the department"),
        "parent": _("Code or name of the one above"),
        **_LEVELS,
        "kind": _("Kind (部, 課, 係)"),
        "valid_from": _("First day"),
        "valid_to": _("Last day"),
        "predecessors": _("Codes of those it came from"),
        "without_account": _("Staff without an account"),
        "origin": _("Municipality"),
    },
    required=(),
    template=("所属コード", "所属名", "上位所属コード", "有効開始日", "有効終了日", "旧所属コード"),
    upload_url="accounts:department_import",
    template_url="accounts:department_import_template",
    list_url="dashboards:department_list",
    origin_as=_("Import all; each municipality becomes a bureau at the top."),
    keeps_leftovers=False,
    plan=plan_departments,
    apply=apply_departments,
    links=_department_links,
)

STAFF = Importer(
    kind=ImportKind.STAFF,
    title=_("Import people"),
    noun=_("people"),
    hint=_("E-mail address and name are required. Nobody gets a message or a password."),
    permissions=(Permission.MANAGE_PEOPLE,),
    fields={
        "email": _("e-mail"),
        "name": _("Name of the person"),
        "department_code": _("Code of the department"),
        "department": _("Name of the department"),
        "post_title": _("post"),
        "is_head": _("Head of department (○)"),
        "role": _("role"),
        "employment": _("employment"),
        **_LEVELS,
        "origin": _("Municipality"),
    },
    required=("email", "name"),
    template=("メールアドレス", "氏名", "所属コード", "職名", "所属長", "役割", "任用形態"),
    upload_url="accounts:staff_import",
    template_url="accounts:staff_import_template",
    list_url="accounts:people_list",
    origin_as=_("Import all."),
    keeps_leftovers=False,
    plan=plan_staff,
    apply=apply_staff,
    links=_staff_links,
)


def register_all() -> None:
    """Make both known."""
    register(DEPARTMENTS)
    register(STAFF)
