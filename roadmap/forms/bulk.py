"""What is chosen for many ticked rows at once."""

from __future__ import annotations

import re
from collections.abc import Iterable
from datetime import date
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Post, User
from roadmap.actions.bulk import MOST_ROWS, Tick
from roadmap.actions.updates import Report
from roadmap.choices import Phase
from roadmap.effort import measured
from roadmap.forms.stopping import ended_field, none_ended_field, said_ended
from roadmap.shown_words import ShownWords

_TICK = re.compile(r"(\d{1,18}):(\d{1,18}):(\d{1,9})", re.ASCII)


def read_ticks(values: Iterable[str]) -> list[Tick]:
    """Ticked rows as "initiative:report:version"; what is not so is no row, a row counts once."""
    found: dict[int, Tick] = {}
    for value in values:
        if match := _TICK.fullmatch(value):
            tick = Tick(*(int(part) for part in match.groups()))
            found.setdefault(tick.pk, tick)
    return list(found.values())[:MOST_ROWS]


class BulkForm(forms.Form):
    """A progress, a phase, or no change; stopping asks why and what ended.

    Freed time is not asked for many at once: it would not be clear whether it is meant for each.
    """

    progress = forms.ChoiceField(label=_("Progress"), required=False)
    phase = forms.ChoiceField(label=_("Phase"), required=False)
    note = forms.CharField(label=_("Reason or note"), required=False, max_length=2000)
    ended = ended_field()
    none_ended = none_ended_field()
    unchanged = forms.BooleanField(required=False, widget=forms.HiddenInput)
    seconds = forms.CharField(required=False, widget=forms.HiddenInput)

    def __init__(self, data: Any = None, *, words: ShownWords) -> None:
        """Choices in the municipality's words; the first leaves it as it is."""
        super().__init__(data)
        as_is = [("", _("as it is"))]
        self.fields["progress"].choices = [*as_is, *words.every_progress()]  # type: ignore[attr-defined]
        self.fields["phase"].choices = [*as_is, *words.choosable_phases()]  # type: ignore[attr-defined]
        if data is None or data.get("phase") != Phase.STOPPED:
            del self.fields["ended"], self.fields["none_ended"]

    def clean_seconds(self) -> int | None:
        """A time that cannot be one is none."""
        return measured(self.cleaned_data["seconds"])

    def clean(self) -> dict[str, Any]:
        """Something must be chosen, and stopping says why."""
        data = super().clean() or {}
        if not (data.get("unchanged") or data.get("progress") or data.get("phase")):
            raise forms.ValidationError(_("Choose a progress or a phase."))
        if data.get("phase") == Phase.STOPPED and not data.get("note", "").strip():
            self.add_error("note", _("Say why it is stopped."))
        if data.get("phase") == Phase.STOPPED and said_ended(data) is None:
            self.add_error("ended", _("Say what work, form or tool ended, or that none did."))
        return data

    def report(self) -> Report:
        """For the action."""
        data = self.cleaned_data
        if data["unchanged"]:
            return Report(unchanged=True)
        phase, progress = data["phase"] or None, data["progress"] or None
        return Report(phase, progress, data["note"], ended=said_ended(data))


class OwnersForm(forms.Form):
    """Accountable post and person in charge of many; what is left empty stays."""

    post = forms.TypedChoiceField(
        label=_("Accountable post"), coerce=int, empty_value=None, required=False
    )
    contact = forms.EmailField(
        label=_("Person in charge"),
        required=False,
        help_text=_("The person's e-mail address."),
    )

    def __init__(self, data: Any = None, *, user: User, day: date) -> None:
        """Posts of the departments that stand on that day."""
        super().__init__(data)
        self.user = user
        standing = Q(department__valid_from__lte=day) & (
            Q(department__valid_to__isnull=True) | Q(department__valid_to__gt=day)
        )
        posts = (
            Post.objects.visible_to(user)
            .filter(standing)
            .select_related("department")
            .order_by("department__order", "-is_head", "name")
        )
        choices = [(post.pk, f"{post.department.name} {post.name}") for post in posts]
        self.fields["post"].choices = [("", _("as it is")), *choices]  # type: ignore[attr-defined]

    def clean_contact(self) -> User | None:
        """The address belongs to somebody here."""
        email: str = self.cleaned_data["contact"]
        if not email:
            return None
        people = User.objects.visible_to(self.user).filter(is_active=True)
        found = people.filter(email=email.lower()).first()
        if found is None:
            raise forms.ValidationError(_("Nobody here has this address."))
        return cast(User, found)

    def clean(self) -> dict[str, Any]:
        """Something must be chosen."""
        data = super().clean() or {}
        if not self.errors and not (data.get("post") or data.get("contact")):
            raise forms.ValidationError(_("Choose a post or a person."))
        return data

    def owners(self) -> dict[str, int | None]:
        """For the action."""
        post, contact = self.cleaned_data["post"], self.cleaned_data["contact"]
        found = {"accountable_post_id": post, "contact_id": contact.pk if contact else None}
        return {name: value for name, value in found.items() if value is not None}
