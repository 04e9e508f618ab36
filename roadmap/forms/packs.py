"""The forms of packs: what is handed on, and what is taken over."""

from __future__ import annotations

from collections.abc import Iterator, Mapping, Sequence
from datetime import date
from typing import TYPE_CHECKING, Any

from django import forms
from django.core.exceptions import ValidationError
from django.utils.translation import gettext_lazy as _

from roadmap.forms.fields import JapaneseDateField
from roadmap.pack_facts import Draft
from roadmap.pack_format import LICENCES, MAX_BYTES
from roadmap.pack_plan import Template
from roadmap.pack_safety import Mark, Watch
from roadmap.pack_text import Text, texts

if TYPE_CHECKING:
    from django.core.files.uploadedfile import UploadedFile

#: A template starts within this range; durations are added to it.
FIRST_DAY, LAST_DAY = date(2000, 4, 1), date(2100, 3, 31)
#: Characters of a line of a text area, by which its rows are chosen.
_LINE = 40


class PackExportForm(forms.Form):
    """One field a text, named by its key; nothing is changed in the initiatives."""

    licence = forms.ChoiceField(
        label=_("licence"),
        choices=[(each, each) for each in LICENCES],
        help_text=_("Under which others may use it; CC BY asks them to name you."),
    )

    def __init__(self, data: Any = None, *, drafts: Sequence[Draft], watch: Watch) -> None:
        """The texts of all drafts, in their order; one that came in between stands as it is."""
        given = [text for draft in drafts for text in texts(draft.content)]
        if data is not None:
            data = {**{text.key: str(text) for text in given}, **data.dict()}
        super().__init__(data)
        self.watch = watch
        self._texts: dict[int, list[Text]] = {}
        for draft in drafts:
            self._texts[draft.initiative.pk] = list(texts(draft.content))
            for text in self._texts[draft.initiative.pk]:
                self.fields[text.key] = _field(text)

    def clean(self) -> dict[str, Any]:
        """What must not leave is said at the field in which it stands."""
        data = super().clean() or {}
        for name, text in list(data.items()):
            blocked = [mark for mark in self.watch.marks(str(text)) if mark.blocks]
            if name != "licence" and blocked:
                sentence = _("Take this out or write it in other words: %(what)s.")
                self.add_error(name, ValidationError(sentence, params={"what": _words(blocked)}))
        return data

    def typed(self) -> dict[str, str]:
        """Key → text as it is in the form now, valid or not."""
        return {
            text.key: str(self[text.key].value() or "").replace("\r\n", "\n")
            for found in self._texts.values()
            for text in found
        }

    def of(self, draft: Draft) -> Iterator[tuple[forms.BoundField, list[Mark]]]:
        """The fields of one initiative, each with the marks of what stands in it now."""
        for text in self._texts[draft.initiative.pk]:
            field = self[text.key]
            yield field, self.watch.marks(str(field.value() or ""))


def _field(text: Text) -> forms.CharField:
    rows = min(10, max(2, text.count("\n") + len(text) // _LINE + 1))
    widget = forms.TextInput() if text.is_short else forms.Textarea(attrs={"rows": rows})
    title = text.key.endswith(".title")
    return forms.CharField(
        label=text.label,
        initial=str(text),
        max_length=text.longest,
        required=title,
        strip=True,
        widget=widget,
    )


def _words(marks: Sequence[Mark]) -> str:
    return "、".join(f"「{mark.passage}」（{mark.kind.label}）" for mark in marks)


class PackUploadForm(forms.Form):
    """One file of another municipality."""

    file = forms.FileField(
        label=_("file"),
        allow_empty_file=True,
        help_text=_("A file that ends in pack.json. You see everything before it is written."),
        error_messages={"required": _("Choose a file.")},
        widget=forms.FileInput(attrs={"accept": ".json,application/json"}),
    )

    def clean_file(self) -> UploadedFile[Any]:
        """Refuse what is too large before it is read."""
        file: UploadedFile[Any] = self.cleaned_data["file"]
        if (file.size or 0) > MAX_BYTES:
            raise ValidationError(
                _("The file is larger than 2 MB. Ask the sender for fewer initiatives at a time.")
            )
        return file


class PackTakeForm(forms.Form):
    """Which of a pack, and from when its durations count here."""

    places = forms.TypedMultipleChoiceField(
        label=_("initiatives that you take over"),
        coerce=int,
        widget=forms.CheckboxSelectMultiple,
        error_messages={"required": _("Tick at least one initiative.")},
    )
    start_on = JapaneseDateField(
        label=_("day on which it starts here"),
        help_text=_("The dates of the milestones are counted from this day."),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, found: Sequence[Template], day: date):
        """Everything is ticked, and it starts today."""
        super().__init__(data, initial={"places": [t.place for t in found], "start_on": day})
        choices = [(template.place, template.title) for template in found]
        self.fields["places"].choices = choices  # type: ignore[attr-defined]

    def clean_start_on(self) -> date:
        """A day from which durations lead to days that exist."""
        day: date = self.cleaned_data["start_on"]
        if not FIRST_DAY <= day <= LAST_DAY:
            raise ValidationError(_("Choose a day between 2000 and 2100."))
        return day
