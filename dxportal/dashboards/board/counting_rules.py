"""How each figure is counted, in words: one text for the page, the figure's own page and docs."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True, slots=True)
class CountingRule:
    """What a figure is called, and how it comes about."""

    title: str | _StrPromise
    text: str | _StrPromise


#: Anchor on the page → the rule. docs/dashboard.md has the same words; a test compares them.
RULES: Final[Mapping[str, CountingRule]] = {
    "position": CountingRule(
        _("Position"),
        _(
            "A step is reached when every mandatory criterion (★) is at level 3 and valid. A "
            "department stands on the step after those that it has reached without a gap. Without "
            "a valid answer on an axis it has no position there and is named below the picture. "
            "Steps are never averaged."
        ),
    ),
    "firmness": CountingRule(
        _("How firm a step is"),
        _(
            "Sum of the levels ÷ (3 × number of criteria) of all departments that stand. Criteria "
            "that are unanswered or expired count 0; how many are answered stands beside it. The "
            "share is worked out from the sums, never from shares of departments."
        ),
    ),
    "seeds": CountingRule(
        _("Seeds"),
        _(
            "A step above the present one with a criterion at level 1 or more, or with a "
            "contributing initiative that is on trial or in operation."
        ),
    ),
    "moved": CountingRule(
        _("Moved up, moved down"),
        _(
            "Departments whose number of reached steps rose (fell) on an axis and fell (rose) on "
            "none, of those with a position on the same axis in both months. A department without "
            "a position in one of the two did not move."
        ),
    ),
    "missing": CountingRule(
        _("Without a position"),
        _(
            "Departments without a place in the picture, with the reason: no criterion confirmed, "
            "no published value of the survey, or founded after the count."
        ),
    ),
    "initiatives": CountingRule(
        _("Late, behind, unconfirmed, unknown"),
        _(
            "Late: reported so by its owner. Behind: a milestone, a target or an indicator is "
            "past. Unconfirmed: in operation for 90 days without asking the staff. Unknown: never "
            "reported, or no report for more than 180 days. What took root or was stopped is none "
            "of these; stopped ones are not in the total."
        ),
    ),
    "verdict": CountingRule(
        _("Three months later"),
        _(
            "The newest verdict of each initiative. Took root: 60% or more use it weekly and "
            "fewer than 30% work both ways. To rethink: no more people find it easier than harder. "
            "Not used: fewer than 30% use it weekly. Needs support: the rest. Shown from 5 answers "
            "on, judged from 10 and a response of 50% (of fewer than 20 people: 5 and 70%)."
        ),
    ),
    "easier": CountingRule(
        _("Work has become easier"),
        _(
            "Share of those who answered “fully agree” or “rather agree” to “DX has been making my "
            "work easier” in the newest culture survey, of all who answered. From the published "
            "numbers; bounds stay bounds."
        ),
    ),
    "pain": CountingRule(
        _("Pain points"),
        _(
            "Share of those who named the theme as what makes work hardest, of all who answered in "
            "the unit. Units with fewer than 5 answers, and those that could be worked out from "
            "others, are hatched. Below all staff shares are rounded to 5 points."
        ),
    ),
    "hours": CountingRule(
        _("Time lost to pain points"),
        _(
            "Each person's own times a week and minutes each time, added up theme by theme, from "
            "the lowest to the highest end. Of those who answered only; nothing is projected."
        ),
    ),
    "replies": CountingRule(
        _("Themes replied to"),
        _(
            "Themes of published surveys that 5 people or more stand behind, with a reply of any "
            "kind (done, cannot, looking into it). The age is counted from the close of the survey."
        ),
    ),
    "response": CountingRule(
        _("Response rate"),
        _("People who answered ÷ people who could answer, of the newest survey of pain points."),
    ),
    "value": CountingRule(
        _("Time freed"),
        _(
            "Minutes a week of the figures in force, from the lowest to the highest end. Promised, "
            "reported and verified are never added together."
        ),
    ),
    "decisions": CountingRule(
        _("Decisions wanted"),
        _(
            "As it stands at this moment, not as of the month that is shown: what departments "
            "brought to the CDO; verdicts “not used” or “to rethink” whose care is not done; in "
            "operation for 90 days and nobody asked; no report for more than 60 or 180 days, or "
            "none at all; no accountable post, or nobody who holds it; evidence asked for and past "
            "its date."
        ),
    ),
    "spread": CountingRule(
        _("Step and spread"),
        _(
            "Share of departments that have reached the step, of all that stand on the staircases. "
            "The level from 0 to 5 is a rough translation of our own by the rule named beside it, "
            "in the words of the DX Promotion Indicators (METI, IPA); steps are never averaged."
        ),
    ),
}
