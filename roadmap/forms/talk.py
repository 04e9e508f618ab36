"""Forms of what hangs on an initiative: blockers, decisions, comments, links."""

from __future__ import annotations

from collections.abc import Sequence
from datetime import date
from typing import Any, cast

from django import forms
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import User
from roadmap.actions.blockers import BlockerFields
from roadmap.actions.decisions import DecisionFields
from roadmap.choices import EXTERNAL_CAUSES, Cause
from roadmap.forms.fields import JapaneseDateField
from roadmap.models import Blocker, Decision


def _line(label: Any, length: int = 400, *, required: bool = True, **more: Any) -> forms.CharField:
    return forms.CharField(label=label, max_length=length, required=required, **more)


class BlockerForm(forms.Form):
    """What holds it back; inside or outside the municipality follows the category if left open."""

    category = forms.ChoiceField(label=_("category"), choices=[("", "–"), *Cause.choices])
    text = _line(_("what holds it back"), help_text=_("One line, without names of people."))
    external = forms.ChoiceField(
        label=_("inside or outside"),
        choices=[
            ("", _("As the category usually is")),
            ("no", _("Inside the municipality")),
            ("yes", _("Outside the municipality")),
        ],
        required=False,
    )
    wanted = _line(
        _("decision wanted"),
        required=False,
        help_text=_("Only where somebody above has to decide."),
    )

    @classmethod
    def of(cls, row: Blocker, data: Any = None) -> BlockerForm:
        """The form of what stands."""
        side = "yes" if row.external else "no"
        usual = Cause(row.category) in EXTERNAL_CAUSES
        return cls(
            data,
            initial={
                "category": row.category,
                "text": row.text,
                "external": "" if usual == row.external else side,
                "wanted": row.wanted,
            },
        )

    def values(self) -> BlockerFields:
        """What was typed, for the action."""
        data = self.cleaned_data
        side = {"yes": True, "no": False}.get(data["external"])
        return BlockerFields(data["category"], data["text"], side, data["wanted"])


class DecisionForm(forms.Form):
    """Who decided what and when."""

    text = _line(_("what was decided"))
    decided_by = _line(_("who decided"), 120, help_text=_("A post or a body, such as CDO."))
    decided_on = JapaneseDateField(label=_("decided on"))
    meeting = _line(_("meeting"), 120, required=False)
    blocker = forms.TypedChoiceField(
        label=_("blocker that it answers"), coerce=int, empty_value=None, required=False
    )

    def __init__(
        self, data: Any = None, *, blockers: Sequence[Blocker], initial: Any = None
    ) -> None:
        """`blockers`: those of the initiative."""
        super().__init__(data, initial=initial)
        field = cast(forms.ChoiceField, self.fields["blocker"])
        field.choices = [("", "–"), *((row.pk, row.text) for row in blockers)]

    @classmethod
    def of(cls, row: Decision, blockers: Sequence[Blocker], data: Any = None) -> DecisionForm:
        """The form of what stands."""
        names = ("text", "decided_by", "decided_on", "meeting")
        initial = {name: getattr(row, name) for name in names} | {"blocker": row.blocker_id}
        return cls(data, blockers=blockers, initial=initial)

    @classmethod
    def fresh(
        cls, blockers: Sequence[Blocker], *, day: date, blocker: int | None, by: str
    ) -> DecisionForm:
        """An empty one: today, and the blocker it was opened from."""
        initial = {"decided_on": day, "blocker": blocker, "decided_by": by}
        return cls(blockers=blockers, initial=initial)

    def values(self) -> DecisionFields:
        """What was typed, for the action."""
        return DecisionFields(**self.cleaned_data)


class CommentForm(forms.Form):
    """A comment and the people it is for: named below the text or by @name in it."""

    text = forms.CharField(
        label=_("comment"),
        max_length=2000,
        widget=forms.Textarea(attrs={"rows": 3}),
        help_text=_("Write @ and a name to tell that person."),
    )
    named = forms.TypedMultipleChoiceField(
        label=_("Tell"), coerce=int, required=False, widget=forms.CheckboxSelectMultiple
    )

    def __init__(self, data: Any = None, *, people: Sequence[User] = ()) -> None:
        """`people`: those who have to do with the initiative."""
        super().__init__(data)
        field = cast(forms.ChoiceField, self.fields["named"])
        field.choices = [(person.pk, _person(person)) for person in people]


def _person(person: User) -> str:
    return f"{person.name} ({person.department})" if person.department else person.name


class LinkForm(forms.Form):
    """An address and what it is called."""

    label = _line(_("name"), 120, required=False)
    url = _line(_("address"), 1000, help_text=_("https://… or the path of a shared folder."))
