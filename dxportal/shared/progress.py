"""How far a job is, as `_progress.html` draws it."""

from __future__ import annotations

from dataclasses import dataclass


@dataclass(frozen=True, slots=True)
class ProgressView:
    """What `_progress.html` shows of one job: words of its step, per cent, where to ask again."""

    pk: str
    words: str
    percent: int
    progress_url: str
    finished: bool
    result_url: str
    failed: str
    started: str
