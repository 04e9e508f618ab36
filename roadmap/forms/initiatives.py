"""The form of an initiative: the few mandatory fields first, the rest in folded groups."""

from __future__ import annotations

from collections.abc import Mapping, Sequence, Set
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.http import QueryDict
from django.utils.functional import Promise
from django.utils.translation import gettext
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Assignment, Department, Post, User
from dxportal.shared.fiscal import CalendarStyle, fiscal_year, format_fiscal_year, parse_date
from roadmap.actions.initiatives import InitiativeFields
from roadmap.board import step_title
from roadmap.choices import Beneficiary, InitiativeKind, Phase
from roadmap.models import Criterion, Stage, Theme
from roadmap.shown_words import shown_words

#: Years offered around the present one.
YEARS_BACK, YEARS_AHEAD = 10, 10
_QUARTERS = [
    (1, _("Q1 (April–June)")),
    (2, _("Q2 (July–September)")),
    (3, _("Q3 (October–December)")),
    (4, _("Q4 (January–March)")),
]


class JapaneseDateField(forms.DateField):
    """A day as a clerk writes it: 2026-04-01, 令和8年4月1日, R8.4.1."""

    def to_python(self, value: Any) -> date | None:
        """Read both calendars; the sentence of the reader says what to write instead."""
        if value in self.empty_values:
            return None
        try:
            return parse_date(value)
        except ValueError as error:
            raise ValidationError(str(error)) from None


def _number(label: Any) -> forms.TypedChoiceField:
    return forms.TypedChoiceField(label=label, coerce=int, empty_value=None, required=False)


def _numbers(label: Any, widget: forms.Widget, **more: Any) -> forms.TypedMultipleChoiceField:
    return forms.TypedMultipleChoiceField(
        label=label, coerce=int, required=False, widget=widget, **more
    )


def _text(label: Any, rows: int = 3, **more: Any) -> forms.CharField:
    widget = forms.Textarea(attrs={"rows": rows})
    return forms.CharField(label=label, required=False, max_length=4000, widget=widget, **more)


