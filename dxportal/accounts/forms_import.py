"""What people choose when they import a table."""

from __future__ import annotations

from collections import Counter
from collections.abc import Mapping
from typing import TYPE_CHECKING, Any

from django import forms
from django.conf import settings
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.forms import DayInput
from dxportal.accounts.import_plan import rows_of

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

    from dxportal.accounts.import_registry import Importer

#: Chosen for the municipality: all of them.
ALL = "*"


class ImportUploadForm(forms.Form):
    """A file, and from when it holds."""

    file = forms.FileField(
        label=_("file"),
        allow_empty_file=True,
        help_text=_("Excel (.xlsx) or CSV. You see everything before it is written."),
        error_messages={"required": _("Choose a file.")},
        widget=forms.FileInput(attrs={"accept": ".xlsx,.csv,.txt,.tsv"}),
    )
    as_of = forms.DateField(
        label=_("As of"),
        required=False,
        widget=DayInput(),
        help_text=_("From which day it holds. Today where it is empty."),
    )

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse what nobody could read in time."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        limit = settings.UPLOAD_MAX_BYTES
        if (file.size or 0) > limit:
            text = _(
                "The file is larger than %(limit)s MB. Divide it and import the parts one by one."
            )
            raise ValidationError(text, params={"limit": limit // 1024 // 1024})
        return file


class ColumnsForm(forms.Form):
    """Which column means what, and which municipality of the file is meant."""

    def __init__(
        self,
        data: Mapping[str, Any] | None = None,
        *,
        preview: Mapping[str, Any],
        importer: Importer,
        rows: str = "",
    ) -> None:
        """One select for each heading; guesses are chosen already."""
        super().__init__(data)
        self.importer = importer
        self.header = [heading for heading in dict.fromkeys(preview["header"]) if heading]
        guessed = {heading: name for name, heading in preview["columns"].items()}
        rest = _("Keep beside the initiative") if importer.keeps_leftovers else _("Do not read")
        choices = [("", rest), *importer.fields.items()]
        for number, heading in enumerate(self.header):
            self.fields[f"column-{number}"] = forms.ChoiceField(
                label=heading,
                choices=choices,
                required=False,
                initial=guessed.get(heading, ""),
            )
        if importer.chooses_rows:
            self.fields["rows"] = forms.CharField(
                label=_("Which rows"),
                required=False,
                max_length=400,
                initial=rows,
                help_text=_("All where it is empty; otherwise for example 2-40, 45."),
            )
        origins = [
            (name, f"{name} ({count})") for name, count in preview["origins"].items() if name
        ]
        if len(origins) > 1:
            self.fields["origin"] = forms.ChoiceField(
                label=_("Which municipality of the file?"),
                choices=[("", "---"), (ALL, importer.origin_as), *origins],
                required=preview["asks_origin"],
            )

    def clean_rows(self) -> str:
        """Numbers and spans of them, as rows_of reads them."""
        text: str = self.cleaned_data["rows"]
        try:
            rows_of(text)
        except ValueError:
            raise ValidationError(_("Write row numbers, for example 2-40, 45.")) from None
        return text

    def clean(self) -> dict[str, Any]:
        """Each field is read from one column."""
        cleaned: dict[str, Any] = super().clean() or {}
        chosen = Counter(
            value for name, value in cleaned.items() if name.startswith("column-") and value
        )
        for field, count in chosen.items():
            if count > 1:
                text = _("“%(field)s” is chosen for %(count)s columns. Choose it once.")
                params = {"field": self.importer.fields[field], "count": count}
                raise ValidationError(text, params=params)
        return cleaned

    def chosen(self) -> dict[str, Any]:
        """Arguments of `read_again`."""
        values = self.cleaned_data
        columns = {
            heading: values.get(f"column-{number}", "")
            for number, heading in enumerate(self.header)
        }
        origin = values.get("origin") or None
        return {
            "columns": columns,
            "origin": None if origin == ALL else origin,
            "all_origins": origin == ALL,
            "rows": values.get("rows", ""),
        }
