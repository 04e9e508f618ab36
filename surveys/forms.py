"""Forms of the people who run surveys."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import datetime, time, timedelta
from typing import Any

from django import forms
from django.core.validators import MaxValueValidator, MinValueValidator
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import DepartmentKind
from dxportal.accounts.models import Department, User
from surveys import content
from surveys.choices import Audience, Template
from surveys.eligibility import heads_on
from surveys.models import Survey, Wave
from surveys.workdays import is_workday, on_or_after

#: Proposed: two weeks to answer, until the end of a working day, results a week later.
ANSWER_DAYS, RESULT_DAYS = 14, 7
START_OF_WORK, END_OF_WORK = time(8, 30), time(17, 15)
K_CELL, K_TEXT, K_MOST = 5, 10, 100
_ISO_MINUTES = "%Y-%m-%dT%H:%M"
#: Before each department of the list, for each department above it.
_INDENT = "　"


class MomentField(forms.DateTimeField):
    """Date and time of day, picked with the browser's own control."""

    def __init__(self, **kwargs: Any) -> None:
        """Set the widget and what it sends."""
        widget = forms.DateTimeInput(attrs={"type": "datetime-local"}, format=_ISO_MINUTES)
        super().__init__(widget=widget, input_formats=[_ISO_MINUTES], **kwargs)


class TemplateForm(forms.Form):
    """Which template a new survey starts from."""

    template = forms.ChoiceField(
        label=_("Template"),
        choices=[(value, label) for value, label in Template.choices if value in content.TEMPLATES],
    )


def _threshold(label: Any, least: int, help_text: Any) -> forms.IntegerField:
    """A number that may be raised, never lowered."""
    return forms.IntegerField(
        label=label,
        initial=least,
        help_text=help_text,
        validators=[
            MinValueValidator(least, _("%(limit_value)s or more: it can only be raised.")),
            MaxValueValidator(K_MOST, _("%(limit_value)s at the most.")),
        ],
        widget=forms.NumberInput(attrs={"min": least, "max": K_MOST, "inputmode": "numeric"}),
    )


