"""The sentence on top of the staircase: from rules, in the order in which they stand here.

What got worse is always named, with names as far as the viewer may see them. A phrase that is a
count carries the name of the figure that it is, so that it opens to its rows. Nothing says
"0 of 0": without data the sentence says what is missing.
"""

from __future__ import annotations

from collections.abc import Iterator, Sequence
from dataclasses import dataclass
from typing import Final

from django.utils.translation import gettext as _
from django.utils.translation import ngettext

#: So many names are written out; the others are counted.
MOST_NAMES: Final = 4


@dataclass(frozen=True, slots=True)
class Fell:
    """A step whose firmness went down between the two moments, in percent."""

    label: str
    before: int
    now: int
    axis: str = ""
    step: int = 0


@dataclass(frozen=True, slots=True)
class Facts:
    """What the rules look at. Names are empty where the viewer may not see them.

    departments: stand on the staircases; placed: with a position on every axis that the viewer
    sees; partly: with one on some axis alone; compared: with a position on the same axis in both
    moments, None where nothing is compared. topped: on the last step with all of it reached.
    densest: name of the technology step on which most stand, and how many. judged: initiatives with
    a verdict; rethink: of these unused, to rethink, or contradicted by their own use. stale: never
    reported, or without a report for more than 180 days.
    """

    departments: int
    placed: int
    compared: int | None = None
    up: int = 0
    down: int = 0
    mixed: int = 0
    down_names: Sequence[str] = ()
    mixed_names: Sequence[str] = ()
    topped: int = 0
    densest: tuple[str, int, int] | None = None
    fell: Sequence[Fell] = ()
    judged: int = 0
    rethink: int = 0
    rethink_names: Sequence[str] = ()
    stale: int = 0
    version_changed: bool = False
    partly: int = 0

    @property
    def known(self) -> int:
        """With a position on any axis that the viewer sees."""
        return self.placed + self.partly


@dataclass(frozen=True, slots=True)
class Phrase:
    """A piece of the sentence; `figure` and `value` where it is a count that opens."""

    text: str
    tone: str = ""
    figure: str = ""
    value: int = 0
    axis: str = ""
    step: int = 0


def headline(facts: Facts) -> list[Phrase]:
    """The phrases in order: who moved, where most stand, what got worse, what needs a decision."""
    return [*_moved(facts), *_where(facts), *_worse(facts), *_needed(facts)]


def _moved(facts: Facts) -> Iterator[Phrase]:
    """The first sentence."""
    if not facts.departments:
        yield Phrase(_("No department stands on the staircases yet."), "strong")
    elif not facts.known:
        yield Phrase(_known_of(facts), "strong", "missing", facts.departments)
        yield Phrase(_("The position appears with the first confirmed criterion."))
    elif facts.compared is None:
        yield _known(facts)
        yield Phrase(_("What moved is told from the second count on."))
    elif not facts.compared:
        yield _known(facts)
        yield Phrase(_("None of them had a position at the time it is compared with."))
    else:
        yield from _movers(facts)


def _known(facts: Facts) -> Phrase:
    """How many have a position; it opens to exactly these."""
    figure = "known" if facts.partly else "placed"
    return Phrase(_known_of(facts), "strong", figure, facts.known)


def _known_of(facts: Facts) -> str:
    if not facts.known:
        return ngettext(
            "The position of %(n)s department is not known yet.",
            "The positions of all %(n)s departments are not known yet.",
            facts.departments,
        ) % {"n": facts.departments}
    values = {"n": facts.known, "all": facts.departments}
    if facts.partly:
        text = ngettext(
            "The position of %(n)s of %(all)s department is known on one axis at least.",
            "The positions of %(n)s of %(all)s departments are known on one axis at least.",
            facts.departments,
        )
        return text % values
    text = ngettext(
        "The position of %(n)s of %(all)s department is known.",
        "The positions of %(n)s of %(all)s departments are known.",
        facts.departments,
    )
    return text % values


