"""Addresses of documents and pages that belong to an initiative."""

from __future__ import annotations

from urllib.parse import urlsplit

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Event, User
from roadmap.actions.parts import PART, record_part
from roadmap.models import Initiative, InitiativeLink

ADDED, REMOVED, RESTORED = "link.added", "link.removed", "link.restored"
#: What a browser may be led to; files on a share are named as file:// or \\\\server\\share.
SCHEMES = ("http", "https", "file")
MOST = 50


def checked_address(url: str) -> str:
    """The address, or ValidationError where a browser must not be led to it."""
    address = url.strip()
    if address.startswith("\\\\"):
        address = "file:" + address.replace("\\", "/").replace(" ", "%20")
    try:
        parts = urlsplit(address)
    except ValueError:
        parts = urlsplit("")
    if parts.scheme.lower() not in SCHEMES or not (parts.netloc or parts.path.strip("/")):
        raise ValidationError(
            {"url": _("Begin with https://, http:// or the path of a shared folder (\\\\…).")}
        )
    return address


@transaction.atomic
def add_link(initiative: Initiative, *, label: str, url: str, by: User) -> InitiativeLink:
    """Keep an address; the same address again is one link. Raises ValidationError."""
    address = checked_address(url)
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    if found := locked.link_rows.filter(url=address).first():
        return found
    last = locked.link_rows.order_by("-order").values_list("order", flat=True).first() or 0
    if locked.link_rows.count() >= MOST:
        raise ValidationError({"url": _("An initiative keeps 50 links at most.")})
    row = InitiativeLink.objects.create(
        initiative=locked, label=label.strip() or address[:120], url=address, order=last + 1
    )
    record_part(ADDED, locked, row, by=by, after={"label": row.label, "url": row.url})
    return row


@transaction.atomic
def remove_link(link: InitiativeLink, *, by: User) -> Event | None:
    """Take a link away; None where it is gone already."""
    rows = InitiativeLink.objects.select_for_update(of=("self",)).select_related("initiative")
    row = rows.filter(pk=link.pk).first()
    if row is None:
        return None
    facts = {"label": row.label, "url": row.url, "order": row.order}
    event = record_part(REMOVED, row.initiative, row, by=by, before=facts)
    row.delete()
    return event


@transaction.atomic
def restore_link(event: Event, initiative: Initiative, *, by: User) -> InitiativeLink:
    """Bring back what `remove_link` took away, once."""
    locked = Initiative.objects.select_for_update().get(pk=initiative.pk)
    if event.action != REMOVED or event.object_id != str(locked.pk):
        raise ValidationError(_("This cannot be brought back."))
    facts = dict(event.before)
    if found := locked.link_rows.filter(url=facts["url"]).first():
        return found
    row = InitiativeLink.objects.create(
        pk=event.after[PART][1],
        initiative=locked,
        label=facts["label"],
        url=facts["url"],
        order=facts["order"] or 0,
    )
    record_part(RESTORED, locked, row, by=by, after={"label": row.label, "url": row.url})
    return row
