"""Asking once about text that is hard to read: the second sending goes through as it is."""

from __future__ import annotations

from collections.abc import Callable, Collection

from django.http import HttpRequest

from dxportal.shared.plain_japanese import TYPED, Hint, Rule, check

#: Field of the form that says: the hints were on the page (templates/_plain_words.html).
SEEN = "plain_seen"


def hints_once(
    request: HttpRequest,
    *texts: str,
    rules: Collection[Rule] = TYPED,
    names: Callable[[str], bool] | None = None,
) -> list[Hint]:
    """Hints about what was typed; none where the writer has seen them already."""
    if SEEN in request.POST:
        return []
    return [hint for text in texts for hint in check(text, rules=rules, names=names)]
