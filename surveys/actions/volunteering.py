"""Offering to help with a theme: by name, on a page of its own, tied to no wave and no ballot."""

from __future__ import annotations

import datetime as dt

from django.core.exceptions import PermissionDenied, ValidationError
from django.db import IntegrityError, transaction
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import User
from roadmap.models import Theme
from surveys.models import Volunteer

OFFERED, WITHDRAWN, RESTORED = (
    "volunteer.offered",
    "volunteer.withdrawn",
    "volunteer.restored",
)
MAX_NOTE = 200


@transaction.atomic
def offer(theme: Theme, *, note: str = "", by: User, on: dt.date) -> Volunteer:
    """Offer to help. Raises ValidationError for a theme that is out of use or offered for."""
    if theme.municipality_id != by.municipality_id:
        raise ValidationError(_("This theme belongs to another municipality."))
    if not theme.active or theme.merged_into_id:
        raise ValidationError(_("This theme is no longer in use. Please choose another one."))
    if len(note.strip()) > MAX_NOTE:
        raise ValidationError({"note": _("Please keep it to 200 characters.")})
    row = Volunteer(theme=theme, user=by, note=note.strip(), offered_on=on)
    _save_once(row)
    facts = {"theme": theme.code}  # what was written is for the DX office, not for the audit
    record(OFFERED, row, by=by, municipality_id=theme.municipality_id, after=facts)
    return row


@transaction.atomic
def withdraw(offered: Volunteer, *, by: User, on: dt.date) -> Volunteer:
    """Take the own offer back; taking it back again changes nothing."""
    row = _own(offered, by)
    if row.withdrawn_on is None:
        row.withdrawn_on = on
        row.save(update_fields=["withdrawn_on"])
        _record(WITHDRAWN, row, by, before=None)
    return row


@transaction.atomic
def restore(offered: Volunteer, *, by: User) -> Volunteer:
    """Undo the taking back. Raises ValidationError where another offer for the theme stands."""
    row = _own(offered, by)
    if row.withdrawn_on is not None:
        before, row.withdrawn_on = row.withdrawn_on, None
        _save_once(row)
        _record(RESTORED, row, by, before=before)
    return row


def _own(offered: Volunteer, by: User) -> Volunteer:
    row = Volunteer.objects.select_for_update(of=("self",)).select_related("theme")
    found = row.get(pk=offered.pk)
    if found.user_id != by.pk:
        raise PermissionDenied
    return found


def _save_once(row: Volunteer) -> None:
    """Save; the database refuses a second standing offer of one person for one theme."""
    try:
        with transaction.atomic():
            row.save()
    except IntegrityError as error:
        if "volunteer_once" not in str(error):
            raise
        raise ValidationError(
            {"theme": _("You have offered to help with this theme already.")}
        ) from None


def _record(action: str, row: Volunteer, by: User, before: dt.date | None) -> None:
    record(
        action,
        row,
        by=by,
        municipality_id=row.theme.municipality_id,
        before={"withdrawn_on": before},
        after={"withdrawn_on": row.withdrawn_on},
    )
