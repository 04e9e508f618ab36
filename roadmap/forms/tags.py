"""Forms of the lists of tags."""

from __future__ import annotations

from django import forms
from django.utils.translation import gettext_lazy as _

from roadmap.actions.tags import LONGEST
from roadmap.choices import TagScheme
from roadmap.forms.fields import JapaneseDateField


class TagAddForm(forms.Form):
    """One name a line: own pillars one by one, or a whole new version of the nation's list."""

    scheme = forms.ChoiceField(label=_("list"), choices=TagScheme.choices)
    labels = forms.CharField(
        label=_("names"),
        max_length=20_000,
        widget=forms.Textarea(attrs={"rows": 4}),
        help_text=_("One in each line."),
    )
    version = forms.CharField(
        label=_("version"),
        required=False,
        max_length=20,
        help_text=_("Only for a list that others publish, for example 4.0."),
    )
    valid_from = JapaneseDateField(label=_("can be chosen from"), required=False)
    end_others = forms.BooleanField(
        label=_("End the other versions of this list on that day"), required=False
    )

    def clean_labels(self) -> list[str]:
        """Lines without what is empty."""
        lines = str(self.cleaned_data["labels"]).splitlines()
        return [line.strip() for line in lines if line.strip()]


class TagForm(forms.Form):
    """The name of an own entry."""

    label = forms.CharField(label=_("name"), max_length=LONGEST)
    label_en = forms.CharField(label=_("English name"), required=False, max_length=LONGEST)
