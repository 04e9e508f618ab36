"""What people enter for a reorganisation: the file, the day, one row of each kind, the owners."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.forms import DayInput
from dxportal.accounts.models import Post
from roadmap.choices import ChangeKind
from roadmap.reorganising.draft import Draft
from roadmap.reorganising.rows import Change, listed
from roadmap.reorganising.state import Key, outlasts

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

#: A reorganisation may be written down this long after its day, or planned this long before it.
BEHIND, AHEAD = dt.timedelta(days=366), dt.timedelta(days=2 * 366)
#: Fields of the form of each kind, in their order.
FIELDS: dict[str, tuple[str, ...]] = {
    ChangeKind.FOUND: ("name", "parent", "code"),
    ChangeKind.RENAME: ("department", "new_name", "parent", "code"),
    ChangeKind.MERGE: ("department", "second", "third", "successors", "code"),
    ChangeKind.SPLIT: ("department", "successors", "posts", "initiatives"),
    ChangeKind.END: ("department", "heir"),
    ChangeKind.MOVE: ("email", "to", "new_post", "head", "old_post"),
    ChangeKind.ALSO: ("email", "to", "new_post", "head"),
    ChangeKind.LEAVE: ("email",),
}
_OPTIONAL = {"parent", "code", "third", "heir", "head", "old_post", "posts", "initiatives"}


class DayForm(forms.Form):
    """From which day it holds."""

    effective_on = forms.DateField(label=_("in force from"), widget=DayInput())

    def __init__(self, data: Mapping[str, Any] | None, *, today: dt.date, day: dt.date) -> None:
        """The next 1 April, or what is chosen already."""
        super().__init__(data, initial={"effective_on": day})
        self.today = today

    def clean_effective_on(self) -> dt.date:
        """A year back, two ahead: anything else is a slip of the pen."""
        day: dt.date = self.cleaned_data["effective_on"]
        if not self.today - BEHIND <= day <= self.today + AHEAD:
            raise ValidationError(_("Choose a day between a year ago and two years from now."))
        return day


class StartForm(DayForm):
    """A new draft: a file, or nothing to fill it in on the screen."""

    file = forms.FileField(
        label=_("file"),
        required=False,
        allow_empty_file=True,
        help_text=_(
            "Excel (.xlsx, every sheet) or CSV (UTF-8 or Shift_JIS). Without a file you enter the"
            " changes on the next page. Nothing is written yet."
        ),
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )

    def clean_file(self) -> UploadedFile[Any] | None:
        """Refuse what nobody could read in time."""
        file: UploadedFile[Any] | None = self.cleaned_data["file"]
        limit = settings.UPLOAD_MAX_BYTES
        if file and (file.size or 0) > limit:
            text = _(
                "The file is larger than %(limit)s MB. Divide it and import the parts one by one."
            )
            raise ValidationError(text, params={"limit": limit // 1024 // 1024})
        return file


def _several(label: Any, help_text: Any) -> forms.CharField:
    return forms.CharField(
        label=label, help_text=help_text, max_length=2_000, widget=forms.Textarea({"rows": 3})
    )


class ChangeForm(forms.Form):
    """One row of the plan."""

    token = forms.CharField(max_length=40, widget=forms.HiddenInput())

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        kind: str,
        draft: Draft,
        token: str = "",
        initial: Mapping[str, Any] | None = None,
    ) -> None:
        """The fields of the kind, with the departments that there are at that point of the plan."""
        super().__init__(data, initial={"token": token, **(initial or {})})
        self.kind, self.draft = kind, draft
        self.departments = dict(self._departments())
        for name in FIELDS[kind]:
            field = self._field(name)
            field.required = name not in _OPTIONAL
            self.fields[name] = field

    def _departments(self) -> list[tuple[str, str]]:
        """Value → path of every department before the day and on it."""
        draft = self.draft
        rows = sorted(draft.now["department"].items(), key=lambda i: (i[1]["order"], i[1]["code"]))
        return [
            (str(key), "／".join(draft.path(key))) for key, row in rows if outlasts(row, draft.eve)
        ]

    def _select(self, label: Any, help_text: Any = "", *, living: bool = False) -> forms.Field:
        """Existing departments; `living`: those of the day, new ones too."""
        keys: dict[str, Key] = {str(key): key for key in self.draft.now["department"]}
        choices = [
            (value, words)
            for value, words in self.departments.items()
            if (
                outlasts(self.draft.now["department"][keys[value]], self.draft.day)
                if living
                else not value.startswith("+")
            )
        ]
        return forms.ChoiceField(label=label, help_text=help_text, choices=[("", "---"), *choices])

    def _field(self, name: str) -> forms.Field:
        """The field of that name."""
        if name in ("department", "second", "third", "parent", "heir", "to"):
            return self._select(*_SELECTS[name], living=name in ("parent", "heir", "to"))
        if name == "successors":
            merge = self.kind == ChangeKind.MERGE
            return (
                forms.CharField(
                    label=_("the department that goes on"),
                    max_length=120,
                    help_text=_("A new name, or the name of one of them."),
                )
                if merge
                else _several(
                    _("the departments that go on, one a line"),
                    _("The first one gets what is not assigned otherwise."),
                )
            )
        if name == "initiatives":
            return forms.MultipleChoiceField(
                label=_("initiatives that go to the first of them"),
                choices=self._led(),
                widget=forms.CheckboxSelectMultiple(),
                help_text=_("For another one add a further row with the same department."),
            )
        if name == "head":
            return forms.BooleanField(label=_("heads the department"))
        if name == "email":
            return forms.EmailField(label=_("e-mail of the person"), max_length=254)
        label, help_text = _TEXTS[name]
        length = cast(int, Post._meta.get_field("name").max_length)
        return forms.CharField(label=label, help_text=help_text, max_length=length)

    def _led(self) -> list[tuple[str, str]]:
        """Initiatives of the chosen department; all that have one where none is chosen yet."""
        chosen = str(self.data.get("department") or self.initial.get("department") or "")
        was = self.draft.was
        found = {
            row["initiative"]: was["initiative"][row["initiative"]]["title"]
            for row in was["part"].values()
            if str(row["department"]) == chosen and row["role"] == "lead"
        }
        return [(f"#{key}", title) for key, title in sorted(found.items(), key=lambda i: i[1])]

    def clean_email(self) -> str:
        """Somebody here must have it."""
        email = str(self.cleaned_data["email"]).strip().lower()
        if email not in self.draft.by_email:
            raise ValidationError(_("Nobody here has this e-mail."))
        return email

    def change(self) -> Change:
        """The row, with the keys of what was chosen from a list."""
        data = self.cleaned_data
        old = [data.get(name, "") for name in ("department", "second", "third")]
        old = [value for value in old if value]
        refs: dict[str, Any] = {"department": [int(value) for value in old]} if old else {}
        successors = listed(data.get("successors", "") or data.get("name", ""))
        if data.get("new_name"):
            successors = (data["new_name"],)
        target = data.get("heir") or data.get("to")
        if target:
            successors = (self.departments[target],)
            if not target.startswith("+"):
                refs["successor"] = [int(target)]
        parent = data.get("parent", "")
        if parent and not parent.startswith("+"):
            refs["parent"] = [int(parent)]
        return Change(
            kind=self.kind,
            id=data["token"],
            department=tuple(self.departments[value] for value in old),
            successor=successors,
            code=data.get("code", ""),
            parent=self.departments.get(parent, ""),
            email=data.get("email", ""),
            post=listed(data.get("old_post", "") or data.get("posts", "")),
            new_post=data.get("new_post", ""),
            head=bool(data.get("head")),
            initiatives=tuple(data.get("initiatives", ())),
            refs=refs,
        )


_SELECTS: dict[str, tuple[Any, Any]] = {
    "department": (_("department"), ""),
    "second": (_("second department"), ""),
    "third": (_("third department"), _("For more add a further row with the same name.")),
    "parent": (_("department above"), ""),
    "heir": (
        _("the department that goes on with its work"),
        _("Its initiatives, posts and people go there."),
    ),
    "to": (_("department from then on"), ""),
}
_TEXTS: dict[str, tuple[Any, Any]] = {
    "name": (_("name"), ""),
    "new_name": (_("new name"), ""),
    "code": (_("code from then on"), _("Made from the name where it is empty.")),
    "new_post": (_("post from then on"), _("Made where the department has none of that name.")),
    "old_post": (
        _("post that is left"),
        _("Only for people with several posts; without it they leave all of them."),
    ),
    "posts": (
        _("posts that go to the first of them"),
        _("Their names, divided by 、."),
    ),
}


class NoteForm(forms.Form):
    """The handover note of a post."""

    text = forms.CharField(
        label=_("handover note"),
        required=False,
        max_length=10_000,
        widget=forms.Textarea({"rows": 8}),
        help_text=_("What the next one cannot see here: agreements, people to ask, pitfalls."),
    )
    version = forms.IntegerField(min_value=0, widget=forms.HiddenInput())
