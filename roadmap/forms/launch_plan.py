"""The form of the five lines before going live."""

from __future__ import annotations

from typing import Any

from django import forms
from django.utils.translation import gettext_lazy as _

from roadmap.actions.launch_plan import LaunchPlan
from roadmap.forms.fields import JapaneseDateField


def _line(label: Any, help_text: Any = "") -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": 2})
    return forms.CharField(
        label=label, required=False, max_length=4000, widget=widget, help_text=help_text
    )


class LaunchPlanForm(forms.Form):
    """Field names are those of LaunchPlan; half a plan can be saved too."""

    learners = _line(_("who must learn what"))
    learn_minutes = forms.IntegerField(
        label=_("minutes of learning for each"), required=False, min_value=0, max_value=9999
    )
    helpers = _line(_("who helps"), _("Whom users can ask, and when."))
    old_way = _line(_("which old way ends"))
    old_way_ends_on = JapaneseDateField(label=_("when the old way ends"), required=False)
    ask_again_on = JapaneseDateField(label=_("when it is asked again"), required=False)

    def plan(self) -> LaunchPlan:
        """What was typed, for the action."""
        return LaunchPlan(**self.cleaned_data)
