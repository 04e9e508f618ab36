"""Keeping an address of the list under a name, and letting go of it again."""

from __future__ import annotations

from django.core.exceptions import ValidationError
from django.db import transaction
from django.utils.translation import gettext_lazy as _

from dxportal.accounts import audit
from dxportal.accounts.models import Event, User
from roadmap.models import SavedView

SAVED = "saved_view.saved"
CHANGED = "saved_view.changed"
DELETED = "saved_view.deleted"
RESTORED = "saved_view.restored"

#: Views that one person may keep; beyond that nobody finds them again.
MOST = 30


@transaction.atomic
def save_view(*, by: User, name: str, query: str, shared: bool) -> SavedView:
    """Keep a query string under a name; the same name again points to the new address.

    Raises ValidationError where the person keeps too many already.
    """
    own = SavedView.objects.select_for_update().filter(owner=by)
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    found = own.filter(name=name).first()
    if found is None:
        if own.count() >= MOST:
            raise ValidationError(
                _("You keep %(most)s views already. Delete one that you do not need."),
                params={"most": MOST},
            )
        made = SavedView.objects.create(
            municipality_id=by.municipality_id or 0,
            owner=by,
            name=name,
            query=query,
            shared=shared,
        )
        audit.record(SAVED, made, by=by, after=_facts(made))
        return made
    return _change(found, by=by, name=name, query=query, shared=shared)


@transaction.atomic
def change_view(view: SavedView, *, by: User, name: str, shared: bool) -> SavedView:
    """Rename a view, share it or keep it to oneself. Raises ValidationError for a taken name."""
    locked = SavedView.objects.select_for_update().get(pk=view.pk)
    taken = SavedView.objects.filter(owner_id=locked.owner_id, name=name).exclude(pk=locked.pk)
    if taken.exists():
        raise ValidationError(_("There is already a view of this name. Choose another one."))
    return _change(locked, by=by, name=name, query=locked.query, shared=shared)


@transaction.atomic
def delete_view(view: SavedView, *, by: User) -> Event | None:
    """Delete a view; the event can bring it back. None where it is gone already."""
    locked = SavedView.objects.select_for_update().filter(pk=view.pk).first()
    if locked is None:
        return None
    event = audit.record(DELETED, locked, by=by, before=_facts(locked))
    locked.delete()
    return event


@transaction.atomic
def restore_view(event: Event, *, by: User) -> SavedView:
    """Bring a deleted view back as it was; a second time changes nothing.

    Raises ValidationError where its name is taken meanwhile.
    """
    User.objects.select_for_update(no_key=True).get(pk=by.pk)
    facts = event.before
    key = int(event.object_id)
    there = SavedView.objects.filter(pk=key).first()
    if there is not None:
        return there
    if SavedView.objects.filter(owner_id=facts["kept_by"], name=facts["name"]).exists():
        raise ValidationError(_("There is already a view of this name. Choose another one."))
    made = SavedView(
        pk=key,
        municipality_id=event.municipality_id or 0,
        owner_id=facts["kept_by"],
        name=facts["name"],
        query=facts["query"],
        shared=facts["shared"],
    )
    made.save(force_insert=True)
    audit.record(RESTORED, made, by=by, after=_facts(made))
    return made


def _change(view: SavedView, *, by: User, name: str, query: str, shared: bool) -> SavedView:
    """Write what differs; nothing where nothing does."""
    before = _facts(view)
    view.name, view.query, view.shared = name, query, shared
    if _facts(view) != before:
        view.save()
        audit.record(CHANGED, view, by=by, before=before, after=_facts(view))
    return view


def _facts(view: SavedView) -> dict[str, object]:
    return {
        "name": view.name,
        "query": view.query,
        "shared": view.shared,
        "kept_by": view.owner_id,
    }
