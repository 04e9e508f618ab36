"""Invented answers, and how they are sent: one real sealed ballot per person."""

from __future__ import annotations

import datetime as dt
from collections.abc import Collection, Iterator, Mapping, Sequence
from random import Random
from typing import Any

from dxportal.dashboards.seeding.organisation import Town
from dxportal.dashboards.seeding.plan import SectionPlan
from dxportal.dashboards.seeding.voices import COMMON, EASIER, HEAVIER, STOP, WORDS
from roadmap.choices import Axis
from surveys.actions.ballots import ByAccount, save_ballot
from surveys.models import Wave
from surveys.sittings import coded

Answers = dict[str, Any]

POSITIVE = ("fully_agree", "rather_agree")
OTHER = ("neutral", "rather_disagree", "fully_disagree", "unknown")
STATEMENTS = tuple(f"P{number}" for number in range(1, 10))
#: Statements that decide a criterion: axis and step.
DECIDES = {
    "P1": (Axis.CULTURE, 1),
    "P3": (Axis.CULTURE, 1),
    "P5": (Axis.CULTURE, 2),
    "P8": (Axis.TECHNOLOGY, 1),
}


def send(wave: Wave, ballots: Mapping[int, Answers], now: dt.datetime) -> None:
    """Everybody sends; the order tells nothing, as rows carry no time."""
    for person, answers in ballots.items():
        voter = ByAccount(person)
        save_ballot(wave, voter, answers=answers, submit=True, draft_binding=b"", now=now)


def asked(wave: Wave, town: Town) -> dict[str, list[int]]:
    """Section → those who may answer; the heads of bureaus stand under the empty name."""
    found: dict[str, list[int]] = {}
    for person in wave.eligible.order_by("employee_id").values_list("employee_id", flat=True):
        found.setdefault(town.section_of.get(person, ""), []).append(person)
    return found


def some(people: Sequence[int], rate: float, random: Random) -> list[int]:
    """So many of them."""
    return random.sample(list(people), round(rate * len(people)))


def quota(count: int, share: float, random: Random) -> list[bool]:
    """Exactly that share, in any order; never all, never nobody where there are several."""
    hits = round(share * count)
    if count > 1:
        hits = min(count - 1, max(1, hits))
    marks = [True] * hits + [False] * (count - hits)
    random.shuffle(marks)
    return marks


# The culture pulse ------------------------------------------------------------------------------
def pulse_ballots(
    people: Mapping[str, Sequence[int]],
    town: Town,
    random: Random,
    *,
    start: dt.date,
    end: dt.date,
) -> dict[int, Answers]:
    """Shares fit the steps that each section shall have reached until the next pulse."""
    plans = {section.plan.name: section.plan for section in town.sections.values()}
    ballots: dict[int, Answers] = {}
    for name, members in people.items():
        sent = some(members, random.uniform(0.8, 0.97), random)
        shares = _pulse_shares(plans.get(name), random, start, end)
        marks = {code: quota(len(sent), shares[code], random) for code in STATEMENTS}
        for place, person in enumerate(sent):
            ballots[person] = {
                code: random.choices(POSITIVE, (3, 7))[0]
                if marks[code][place]
                else random.choices(OTHER, (5, 3, 1, 1))[0]
                for code in STATEMENTS
            }
    return ballots


def _pulse_shares(
    plan: SectionPlan | None, random: Random, start: dt.date, end: dt.date
) -> dict[str, float]:
    shares = {code: random.uniform(0.42, 0.74) for code in STATEMENTS}
    shares["P9"] = random.uniform(0.2, 0.6)
    if plan is None:
        return shares
    tracks = {Axis.TECHNOLOGY: plan.technology, Axis.CULTURE: plan.culture}
    for code, (axis, step) in DECIDES.items():
        if tracks[axis].most(start, end) >= step:
            shares[code] = random.uniform(0.7, 0.86)
        elif tracks[axis].most(start, end) == step - 1 and random.random() < 0.5:
            shares[code] = random.uniform(0.36, 0.56)
        else:
            shares[code] = random.uniform(0.5, 0.72)
    return shares


#: How many heads think that their staff agree: too many of what they answer for themselves.
GUESSES = {"P1": 0.82, "P2": 0.78, "P3": 0.74, "P4": 0.72, "P5": 0.62, "P6": 0.55, "P9": 0.5}


def heads_ballots(people: Mapping[str, Sequence[int]], random: Random) -> dict[int, Answers]:
    """The heads' guesses at the pulse: rosier than the staff about talk, less so about work."""
    asked_of = [person for name in sorted(people) for person in people[name]]
    sent = some(asked_of, 0.92, random)
    marks = {code: quota(len(sent), GUESSES.get(code, 0.6), random) for code in STATEMENTS}
    return {
        person: {
            code: random.choices(POSITIVE, (3, 7))[0]
            if marks[code][place]
            else random.choices(OTHER, (5, 3, 1, 1))[0]
            for code in STATEMENTS
        }
        for place, person in enumerate(sent)
    }


# The pain survey --------------------------------------------------------------------------------
def pain_ballots(
    people: Mapping[str, Sequence[int]], town: Town, random: Random, rates: tuple[float, float]
) -> dict[int, Answers]:
    """What burdens each bureau; between so many and so many of a section answer."""
    bureaus = {section.plan.name: section.plan.bureau for section in town.sections.values()}
    ballots: dict[int, Answers] = {}
    for name, members in people.items():
        heavier = HEAVIER.get(bureaus.get(name, ""), {})
        own = {theme: random.uniform(0.7, 1.4) for theme in COMMON}
        weights = {
            theme: weight * heavier.get(theme, 1.0) * own[theme] for theme, weight in COMMON.items()
        }
        for person in some(members, random.uniform(*rates), random):
            ballots[person] = _pain_answers(weights, random)
    return ballots


