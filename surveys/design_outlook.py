"""What is to be repaired in a survey, and what of it will probably stay hidden, as of a day."""

from __future__ import annotations

from collections import Counter
from collections.abc import Iterable, Mapping
from datetime import date
from typing import Any, Final

from surveys.choices import Audience
from surveys.design_checks import Finding, check_attributes, check_definition, check_pairs
from surveys.eligibility import frame
from surveys.models import CrossPair, Survey

#: The lowest threshold: a round may raise it, never lower it.
K_CELL: Final = 5


def to_repair(definition: Mapping[str, Any], pairs: Iterable[CrossPair]) -> list[Finding]:
    """Findings on questions and cross tables; errors keep the survey from opening."""
    return [*check_definition(definition), *check_pairs(definition, codes_of(pairs))]


def to_expect(
    survey: Survey, definition: Mapping[str, Any], pairs: Iterable[CrossPair], day: date
) -> list[Finding]:
    """Which numbers are probably too small to be shown, in the organisation of that day."""
    heads = survey.audience == Audience.HEADS
    _nodes, placed = frame(survey.municipality, day, heads_only=heads)
    sizes = Counter(place.segment for place in placed)
    return check_attributes(
        definition,
        codes_of(pairs),
        asked=len(placed),
        segment_sizes=list(sizes.values()),
        k=K_CELL,
    )


def codes_of(pairs: Iterable[CrossPair]) -> list[tuple[str, str]]:
    """Declared cross tables as codes of their questions, which should be selected with them."""
    return [(pair.rows.code, pair.columns.code) for pair in pairs]
