"""Forms about free texts: finding, filing, wording; and those of the codebook."""

from __future__ import annotations

from typing import Any
from uuid import UUID

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from roadmap.models import Theme
from surveys.codebook import Book
from surveys.texts import UNSORTED


def _themes(book: Book) -> list[tuple[str, str]]:
    return [(str(theme.pk), str(theme)) for theme in book.standing]


class FindForm(forms.Form):
    """Words and a queue; what is not understood is left out."""

    q = forms.CharField(required=False, max_length=100)
    show = forms.ChoiceField(required=False)

    def __init__(self, data: Any, *, book: Book) -> None:
        """Offer the themes that stand."""
        super().__init__(data)
        self.fields["show"].choices = [  # type: ignore[attr-defined]
            ("", _("All texts")),
            (UNSORTED, _("Not sorted yet")),
            *_themes(book),
        ]

    def wish(self) -> dict[str, str]:
        """Arguments of `Texts`."""
        self.is_valid()
        found = self.cleaned_data
        return {"find": found.get("q", ""), "show": found.get("show", "")}


class FileForm(forms.Form):
    """A chip or the select beside it: under which theme, and what the page showed."""

    theme = forms.CharField(required=False)
    other = forms.CharField(required=False)
    seen = forms.IntegerField(required=False)

    def __init__(self, data: Any, *, book: Book) -> None:
        """Any theme of the book may be asked for, merged ones too: the action follows them."""
        super().__init__(data)
        self._book = book

    def clean(self) -> dict[str, Any]:
        """The theme itself; None takes the text's theme away."""
        cleaned = super().clean() or {}
        pick = cleaned.get("theme") or ""
        if pick == "other":
            pick = cleaned.get("other") or ""
            if not pick:
                raise forms.ValidationError(_("Choose a theme."))
        if pick != "none" and pick not in {str(pk) for pk in self._book.themes}:
            raise forms.ValidationError(_("Choose a theme."))
        cleaned["chosen"] = None if pick == "none" else self._book.themes[int(pick)]
        return cleaned


class MoveForm(forms.Form):
    """Ticked texts and the theme to which they go."""

    into = forms.ChoiceField()

    def __init__(self, data: QueryDict, *, book: Book) -> None:
        """Offer the themes that stand."""
        super().__init__(data)
        self._ticked = data.getlist("text")
        self._book = book
        self.fields["into"].choices = _themes(book)  # type: ignore[attr-defined]

    def clean(self) -> dict[str, Any]:
        """Ids of the ticked texts, and the theme."""
        cleaned = super().clean() or {}
        ticked = self._ticked
        try:
            cleaned["voices"] = [UUID(value) for value in ticked]
        except ValueError:
            cleaned["voices"] = []
        if not cleaned["voices"]:
            raise forms.ValidationError(_("Tick the texts first."))
        if "into" in cleaned:
            cleaned["theme"] = self._book.themes[int(cleaned["into"])]
        return cleaned


class WordingForm(forms.Form):
    """A theme and a sentence in the readers' own words."""

    theme = forms.TypedChoiceField(label=_("Theme"), coerce=int)
    text = forms.CharField(
        label=_("Wording"),
        max_length=400,
        help_text=_("In your own words, so that nobody can be recognised by the way of writing."),
        widget=forms.Textarea(attrs={"rows": 4}),
    )
    sure = forms.BooleanField(
        label=_("I have looked at these places, and nobody can be recognised."), required=False
    )

    def __init__(self, data: Any = None, *, book: Book, **kwargs: Any) -> None:
        """Offer the themes that stand; the tick appears only where there is something to see."""
        super().__init__(data, **kwargs)
        self._book = book
        self.fields["theme"].choices = _themes(book)  # type: ignore[attr-defined]
        if data is None or not data.get("sure"):
            self.fields["sure"].widget = forms.HiddenInput()

    def ask_to_look(self) -> None:
        """Show the tick: the wording is near to what somebody wrote, or names somebody."""
        self.fields["sure"].widget = forms.CheckboxInput()

    @property
    def chosen(self) -> Theme:
        """The theme itself."""
        return self._book.themes[self.cleaned_data["theme"]]


class ThemeNameForm(forms.Form):
    """A theme's name in both languages."""

    label = forms.CharField(label=_("Name"), max_length=80)
    label_en = forms.CharField(label=_("English name"), max_length=80, required=False)


class TermForm(forms.Form):
    """One more word that points to a theme."""

    term = forms.CharField(label=_("Word"), max_length=60)


class MergeForm(forms.Form):
    """Two themes, and which of the names stays."""

    keep = forms.TypedChoiceField(
        label=_("Which name stays?"), coerce=int, widget=forms.RadioSelect
    )

    def __init__(self, data: Any = None, *, pair: list[Theme]) -> None:
        """Offer both names."""
        super().__init__(data)
        self.pair = pair
        self.fields["keep"].choices = [(theme.pk, str(theme)) for theme in pair]  # type: ignore[attr-defined]
