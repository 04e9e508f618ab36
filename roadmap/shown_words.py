"""The words that a municipality uses for phases and progress, on screens and in files."""

from __future__ import annotations

from collections.abc import Mapping
from dataclasses import dataclass, field

from roadmap.choices import Phase, Progress
from roadmap.models import StatusWord


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


def shown_words(municipality_id: int) -> ShownWords:
    """The words of one municipality: one query."""
    phases: dict[str, str] = {}
    progresses: dict[str, str] = {}
    rows = StatusWord.objects.filter(municipality_id=municipality_id, shown=True)
    for word, phase, progress in rows.values_list("word", "phase", "progress"):
        if phase:
            phases[phase] = word
        else:
            progresses[progress] = word
    return ShownWords(phases, progresses)
