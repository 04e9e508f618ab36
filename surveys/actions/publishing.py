"""What a closing wave publishes into the roadmap: levels of criteria, verdicts of follow-ups."""

from __future__ import annotations

import datetime as dt
from bisect import bisect_left, bisect_right
from collections import defaultdict
from collections.abc import Collection, Mapping, Sequence
from dataclasses import dataclass
from functools import partial

from django.db import models
from django.utils import timezone

from dxportal.accounts.models import Department
from roadmap.actions.published import Measured, publish_measured, publish_verdict
from roadmap.choices import CriterionSource, Level, Verdict
from roadmap.models import AdoptionVerdict, Criterion, Initiative
from roadmap.staircase import SURVEY, survey_level
from roadmap.thresholds import Threshold, read_threshold
from surveys import followups
from surveys.choices import Template
from surveys.conclusions import level_tells, sum_tells, told_alone
from surveys.content import POSITIVE
from surveys.counting import Counted, Place, everybody, figures, positive
from surveys.models import FollowUp, Wave
from surveys.partition import (
    ALL,
    Ballot,
    Cell,
    Group,
    TallyRow,
    cell_span,
    rounded_share,
)
from surveys.shares import SMALL, Share, Span, hide
from surveys.workdays import is_workday

#: Language-neutral bands of a number of answers; nothing finer is stored, nor of a share.
N_BANDS = ((10, "5–9"), (20, "10–19"), (50, "20–49"))
N_BAND_TOP = "≥ 50"
#: What a verdict is made of.
VERDICT_QUESTIONS = ("F1", "F2", "F4")
#: "At most" of more than half says nothing worth reading.
MOST_AT_MOST = 50


@dataclass(frozen=True)
class Exact:
    """What a close knows of the answers while it runs, and the rows that it stores of them."""

    counted: Counted
    stored: Sequence[TallyRow]
    ballots: Sequence[Ballot]
    eligible: Mapping[int, int]

    def cells(self, question: str) -> dict[str, Mapping[str, Cell]]:
        """The stored cells of one question, by group."""
        return {row.group: row.cells for row in self.stored if row.question == question}


def publish(
    wave: Wave, org: Sequence[Place], exact: Exact, *, on: dt.date, shown_on: dt.date
) -> None:
    """Publish what follows from the exact answers, in the transaction that closes the wave.

    Levels count from `shown_on`, the day on which everybody sees the results.
    """
    template = wave.frozen_definition["template"]
    if template == Template.FOLLOW_UP:
        _publish_verdict(wave, exact, on=on)
    elif template == Template.PULSE and wave.asks.filter(is_head=False).exists():
        _publish_criteria(wave, org, exact, on=shown_on)


def shown_on(now: dt.datetime, publish_at: dt.datetime) -> dt.date:
    """The first day on all of which results may be seen: levels are kept by day, not by hour."""
    if publish_at <= now:
        return timezone.localdate(now)
    return timezone.localdate(publish_at - dt.timedelta(microseconds=1)) + dt.timedelta(days=1)


def beside_conclusions(wave: Wave, counted: Counted) -> list[TallyRow]:
    """The rows that may be stored beside what is concluded from the exact answers.

    A level or a verdict tells the number of some answers more finely than the cells of a small
    group do; where both together would tell too much, the cells of that question go.
    """
    template = wave.frozen_definition["template"]
    if template == Template.FOLLOW_UP and wave.initiative is not None:
        told = {code for code in VERDICT_QUESTIONS if _verdict_tells(code, counted, wave.k_cell)}
        return [hide(row) if row.question in told else row for row in counted.rows]
    if template == Template.PULSE and wave.asks.filter(is_head=False).exists():
        known = _thresholds(wave)
        return [
            hide(row) if _tells(row, counted, known, wave.k_cell) else row for row in counted.rows
        ]
    return list(counted.rows)


def _tells(
    row: TallyRow, counted: Counted, known: Mapping[str, Sequence[Threshold]], k: int
) -> bool:
    if row.question not in known:
        return False
    group = next(group for group in counted.groups if group.key == row.group)

    outcomes = [
        tuple(survey_level(count, group.n, group.n, each) for each in known[row.question])
        for count in range(group.n + 1)
    ]
    return level_tells(row, group, POSITIVE, outcomes.__getitem__, k)


