"""The words that a municipality uses for phases and progress, on screens and in files."""

from __future__ import annotations

from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import NamedTuple

from django.utils.translation import gettext as _

from roadmap.choices import CHOOSABLE_PHASES, Phase, Progress
from roadmap.models import StatusWord


class Choice(NamedTuple):
    """A word that may be chosen: our code and what it is called here."""

    value: str
    label: str


@dataclass(frozen=True)
class ShownWords:
    """Code → the municipality's own word; what has none is called as we call it."""

    phases: Mapping[str, str] = field(default_factory=dict)
    progresses: Mapping[str, str] = field(default_factory=dict)

    def phase(self, code: str) -> str:
        """The word for a phase; empty for none."""
        return (self.phases.get(code) or str(Phase(code).label)) if code else ""

    def progress(self, code: str) -> str:
        """The word for a progress; empty for none."""
        return (self.progresses.get(code) or str(Progress(code).label)) if code else ""

    def status(self, phase: str, progress: str) -> str:
        """Both in one phrase: 試行・予定どおり."""
        return _(" · ").join(filter(None, [self.phase(phase), self.progress(progress)]))

    def every_phase(self) -> list[Choice]:
        """All phases, for filters."""
        return [Choice(code, self.phase(code)) for code in Phase.values]

    def choosable_phases(self, present: str = "") -> list[Choice]:
        """What a person may choose, and what it is now even if nobody may choose it."""
        codes = [str(code) for code in CHOOSABLE_PHASES]
        codes = codes if not present or present in codes else [present, *codes]
        return [Choice(code, self.phase(code)) for code in codes]

    def every_progress(self) -> list[Choice]:
        """The four words of progress."""
        return [Choice(code, self.progress(code)) for code in Progress.values]


def shown_words(municipality_id: int) -> ShownWords:
    """The words of one municipality: one query."""
    rows = StatusWord.objects.filter(municipality_id=municipality_id, shown=True)
    return shown_of(rows.values_list("word", "phase", "progress"))


def shown_of(rows: Iterable[tuple[str, str, str]]) -> ShownWords:
    """From (word, phase, progress) of the words that are shown."""
    phases: dict[str, str] = {}
    progresses: dict[str, str] = {}
    for word, phase, progress in rows:
        if phase:
            phases[phase] = word
        else:
            progresses[progress] = word
    return ShownWords(phases, progresses)