def _pain_answers(weights: Mapping[str, float], random: Random) -> Answers:
    first = _draw(weights, random)
    if first == "none":
        return {"Q1": "none"}
    answers: Answers = {"Q1": first}
    rest = {theme: w for theme, w in weights.items() if theme not in (first, "none")}
    more = sorted({_draw(rest, random) for _ in range(random.choice((0, 0, 1, 2)))})
    if more:
        answers["Q1b"] = more
    if random.random() < 0.16 and first in WORDS:
        answers["Q2"] = random.choice(WORDS[first])
    answers |= {
        "Q3": _pick("daily weekly monthly yearly busy_season", (34, 34, 19, 3, 10), random),
        "Q4": _pick("under_5 to_15 to_30 to_60 over_60 unknown", (12, 31, 27, 15, 8, 7), random),
        "Q5": _pick("self team section other_sections residents", (12, 26, 31, 15, 16), random),
        "Q9": _pick("yes no first_time", (34, 46, 20), random),
    }
    if random.random() < 0.1:
        answers["Q6"] = random.choice(STOP)
    if random.random() < 0.12:
        answers["Q7"] = random.choice(EASIER)
    return answers


def _draw(weights: Mapping[str, float], random: Random) -> str:
    return random.choices(list(weights), list(weights.values()))[0]


def _pick(options: str, weights: Sequence[int], random: Random) -> str:
    return random.choices(options.split(), weights)[0]


# The follow-up ----------------------------------------------------------------------------------
#: Verdict to be found → response, weekly or more, easier, harder, both ways.
_OUTCOMES = {
    "established": (0.88, 0.78, 0.66, 0.09, 0.14),
    "support": (0.86, 0.5, 0.46, 0.2, 0.42),
    "rethink": (0.86, 0.55, 0.2, 0.45, 0.6),
    "unused": (0.85, 0.16, 0.3, 0.16, 0.5),
    "too_few": (0.3, 0.5, 0.4, 0.2, 0.4),
    "open": (0.35, 0.6, 0.5, 0.15, 0.3),
}


def follow_up_ballots(
    people: Mapping[str, Sequence[int]], outcome: str, random: Random
) -> dict[int, Answers]:
    """Answers that lead to the wanted verdict."""
    rate, *shares = (x + random.uniform(-0.05, 0.05) for x in _OUTCOMES[outcome])
    sent = [person for name in sorted(people) for person in some(people[name], rate, random)]
    return _follow_up_sent(sent, shares, random)


def sitting_ballots(
    people: Mapping[str, Sequence[int]],
    blocks: Mapping[int, tuple[Collection[int], str]],
    random: Random,
) -> dict[int, Answers]:
    """One ballot for several initiatives. `blocks`: number → (who is asked it, wanted verdict).

    Who answers, answers all blocks that are put to them.
    """
    rate = max(_OUTCOMES[outcome][0] for _asked, outcome in blocks.values())
    sent = [person for name in sorted(people) for person in some(people[name], rate, random)]
    found: dict[int, Answers] = {person: {} for person in sent}
    for number, (asked_of, outcome) in sorted(blocks.items()):
        mine = [person for person in sent if person in asked_of]
        for person, answers in _follow_up_sent(mine, _OUTCOMES[outcome][1:], random).items():
            found[person] |= {coded(code, number): given for code, given in answers.items()}
    return found


def _follow_up_sent(
    sent: Sequence[int], shares: Sequence[float], random: Random
) -> dict[int, Answers]:
    """Answers of those who answered: weekly or more, easier, harder, both ways."""
    weekly, easier, harder, both = shares
    used = quota(len(sent), weekly, random)
    feeling = _spread(len(sent), {"easier": easier, "harder": harder}, "same", random)
    ways = _spread(len(sent), {"both": both, "ended": (1 - both) * 0.7}, "partly", random)
    return {
        person: dict(_follow_up_answers(used[i], feeling[i], ways[i], random))
        for i, person in enumerate(sent)
    }


def _spread(count: int, shares: Mapping[str, float], rest: str, random: Random) -> list[str]:
    found = [word for word, share in shares.items() for _ in range(round(share * count))][:count]
    found += [rest] * (count - len(found))
    random.shuffle(found)
    return found


def _follow_up_answers(
    weekly: bool, feeling: str, ways: str, random: Random
) -> Iterator[tuple[str, Any]]:
    yield "F1", random.choice(("daily", "weekly") if weekly else ("monthly", "tried", "never"))
    much = random.random() < 0.4
    yield "F2", f"much_{feeling}" if much and feeling != "same" else feeling
    hours = {
        "easier": ("saved_30", "saved_60", "saved_60", "saved_180"),
        "same": ("same", "same", "saved_30"),
        "harder": ("more",),
    }
    yield "F3", random.choice(hours[feeling])
    yield "F4", ways
    if not weekly or feeling == "harder":
        reasons = ("how_to", "no_training_time", "does_not_fit", "old_way_asked", "nobody_to_ask")
        yield "F5", sorted(random.sample(reasons, random.choice((1, 1, 2))))
