"""Published waves to look at: pain points twice, the pulse with its heads, a monthly intake."""

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from dxportal.accounts.choices import Role
from dxportal.accounts.models import User
from surveys.actions import definitions, waves
from surveys.models import CrossPair, Wave
from tests import factories
from tests.surveys.towns import NOW, Town, answer, close, town

THEMES = ("paper", "phone", "meetings", "double_entry", "paper", "paper")
AGREE = ("fully_agree", "rather_agree", "rather_agree", "neutral", "rather_disagree", "unknown")
HALF_A_YEAR = dt.timedelta(days=182)


@dataclass
class Asked:
    """A town and its published waves, oldest first."""

    place: Town
    waves: list[Wave]

    @property
    def wave(self) -> Wave:
        """The newest."""
        return self.waves[-1]


def ask(place: Town, survey: Any, label: str, answers: Any, **times: Any) -> Wave:
    """One wave of a survey, opened, answered by whoever gets an answer, closed, published."""
    opens = times.get("opens_at", NOW)
    until = opens + dt.timedelta(days=14)
    times = {"opens_at": opens, "closes_at": until, "publish_at": until, **times}
    wave = waves.plan_wave(survey, label=label, by=place.office, **times)
    wave = waves.open_wave(wave, by=place.office, now=opens)
    for person, given in answers:
        answer(wave, person, given)
    return close(wave)


def pain_answers(people: list[User], seed: int = 1) -> list[tuple[User, dict[str, Any]]]:
    """Everybody's, drawn with a seed; each kind of question is answered."""
    rng = random.Random(seed)
    return [
        (
            person,
            {
                "Q1": THEMES[rng.randrange(len(THEMES))],
                "Q1b": rng.sample(["phone", "meetings", "handover"], rng.randrange(3)),
                "Q3": rng.choice(["daily", "weekly", "monthly", "busy_season"]),
                "Q4": rng.choice(["under_5", "to_15", "to_30", "unknown"]),
                "Q5": rng.choice(["self", "team", "section"]),
            },
        )
        for person in people
    ]


def pain_twice(*bureaus: list[int]) -> Asked:
    """Two pain waves half a year apart, with a declared cross table."""
    place = town(*(bureaus or ([30, 20], [25], [22, 3, 2])))
    survey = definitions.create_survey(
        place.municipality, "pain", by=place.office, title="働きやすさ"
    )
    codes = {question.code: question for question in survey.questions.all()}
    CrossPair.objects.create(survey=survey, rows=codes["Q3"], columns=codes["Q5"])
    before = {"opens_at": NOW - HALF_A_YEAR}
    first = ask(place, survey, "2026春", pain_answers(place.everybody, 1), **before)
    return Asked(place, [first, ask(place, survey, "2026秋", pain_answers(place.everybody, 2))])


def pulse_answers(people: list[User], seed: int) -> list[tuple[User, dict[str, Any]]]:
    """Nine statements each."""
    rng = random.Random(seed)
    return [(p, {f"P{n}": rng.choice(AGREE) for n in range(1, 10)}) for p in people]


def pulse_and_heads(*bureaus: list[int], heads: int = 6) -> Asked:
    """The pulse of staff and the heads' own, days apart; `heads` in the first section."""
    place = town(*(bureaus or ([30, 20], [25], [40])))
    section = place.sections[0]
    bosses = [factories.user(place.municipality, role=Role.HEAD, of=section) for _ in range(heads)]
    others = [section for section in place.sections[1:] for _ in range(3)]
    bosses += [factories.user(place.municipality, role=Role.HEAD, of=other) for other in others]
    staff = definitions.create_survey(place.municipality, "pulse", by=place.office)
    theirs = definitions.create_survey(place.municipality, "pulse_heads", by=place.office)
    first = ask(place, staff, "2026秋", pulse_answers(place.everybody, 3))
    later = {"opens_at": NOW + dt.timedelta(days=9)}
    heads_wave = ask(place, theirs, "2026秋 所属長", pulse_answers(bosses, 4), **later)
    return Asked(place, [heads_wave, first])


def intake(months: int = 3) -> Asked:
    """A monthly intake; "phone" is named by three people in the second month."""
    place = town([40], [35])
    survey = definitions.create_survey(place.municipality, "intake", by=place.office)
    found = []
    for month in range(months):
        people = place.everybody
        named = ["phone"] * (3 if month == 1 else 8) + ["meetings"] * 3 + ["handover"] * 3
        named += ["paper"] * (len(people) - len(named))
        given = [(p, {"Q1": code}) for p, code in zip(people, named, strict=True)]
        opens = NOW - dt.timedelta(days=31 * (months - month))
        found.append(ask(place, survey, f"{month + 1}か月目", given, opens_at=opens))
    return Asked(place, found)
