"""The search bar of the list: what is asked for, in which view and order, as an address."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from datetime import date
from functools import cached_property
from typing import Any, cast

from django import forms
from django.db.models import Q
from django.http import QueryDict
from django.urls import reverse
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.department_tree import told_apart
from dxportal.accounts.models import Department
from dxportal.shared.fiscal import CalendarStyle, fiscal_year, format_fiscal_year
from roadmap.board import step_title
from roadmap.choices import Beneficiary, InitiativeKind, ListView, Phase, Queue
from roadmap.finding import matching
from roadmap.listing import SORTS, Initiatives, of_departments, of_stage, with_tag
from roadmap.models import Stage, Tag
from roadmap.shown_words import ShownWords

#: What no choice stands for: no lead department, no report yet.
NONE = "none"
#: Fiscal years that can be chosen, from this one.
YEARS = range(-3, 8)
#: Orders that only the headings give.
_OTHER_SORTS = ("department", "-department", "-progress")
#: Years that the timeline may begin with.
TIMES = range(2000, 2100)


def below(departments: Sequence[Department], root: int) -> set[int]:
    """A department and everything under it."""
    children: dict[int | None, list[int]] = {}
    for department in departments:
        children.setdefault(department.parent_id, []).append(department.pk)
    found: set[int] = set()
    open_ids = [root]
    while open_ids:
        pk = open_ids.pop()
        if pk not in found:
            found.add(pk)
            open_ids += children.get(pk, [])
    return found


@dataclass(frozen=True)
class Chip:
    """One condition in words, and the address without it."""

    label: str
    value: str
    url: str


@dataclass(frozen=True)
class FilterChoices:
    """Everything that can be chosen, as the reader may see it."""

    municipality_id: int
    day: date
    style: CalendarStyle
    departments: Sequence[Department]
    stages: Sequence[Stage]
    tags: Sequence[Tag]
    words: ShownWords
    #: Departments that have ended but still lead what is asked for.
    former: Sequence[Department] = ()


class InitiativeFilter(forms.Form):
    """Search words, department (with those below it), step, and what is folded: `FOLDED`."""

    FOLDED = ("phase", "progress", "kind", "fy", "beneficiary", "bureau", "tag")

    q = forms.CharField(label=_("Search initiatives"), required=False, max_length=200)
    department = forms.TypedChoiceField(
        label=_("Department"), coerce=int, empty_value=None, required=False
    )
    stage = forms.TypedChoiceField(label=_("Step"), coerce=int, empty_value=None, required=False)
    phase = forms.ChoiceField(label=_("Phase"), required=False)
    progress = forms.ChoiceField(label=_("Progress"), required=False)
    kind = forms.ChoiceField(label=_("Kind"), required=False)
    fy = forms.TypedChoiceField(
        label=_("Fiscal year of the target"), coerce=int, empty_value=None, required=False
    )
    beneficiary = forms.ChoiceField(label=_("For whom"), required=False)
    bureau = forms.TypedChoiceField(
        label=_("Lead bureau"), coerce=int, empty_value=None, required=False
    )
    tag = forms.TypedChoiceField(label=_("Tag"), coerce=int, empty_value=None, required=False)
    lead = forms.ChoiceField(label=_("Lead department"), required=False)

    def __init__(self, data: Any, choices: FilterChoices) -> None:
        """Choices are what the reader may see; what does not exist asks for nothing."""
        super().__init__(data)
        self.offered = choices
        names = told_apart(choices.departments)
        bureaus = [(d.pk, names[d.pk]) for d in choices.departments if d.bureau_id is None]
        self._choose("department", _("All departments"), list(names.items()))
        self._choose("stage", _("All steps"), [(s.pk, step_title(s)) for s in choices.stages])
        self._choose("phase", _("All phases"), choices.words.every_phase())
        self._choose(
            "progress",
            _("Every progress"),
            [*choices.words.every_progress(), (NONE, _("Not reported"))],
        )
        self._choose("kind", _("All kinds"), InitiativeKind.choices)
        self._choose("fy", _("Every target year"), self._years())
        self._choose("beneficiary", _("For everybody"), Beneficiary.choices)
        self._choose("bureau", _("All bureaus"), bureaus)
        self._choose("tag", _("All tags"), [(tag.pk, str(tag)) for tag in choices.tags])
        former = {one.pk: one.name for one in choices.former}
        leads = [(str(pk), name) for pk, name in {**names, **former}.items()]
        self._choose("lead", "", [*leads, (NONE, _("Not decided"))])
        self.fields["q"].widget = forms.TextInput(
            attrs={"type": "search", "placeholder": _("Initiative, department, pain point")}
        )
        queue, view = self._word("queue"), self._word("view")
        self.queue = Queue(queue) if queue in Queue.values else Queue.ALL
        self.view = ListView(view) if view in ListView.values else ListView.TABLE
        self.sort = self._word("sort") if self._word("sort").removeprefix("-") in SORTS else ""
        begin = self._word("from")
        self.begin = int(begin) if begin.isdecimal() and int(begin) in TIMES else None

    def _word(self, name: str) -> str:
        return str(self.data.get(name, ""))[:20]

    def _choose(self, name: str, everything: Any, choices: Sequence[tuple[Any, Any]]) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = [("", everything), *choices]

    def _years(self) -> list[tuple[int, str]]:
        this, style = fiscal_year(self.offered.day), self.offered.style
        years = {this + step for step in YEARS}
        asked = self._word("fy")
        if asked.isdecimal() and int(asked) in TIMES:
            years.add(int(asked))
        return [(fy, format_fiscal_year(fy, style)) for fy in sorted(years)]

    @cached_property
    def wanted(self) -> dict[str, Any]:
        """What is asked for; a value that does not exist asks for nothing."""
        self.full_clean()
        return {name: value for name, value in self.cleaned_data.items() if value}

    @property
    def is_narrow(self) -> bool:
        """Whether anything is filtered."""
        return bool(self.wanted) or self.queue != Queue.ALL

    @property
    def folded(self) -> list[forms.BoundField]:
        """The conditions that are folded away, but for lists that are empty."""
        return [self[name] for name in self.FOLDED if len(self._choices(name)) > 1]

    @property
    def sorts(self) -> list[tuple[str, Any]]:
        """The orders, for those who do not see the headings."""
        return [
            ("", _("By department (organisation chart)")),
            ("target", _("Nearest target first")),
            ("-target", _("Farthest target first")),
            ("progress", _("Late ones first")),
            ("updated", _("Longest without an update first")),
            ("-updated", _("Updated last first")),
            *([(self.sort, _("Another order"))] if self.sort in _OTHER_SORTS else []),
        ]

    def _choices(self, name: str) -> list[Any]:
        return list(cast(Any, self.fields[name]).choices)

    def query(self, **changes: str) -> str:
        """What is asked for as a query string; an empty change leaves something out."""
        asked = {name: str(value) for name, value in self.wanted.items()}
        if self.queue != Queue.ALL:
            asked["queue"] = self.queue.value
        if self.view != ListView.TABLE:
            asked["view"] = self.view.value
        if self.sort:
            asked["sort"] = self.sort
        if self.begin is not None:
            asked["from"] = str(self.begin)
        asked |= changes
        address = QueryDict(mutable=True)
        for name in (*self.fields, "queue", "view", "sort", "from"):
            if asked.get(name):
                address[name] = asked[name]
        return address.urlencode()

    def url(self, **changes: str) -> str:
        """The address of the list as it is asked for, with changes."""
        base, query = reverse("roadmap:initiative_list"), self.query(**changes)
        return f"{base}?{query}" if query else base

    @property
    def chips(self) -> list[Chip]:
        """Every condition but the search words, which stand in their field."""
        found = []
        for name, value in self.wanted.items():
            if name != "q":
                words = {str(code): str(label) for code, label in self._choices(name)}
                label = str(self.fields[name].label)
                found.append(Chip(label, words.get(str(value), str(value)), self.url(**{name: ""})))
        return found

    @property
    def kept(self) -> list[tuple[str, str]]:
        """What the search bar carries along unseen."""
        unseen = {
            "queue": "" if self.queue == Queue.ALL else self.queue.value,
            "view": "" if self.view == ListView.TABLE else self.view.value,
            "from": "" if self.begin is None else str(self.begin),
            "lead": str(self.wanted.get("lead", "")),
        }
        return [(name, value) for name, value in unseen.items() if value]

    def apply(self, initiatives: Initiatives) -> Initiatives:
        """Those that are asked for; the queue is chosen apart, so that all can be counted."""
        wanted, offered = self.wanted, self.offered
        if "q" in wanted:
            initiatives = matching(initiatives, wanted["q"], offered.municipality_id)
        if "department" in wanted:
            ids = below(offered.departments, wanted["department"])
            initiatives = of_departments(initiatives, ids)
        if "stage" in wanted:
            initiatives = of_stage(initiatives, wanted["stage"])
        if "tag" in wanted:
            initiatives = with_tag(initiatives, wanted["tag"])
        return initiatives.filter(*self._conditions())

    def _conditions(self) -> list[Q]:
        """What stands in the row itself."""
        wanted, found = self.wanted, []
        for name, column in (("kind", "kind"), ("fy", "target_fy")):
            if name in wanted:
                found.append(Q(**{column: wanted[name]}))
        if phase := wanted.get("phase"):
            unreported = Q(latest__phase__isnull=True) if phase == Phase.IDEA else Q()
            found.append(Q(latest__phase=phase) | unreported)
        if progress := wanted.get("progress"):
            none = Q(latest__progress="") | Q(latest__progress__isnull=True)
            found.append(none if progress == NONE else Q(latest__progress=progress))
        if "beneficiary" in wanted:
            found.append(Q(beneficiaries__contains=[wanted["beneficiary"]]))
        if "bureau" in wanted:
            bureau = below(self.offered.departments, wanted["bureau"])
            found.append(Q(lead__department_id__in=bureau))
        if lead := wanted.get("lead"):
            nobody = Q(lead__department__isnull=True)
            found.append(nobody if lead == NONE else Q(lead__department_id=lead))
        return found
