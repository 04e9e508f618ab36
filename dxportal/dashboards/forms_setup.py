"""Forms of setting up: the check list and the five steps of the wizard."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date, datetime
from typing import TYPE_CHECKING, Any

from django import forms
from django.utils import timezone
from django.utils.translation import gettext as _
from django.utils.translation import gettext_lazy, pgettext_lazy

from dxportal.accounts.access import roles_of
from dxportal.accounts.choices import CalendarStyle, ImportKind, Role, SizeBand
from dxportal.accounts.department_cells import MOST_WITHOUT_ACCOUNT
from dxportal.accounts.forms import DayInput, DepartmentChoice
from dxportal.accounts.models import Department, User
from dxportal.accounts.pasted import LONGEST, Pasted, as_table
from dxportal.shared.workdays import is_workday
from roadmap.choices import ProcedureState
from roadmap.models import Stage
from surveys.actions.first_survey import END_OF_WORK

if TYPE_CHECKING:
    from dxportal.dashboards.procedure import ItemRow


class ProcedureForm(forms.Form):
    """How far one item of the check list is."""

    state = forms.ChoiceField(
        label=gettext_lazy("State"),
        choices=ProcedureState.choices,
        widget=forms.RadioSelect,
        error_messages={"required": gettext_lazy("Choose one.")},
    )
    evidence = forms.CharField(
        label=gettext_lazy("Evidence (document, address)"), max_length=400, required=False
    )
    held_on = forms.DateField(
        label=pgettext_lazy("in place", "Since"), required=False, widget=DayInput()
    )
    seen = forms.IntegerField(required=False, widget=forms.HiddenInput)

    @classmethod
    def of(cls, row: ItemRow) -> ProcedureForm:
        """The form of an item as it stands."""
        entry = row.entry
        initial: dict[str, Any] = {"state": row.state}
        if entry is not None:
            initial |= {"evidence": entry.evidence, "held_on": entry.held_on, "seen": entry.pk}
        return cls(initial=initial, prefix=row.item.code)

    def clean(self) -> dict[str, Any]:
        """What is in place has evidence."""
        data = super().clean() or self.cleaned_data
        if data.get("state") == ProcedureState.IN_PLACE and not data.get("evidence", "").strip():
            self.add_error("evidence", _("Name the evidence: a document or an address."))
        return data

    def said(self) -> dict[str, Any]:
        """Arguments of the action."""
        return {name: self.cleaned_data[name] for name in ("state", "evidence", "held_on", "seen")}


class SetUpMunicipalityForm(forms.Form):
    """Name, size and calendar: proposed from the code, changed where wrong."""

    name = forms.CharField(label=gettext_lazy("Name"), max_length=60)
    size_band = forms.ChoiceField(
        label=gettext_lazy("size"),
        choices=SizeBand.choices,
        help_text=gettext_lazy("With whom figures are compared later."),
    )
    calendar_style = forms.ChoiceField(
        label=gettext_lazy("calendar"),
        choices=CalendarStyle.choices,
        widget=forms.RadioSelect,
        help_text=gettext_lazy("How dates are written."),
    )


class PasteForm(forms.Form):
    """A range copied from a spreadsheet."""

    text = forms.CharField(
        label=gettext_lazy("Paste the rows here"),
        max_length=LONGEST,
        strip=False,
        widget=forms.Textarea(attrs={"rows": 8, "spellcheck": "false", "wrap": "off"}),
        error_messages={"required": gettext_lazy("Copy the rows in Excel and paste them here.")},
    )
    fill_down = forms.BooleanField(
        label=gettext_lazy("Empty cells (merged ones) mean the same as above"), required=False
    )

    def __init__(self, *args: Any, kind: str, **kwargs: Any) -> None:
        """Only departments have columns in which cells are merged."""
        super().__init__(*args, **kwargs)
        self.kind = kind
        if kind != ImportKind.DEPARTMENTS:
            del self.fields["fill_down"]

    def clean_text(self) -> str:
        """Blank cells alone are nothing."""
        text: str = self.cleaned_data["text"]
        if not text.strip():
            raise forms.ValidationError(_("Copy the rows in Excel and paste them here."))
        return text

    def pasted(self) -> Pasted:
        """The range as a table."""
        fill_down = bool(self.cleaned_data.get("fill_down"))
        return as_table(self.cleaned_data["text"], self.kind, fill_down=fill_down)


class StagesForm(forms.Form):
    """A name for each step of both staircases."""

    def __init__(
        self, data: Mapping[str, Any] | None, *, stages: Sequence[Stage], blank: bool = False
    ) -> None:
        """The names as they are, or none."""
        super().__init__(data)
        self.stages = stages
        for stage in stages:
            label = _("%(axis)s, step %(step)s") % {
                "axis": stage.get_axis_display(),
                "step": stage.step,
            }
            self.fields[self.key(stage)] = forms.CharField(
                label=label, max_length=80, initial="" if blank else stage.name
            )

    @staticmethod
    def key(stage: Stage) -> str:
        """The field of a step."""
        return f"stage_{stage.pk}"

    def names(self) -> dict[int, str]:
        """Key of a step → its name as typed, also while it is being typed."""
        given = self.cleaned_data if self.is_bound and self.is_valid() else self.data
        return {stage.pk: str(given.get(self.key(stage), "")) for stage in self.stages}


class MeForm(forms.Form):
    """Where the person who sets up belongs, and whether that person is the DX office too."""

    department = DepartmentChoice(
        label=gettext_lazy("Your department"),
        help_text=gettext_lazy("A survey asks people by their department."),
        error_messages={"required": gettext_lazy("Choose your department.")},
    )
    office = forms.BooleanField(
        label=gettext_lazy("I am (also) the DX office"),
        required=False,
        help_text=gettext_lazy("Opens surveys and keeps the list of initiatives."),
    )

    def __init__(self, *args: Any, viewer: User, today: date, **kwargs: Any) -> None:
        """Departments of today; who has the role already is not asked."""
        super().__init__(*args, **kwargs)
        field = self.fields["department"]
        assert isinstance(field, forms.ModelChoiceField)  # noqa: S101 - it is declared above
        here = Department.objects.visible_to(viewer).select_related("bureau")
        field.queryset = here.on(today).in_order()
        if Role.DX_OFFICE in roles_of(viewer):
            del self.fields["office"]


class CountsForm(forms.Form):
    """How many staff of each department have no account."""

    def __init__(self, *args: Any, units: Sequence[Department], **kwargs: Any) -> None:
        """A number for each department that people belong to."""
        super().__init__(*args, **kwargs)
        self.units = units
        for unit in units:
            above = f"{unit.bureau.name} " if unit.bureau else ""
            self.fields[f"count_{unit.pk}"] = forms.IntegerField(
                label=f"{above}{unit.name}",
                min_value=0,
                max_value=MOST_WITHOUT_ACCOUNT,
                initial=unit.without_account,
            )

    def counts(self) -> dict[int, int]:
        """Key of a department → staff."""
        return {unit.pk: self.cleaned_data[f"count_{unit.pk}"] for unit in self.units}


class FirstSurveyForm(forms.Form):
    """Name and deadline of the first round; everything else as usual."""

    label = forms.CharField(
        label=gettext_lazy("Name of this round"),
        max_length=120,
        help_text=gettext_lazy("Staff see it, for example 2026 autumn."),
    )
    closes_on = forms.DateField(
        label=gettext_lazy("Deadline"),
        widget=DayInput(),
        help_text=gettext_lazy("At 17:00, on a working day."),
    )

    def clean_closes_on(self) -> date:
        """A working day that is still to come."""
        day: date = self.cleaned_data["closes_on"]
        if day <= timezone.localdate():
            raise forms.ValidationError(_("Choose a day from tomorrow on."))
        if not is_workday(day):
            raise forms.ValidationError(_("The town hall is closed on this day. Choose another."))
        return day

    def closes_at(self) -> datetime:
        """The deadline as a moment."""
        moment = datetime.combine(self.cleaned_data["closes_on"], END_OF_WORK)
        return timezone.make_aware(moment)
