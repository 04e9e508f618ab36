"""Forms of replies, of offers to help, and of declared outcomes."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date
from typing import Any

from django import forms
from django.db.models import Q
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Post, User
from dxportal.shared.fiscal import fiscal_year_end, quarter_end
from roadmap.choices import ReplyState
from roadmap.models import Initiative, Theme
from surveys.actions.follow_ups import DECLARABLE
from surveys.actions.replies import Words
from surveys.models import Commitment

#: The empty choice of a list.
_NONE = ("", "–")


class ReplyForm(forms.Form):
    """What is needed differs by the reply; the action says what is missing, field by field."""

    state = forms.ChoiceField(
        label=_("Your reply"), choices=ReplyState.choices, widget=forms.RadioSelect
    )
    sentence = forms.CharField(
        label=_("In one sentence"),
        max_length=300,
        required=False,
        help_text=_(
            "What will be done; why it cannot be done; what you are looking into. With “We do it”"
            " and an initiative it may stay empty."
        ),
        widget=forms.TextInput(attrs={"autocomplete": "off"}),
    )
    initiative = forms.TypedChoiceField(
        label=_("Initiative"), coerce=int, empty_value=None, required=False
    )
    owner = forms.TypedChoiceField(
        label=_("Post that answers for it"),
        coerce=int,
        empty_value=None,
        required=False,
        help_text=_("Needed for “We do it”. Whoever holds the post is told."),
    )
    due_on = forms.DateField(
        label=_("Date"),
        required=False,
        help_text=_("Done by; looked at again on; answered by. On that day it comes back to you."),
        widget=forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d"),
    )
    version = forms.IntegerField(required=False, widget=forms.HiddenInput)

    def __init__(
        self,
        data: Any,
        *,
        user: User,
        day: date,
        reply: Commitment | None,
        begin_with: Mapping[str, Any] | None = None,
    ) -> None:
        """Begin with the reply that stands, if there is one, and what `begin_with` puts over it."""
        names = ("state", "sentence", "initiative_id", "owner_id", "due_on", "version")
        initial = {name.removesuffix("_id"): getattr(reply, name) for name in names if reply}
        super().__init__(data, initial=initial | dict(begin_with or {}))
        rows = Initiative.objects.visible_to(user).order_by("title", "id")
        self._initiatives = {row.pk: row for row in rows.only("id", "title", "municipality_id")}
        self._choose("initiative", [(pk, row.title) for pk, row in self._initiatives.items()])
        self._posts = {post.pk: post for post in _posts(user, day, reply)}
        self._choose("owner", [(pk, _post_label(post)) for pk, post in self._posts.items()])

    def _choose(self, name: str, choices: list[tuple[int, str]]) -> None:
        self.fields[name].choices = [_NONE, *choices]  # type: ignore[attr-defined]

    def mark(self) -> None:
        """Show what a reply needs as required; what is wrong with it is the action's to say."""
        for name in ("sentence", "due_on"):
            self.fields[name].required = True

    def words(self) -> Words:
        """The reply, for the action."""
        data = self.cleaned_data
        return Words(
            state=data["state"],
            sentence=data["sentence"],
            initiative=self._initiatives.get(data["initiative"]),
            owner=self._posts.get(data["owner"]),
            due_on=data["due_on"],
        )


def _posts(user: User, day: date, reply: Commitment | None) -> Any:
    """Posts of departments that stand on that day, and the one that is chosen now."""
    standing = Q(department__valid_from__lte=day) & (
        Q(department__valid_to__isnull=True) | Q(department__valid_to__gt=day)
    )
    kept = reply.owner_id if reply else None
    return Post.objects.visible_to(user).filter(standing | Q(pk=kept)).with_holders(day)


def _post_label(post: Post) -> str:
    people = gettext(", ").join(seat.user.name for seat in getattr(post, "held_today", []))
    return gettext("%(post)s (%(people)s)") % {
        "post": f"{post.department.name} {post.name}",
        "people": people or gettext("vacant"),
    }


def promise_of(initiative: Initiative, today: date) -> dict[str, Any]:
    """The reply that an initiative makes possible: what a form begins with."""
    found: dict[str, Any] = {
        "state": ReplyState.DO,
        "initiative": initiative.pk,
        "sentence": gettext("We do it with “%(title)s”.") % {"title": initiative.title},
    }
    if initiative.accountable_post_id:
        found["owner"] = initiative.accountable_post_id
    if initiative.target_fy:
        year, part = initiative.target_fy, initiative.target_quarter
        end = quarter_end(year, part) if part else fiscal_year_end(year)
        if end >= today:
            found["due_on"] = end
    return found


def same_again(earlier: Commitment, today: date) -> dict[str, Any]:
    """An earlier reply as the beginning of a new one; a date that has passed is left out."""
    names = ("state", "sentence", "initiative_id", "owner_id", "due_on")
    found = {name.removesuffix("_id"): getattr(earlier, name) for name in names}
    if earlier.due_on and earlier.due_on < today:
        del found["due_on"]
    return found


class VoiceFilter(forms.Form):
    """The search bar of the replies."""

    q = forms.CharField(
        label=_("Search replies"),
        required=False,
        max_length=200,
        widget=forms.TextInput(
            attrs={"type": "search", "placeholder": _("Theme, reply, initiative")}
        ),
    )
    state = forms.ChoiceField(
        label=_("Reply"),
        required=False,
        choices=[("", _("All replies")), ("kept", _("Kept promises")), *ReplyState.choices],
    )

    def chosen(self) -> dict[str, str]:
        """What to look for; a choice that does not exist stands for all."""
        self.is_valid()
        return {
            "state": self.cleaned_data.get("state", ""),
            "query": self.cleaned_data.get("q", ""),
        }


class OfferForm(forms.Form):
    """A theme and, if one likes, a few words."""

    theme = forms.TypedChoiceField(label=_("Theme"), coerce=int)
    note = forms.CharField(
        label=_("What you could do"),
        max_length=200,
        required=False,
        help_text=_("Up to 200 characters, for instance what you know or how much time you have."),
        widget=forms.Textarea(attrs={"rows": 2, "maxlength": 200}),
    )

    def __init__(self, data: Any, *, user: User, offered: set[int], theme: str = "") -> None:
        """Themes of the user's municipality that are in use and not offered for yet."""
        super().__init__(data, initial={"theme": theme})
        rows = Theme.objects.visible_to(user).filter(active=True, merged_into__isnull=True)
        self._themes = {row.pk: row for row in rows if row.pk not in offered}
        choices = [(pk, str(row)) for pk, row in self._themes.items()]
        self.fields["theme"].choices = [_NONE, *choices]  # type: ignore[attr-defined]

    def chosen(self) -> Theme:
        """The theme to help with."""
        return self._themes[self.cleaned_data["theme"]]


class DeclareForm(forms.Form):
    """An outcome and the reason for it."""

    verdict = forms.ChoiceField(
        label=_("Outcome"),
        choices=[(verdict.value, verdict.label) for verdict in DECLARABLE],
        widget=forms.RadioSelect,
    )
    reason = forms.CharField(
        label=_("Why do you judge it so?"),
        max_length=400,
        help_text=_("It is shown as declared, never as measured."),
        widget=forms.Textarea(attrs={"rows": 3}),
    )