class InitiativeForm(forms.Form):
    """Field names are those of InitiativeFields; only the title is required to save."""

    title = forms.CharField(label=_("title"), max_length=200)
    purpose = _text(_("purpose"), help_text=_("Whose work or life becomes easier or better, how."))
    lead = _number(_("lead department"))
    accountable_post = _number(_("accountable post"))
    kind = forms.ChoiceField(
        label=_("kind"),
        choices=InitiativeKind.choices,
        required=False,
        widget=forms.RadioSelect,
    )
    beneficiaries = forms.MultipleChoiceField(
        label=_("for whom"),
        choices=Beneficiary.choices,
        required=False,
        widget=forms.CheckboxSelectMultiple,
    )
    target_fy = _number(_("target (fiscal year)"))
    target_quarter = _number(_("target (quarter)"))
    phase = forms.ChoiceField(label=_("phase"), required=False)
    criteria = _numbers(_("criteria it contributes to"), forms.CheckboxSelectMultiple())
    themes = _numbers(_("pain points it answers"), forms.CheckboxSelectMultiple())
    stops = _text(_("what we stop doing"), help_text=_("Work, forms or rules that end."))
    adds = _text(_("value we add"), help_text=_("What was not possible before."))
    contact = forms.EmailField(
        label=_("person in charge"), required=False, help_text=_("The person's e-mail address.")
    )
    partners = _numbers(_("partner departments"), forms.SelectMultiple(attrs={"size": 6}))
    users = _numbers(
        _("departments meant to use it"),
        forms.SelectMultiple(attrs={"size": 6}),
        help_text=_("They are asked again three months after it goes into operation."),
    )
    start_fy = _number(_("start (fiscal year)"))
    start_quarter = _number(_("start (quarter)"))
    launched_on = JapaneseDateField(label=_("in operation since"), required=False)
    target_text = _text(_("target in words"))
    budget = _text(_("budget"), 2)
    pillars = _text(
        _("pillars and national priorities"),
        2,
        help_text=_("Of the municipality's own plan and of the national plan."),
    )
    procedures = _text(
        _("standardised work and procedures it concerns"),
        2,
        help_text=_("Of the 20 standardised kinds of work and the procedures that go online."),
    )
    indicators = _text(
        _("indicators"),
        3,
        help_text=_(
            "Name, unit, baseline, target of each year, result, source; whether it is available"
            " and whether it is used, apart."
        ),
    )
    meetings = _text(
        _("reported to which meetings"),
        2,
        help_text=_("Which meeting, when, what was decided."),
    )
    plan_code = _text(_("code in the comprehensive plan"), 1)
    contract = _text(_("contract and procurement"), 2)
    data_home = _text(_("where the authoritative data is kept"), 2)
    data_export = _text(
        _("whether the data can be exported"),
        2,
        help_text=_("Whether the system gives the data out, and in which form."),
    )
    safeguard = _text(
        _("so that nobody is left behind"),
        2,
        help_text=_("Other ways and helpers for those who cannot use it."),
    )
    risks = _text(_("risks"), 2)
    links = _text(_("links"), 2)
    sharing = _text(
        _("may it be published or shown to others"),
        2,
        help_text=_("Whether residents may see it and other municipalities may ask; if not, why."),
    )
    source = forms.CharField(label=_("source"), required=False, max_length=400)

    FIRST = (
        "title",
        "purpose",
        "lead",
        "accountable_post",
        "kind",
        "beneficiaries",
        "target_fy",
        "target_quarter",
        "phase",
    )
    GROUPS: tuple[tuple[str | Promise, tuple[str, ...]], ...] = (
        (_("Steps it lifts"), ("criteria",)),
        (_("Pain points it answers"), ("themes",)),
        (_("What ends and what is new"), ("stops", "adds")),
        (_("People and departments"), ("contact", "partners", "users")),
        (
            _("Time, target, money"),
            (
                *("start_fy", "start_quarter", "launched_on", "target_text"),
                *("indicators", "budget", "contract"),
            ),
        ),
        (_("Plans and meetings"), ("pillars", "plan_code", "procedures", "meetings")),
        (_("Data, risks, nobody left behind"), ("data_home", "data_export", "safeguard", "risks")),
        (_("Sources and publication"), ("source", "links", "sharing")),
    )

    def __init__(
        self,
        data: Any = None,
        *,
        user: User,
        day: date,
        stages: Sequence[Stage],
        current: InitiativeFields | None = None,
        themes: Sequence[Theme] = (),
    ) -> None:
        """Choices are those of the user's municipality on that day, and what is chosen now.

        `themes`: the pain points that a new initiative is to answer, ticked beforehand.
        """
        initial = form_values(current) if current else {"phase": Phase.IDEA}
        if themes:
            initial |= {"themes": [str(theme.pk) for theme in themes]}
        super().__init__(data, initial=initial)
        self.user, self.day = user, day
        if current is not None:
            del self.fields["phase"]
        else:
            words = shown_words(user.municipality_id or 0)
            self._choose("phase", words.choosable_phases(), empty=False)
        self._departments(current)
        self._posts(current)
        self._years(current)
        kept = {*(current.themes if current else ()), *(theme.pk for theme in themes)}
        self._stairs(stages, kept)
        self.contact_user: User | None = None

    def _choose(self, name: str, choices: Sequence[Any], *, empty: bool = True) -> None:
        field = cast(forms.ChoiceField, self.fields[name])
        field.choices = [("", "–"), *choices] if empty else list(choices)

    def _departments(self, current: InitiativeFields | None) -> None:
        kept = {*current.partners, *current.users, current.lead or 0} if current else set()
        visible = Department.objects.visible_to(self.user)
        rows = (visible.on(self.day) | visible.filter(pk__in=kept)).in_order()
        choices = [(row.pk, row.name) for row in rows]
        self._choose("lead", choices)
        self._choose("partners", choices, empty=False)
        self._choose("users", choices, empty=False)

    def _posts(self, current: InitiativeFields | None) -> None:
        kept = current.accountable_post if current else None
        standing = Q(department__valid_from__lte=self.day) & (
            Q(department__valid_to__isnull=True) | Q(department__valid_to__gt=self.day)
        )
        holders = Prefetch(
            "assignments",
            Assignment.objects.on(self.day).select_related("user"),
            to_attr="holders",
        )
        posts = (
            Post.objects.visible_to(self.user)
            .filter(standing | Q(pk=kept))
            .select_related("department")
            .prefetch_related(holders)
            .order_by("department__order", "-is_head", "name")
        )
        self._choose("accountable_post", [(post.pk, _post_label(post)) for post in posts])

    def _years(self, current: InitiativeFields | None) -> None:
        this_year = fiscal_year(self.day)
        years = set(range(this_year - YEARS_BACK, this_year + YEARS_AHEAD + 1))
        if current:
            years |= {year for year in (current.start_fy, current.target_fy) if year}
        municipality = self.user.municipality
        style = cast(CalendarStyle, municipality.calendar_style if municipality else "both")
        choices = [(year, format_fiscal_year(year, style)) for year in sorted(years)]
        for name in ("start_fy", "target_fy"):
            self._choose(name, choices)
        for name in ("start_quarter", "target_quarter"):
            self._choose(name, _QUARTERS)

    def _stairs(self, stages: Sequence[Stage], kept: Set[int]) -> None:
        by_stage: dict[int, list[tuple[int, str]]] = {stage.pk: [] for stage in stages}
        for row in Criterion.objects.visible_to(self.user):
            by_stage[row.stage_id].append((row.pk, f"{row.code} {row}"))
        groups = [(f"{step_title(stage)} {stage}", by_stage[stage.pk]) for stage in stages]
        self._choose("criteria", [group for group in groups if group[1]], empty=False)
        themes = [
            (theme.pk, str(theme))
            for theme in Theme.objects.visible_to(self.user)
            if theme.merged_into_id is None or theme.pk in kept
        ]
        self._choose("themes", themes, empty=False)

    def clean_contact(self) -> str:
        """The address belongs to somebody here."""
        email: str = self.cleaned_data["contact"]
        if email:
            people = User.objects.visible_to(self.user).filter(is_active=True)
            self.contact_user = people.filter(email=email.lower()).first()
            if self.contact_user is None:
                raise ValidationError(_("Nobody here has this address."))
        return email

    def clean(self) -> dict[str, Any]:
        """A quarter needs its year, and one department takes one part."""
        data = super().clean() or {}
        for name in ("start", "target"):
            if data.get(f"{name}_quarter") and not data.get(f"{name}_fy"):
                self.add_error(f"{name}_fy", _("Choose the year of the quarter."))
        return data

    def values(self) -> InitiativeFields:
        """What was typed, for the action."""
        data = self.cleaned_data
        several = ("partners", "users", "themes", "criteria")
        typed: dict[str, Any] = {name: data[name] for name in self.fields if name != "phase"}
        typed |= {name: tuple(sorted(set(data[name]))) for name in several}
        typed["contact"] = self.contact_user.pk if self.contact_user else None
        typed["beneficiaries"] = tuple(b for b in Beneficiary.values if b in data["beneficiaries"])
        return InitiativeFields(**typed)

    def first(self) -> list[forms.BoundField]:
        """The fields that stand open."""
        return [self[name] for name in self.FIRST if name in self.fields]

    def groups(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """The folded groups: title, fields, and whether one of them has an error."""
        return [
            (str(title), [self[name] for name in names], any(name in self.errors for name in names))
            for title, names in self.GROUPS
        ]


def _post_label(post: Post) -> str:
    holders = [assignment.user.name for assignment in getattr(post, "holders", [])]
    name = f"{post.department.name} {post.name}"
    return gettext("%(post)s (%(people)s)") % {
        "post": name,
        "people": gettext(", ").join(holders) or gettext("vacant"),
    }


def form_values(fields: InitiativeFields) -> dict[str, Any]:
    """Fields as the form shows them: the person in charge by e-mail."""
    return as_typed(fields.plain())


def as_typed(plain: Mapping[str, Any]) -> dict[str, Any]:
    """Plain values of fields as a person would type them."""
    typed = dict(plain)
    contact = typed.get("contact")
    person = User.objects.filter(pk=contact).first() if contact else None
    typed["contact"] = person.email if person else ""
    return typed


def typed_over(data: QueryDict, values: Mapping[str, Any]) -> QueryDict:
    """What was posted, with some fields replaced."""
    changed = data.copy()
    for name, value in values.items():
        items = value if isinstance(value, list) else [] if value in (None, "") else [value]
        changed.setlist(name, [str(item) for item in items])
    return changed
