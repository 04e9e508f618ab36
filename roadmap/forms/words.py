"""The forms of the municipality's own status words."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass

from django import forms
from django.http import QueryDict
from django.utils.translation import gettext_lazy as _

from roadmap.actions.words import Wish
from roadmap.choices import CHOOSABLE_PHASES, Phase, Progress
from roadmap.models import StatusWord

_NONE = [("", "–")]


class WordForm(forms.Form):
    """A word that is added by hand."""

    word = forms.CharField(label=_("Word"), max_length=120)
    phase = forms.ChoiceField(
        label=_("Phase"),
        required=False,
        choices=[*_NONE, *((phase.value, phase.label) for phase in CHOOSABLE_PHASES)],
    )
    progress = forms.ChoiceField(
        label=_("Progress"), required=False, choices=[*_NONE, *Progress.choices]
    )
    shown = forms.BooleanField(label=_("Show this word instead of ours"), required=False)

    def __init__(self, data: QueryDict | None = None, *, known: Sequence[str] = ()) -> None:
        """`known`: words that are in the list already."""
        super().__init__(data)
        self.known = set(known)

    def clean_word(self) -> str:
        """A word stands in the list once."""
        word: str = self.cleaned_data["word"]
        if word in self.known:
            raise forms.ValidationError(_("This word is in the list already. Change it there."))
        return word

    def wish(self) -> Wish:
        """For the action."""
        return Wish(**self.cleaned_data)


@dataclass(frozen=True)
class WordRow:
    """A word, how often it came in, and what is chosen for it."""

    word: StatusWord
    uses: int
    phase: str
    progress: str
    shown: bool

    @property
    def wish(self) -> Wish:
        """For the action."""
        return Wish(self.word.word, self.phase, self.progress, self.shown)


def word_rows(words: Sequence[StatusWord], data: QueryDict) -> tuple[list[WordRow], bool]:
    """Rows with what was sent, and whether every choice is one of those offered.

    Where a second word of the same meaning is ticked to be shown, it takes the first one's place.
    """
    rows, valid = [], True
    for word in words:
        phase = data.get(f"phase-{word.pk}", word.phase)
        progress = data.get(f"progress-{word.pk}", word.progress)
        sent = f"row-{word.pk}" in data
        shown = f"shown-{word.pk}" in data if sent else word.shown
        offered = {"", word.phase, *CHOOSABLE_PHASES}
        valid = valid and phase in offered and progress in {"", *Progress.values}
        rows.append(WordRow(word, getattr(word, "uses", 0), phase, progress, shown))
    newly = {(row.phase, row.progress) for row in rows if row.shown and not _was_shown(row)}
    return [_given_way(row, newly) for row in rows], valid


def _was_shown(row: WordRow) -> bool:
    """Whether the word stood for this very meaning already."""
    return row.word.shown and (row.word.phase, row.word.progress) == (row.phase, row.progress)


def _given_way(row: WordRow, newly: set[tuple[str, str]]) -> WordRow:
    if row.shown and _was_shown(row) and (row.phase, row.progress) in newly:
        return WordRow(row.word, row.uses, row.phase, row.progress, shown=False)
    return row


def label_of(phase: str, progress: str) -> str:
    """What we call a meaning, whatever the municipality calls it."""
    labels = [str(Phase(phase).label)] if phase else []
    return " · ".join([*labels, str(Progress(progress).label)] if progress else labels)
