"""What a shared picture holds, how it is checked, and what changes from one to the next.

Content is plain JSON without numbers with decimals: the same bytes after any database.
"""

from __future__ import annotations

import hashlib
import json
from collections.abc import Iterator, Mapping, Sequence
from typing import Any, Final

from django.utils.translation import gettext as _

Content = Mapping[str, Any]

FORMAT: Final = "dxportal-shared-picture/1"
#: A distribution over fewer departments is none (decision 56).
FEWEST: Final = 3
#: So many stand elsewhere than most: with one, it would know all the others by its own step.
APART: Final = 2

#: Whoever may not read culture by name reads its firmness in steps of so many per cent.
COARSE: Final = 5


def canonical(content: Content) -> bytes:
    """The bytes that the checksum is taken of: sorted keys, no spaces, UTF-8."""
    text = json.dumps(content, sort_keys=True, separators=(",", ":"), ensure_ascii=False)
    return text.encode()


def checksum(content: Content) -> str:
    """SHA-256 of the canonical bytes, in hexadecimal digits."""
    return hashlib.sha256(canonical(content)).hexdigest()


def seen_checksum(content: Content) -> str:
    """The same without the title, which whoever publishes types beside the preview."""
    return checksum({key: value for key, value in content.items() if key != "title"})


def distribution(counts: Sequence[int]) -> list[int] | None:
    """The counts if they tell of no single department, else None."""
    placed = sum(counts)
    if placed < FEWEST or placed - max(counts) < APART:
        return None
    return list(counts)


def coarse(percent: int | None) -> int | None:
    """Firmness of culture for those who may not read it by name: to the nearest 5 %.

    What one department adds or takes away from one month to the next is mostly lost in it.
    """
    return None if percent is None else COARSE * round(percent / COARSE)


def percent(firmness: Mapping[str, int]) -> int | None:
    """Firmness in percent: Σ level / (3 × criteria), rule 1; None where nothing is answered."""
    if not firmness["answered"] or not firmness["total"]:
        return None
    return round(100 * firmness["level_sum"] / (3 * firmness["total"]))


def changes(old: Content, new: Content) -> list[str]:
    """Sentences on what readers will see change; empty: only the day and the checksum."""
    return [
        *_frame_changes(old, new),
        *_moves(old, new),
        *_step_changes(old, new),
        *_culture_changes(old, new),
    ]


def _frame_changes(old: Content, new: Content) -> Iterator[str]:
    pair = {"old": old["title"], "new": new["title"]}
    if old["title"] != new["title"]:
        yield _("Title: “%(old)s” → “%(new)s”.") % pair
    if old["as_of"] != new["as_of"]:
        yield _("As of: %(old)s → %(new)s.") % {"old": old["as_of"], "new": new["as_of"]}
    pair = {"old": old["staircase"], "new": new["staircase"]}
    if old["staircase"] != new["staircase"]:
        yield _("Version of the staircase: “%(old)s” → “%(new)s”.") % pair


def _places(content: Content) -> dict[str, int]:
    """Department → its technology step; 0 without data. Equal names are told apart by bureau."""
    found = {
        f"{row['bureau']} {row['name']}".strip(): step["step"]
        for step in content["technology"]["steps"]
        for row in step["departments"]
    }
    for row in content["technology"]["missing"]:
        found[f"{row['bureau']} {row['name']}".strip()] = 0
    return found


def _moves(old: Content, new: Content) -> Iterator[str]:
    before, after = _places(old), _places(new)
    for name, step in after.items():
        was = before.get(name)
        if was is None:
            yield _("%(name)s is new.") % {"name": name}
        elif was == 0 and step:
            yield _("%(name)s: no data → step %(new)d.") % {"name": name, "new": step}
        elif was and not step:
            yield _("%(name)s: step %(old)d → no data.") % {"name": name, "old": was}
        elif was != step:
            yield _("%(name)s: step %(old)d → %(new)d.") % {"name": name, "old": was, "new": step}
    for name in before.keys() - after.keys():
        yield _("%(name)s is gone.") % {"name": name}


def _step_changes(old: Content, new: Content) -> Iterator[str]:
    before = {step["step"]: step for step in old["technology"]["steps"]}
    for step in new["technology"]["steps"]:
        was = before.get(step["step"])
        if was is None:
            yield _("Step %(step)d is new.") % {"step": step["step"]}
            continue
        if was["name"] != step["name"]:
            pair = {"step": step["step"], "old": was["name"], "new": step["name"]}
            yield _("Step %(step)d: “%(old)s” → “%(new)s”.") % pair
        firm = (percent(was["firmness"]), percent(step["firmness"]))
        if firm[0] != firm[1]:
            told = [_("no data") if value is None else f"{value} %" for value in firm]
            words = {"step": step["step"], "old": told[0], "new": told[1]}
            yield _("Firmness of step %(step)d: %(old)s → %(new)s.") % words


def _culture_changes(old: Content, new: Content) -> Iterator[str]:
    was, now = old["culture"]["counts"], new["culture"]["counts"]
    if was and now and was != now:
        pair = {"old": "・".join(map(str, was)), "new": "・".join(map(str, now))}
        yield _("Culture, departments per step: %(old)s → %(new)s.") % pair
    elif was and not now:
        yield _("The distribution of culture is no longer shown: it would tell of single ones.")
    elif now and not was:
        yield _("The distribution of culture is shown from now on.")