class WaveForm(forms.Form):
    """When a survey is asked, whom, and how carefully its results are shown."""

    label = forms.CharField(
        label=_("Name of this round"),
        max_length=120,
        help_text=_("Staff see it, for example 2026 autumn."),
    )
    opens_at = MomentField(
        label=_("Opens"),
        help_text=_("On a working day. You can also open it yourself, earlier."),
    )
    closes_at = MomentField(
        label=_("Deadline"), help_text=_("On a working day. It can be extended, never shortened.")
    )
    publish_at = MomentField(
        label=_("Results from"), help_text=_("Everybody sees the results from the same moment.")
    )
    departments = forms.TypedMultipleChoiceField(
        label=_("Departments to ask"),
        required=False,
        coerce=int,
        help_text=_("None ticked: everybody. A bureau stands for everything below it."),
        widget=forms.CheckboxSelectMultiple,
    )
    reader_1 = forms.CharField(
        label=_("First reader of the free texts"),
        required=False,
        max_length=254,
        help_text=_("E-mail or full name. Only the two readers see texts as they were written."),
    )
    reader_2 = forms.CharField(
        label=_("Second reader"),
        required=False,
        max_length=254,
        help_text=_("From personnel, audit or the staff association, if the DX office is small."),
    )
    k_cell = _threshold(
        _("Fewest people whose answers are shown"),
        K_CELL,
        _("5 or more. Smaller groups are counted together."),
    )
    k_text = _threshold(
        _("Fewest texts for the name of a bureau"),
        K_TEXT,
        _("10 or more. Otherwise texts stand without the bureau's name."),
    )
    two_person = forms.BooleanField(
        label=_("Two people release the results"),
        required=False,
        help_text=_(
            "After the deadline nothing is counted until two of the DX office, the CDO and the"
            " administrator have released it."
        ),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, survey: Survey, **kwargs: Any) -> None:
        """Offer the departments of the survey's municipality as they are today."""
        super().__init__(data, **kwargs)
        self.survey = survey
        self.units = list(
            Department.objects.filter(municipality=survey.municipality)
            .on(timezone.localdate())
            .exclude(kind=DepartmentKind.TEAM)
            .in_order()
        )
        field = self.fields["departments"]
        field.choices = as_tree(self.units)  # type: ignore[attr-defined]
        if survey.audience == Audience.HEADS:
            field.help_text = _(
                "This survey asks heads only. None ticked: all heads. A bureau stands for"
                " everything below it."
            )

    def clean(self) -> dict[str, Any]:
        """Times follow each other on working days; readers are found; departments are rows."""
        data = super().clean() or self.cleaned_data
        self._check_times(data)
        readers = [self._reader(name, data) for name in ("reader_1", "reader_2")]
        found = [reader for reader in readers if reader is not None]
        if len({reader.pk for reader in found}) < len(found):
            self.add_error("reader_2", _("The two readers must be different people."))
        chosen = set(data.pop("departments", None) or ())
        data["readers"] = found
        data["departments"] = [unit for unit in self.units if unit.pk in chosen] or None
        return data

    def _check_times(self, data: Mapping[str, Any]) -> None:
        opens, closes, shows = (data.get(n) for n in ("opens_at", "closes_at", "publish_at"))
        now = timezone.now()
        if opens and opens <= now:
            self.add_error(
                "opens_at",
                _("This time has passed. To open at once, plan a later time and open it yourself."),
            )
        if closes and closes <= now:
            self.add_error("closes_at", _("This time has passed."))
        elif opens and closes and closes <= opens:
            self.add_error("closes_at", _("The deadline must be later than the opening."))
        if closes and shows and shows < closes:
            self.add_error("publish_at", _("Results cannot come before the deadline."))
        for name in ("opens_at", "closes_at"):
            _refuse_holiday(self, name, data.get(name))

    def _reader(self, name: str, data: dict[str, Any]) -> User | None:
        """The one active person of the municipality with that e-mail or name."""
        typed = " ".join(str(data.pop(name, "") or "").split())
        if not typed:
            return None
        people = User.objects.filter(municipality=self.survey.municipality, is_active=True)
        found = list(people.filter(email=typed.lower()) or people.filter(name=typed)[:2])
        if not found:
            self.add_error(name, _("Nobody here has this e-mail or name."))
        elif len(found) > 1:
            self.add_error(name, _("More than one person has this name. Type the e-mail."))
        elif found[0].pk in heads_on(self.survey.municipality, timezone.localdate()):
            self.add_error(name, _("Heads of departments do not read free texts."))
        return found[0] if len(found) == 1 else None

    @staticmethod
    def proposal(now: datetime, before: Wave | None = None) -> dict[str, Any]:
        """Times that fit most rounds; thresholds and readers as in the round before."""
        opens = on_or_after(timezone.localdate(now) + timedelta(days=1))
        closes = on_or_after(opens + timedelta(days=ANSWER_DAYS))
        return {
            "opens_at": _at(opens, START_OF_WORK),
            "closes_at": _at(closes, END_OF_WORK),
            "publish_at": _at(on_or_after(closes + timedelta(days=RESULT_DAYS)), START_OF_WORK),
            **({} if before is None else _kept(before)),
        }

    @staticmethod
    def planned(wave: Wave) -> dict[str, Any]:
        """A plan as the form shows it."""
        return {
            "label": wave.label,
            "opens_at": wave.opens_at,
            "closes_at": wave.closes_at,
            "publish_at": wave.publish_at,
            "departments": wave.frozen_org.get("departments", []),
            **_kept(wave),
        }


def _kept(wave: Wave) -> dict[str, Any]:
    readers = list(wave.readers.select_related("user"))
    return {
        "k_cell": wave.k_cell,
        "k_text": wave.k_text,
        "two_person": wave.two_person,
        **{f"reader_{reader.slot}": reader.user.email for reader in readers},
    }


def _at(day: Any, hour: time) -> datetime:
    return timezone.make_aware(datetime.combine(day, hour))


def as_tree(units: list[Department]) -> list[tuple[int, str]]:
    """Departments below what they belong to, indented by how deep they lie."""
    known = {unit.pk for unit in units}
    below: dict[int | None, list[Department]] = {}
    for unit in units:
        parent = unit.parent_id if unit.parent_id in known else None
        below.setdefault(parent, []).append(unit)
    rows: list[tuple[int, str]] = []

    def walk(parent: int | None, depth: int) -> None:
        for unit in below.get(parent, ()):
            rows.append((unit.pk, f"{_INDENT * depth}{unit.name}"))
            walk(unit.pk, depth + 1)

    walk(None, 0)
    return rows


def _refuse_holiday(form: forms.Form, name: str, moment: datetime | None) -> None:
    if moment is not None and not is_workday(timezone.localdate(moment)):
        form.add_error(name, _("The town hall is closed on this day. Choose a working day."))


class ExtendForm(forms.Form):
    """The new deadline."""

    closes_at = MomentField(label=_("New deadline"))

    def clean(self) -> dict[str, Any]:
        """Still to come, on a working day."""
        data = super().clean() or self.cleaned_data
        closes = data.get("closes_at")
        if closes and closes <= timezone.now():
            self.add_error("closes_at", _("This time has passed."))
        _refuse_holiday(self, "closes_at", closes)
        return data

    @classmethod
    def of(cls, wave: Wave) -> dict[str, datetime]:
        """A week later than it is now, on a working day."""
        local = timezone.localtime(wave.closes_at)
        return {"closes_at": _at(on_or_after(local.date() + timedelta(days=7)), local.time())}
