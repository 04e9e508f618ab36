"""Forms of a survey as a whole: what it starts from, its settings, its cross tables."""

from __future__ import annotations

from collections.abc import Iterable
from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from surveys.actions.designing import SurveyFields
from surveys.choices import Audience, Repeat, Template
from surveys.kinds import KINDS
from surveys.models import Question

AUDIENCE_HINT = _("Heads answer surveys of their own and are never mixed with staff.")


class TitledForm(forms.Form):
    """Title in both languages."""

    title = forms.CharField(label=_("Title"), max_length=120)
    title_en = forms.CharField(label=_("Title in English"), max_length=120, required=False)

    @property
    def titles(self) -> dict[str, str]:
        """Both, as the actions take them."""
        return {name: self.cleaned_data[name] for name in ("title", "title_en")}


class SurveyCreateForm(TitledForm):
    """What a new survey starts from; a template brings its own title."""

    template = forms.ChoiceField(
        label=_("Start from"), choices=Template.choices, widget=forms.RadioSelect
    )
    audience = forms.ChoiceField(
        label=_("Who is asked"),
        choices=Audience.choices,
        initial=Audience.STAFF,
        required=False,
        widget=forms.RadioSelect,
        help_text=AUDIENCE_HINT,
    )
    field_order = ["template", "title", "title_en", "audience"]

    def __init__(self, *args: Any, **kwargs: Any) -> None:
        """Only an empty survey has to be named."""
        super().__init__(*args, **kwargs)
        self.fields["title"].required = False
        self.fields["title"].help_text = _("Left empty, it has the name of the template.")

    def clean(self) -> dict[str, Any]:
        """An empty survey has no name of its own."""
        data = super().clean() or self.cleaned_data
        if data.get("template") == Template.EMPTY and not data.get("title"):
            self.add_error("title", _("Give an empty survey a title."))
        return data


class SettingsForm(TitledForm):
    """What concerns the survey as a whole."""

    minutes = forms.IntegerField(
        label=_("Minutes that it takes"),
        min_value=1,
        max_value=30,
        help_text=_("Staff see it before they begin."),
    )
    check_page = forms.BooleanField(
        label=_("Show all answers on a last page before sending"), required=False
    )
    repeat = forms.ChoiceField(
        label=_("Repetition"), choices=Repeat.choices, required=False, widget=forms.RadioSelect
    )

    def wish(self) -> SurveyFields:
        """As the action takes it."""
        return SurveyFields(**{name: self.cleaned_data[name] for name in self.fields})


class CrossForm(forms.Form):
    """Two questions whose answers are counted against each other."""

    rows = forms.ModelChoiceField(Question.objects.none(), label=_("In the rows"))
    columns = forms.ModelChoiceField(Question.objects.none(), label=_("In the columns"))

    def __init__(self, *args: Any, questions: Iterable[Question], **kwargs: Any) -> None:
        """Only questions with one answer of a list can be crossed."""
        super().__init__(*args, **kwargs)
        keys = [q.pk for q in questions if KINDS[q.kind].crossed and not q.retired]
        for name in self.fields:
            field = self.fields[name]
            assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - both are
            field.queryset = Question.objects.filter(pk__in=keys)
