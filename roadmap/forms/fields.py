"""Fields and widgets that Django lacks: Japanese dates, lists of tags, what is withheld and why."""

from __future__ import annotations

from collections.abc import Mapping, Sequence
from datetime import date
from typing import Any, Final

from django import forms
from django.core.exceptions import ValidationError
from django.http import QueryDict
from django.utils.translation import gettext as _

from dxportal.shared.fiscal import parse_date
from roadmap.actions.initiatives import Withheld

#: Empty rows offered below what is withheld already.
SPARE_ROWS: Final = 2
LONGEST_REASON: Final = 400


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


class TagChoices(forms.CheckboxSelectMultiple):
    """Ticks in one folded group a list."""

    template_name = "roadmap/_tag_choices.html"


class WithheldTable(forms.Widget):
    """Rows of field, reason and day of review, sent as three lists of the same length."""

    template_name = "roadmap/_withheld_table.html"
    use_fieldset = True
    PARTS = ("field", "reason", "review_on")

    def __init__(self, choices: Sequence[tuple[str, Any]] = ()) -> None:
        """`choices`: the fields that can be withheld."""
        super().__init__()
        self.choices = list(choices)

    def value_from_datadict(self, data: Any, files: Any, name: str) -> Any:
        """Rows as typed; None where the form did not have the table."""
        if f"{name}_field" not in data:
            return None
        columns = [
            data.getlist(f"{name}_{part}")
            if isinstance(data, QueryDict)
            else data.get(f"{name}_{part}", [])
            for part in self.PARTS
        ]
        return [list(row) for row in zip(*columns, strict=False)]

    def get_context(self, name: str, value: Any, attrs: Any) -> dict[str, Any]:
        """What is withheld, and a few empty rows."""
        context = super().get_context(name, value, attrs)
        rows = [row for row in value or [] if any(row)] + [["", "", ""]] * SPARE_ROWS
        context["widget"] |= {"rows": rows, "choices": self.choices}
        return context

    def id_for_label(self, id_: str, index: str = "0") -> str:
        """The table is named by its legend."""
        return ""

    def use_required_attribute(self, initial: Any) -> bool:
        """Empty rows are welcome."""
        return False


class WithheldField(forms.Field):
    """What is withheld field by field, as a tuple of Withheld; None where it was not asked."""

    widget = WithheldTable

    def __init__(self, *, labels: Mapping[str, Any], **more: Any) -> None:
        """`labels`: fields that can be withheld → their names for people."""
        super().__init__(required=False, widget=WithheldTable([("", "–"), *labels.items()]), **more)
        self.labels = labels

    def clean(self, value: Any) -> tuple[Withheld, ...] | None:
        """Every row with something in it names a field, a reason and a day."""
        if value is None:
            return None
        rows = [[str(cell).strip() for cell in row] for row in value]
        found = [self._row(*row) for row in rows if any(row)]
        names = [item.field for item in found]
        if twice := next((name for name in names if names.count(name) > 1), None):
            raise ValidationError(
                _("“%(field)s” stands in the table twice.") % {"field": self.labels[twice]}
            )
        return tuple(sorted(found))

    def _row(self, name: str, reason: str, day: str) -> Withheld:
        if name not in self.labels:
            raise ValidationError(_("Choose the field that is withheld."))
        label = {"field": self.labels[name]}
        if not reason or len(reason) > LONGEST_REASON:
            raise ValidationError(
                _("Say in up to 400 characters why “%(field)s” is withheld.") % label
            )
        if not day:
            raise ValidationError(_("Say when “%(field)s” is looked at again.") % label)
        try:
            return Withheld(name, reason, parse_date(day))
        except ValueError as error:
            raise ValidationError(str(error)) from None