def _verdict_tells(code: str, counted: Counted, k: int) -> bool:
    """Whether some verdict would tell too much beside this question's cells.

    Looks at both sides of each threshold, not at the one that holds. Under 20 answers a verdict
    stands without cells.
    """
    cells = {row.group: row.cells for row in counted.rows if row.question == code}
    if not counted.groups or ALL not in cells:
        return False
    top = everybody(counted.groups)
    if top.n < SMALL:
        return True
    groups = [group for group in counted.groups if group.key in cells]
    spans = {option: cell_span(cell, top, k) for option, cell in cells[ALL].items()}
    return any(
        sum_tells(groups, cells, options, band, k)
        for options, band in followups.told_by_verdicts(code, spans, top.n)
    )


# The culture pulse ------------------------------------------------------------------------------
def _publish_criteria(wave: Wave, org: Sequence[Place], exact: Exact, *, on: dt.date) -> None:
    """Levels of every survey-sourced criterion, for each standing department of the wave.

    Where the levels of several units and all cells would tell too much together, units take the
    level of the one above (`told_alone`). Levels hold from the numbers of the version in force.
    """
    standing = set(
        Department.objects.filter(municipality_id=wave.municipality_id)
        .on(on)
        .sections()
        .values_list("id", flat=True)
    )
    groups = exact.counted.groups
    thresholds = _thresholds(wave)
    told: dict[str, set[str]] = {}
    for criterion in _criteria(wave):
        question = criterion.question
        agree = positive(question, groups, exact.ballots)
        if question not in told:
            shown = _shown(question, exact.counted.rows)
            bands = level_bands(groups, shown, agree, exact.eligible, thresholds[question])
            cells = exact.cells(question)
            told[question] = told_alone(groups, cells, POSITIVE, bands, wave.k_cell)
        alone, threshold = told[question], _threshold(criterion)
        levels = group_levels(groups, alone, agree, exact.eligible, threshold)
        rows = measured_rows(org, levels, standing)
        publish_measured(criterion, rows, wave_label=wave.label, on=on)


def level_bands(
    groups: Sequence[Group],
    shown: set[str],
    agree: Mapping[str, int],
    eligible: Mapping[int, int],
    thresholds: Sequence[Threshold] = (SURVEY,),
) -> dict[str, Span]:
    """The fewest and the most positive answers that each group's level leaves possible.

    Where several criteria ask one question, what their levels leave possible together.
    """
    bands = {}
    for group in groups:
        if group.node is None or group.key not in shown:
            continue
        asked = sum(eligible.get(leaf, 0) for leaf in group.members)
        spans = [_band(agree[group.key], group.n, asked, t) for t in thresholds]
        known = [span for span in spans if span is not None]
        if known:
            bands[group.key] = (max(low for low, _ in known), min(high for _, high in known))
    return bands


def _band(count: int, n: int, asked: int, threshold: Threshold) -> Span | None:
    """Counts that give the same level; None where there is none."""
    level = survey_level(count, n, asked, threshold)
    if level is None:
        return None
    of = partial(_level_of, n=n, asked=asked, threshold=threshold)
    counts = range(n + 1)
    return bisect_left(counts, level, key=of), bisect_right(counts, level, key=of) - 1


def _level_of(count: int, *, n: int, asked: int, threshold: Threshold) -> int:
    return survey_level(count, n, asked, threshold) or 0


def _criteria(wave: Wave) -> models.QuerySet[Criterion]:
    """Those that a question decides, and declared ones beside which the staff's answer stands."""
    found = Criterion.objects.in_force().select_related("stage").exclude(question="")
    sources = (CriterionSource.SURVEY, CriterionSource.DECLARED)
    return found.filter(stage__municipality_id=wave.municipality_id, source__in=sources)


def _thresholds(wave: Wave) -> dict[str, list[Threshold]]:
    """Question → from which numbers the levels of its criteria hold."""
    found: dict[str, list[Threshold]] = defaultdict(list)
    for criterion in _criteria(wave):
        found[criterion.question].append(_threshold(criterion))
    return found


def _threshold(criterion: Criterion) -> Threshold:
    """Of a declared one the usual numbers: its own decide nothing."""
    own = criterion.threshold if criterion.source == CriterionSource.SURVEY else {}
    return read_threshold(CriterionSource.SURVEY, "", own)


def share_band(level: int, threshold: Threshold) -> str:
    """The band of a share that a level stands for; language-neutral."""
    firm, partly, started = (int(number) for number, _level in threshold.steps)
    return {
        Level.FIRM: f"≥ {firm}%",
        Level.PARTLY: f"{partly}–{firm - 1}%",
        Level.STARTED: f"{started}–{partly - 1}%",
        Level.NOT_STARTED: f"< {started}%",
    }[Level(level)]


def _shown(question: str, rows: Sequence[TallyRow]) -> set[str]:
    """Groups in which the question's answers are shown at all."""
    return {row.group for row in rows if row.question == question and not row.hidden}


