"""What the public figures of one size mean: shares, spreads, findings. Never a place in a row."""

from __future__ import annotations

import unicodedata
from bisect import bisect_left, bisect_right
from collections.abc import Iterable, Sequence
from dataclasses import dataclass
from fractions import Fraction
from functools import cache
from statistics import correlation, median, quantiles
from typing import Final

from django.utils.translation import gettext as _

from dxportal.dashboards.published import (
    ANSWERS,
    GOVERNANCE,
    Indicator,
    Place,
    published,
)
from roadmap import search

#: The two spellings of 檮原町 / 梼原町, for searching only; names stay as they are published.
_SPELLINGS: Final = str.maketrans("檮", "梼")
#: Golden ratio: its multiples fall evenly between 0 and 1.
_EVENLY: Final = 0.6180339887498949
#: "Half of the size and more" in the finding about answers, in percent.
HALF: Final = 50


@dataclass(frozen=True, slots=True)
class Share:
    """Who does it: yes, no, and those who were not surveyed, who are in no denominator."""

    yes: int
    no: int
    unknown: int

    @property
    def known(self) -> int:
        """The denominator: those who were surveyed."""
        return self.yes + self.no

    @property
    def percent(self) -> float | None:
        """To one decimal, half to even; None where nobody was surveyed."""
        if not self.known:
            return None
        return float(round(Fraction(100 * self.yes, self.known), 1))


@dataclass(frozen=True, slots=True)
class Spread:
    """How percentages spread; quartiles as Excel's QUARTILE.INC, all None without any value."""

    known: int
    unknown: int
    lowest: float | None = None
    lower: float | None = None
    median: float | None = None
    upper: float | None = None
    highest: float | None = None


def share(places: Iterable[Place], indicator: Indicator) -> Share:
    """Counts of a yes/no indicator."""
    values = [place.values[indicator.column] for place in places]
    return Share(yes=values.count(1), no=values.count(0), unknown=values.count(None))


def spread(places: Iterable[Place], indicator: Indicator) -> Spread:
    """Quartiles of a percentage, of the municipalities that have one."""
    values = [place.values[indicator.column] for place in places]
    known = sorted(value for value in values if value is not None)
    unknown = len(values) - len(known)
    if not known:
        return Spread(0, unknown)
    # Doubling a single value leaves it where it is; quantiles asks for two.
    several = known * 2 if len(known) == 1 else known
    lower, _middle, upper = quantiles(several, method="inclusive")
    return Spread(len(known), unknown, known[0], lower, median(known), upper, known[-1])


def jitter(code: str) -> float:
    """Where a dot stands across the line, −0.5 to 0.5: always the same for the same code."""
    return int(code[:5]) * _EVENLY % 1 - 0.5


def spread_finding(found: Spread, who: str, own: float | None) -> str:
    """The spread in plain words, with the own value against the middle; `who` '' for nobody."""
    if found.median is None or found.highest is None:
        return _("No municipality of this size has a value.")
    values = {"n": found.known, "median": f"{found.median:g}", "who": who, "own": f"{own or 0:g}"}
    if found.median == found.highest:
        told = _("Half of the %(n)s municipalities of this size or more have %(median)s%%.")
    else:
        told = _("Half of the %(n)s municipalities of this size have %(median)s%% or more.")
    if not who:
        return told % values
    if own is None:
        added = _("There is no value for %(who)s.")
    elif own > found.median:
        added = _("%(who)s has %(own)s%%, more than the median.")
    elif own < found.median:
        added = _("%(who)s has %(own)s%%, less than the median.")
    else:
        added = _("%(who)s has %(own)s%%, the same as the median.")
    return _("%(one)s %(other)s") % {"one": told % values, "other": added % values}


def answers_finding(places: Sequence[Place], who: str, own: Place | None) -> str:
    """What half of a size and more do and the own municipality does not do yet."""
    usual = [i for i in ANSWERS if (share(places, i).percent or 0) >= HALF]
    if own is None:
        names = _listed(usual)
        return (
            _("Half of this size or more: %(names)s.") % {"names": names}
            if usual
            else _("Nothing of this is done by half of this size or more.")
        )
    if all(own.values[i.column] is None for i in GOVERNANCE):
        return _(
            "%(who)s was not surveyed on governance. This does not mean that nothing is done."
        ) % {"who": who}
    missing = [i for i in usual if own.values[i.column] == 0]
    if not missing:
        return _("%(who)s does everything that half of this size or more do.") % {"who": who}
    return _("Half of this size or more do it, %(who)s does not yet: %(names)s.") % {
        "who": who,
        "names": _listed(missing),
    }


def _listed(indicators: Iterable[Indicator]) -> str:
    return _(", ").join(str(indicator.label) for indicator in indicators)


def association(places: Iterable[Place]) -> float | None:
    """Spearman's correlation of the number of governance answers with procedures online.

    −1 to 1; None below three municipalities, or where one of the two never changes. Those without
    an answer or a percentage are left out.
    """
    pairs = []
    for place in places:
        answers = [place.values[i.column] for i in GOVERNANCE]
        online = place.values["online32_pct"]
        if online is not None and None not in answers:
            pairs.append((answers.count(1), online))
    if len(pairs) < 3 or any(len(set(side)) < 2 for side in zip(*pairs, strict=True)):
        return None
    left, right = (_levels(side) for side in zip(*pairs, strict=True))
    return correlation(left, right)


def _levels(values: Sequence[int]) -> list[float]:
    """Each value's average number in the order of all, as Spearman's correlation needs it."""
    order = sorted(values)
    return [(bisect_left(order, value) + bisect_right(order, value) + 1) / 2 for value in values]


@cache
def associations() -> tuple[float, float]:
    """Lowest and highest association inside a size, over all sizes of the bundled file."""
    found = [association(places) for places in published().bands.values()]
    known = sorted(value for value in found if value is not None)
    return known[0], known[-1]


def find(places: Iterable[Place], query: str) -> list[Place]:
    """Municipalities by name, reading, prefecture or code; exactly that name first."""
    wanted = [folded.translate(_SPELLINGS) for _word, folded in search.keys(query)]
    if not wanted:
        return []
    digits = unicodedata.normalize("NFKC", query).strip()
    found = [
        place
        for place in places
        if all(word in _text(place) for word in wanted) or digits in (place.code, place.code[:5])
    ]
    whole = "".join(wanted)
    return sorted(found, key=lambda place: (_name(place.name) != whole, place.code))


def single(found: Sequence[Place], query: str) -> Place | None:
    """The one that a search means: the only one, or the only one of exactly that name."""
    whole = "".join(folded for _word, folded in search.keys(query)).translate(_SPELLINGS)
    named = [place for place in found if _name(place.name) == whole]
    meant = named or found
    return meant[0] if len(meant) == 1 else None


def _text(place: Place) -> str:
    """What a municipality is found by."""
    return _folded(f"{place.prefecture} {place.name}", place.kana)


def _name(name: str) -> str:
    return _folded(name)


@cache
def _folded(*texts: str) -> str:
    return search.fold_all(texts).translate(_SPELLINGS)
