"""The municipality's own facts and its departments."""

from __future__ import annotations

from collections.abc import Mapping
from typing import Any

from django.db import IntegrityError, transaction

from dxportal.accounts.audit import record
from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.hooks import tell_organisation_changed
from dxportal.accounts.models import Department, Municipality, User

DEPARTMENT_FIELDS = (
    *("code", "name", "parent", "kind", "stands", "without_account", "valid_from", "valid_to"),
)


class CodeTaken(Exception):
    """The municipality has a department of that code."""


class ParentBelow(Exception):
    """The new parent lies below the department itself."""


@transaction.atomic
def edit_municipality(
    municipality: Municipality, *, by: User, channel: str = "screen", **fields: Any
) -> Municipality:
    """Change name, size_band or calendar_style."""
    locked = Municipality.objects.select_for_update().get(pk=municipality.pk)
    before = {name: getattr(locked, name) for name in fields}
    for name, value in fields.items():
        setattr(locked, name, value)
    locked.save(update_fields=list(fields))
    if before != fields:
        details = {"before": before, "after": fields, "municipality_id": locked.pk}
        record("municipality.edited", locked, by=by, channel=channel, **details)
    return locked


@transaction.atomic
def save_department(
    department: Department | None,
    *,
    municipality: Municipality,
    by: User,
    channel: str = "screen",
    **fields: Any,
) -> Department:
    """Create or change one department; those below it learn their bureau anew."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    kept = Department(municipality=municipality)
    if department is not None:
        kept = Department.objects.select_related("parent").get(pk=department.pk)
    before = _facts(kept) if department else {}
    for name in DEPARTMENT_FIELDS:
        if name in fields:
            setattr(kept, name, fields[name])
    _refuse_circle(kept)
    kept.bureau = _bureau_of(kept)
    try:
        with transaction.atomic():
            kept.save()
    except IntegrityError as error:
        raise CodeTaken from error
    _pass_down(kept)
    action = "department.edited" if department else "department.created"
    record(action, kept, by=by, channel=channel, before=before, after=_facts(kept))
    tell_organisation_changed(municipality.pk)
    return kept


@transaction.atomic
def set_without_account(
    municipality: Municipality, counts: Mapping[int, int], *, by: User, channel: str = "screen"
) -> int:
    """How many staff of each department have no account, by key; how many departments changed."""
    Municipality.objects.select_for_update().get(pk=municipality.pk)
    rows = Department.objects.filter(municipality=municipality, pk__in=counts)
    changed = [row for row in rows.order_by("pk") if row.without_account != counts[row.pk]]
    for row in changed:
        before = {"without_account": row.without_account}
        row.without_account = counts[row.pk]
        row.save(update_fields=["without_account"])
        after = {"without_account": row.without_account}
        record("department.edited", row, by=by, channel=channel, before=before, after=after)
    return len(changed)


def _refuse_circle(department: Department) -> None:
    """No department lies below itself."""
    above = department.parent
    while above is not None and department.pk is not None:
        if above.pk == department.pk:
            raise ParentBelow
        above = above.parent


def _bureau_of(department: Department) -> Department | None:
    """The bureau above; none for a bureau."""
    above = department.parent
    if above is None or department.kind == DepartmentKind.BUREAU:
        return None
    return above if above.kind == DepartmentKind.BUREAU else above.bureau


def _pass_down(department: Department) -> None:
    """Give every department below its bureau, level by level."""
    level = [department]
    while level:
        below = list(
            Department.objects.filter(parent__in=level).select_related("parent", "parent__bureau")
        )
        for child in below:
            child.bureau = _bureau_of(child)
        Department.objects.bulk_update(below, ["bureau"])
        level = below


def _facts(department: Department) -> dict[str, Any]:
    """What the audit trail keeps of a department."""
    facts = {name: getattr(department, name) for name in DEPARTMENT_FIELDS}
    return {**facts, "parent": str(department.parent) if department.parent else None}