def group_levels(
    groups: Sequence[Group],
    shown: set[str],
    agree: Mapping[str, int],
    eligible: Mapping[int, int],
    threshold: Threshold = SURVEY,
) -> dict[int, tuple[int, str, str]]:
    """(level, share band, number band) per node of the organisation, where rule 3 gives one."""
    found = {}
    for group in groups:
        if group.node is None or group.key not in shown:
            continue
        asked = sum(eligible.get(leaf, 0) for leaf in group.members)
        level = survey_level(agree[group.key], group.n, asked, threshold)
        if level is not None:
            found[group.node] = (level, share_band(level, threshold), n_band(group.n))
    return found


def n_band(n: int) -> str:
    """The band that a number of answers falls into."""
    return next((band for under, band in N_BANDS if n < under), N_BAND_TOP)


def measured_rows(
    org: Sequence[Place], levels: Mapping[int, tuple[int, str, str]], standing: set[int]
) -> list[Measured]:
    """One row per standing department: its own level, else the nearest ancestor's, else none."""
    by_key = {place.key: place for place in org}
    rows = []
    for place in org:
        if place.department not in standing:
            continue
        at: Place | None = place
        while at is not None and at.key not in levels:
            at = None if at.parent is None else by_key[at.parent]
        if at is not None:
            rows.append(Measured(place.department, *levels[at.key], from_parent=at is not place))
    return rows


# The follow-up ----------------------------------------------------------------------------------
def _publish_verdict(wave: Wave, known: Exact, *, on: dt.date) -> None:
    """The verdict of a follow-up from the exact answers; a second one of a day is left out."""
    if wave.initiative is None:
        return
    exact = figures(known.ballots, sum(known.eligible.values()))
    verdict = followups.verdict(exact)
    if not AdoptionVerdict.objects.filter(initiative=wave.initiative, on=on).exists():
        shown = shown_figures(exact, known, wave.k_cell)
        publish_verdict(wave.initiative, on=on, verdict=verdict, figures=shown)
    FollowUp.objects.filter(wave=wave).update(closed_on=on)
    if verdict == Verdict.TOO_FEW:
        _plan_again(wave.initiative, on=on)


def shown_figures(exact: followups.Figures, known: Exact, k: int) -> dict[str, object]:
    """What may stand beside a verdict: n, and from 20 answers on shares and minutes saved.

    All of it is worked out from the stored cells of all who answered, so that it tells nothing
    that those do not tell: a share as a number where the cells leave one only, else as a bound.
    """
    if exact.n < followups.MIN_PUBLISHED or not known.counted.groups:
        return {"asked": exact.asked}
    shown: dict[str, object] = {"asked": exact.asked, "n": exact.n}
    if exact.n < SMALL:
        return shown
    for name, (question, options) in followups.SUMS.items():
        spans = _spans(known, question, k)
        if spans and (share := share_of(spans, options, exact.n)):
            shown[name] = {"percent": share.percent, "bound": share.bound}
    spans = _spans(known, followups.TIME_QUESTION, k)
    saved = followups.saved_minutes(spans, exact.n)
    if saved is not None:
        shown["saved_minutes_week"] = {"low": saved[0], "high": saved[1]}
        if more := share_of(spans, (followups.MORE_TIME,), exact.n):
            shown["more_time"] = {"percent": more.percent, "bound": more.bound}
    return shown


def _spans(known: Exact, question: str, k: int) -> dict[str, Span]:
    """The fewest and the most answers of each option that the stored cells leave possible."""
    cells = known.cells(question).get(ALL)
    if not cells:
        return {}
    top = everybody(known.counted.groups)
    return {option: cell_span(cell, top, k) for option, cell in cells.items()}


def share_of(spans: Mapping[str, Span], options: Collection[str], n: int) -> Share | None:
    """The share of those who chose one of the options, as far as the spans tell it; n in all."""
    ends = [spans[option] for option in options if option in spans]
    others = [span for option, span in spans.items() if option not in options]
    low = max(sum(span[0] for span in ends), n - sum(span[1] for span in others))
    high = min(sum(span[1] for span in ends), n - sum(span[0] for span in others))
    first, last = rounded_share(low, n), rounded_share(high, n)
    if first == last:
        return first
    least, most = low * 20 // n * 5, -(-high * 20 // n) * 5
    if least > 0:
        return Share(least, "at_least")
    return Share(most, "at_most") if most <= MOST_AT_MOST else None


def _plan_again(initiative: Initiative, *, on: dt.date) -> None:
    """After too few answers staff are asked once more; after two the outcome is declared."""
    FollowUp.objects.get_or_create(
        initiative=initiative, due_on=followups.follow_up_due(on, is_workday)
    )