def _movers(facts: Facts) -> Iterator[Phrase]:
    """Who rose and who fell, of those that can be compared."""
    everybody = facts.compared or 0
    if facts.up:
        yield Phrase(_up(facts.up, everybody), "strong", "up", facts.up)
    if facts.down:
        yield Phrase(_down(facts, everybody), "bad", "down", facts.down)
    if facts.mixed:
        names = named(facts.mixed_names, facts.mixed)
        text = ngettext(
            "%(n)s department rose on one axis and fell on the other%(names)s.",
            "%(n)s departments rose on one axis and fell on the other%(names)s.",
            facts.mixed,
        )
        yield Phrase(text % {"n": facts.mixed, "names": names}, "bad", "mixed", facts.mixed)
    if not facts.up and not facts.down and not facts.mixed:
        text = ngettext(
            "The %(n)s department that can be compared did not move.",
            "None of the %(n)s departments that can be compared moved.",
            everybody,
        )
        yield Phrase(text % {"n": everybody}, "strong", "same", everybody)


def _up(count: int, everybody: int) -> str:
    if everybody == 1:
        return _("The one department that can be compared moved up.")
    text = ngettext(
        "Of %(all)s departments that can be compared, %(n)s moved up.",
        "Of %(all)s departments that can be compared, %(n)s moved up.",
        count,
    )
    return text % {"all": everybody, "n": count}


def _down(facts: Facts, everybody: int) -> str:
    """Those that fell; where nobody rose that is said too."""
    words = {"n": facts.down, "all": everybody, "names": named(facts.down_names, facts.down)}
    if facts.up:
        text = ngettext(
            "%(n)s department moved down%(names)s.",
            "%(n)s departments moved down%(names)s.",
            facts.down,
        )
    elif everybody == 1:
        text = _("The one department that can be compared moved down%(names)s.")
    else:
        text = ngettext(
            "Of %(all)s departments that can be compared, %(n)s moved down%(names)s. "
            "None moved up.",
            "Of %(all)s departments that can be compared, %(n)s moved down%(names)s. "
            "None moved up.",
            facts.down,
        )
    return text % words


def named(names: Sequence[str], count: int) -> str:
    """Names in brackets, at most MOST_NAMES and how many more; empty where none may be seen."""
    if not names:
        return ""
    shown = _(", ").join(names[:MOST_NAMES])
    more = count - min(len(names), MOST_NAMES)
    if more > 0:
        return _(" (%(names)s and %(n)s more)") % {"names": shown, "n": more}
    return _(" (%(names)s)") % {"names": shown}


def _where(facts: Facts) -> Iterator[Phrase]:
    """Where most stand on the technology axis."""
    if facts.topped and facts.topped == facts.departments:
        text = ngettext(
            "The %(n)s department has reached the last step of technology.",
            "All %(n)s departments have reached the last step of technology.",
            facts.topped,
        )
        yield Phrase(text % {"n": facts.topped}, "", "topped", facts.topped)
    elif facts.densest and facts.departments > 1:
        name, step, count = facts.densest
        text = ngettext(
            "Most stand on technology step %(step)s, %(name)s: %(n)s department.",
            "Most stand on technology step %(step)s, %(name)s: %(n)s departments.",
            count,
        )
        words = {"step": step, "name": name, "n": count}
        yield Phrase(text % words, "", "here", count, "technology", step)


def _worse(facts: Facts) -> Iterator[Phrase]:
    """Steps that have become less firm, and what a change of the staircase does to all of this."""
    for fell in facts.fell:
        text = _("%(step)s has become less firm: from %(before)s%% to %(now)s%%.")
        words = {"step": fell.label, "before": fell.before, "now": fell.now}
        yield Phrase(text % words, "bad", "firmness", fell.now, fell.axis, fell.step)
    if facts.version_changed and facts.compared:
        yield Phrase(
            _("The staircase was changed in between: a move may come from another criterion.")
        )


def _needed(facts: Facts) -> Iterator[Phrase]:
    """What needs somebody: verdicts, and reports that are missing or too old to be believed."""
    if facts.judged and facts.rethink:
        text = ngettext(
            "Of %(all)s initiatives that staff were asked about again, "
            "%(n)s has to be rethought%(names)s.",
            "Of %(all)s initiatives that staff were asked about again, "
            "%(n)s have to be rethought%(names)s.",
            facts.rethink,
        )
        names = named(facts.rethink_names, facts.rethink)
        words = {"all": facts.judged, "n": facts.rethink, "names": names}
        yield Phrase(text % words, "bad", "hollow", facts.rethink)
    if facts.stale:
        text = ngettext(
            "%(n)s initiative has never had a report, or none for more than 180 days: "
            "how it stands is unknown.",
            "%(n)s initiatives have never had a report, or none for more than 180 days: "
            "how they stand is unknown.",
            facts.stale,
        )
        yield Phrase(text % {"n": facts.stale}, "bad", "unknown", facts.stale)
