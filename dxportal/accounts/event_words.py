"""The audit trail in words: what was done, to what, and what changed."""

from __future__ import annotations

from collections.abc import Iterator
from dataclasses import dataclass
from functools import cache
from typing import TYPE_CHECKING, Any

from django.apps import apps
from django.core.exceptions import FieldDoesNotExist
from django.db.models import Field, Model
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.accounts.models import Event

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise

#: Action → words. Other apps add theirs when they are ready.
ACTION_WORDS: dict[str, str | _StrPromise] = {
    "sign_in": gettext_lazy("signed in"),
    "sign_out": gettext_lazy("signed out"),
    "sign_in.failed": gettext_lazy("failed to sign in"),
    "sign_in.blocked": gettext_lazy("has to wait after too many wrong passwords"),
    "password.changed": gettext_lazy("changed the own password"),
    "person.created": gettext_lazy("created the account"),
    "person.edited": gettext_lazy("changed the account"),
    "person.password_reset": gettext_lazy("gave a new password"),
    "role.granted": gettext_lazy("gave a role"),
    "role.ended": gettext_lazy("ended a role"),
    "role.changed": gettext_lazy("changed the term of a promoter"),
    "promoter.asked": gettext_lazy("asked the head to name a promoter"),
    "promoter.suggested": gettext_lazy("named a promoter to the DX office"),
    "post.created": gettext_lazy("created the post"),
    "post.edited": gettext_lazy("changed the post"),
    "post.assigned": gettext_lazy("put a person on the post"),
    "post.vacated": gettext_lazy("took a person off the post"),
    "department.created": gettext_lazy("created the department"),
    "department.edited": gettext_lazy("changed the department"),
    "post.removed": gettext_lazy("removed the post"),
    "department.removed": gettext_lazy("removed the department"),
    "municipality.created": gettext_lazy("created the municipality"),
    "municipality.seeded": gettext_lazy("filled in the example municipality"),
    "municipality.edited": gettext_lazy("changed the municipality"),
    "import.applied": gettext_lazy("imported a table"),
    "import.undone": gettext_lazy("took an import back"),
    "webhook.saved": gettext_lazy("said where the webhook leads"),
    "webhook.secret_renewed": gettext_lazy("made a new secret for the webhook"),
    "events.exported": gettext_lazy("exported the audit trail"),
}

#: Action → the model whose fields its values are, where they are not the object's own.
FIELDS_OF: dict[str, str] = {
    "role.granted": "rolegrant",
    "role.ended": "rolegrant",
    "role.changed": "rolegrant",
    "post.assigned": "assignment",
    "post.vacated": "assignment",
}

#: Names of values that are no field, or whose field has no name of its own.
LABELS: dict[str, str | _StrPromise] = {
    "criterion": gettext_lazy("criterion"),
    "department": gettext_lazy("department"),
    "departments": gettext_lazy("departments"),
    "expires_on": gettext_lazy("valid until"),
    "asked": gettext_lazy("People asked"),
    "k_cell": gettext_lazy("fewest people counted together"),
    "k_text": gettext_lazy("fewest free texts of a bureau"),
    "on": gettext_lazy("Date"),
    "how_much": gettext_lazy("how much"),
    "undone": gettext_lazy("rows set back"),
    "left": gettext_lazy("cells left as they are"),
    "publish_at": gettext_lazy("results from"),
    "reason": gettext_lazy("reason"),
    "wave": gettext_lazy("wave"),
}

#: Values that serve the program and say nothing to a reader.
UNSPOKEN = {"version", "token", "key_id"}

#: Channel → words.
CHANNEL_WORDS: dict[str, str | _StrPromise] = {
    "screen": gettext_lazy("on screen"),
    "link": gettext_lazy("by a link"),
    "import": gettext_lazy("by an import"),
    "command": gettext_lazy("by a command"),
    "system": gettext_lazy("by the system"),
    "api": gettext_lazy("by another system"),
}


@dataclass(frozen=True)
class Change:
    """One field: its name and both values, in words."""

    label: str
    before: str
    after: str


def action_words(event: Event) -> str:
    """What was done; the action's own name where nobody gave words."""
    return str(ACTION_WORDS.get(event.action, event.action))


def channel_words(event: Event) -> str:
    """Through what it was done."""
    return str(CHANNEL_WORDS.get(event.channel, event.channel))


def object_words(event: Event) -> str:
    """What kind of thing it was done to."""
    model = _models().get(event.object_type)
    return str(model._meta.verbose_name) if model else event.object_type


def changes(event: Event) -> Iterator[Change]:
    """Every field that differs."""
    for name in {**event.before, **event.after}:
        if name in UNSPOKEN:
            continue
        field = _field(event, name)
        own = getattr(field, "verbose_name", name)
        label = str(LABELS.get(name, own))
        before, after = event.before.get(name), event.after.get(name)
        yield Change(label, _value(field, before), _value(field, after))


@cache
def _models() -> dict[str, type[Model]]:
    """Model names are unique over our apps."""
    return {model._meta.model_name or "": model for model in apps.get_models()}


def _field(event: Event, name: str) -> Field[Any, Any] | None:
    """The field of that name, of the object or of what hangs on it (named in `part`)."""
    part = event.after.get("part") or [""]
    for kind in (FIELDS_OF.get(event.action, ""), str(part[0]), event.object_type):
        model = _models().get(kind)
        try:
            field = model._meta.get_field(name) if model else None
        except FieldDoesNotExist:
            continue
        if isinstance(field, Field):
            return field
    return None


def _value(field: Field[Any, Any] | None, value: Any) -> str:
    """A value as its reader would say it."""
    if value is None or value == "":
        return "–"
    if isinstance(value, bool):
        return _("Yes") if value else _("No")
    if isinstance(value, list):
        return "、".join(_value(field, item) for item in value) or "–"
    choices = dict(field.flatchoices) if field is not None else {}
    return str(choices.get(value, value))
