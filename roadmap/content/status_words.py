"""Ready-made sets of status words that municipalities have published, and what they mean to us.

Sources: the published scales of Hamamatsu, Noshiro, Kawasaki and of the ministry (domain 3.1 and
"Status words actually published"). Where a scale is finer than ours, two words mean the same and
the milder one is shown.
"""

from __future__ import annotations

from dataclasses import dataclass
from typing import TYPE_CHECKING, Final

from django.utils.translation import gettext_lazy as _

from roadmap.choices import Phase, Progress

if TYPE_CHECKING:
    from django.utils.functional import _StrPromise


@dataclass(frozen=True)
class WordContent:
    """One word, its phase or progress, and whether screens and files show it."""

    word: str
    phase: str = ""
    progress: str = ""
    shown: bool = False


@dataclass(frozen=True)
class WordSet:
    """Words that belong together, as one municipality publishes them."""

    code: str
    title: _StrPromise
    note: _StrPromise
    words: tuple[WordContent, ...]


def _progress(means: Progress, *words: str) -> list[WordContent]:
    """Words of one progress; the last one is shown."""
    return [WordContent(word, "", means, shown=word == words[-1]) for word in words]


def _phase(means: Phase, *words: str) -> list[WordContent]:
    """Words of one phase; the last one is shown."""
    return [WordContent(word, means, "", shown=word == words[-1]) for word in words]


SETS: Final = {
    made.code: made
    for made in (
        WordSet(
            "hamamatsu-dx",
            _("A to D (DX plan of Hamamatsu)"),
            _("Letters alone are understood in imports; letters with words are shown."),
            (
                *_progress(Progress.AHEAD, "A", "A 目標より進んでいる"),
                *_progress(Progress.ON_TRACK, "B", "B 目標どおり"),
                *_progress(Progress.LATE, "C", "C 遅れている"),
                *_progress(Progress.NOT_APPLICABLE, "D", "D 評価できない"),
            ),
        ),
        WordSet(
            "hamamatsu-reform",
            _("Ahead, as planned, behind the plan of the year (reform plan of Hamamatsu)"),
            _("Three words of progress; what cannot be judged is called as we call it."),
            (
                *_progress(Progress.AHEAD, "進んでいる", "年度計画よりも進んでいる"),
                *_progress(Progress.ON_TRACK, "どおり", "年度計画どおり"),
                *_progress(Progress.LATE, "年度計画よりも遅れている"),
            ),
        ),
        WordSet(
            "letters",
            _("F, S, A, B, C, X, Y, Z"),
            _("What these letters mean differs from place to place: please check each line."),
            (
                *_progress(Progress.AHEAD, "S", "S 大きく進んでいる", "A", "A 進んでいる"),
                *_progress(Progress.ON_TRACK, "B", "B 計画どおり"),
                *_progress(Progress.LATE, "C", "C 遅れている"),
                *_phase(Phase.LIVE, "F", "F 実施済み"),
                *_phase(Phase.STOPPED, "X", "X 中止"),
                *_phase(Phase.ON_HOLD, "Y", "Y 保留"),
                *_phase(Phase.IDEA, "Z", "Z 未着手"),
            ),
        ),
        WordSet(
            "noshiro",
            _("Reached, not reached, not judged (Noshiro)"),
            _("Reached means on plan; ahead of plan is called as we call it."),
            (
                *_progress(Progress.ON_TRACK, "達成"),
                *_progress(Progress.LATE, "未達成"),
                *_progress(Progress.NOT_APPLICABLE, "評価なし", "評価無し"),
            ),
        ),
        WordSet(
            "kawasaki",
            _("1 to 5 (Kawasaki)"),
            _("Five degrees become three: 1 and 2 are ahead of plan, 4 and 5 are late."),
            (
                *_progress(Progress.AHEAD, "1", "1 目標を大きく上回る", "2", "2 目標を上回る"),
                *_progress(Progress.ON_TRACK, "3", "3 ほぼ目標どおり"),
                *_progress(Progress.LATE, "5", "5 目標を大きく下回る", "4", "4 目標を下回る"),
            ),
        ),
        WordSet(
            "ministry",
            _("Carried out, not carried out, not surveyed (national survey)"),
            _("The first two are phases: in operation and being considered."),
            (
                *_phase(Phase.LIVE, "実施"),
                *_phase(Phase.IDEA, "未実施"),
                *_progress(Progress.NOT_APPLICABLE, "調査無し"),
            ),
        ),
        WordSet(
            "phases",
            _("Considering, preparing, carrying out (words of many tables)"),
            _("“完了” is understood in imports as in operation; the screens do not say it."),
            (
                *_phase(Phase.IDEA, "未着手", "検討"),
                *_phase(Phase.BUILDING, "準備"),
                *_phase(Phase.LIVE, "完了", "実施"),
            ),
        ),
    )
}
