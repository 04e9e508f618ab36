"""The form beside the preview of a shared picture, and the preview itself."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from typing import Any, Self

from django import forms
from django.http import QueryDict
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.accounts.models import User
from dxportal.dashboards.board import moments
from dxportal.dashboards.sharing.picture import compose, default_title
from roadmap.models import SharedPicture
from roadmap.sharing import Content, changes, seen_checksum


class SharingForm(forms.Form):
    """The title and the month; everything else follows from the snapshots."""

    title = forms.CharField(
        label=gettext_lazy("Title"),
        max_length=120,
        help_text=gettext_lazy("Everybody who has the address reads it. No names of people."),
    )
    month = forms.ChoiceField(label=gettext_lazy("Month"))

    def __init__(self, *args: Any, months: Sequence[date], **kwargs: Any) -> None:
        """`months`: those that were counted, the newest first."""
        super().__init__(*args, **kwargs)
        words = _("%(year)d-%(month)02d")
        self.fields["month"].choices = [  # type: ignore[attr-defined]
            (f"{m:%Y-%m}", words % {"year": m.year, "month": m.month}) for m in months
        ]

    @classmethod
    def of(cls, user: User, picture: SharedPicture | None, posted: QueryDict | None) -> Self:
        """Filled in for the newest month, with the title that stands there already."""
        months = moments.months(user, timezone.localdate())
        initial: dict[str, str] = {}
        if months and user.municipality:
            title = picture.title if picture else default_title(user.municipality, months[0])
            initial = {"title": title, "month": f"{months[0]:%Y-%m}"}
        return cls(posted, months=months, initial=initial)

    @property
    def wished(self) -> tuple[str, date | None]:
        """The title and the month to preview: what was typed, as far as it can be used."""
        told = self.cleaned_data if self.is_bound and self.is_valid() else self.initial
        month = told.get("month", "")
        return told.get("title", ""), date.fromisoformat(f"{month}-01") if month else None


@dataclass(frozen=True)
class Preview:
    """What would be seen, what changes, and by what it is known again when it is published."""

    content: Content
    changes: list[str]
    against: SharedPicture | None
    seen: str


def preview(user: User, form: SharingForm, picture: SharedPicture | None) -> Preview | None:
    """Compared with what this address shows now, or with what was shared last."""
    title, month = form.wished
    if month is None:
        return None
    content = compose(user, title=title, period=month, today=timezone.localdate())
    if content is None:
        return None
    against = picture or SharedPicture.objects.visible_to(user).shown().first()
    told = changes(against.content, content) if against else []
    return Preview(content, told, against, seen_checksum(content))
