"""Values of an initiative's fields in words, for its history and for the choice in a conflict."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date
from typing import Any, Final

from django.db import models
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy

from dxportal.accounts.models import Department, Post, User
from dxportal.shared.fiscal import CalendarStyle, format_date, format_fiscal_year
from roadmap.choices import Beneficiary, Cause, Disclosure, InitiativeKind
from roadmap.models import Criterion, Initiative, Tag, Theme
from roadmap.shown_words import ShownWords

LABELS: Final = {
    "title": gettext_lazy("title"),
    "purpose": gettext_lazy("purpose"),
    "kind": gettext_lazy("kind"),
    "beneficiaries": gettext_lazy("for whom"),
    "stops": gettext_lazy("what we stop doing"),
    "adds": gettext_lazy("value we add"),
    "lead": gettext_lazy("lead department"),
    "accountable_post": gettext_lazy("accountable post"),
    "contact": gettext_lazy("person in charge"),
    "start_fy": gettext_lazy("start (fiscal year)"),
    "start_quarter": gettext_lazy("start (quarter)"),
    "target_fy": gettext_lazy("target (fiscal year)"),
    "target_quarter": gettext_lazy("target (quarter)"),
    "target_text": gettext_lazy("target in words"),
    "budget": gettext_lazy("budget"),
    "tags": gettext_lazy("pillars, national priorities, standardised work, procedures"),
    "pillars": gettext_lazy("other pillars and priorities"),
    "procedures": gettext_lazy("other kinds of work and procedures"),
    "indicators": gettext_lazy("indicators"),
    "meetings": gettext_lazy("reported to which meetings"),
    "plan_code": gettext_lazy("code in the comprehensive plan"),
    "contract": gettext_lazy("contract and procurement"),
    "data_home": gettext_lazy("where the authoritative data is kept"),
    "data_export": gettext_lazy("whether the data can be exported"),
    "safeguard": gettext_lazy("so that nobody is left behind"),
    "replaces_channel": gettext_lazy("does it replace a counter, paper or telephone"),
    "replaced_channel": gettext_lazy("what it replaces"),
    "alternative": gettext_lazy("other way for those who cannot use it"),
    "support": gettext_lazy("who helps them, where, until when"),
    "risks": gettext_lazy("risks"),
    "pitfalls": gettext_lazy("what went wrong, for whoever comes next"),
    "links": gettext_lazy("links"),
    "sharing": gettext_lazy("more about publication"),
    "source": gettext_lazy("source"),
    "launched_on": gettext_lazy("in operation since"),
    "partners": gettext_lazy("partner departments"),
    "partner_bodies": gettext_lazy("bodies it is done together with"),
    "users": gettext_lazy("departments meant to use it"),
    "themes": gettext_lazy("pain points it answers"),
    "criteria": gettext_lazy("criteria it contributes to"),
    "learners": gettext_lazy("who must learn what"),
    "learn_minutes": gettext_lazy("minutes of learning for each"),
    "helpers": gettext_lazy("who helps"),
    "old_way": gettext_lazy("which old way ends"),
    "old_way_ends_on": gettext_lazy("when the old way ends"),
    "ask_again_on": gettext_lazy("when it is asked again"),
    "disclosure": gettext_lazy("disclosure"),
    "withholdings": gettext_lazy("what is withheld and why"),
    "may_introduce": gettext_lazy("may be introduced to other municipalities"),
    "phase": gettext_lazy("phase"),
    "progress": gettext_lazy("progress"),
    "cause": gettext_lazy("cause of the delay"),
    "next_step": gettext_lazy("next step"),
    "next_due": gettext_lazy("by when"),
    "ended": gettext_lazy("work that ended"),
}
_WORDS: Final[dict[str, type[models.TextChoices]]] = {
    "kind": InitiativeKind,
    "beneficiaries": Beneficiary,
    "disclosure": Disclosure,
    "cause": Cause,
}
_MODELS: Final = {
    "lead": Department,
    "partners": Department,
    "users": Department,
    "accountable_post": Post,
    "contact": User,
    "themes": Theme,
    "criteria": Criterion,
    "tags": Tag,
}
_DATES: Final = {"launched_on", "next_due", "old_way_ends_on", "ask_again_on"}
#: Longer texts are cut where they stand in a sentence.
_LONGEST: Final = 120


class Wording:
    """Knows the names behind the keys of all values that are going to be shown."""

    def __init__(
        self,
        style: CalendarStyle,
        values: Iterable[tuple[str, Any]] = (),
        words: ShownWords | None = None,
    ) -> None:
        """Load the names of every key in `values`: at most one query per kind of object.

        `words`: what the municipality calls phases and progress.
        """
        self._style = style
        self._words = words or ShownWords()
        keys: dict[type[Any], set[Any]] = {}
        for name, value in values:
            if name in _MODELS and value:
                found = value if isinstance(value, list) else [value]
                keys.setdefault(_MODELS[name], set()).update(found)
        self._names: dict[type[Any], dict[Any, str]] = {
            model: {row.pk: str(row) for row in model._default_manager.filter(pk__in=pks)}
            for model, pks in keys.items()
        }

    def text(self, name: str, value: Any) -> str:
        """The value in words; – for none."""
        if value in (None, "", [], ()):
            return "–"
        if name == "withholdings":
            return _(", ").join(self._withheld(*row) for row in value)
        if isinstance(value, list):
            return _(", ").join(self._one(name, item) for item in value)
        return self._one(name, value)

    def _one(self, name: str, value: Any) -> str:
        if name in {"phase", "progress"}:
            return self._words.phase(value) if name == "phase" else self._words.progress(value)
        if name in _WORDS:
            return str(dict(_WORDS[name].choices).get(str(value), value))
        return self._of_kind(name, value)

    def _of_kind(self, name: str, value: Any) -> str:
        """A value whose words follow from what kind of thing it is."""
        if name in _MODELS:
            return self._names.get(_MODELS[name], {}).get(value, _("(removed)"))
        if name in {"start_fy", "target_fy"}:
            return format_fiscal_year(int(value), self._style)
        if isinstance(value, bool):
            return _("Yes") if value else _("No")
        if name in _DATES:
            day = value if isinstance(value, date) else date.fromisoformat(value)
            return format_date(day, self._style)
        text = str(value)
        return text if len(text) <= _LONGEST else text[:_LONGEST] + "…"

    def _withheld(self, field: str, reason: str, day: Any) -> str:
        """予算（入札の前のため、令和9年4月1日に見直し）."""
        return _("%(field)s (%(reason)s; reviewed on %(day)s)") % {
            "field": LABELS[field] if field in LABELS else _("the whole record"),
            "reason": reason,
            "day": self._one("next_due", day),
        }


#: Optional texts of an initiative that its page shows only where they are filled.
FURTHER: Final = (
    "indicators",
    "meetings",
    "contract",
    "data_home",
    "data_export",
    "risks",
    "pitfalls",
    "links",
    "sharing",
)


def further(initiative: Initiative) -> list[tuple[str, str]]:
    """(label, text) of the filled ones."""
    return [
        (str(LABELS[name]), text) for name in FURTHER if (text := str(getattr(initiative, name)))
    ]
