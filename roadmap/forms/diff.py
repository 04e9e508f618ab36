"""Which two pictures are compared, and of whom."""

from __future__ import annotations

import datetime as dt
import re
from collections.abc import Sequence
from dataclasses import dataclass
from typing import Any, cast

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy

from dxportal.accounts.department_tree import told_apart
from dxportal.accounts.models import Department
from roadmap.forms.fields import JapaneseDateField
from roadmap.forms.filters import below
from roadmap.models import ReportingRound
from roadmap.round_diff import State

NOW, DATE, ROUND = "now", "date", "round"


@dataclass(frozen=True)
class Side:
    """A closed round, the end of a day, or (both None) now."""

    round: ReportingRound | None = None
    day: dt.date | None = None

    @property
    def code(self) -> str:
        """As the address writes it: round:3, date:2026-09-30, now."""
        if self.round is not None:
            return f"{ROUND}:{self.round.pk}"
        return f"{DATE}:{self.day:%Y-%m-%d}" if self.day else NOW


class DiffForm(forms.Form):
    """`from` and `to`: round:3, date:2026-09-30 or now; a day may also come in its own field."""

    department = forms.TypedChoiceField(
        label=_("Department"), coerce=int, empty_value=None, required=False
    )

    def __init__(
        self,
        data: QueryDict,
        *,
        rounds: Sequence[ReportingRound],
        departments: Sequence[Department],
        day: dt.date,
    ) -> None:
        """`rounds`: closed ones, newest first; `departments`: all, also those that have ended."""
        self.rounds, self.departments, self.day = rounds, departments, day
        super().__init__(self._spread(data))
        places = [(DATE, _("On a day")), (NOW, pgettext_lazy("moment", "Now"))]
        choices = [(f"{ROUND}:{one.pk}", one.label) for one in rounds]
        widget = forms.DateInput(attrs={"type": "date"}, format="%Y-%m-%d")
        names = {"from": pgettext_lazy("diff", "Before"), "to": pgettext_lazy("diff", "After")}
        for side, name in names.items():
            self.fields[side] = forms.ChoiceField(label=name, choices=[*choices, *places])
            self.fields[f"{side}_on"] = JapaneseDateField(
                label=_("Day"), required=False, widget=widget
            )
        standing = [d for d in departments if d.valid_from <= day < (d.valid_to or dt.date.max)]
        field = cast(forms.TypedChoiceField, self.fields["department"])
        field.choices = [("", _("All departments")), *told_apart(standing).items()]

    def _spread(self, data: QueryDict) -> dict[str, str]:
        """The address as the fields have it; what is not said: from the last round, until now."""
        begin = f"{ROUND}:{self.rounds[0].pk}" if self.rounds else DATE
        found = {
            "from": data.get("from") or begin,
            "to": data.get("to") or NOW,
            "from_on": data.get("from_on", ""),
            "to_on": data.get("to_on", ""),
            "department": data.get("department", ""),
        }
        for side in ("from", "to"):
            if named := re.fullmatch(rf"{DATE}:(\S+)", found[side]):
                found[side], found[f"{side}_on"] = DATE, named[1]
        if found["from"] == DATE and not found["from_on"]:
            found["from_on"] = f"{self.day - dt.timedelta(days=30):%Y-%m-%d}"
        return found

    def clean(self) -> dict[str, Any]:
        """A day is needed where a day is chosen, and it is not in the future."""
        data = super().clean() or {}
        for side in ("from", "to"):
            day = data.get(f"{side}_on")
            if data.get(side) == DATE and f"{side}_on" not in self.errors:
                if day is None:
                    self.add_error(f"{side}_on", _("Choose a day."))
                elif day > self.day:
                    self.add_error(f"{side}_on", _("That day has not come yet."))
        return data

    def side(self, name: str) -> Side:
        """One of the two, of a valid form."""
        chosen = self.cleaned_data[name]
        if chosen == NOW:
            return Side()
        if chosen == DATE:
            return Side(day=self.cleaned_data[f"{name}_on"])
        return Side(round=next(one for one in self.rounds if f"{ROUND}:{one.pk}" == chosen))

    def keep(
        self, old: dict[int, State], new: dict[int, State]
    ) -> tuple[dict[int, State], dict[int, State]]:
        """Only what the chosen department, or one below it, leads on either side."""
        chosen = self.cleaned_data.get("department")
        if not chosen:
            return old, new
        ids = below(self.departments, chosen)
        states = [*old.items(), *new.items()]
        keys = {key for key, state in states if state.lead_key in ids}
        first, second = (
            {key: state for key, state in picture.items() if key in keys} for picture in (old, new)
        )
        return first, second
