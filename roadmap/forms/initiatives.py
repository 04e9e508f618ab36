"""The form of an initiative: the few mandatory fields first, the rest in folded groups."""

from __future__ import annotations

from collections.abc import Sequence, Set
from datetime import date
from typing import Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.db.models import Prefetch, Q
from django.utils.functional import Promise
from django.utils.translation import gettext, pgettext_lazy
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.models import Assignment, Department, Post, User
from dxportal.shared.fiscal import CalendarStyle, fiscal_year, format_date, format_fiscal_year
from roadmap.actions.initiatives import InitiativeFields, Withheld
from roadmap.board import step_title
from roadmap.choices import (
    Beneficiary,
    Disclosure,
    InitiativeKind,
    Phase,
    TagScheme,
)
from roadmap.content.tags import CARE_PREFIX
from roadmap.disclosure import WHOLE, WITHHOLDABLE
from roadmap.forms.fields import JapaneseDateField, TagChoices, WithheldField
from roadmap.forms.typed import form_values
from roadmap.launch_lines import ask_again_day
from roadmap.models import Criterion, Stage, Tag, Theme
from roadmap.shown_words import shown_words
from roadmap.timeliness import target_end
from roadmap.wording import LABELS

#: Years offered around the present one.
YEARS_BACK, YEARS_AHEAD = 10, 10
_QUARTERS = [
    (1, _("Q1 (April–June)")),
    (2, _("Q2 (July–September)")),
    (3, _("Q3 (October–December)")),
    (4, _("Q4 (January–March)")),
]


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
    partner_bodies = _text(
        _("bodies it is done together with"),
        2,
        help_text=_("Other municipalities, the prefecture, associations, companies."),
    )
    learners = _text(_("who must learn what"), 2)
    learn_minutes = forms.IntegerField(
        label=_("minutes of learning for each"), required=False, min_value=0, max_value=9999
    )
    helpers = _text(_("who helps"), 2, help_text=_("Whom users can ask, and when."))
    old_way = _text(_("which old way ends"), 2)
    old_way_ends_on = JapaneseDateField(label=_("when the old way ends"), required=False)
    ask_again_on = JapaneseDateField(label=_("when it is asked again"), required=False)
    tags = _numbers(_("pillars, national priorities, standardised work, procedures"), TagChoices())
    pillars = _text(
        _("other pillars and priorities"), 2, help_text=_("What is on none of the lists.")
    )
    procedures = _text(
        _("other kinds of work and procedures"), 2, help_text=_("What is on none of the lists.")
    )
    disclosure = forms.ChoiceField(
        label=_("disclosure"),
        choices=[("", _("Not decided yet")), *Disclosure.choices],
        required=False,
        widget=forms.RadioSelect,
    )
    withheld_reason = forms.CharField(
        label=_("reason not to publish the whole record"), required=False, max_length=400
    )
    withheld_review_on = JapaneseDateField(
        label=_("looked at again on"),
        required=False,
        help_text=_("Both are needed where the whole record is not to be published."),
    )
    withholdings = WithheldField(
        labels={name: LABELS[name] for name in WITHHOLDABLE},
        label=_("single fields that are withheld"),
        help_text=_("Everything else of the record is published. Each has a reason on record."),
    )
    may_introduce = forms.TypedChoiceField(
        label=_("may be introduced to other municipalities"),
        choices=[("", _("Not decided yet")), ("True", _("Yes")), ("False", _("No"))],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
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
    replaces_channel = forms.TypedChoiceField(
        label=_("does it replace a counter, paper or telephone"),
        choices=[("", _("Not said yet")), ("True", _("Yes")), ("False", _("No"))],
        coerce=lambda value: value == "True",
        empty_value=None,
        required=False,
    )
    replaced_channel = _text(
        _("what it replaces"), 1, help_text=_("Counter, paper form, telephone, notice board …")
    )
    alternative = _text(
        _("other way for those who cannot use it"),
        2,
        help_text=_("What somebody does who has no smartphone, or cannot read the screen."),
    )
    support = _text(
        _("who helps them, where, until when"),
        2,
        help_text=_("For example: the reception helps to fill it in, until March."),
    )
    safeguard = _text(
        _("so that nobody is left behind"),
        2,
        help_text=_("Written before the three lines above were asked one by one. It still counts."),
    )
    risks = _text(_("risks"), 2)
    pitfalls = _text(
        _("what went wrong, for whoever comes next"),
        3,
        help_text=_("What you would do differently; without names, so that it can be handed on."),
    )
    links = _text(_("links"), 2)
    sharing = _text(_("more about publication"), 2)
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
        (_("People and departments"), ("contact", "partners", "partner_bodies", "users")),
        (
            _("Time, target, money"),
            (
                *("start_fy", "start_quarter", "launched_on", "target_text"),
                *("indicators", "budget", "contract"),
            ),
        ),
        (
            _("Before going live"),
            (
                *("learners", "learn_minutes", "helpers"),
                *("old_way", "old_way_ends_on", "ask_again_on"),
            ),
        ),
        (_("Plans and meetings"), ("tags", "pillars", "procedures", "plan_code", "meetings")),
        (
            _("So that nobody is left behind"),
            ("replaces_channel", "replaced_channel", "alternative", "support", "safeguard"),
        ),
        (_("Data and risks"), ("data_home", "data_export", "risks", "pitfalls")),
        (
            pgettext_lazy("group of fields", "Publication"),
            (
                *("disclosure", "withheld_reason", "withheld_review_on"),
                *("withholdings", "may_introduce", "sharing"),
            ),
        ),
        (_("Sources and links"), ("source", "links")),
    )
    #: Form fields that hold a part of a field of the initiative.
    APART = ("phase", "withheld_reason", "withheld_review_on")

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
        self.user, self.day, self.current = user, day, current
        if not (current and current.safeguard) and "safeguard" not in (data or {}):
            del self.fields["safeguard"]
        if current is not None:
            del self.fields["phase"]
        else:
            words = shown_words(user.municipality_id or 0)
            self._choose("phase", words.choosable_phases(), empty=False)
        self._departments(current)
        self._posts(current)
        self._years(current)
        kept = {*(current.themes if current else ()), *(theme.pk for theme in themes)}
        self._stairs(stages, current)
        self._themes(kept)
        self._tags(current)
        self._suggest(current)
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

    def _stairs(self, stages: Sequence[Stage], current: InitiativeFields | None) -> None:
        """What is asked today, and what is chosen already though it is no longer asked."""
        by_stage: dict[int, list[tuple[int, str]]] = {stage.pk: [] for stage in stages}
        chosen = current.criteria if current else ()
        rows = Criterion.objects.visible_to(self.user)
        for row in rows.filter(Q(retired=False) | Q(pk__in=chosen)):
            by_stage[row.stage_id].append((row.pk, row.labelled))
        groups = [(f"{step_title(stage)} {stage}", by_stage[stage.pk]) for stage in stages]
        self._choose("criteria", [group for group in groups if group[1]], empty=False)

    def _themes(self, kept: Set[int]) -> None:
        themes = [
            (theme.pk, str(theme))
            for theme in Theme.objects.visible_to(self.user)
            if theme.merged_into_id is None or theme.pk in kept
        ]
        self._choose("themes", themes, empty=False)

    def _tags(self, current: InitiativeFields | None) -> None:
        """What can be chosen today, list by list, and what is ticked already."""
        visible = Tag.objects.visible_to(self.user)
        kept = current.tags if current else ()
        places = {scheme: place for place, scheme in enumerate(TagScheme.values)}
        lists: dict[str, list[tuple[int, str]]] = {}
        found = (visible.on(self.day) | visible.filter(pk__in=kept)).distinct()
        for tag in sorted(found, key=lambda tag: (places[tag.scheme], tag.order, tag.pk)):
            lists.setdefault(_list_of(tag), []).append((tag.pk, str(tag)))
        self._choose("tags", list(lists.items()), empty=False)

    def _suggest(self, current: InitiativeFields | None) -> None:
        """When to ask again: 90 days after the planned launch, on a working day."""
        launch = current and (
            current.launched_on or target_end(current.target_fy, current.target_quarter)
        )
        if launch:
            style = cast(CalendarStyle, getattr(self.user.municipality, "calendar_style", "both"))
            day = format_date(ask_again_day(launch), style)
            sentence = gettext("90 days after the planned launch: %(day)s.") % {"day": day}
            self.fields["ask_again_on"].help_text = sentence

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
        if data.get("disclosure") == Disclosure.WITHHELD:
            for name in ("withheld_reason", "withheld_review_on"):
                if not data.get(name) and name not in self.errors:
                    self.add_error(name, _("Fill this in where the record is not published."))
        return data

    def values(self) -> InitiativeFields:
        """What was typed, for the action."""
        data = self.cleaned_data
        several = ("partners", "users", "themes", "criteria", "tags")
        typed: dict[str, Any] = {n: data[n] for n in self.fields if n not in self.APART}
        typed["withholdings"] = self._withheld()
        typed |= {name: tuple(sorted(set(data[name]))) for name in several}
        typed["contact"] = self.contact_user.pk if self.contact_user else None
        typed["beneficiaries"] = tuple(b for b in Beneficiary.values if b in data["beneficiaries"])
        return InitiativeFields(**typed)

    def _withheld(self) -> tuple[Withheld, ...]:
        """Single fields, and the whole record where it is not to be published."""
        data = self.cleaned_data
        rows = data["withholdings"]
        if rows is None:
            rows = [w for w in (self.current.withholdings if self.current else ()) if w.field]
        found = list(rows)
        if data["disclosure"] == Disclosure.WITHHELD:
            found.append(Withheld(WHOLE, data["withheld_reason"], data["withheld_review_on"]))
        return tuple(sorted(found))

    def kind_lines(self) -> list[tuple[str, forms.BoundField, bool]]:
        """What ends and what is new, with the kind that asks for it; its own question first.

        The third: whether it can be folded, for nothing is in it.
        """
        lines = [(InitiativeKind.SUBTRACT.value, "stops"), (InitiativeKind.ADD.value, "adds")]
        if self["kind"].value() == InitiativeKind.ADD:
            lines.reverse()
        return [
            (kind, self[name], not self[name].value() and name not in self.errors)
            for kind, name in lines
        ]

    def first(self) -> list[forms.BoundField]:
        """The fields that stand open."""
        return [self[name] for name in self.FIRST if name in self.fields]

    def groups(self) -> list[tuple[str, list[forms.BoundField], bool]]:
        """The folded groups: title, fields, and whether one of them has an error."""
        return [
            (
                str(title),
                [self[name] for name in names if name in self.fields],
                any(name in self.errors for name in names),
            )
            for title, names in self.GROUPS
        ]


def _list_of(tag: Tag) -> str:
    """The folded list in which a tag stands; the procedures are two."""
    label = str(TagScheme(tag.scheme).label)
    if tag.scheme == TagScheme.PROCEDURE and tag.code.startswith(CARE_PREFIX):
        return gettext("%(list)s: children and care") % {"list": label}
    return label


def _post_label(post: Post) -> str:
    holders = [assignment.user.name for assignment in getattr(post, "holders", [])]
    name = f"{post.department.name} {post.name}"
    return gettext("%(post)s (%(people)s)") % {
        "post": name,
        "people": gettext(", ").join(holders) or gettext("vacant"),
    }
