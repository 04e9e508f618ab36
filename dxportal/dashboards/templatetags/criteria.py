"""What a template says of a criterion."""

from __future__ import annotations

from django import template
from django.template import Context

from dxportal.dashboards.cells.change import what_changes
from dxportal.dashboards.cells.states import CriterionState
from dxportal.shared.templatetags import dx

register = template.Library()


@register.simple_tag(takes_context=True)
def change_words(context: Context, state: CriterionState) -> str:
    """What would change its level, in one sentence."""
    return what_changes(state, lambda day: dx.date(context, day))
