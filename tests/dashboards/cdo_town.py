"""A town with something in every panel of the staircase page, made by the real doors."""

from __future__ import annotations

import datetime as dt
import random
from dataclasses import dataclass
from typing import Any

from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, Municipality, User
from roadmap import rollups
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.actions.blockers import BlockerFields, escalate_blocker, open_blocker
from roadmap.actions.value import ValueFields, add_value
from roadmap.models import Assessment, Criterion, EvidenceRequest, InitiativeCriterion
from surveys.actions import definitions, waves
from surveys.models import FollowUp
from tests import factories
from tests.surveys.towns import CLOSES, NOW, Town, answer, close, open_wave, pain, town

AGREE = ("fully_agree", "rather_agree", "neutral", "rather_disagree", "fully_disagree")
THEMES = ("paper", "paper", "phone", "meetings")


@dataclass
class CdoTown:
    """The town and its readers; `today` is the day of the count."""

    place: Town
    people: dict[str, User]
    today: dt.date

    @property
    def municipality(self) -> Municipality:
        """Whose it is."""
        return self.place.municipality


def confirm(section: Department, levels: dict[str, int], *, by: User, on: dt.date) -> None:
    """Confirm criteria by code."""
    found = Criterion.objects.filter(
        stage__municipality=section.municipality, code__in=list(levels)
    )
    claims = {row.pk: Claim(levels[row.code], "根拠") for row in found}
    confirm_criteria(section, claims, by=by, on=on)


def criterion(town: Municipality, code: str) -> Criterion:
    """One criterion of a town."""
    return Criterion.objects.get(stage__municipality=town, code=code)


def cdo_town(*sizes: list[int]) -> CdoTown:
    """Three sections in two bureaus unless sizes are given; counted today and half a year ago."""
    place = town(*(sizes or ([14, 12], [16])))
    owner, today = place.municipality, timezone.localdate()
    people = {
        "cdo": factories.user(owner, role=Role.CDO),
        "dx": place.office,
        "head": factories.user(owner, role=Role.HEAD, of=place.sections[0]),
        "auditor": factories.user(owner, role=Role.AUDITOR),
        "staff": place.everybody[0],
    }
    made = CdoTown(place, people, today)
    _criteria(made)
    _surveys(made)
    _initiatives(made)
    rollups.roll_up(owner.pk, as_of=_earlier(today), history=True)
    rollups.roll_up(owner.pk, as_of=today, full=True)
    factories.department(owner, "新設課", parent=place.bureaus[-1], valid_from=today)
    return made


def _earlier(today: dt.date) -> dt.date:
    """A day half a year before."""
    return today - dt.timedelta(days=190)


def _criteria(made: CdoTown) -> None:
    """The first section rose, the second fell, the last one is not known yet."""
    first, second, *_rest = made.place.sections
    old, today, by = _earlier(made.today), made.today, made.people["head"]
    codes = ["T1-1", "T1-2"]
    confirm(first, dict.fromkeys(codes, 1), by=by, on=old)
    confirm(first, {**dict.fromkeys(codes, 3), "T2-1": 2}, by=by, on=today)
    confirm(second, dict.fromkeys(codes, 3), by=by, on=old)
    row = Assessment.objects.filter(department=second).latest("pk")
    Assessment.objects.create(
        department=second,
        criterion=row.criterion,
        level=1,
        confirmed_by=by,
        confirmed_on=today,
        expires_on=today + dt.timedelta(days=300),
    )
    EvidenceRequest.objects.create(
        department=second,
        criterion=criterion(made.municipality, "T1-1"),
        text="一覧を見せてください",
        due_on=today - dt.timedelta(days=3),
        asked_by=made.people["dx"],
        asked_on=today - dt.timedelta(days=30),
    )


def _surveys(made: CdoTown) -> None:
    """Pain points, two pulses, and a follow-up; everybody answers, by a fixed dice."""
    rng, place = random.Random(5), made.place
    wave = open_wave(place, label="困りごと")
    for person in place.everybody:
        answer(wave, person, pain(rng.choice(THEMES)))
    close(wave)
    for label, opens, weight in (("春", NOW - dt.timedelta(days=170), 9), ("秋", NOW, 6)):
        times = {"opens_at": opens, "closes_at": opens + dt.timedelta(days=14)}
        pulse = open_wave(place, "pulse", label=label, publish_at=times["closes_at"], **times)
        for person in place.everybody:
            liked = rng.choices(AGREE, (weight, weight, 1, 1, 1), k=9)
            answer(pulse, person, {f"P{n}": said for n, said in enumerate(liked, start=1)})
        close(pulse)
    _follow_up(made, rng)


def _follow_up(made: CdoTown, rng: random.Random) -> None:
    """電子決裁 was asked about again."""
    place = made.place
    asked = factories.initiative(
        made.municipality,
        "電子決裁",
        lead=place.sections[0],
        phase="live",
        reported_on=made.today,
        launched_on=(NOW - dt.timedelta(days=90)).date(),
    )
    survey = definitions.create_survey(made.municipality, "follow_up", by=place.office)
    wave = _of_survey(place, survey, asked)
    FollowUp.objects.create(initiative=asked, due_on=NOW.date(), wave=wave)
    for person in place.everybody:
        used = rng.choice(("daily", "weekly", "weekly", "never"))
        said = {"F1": used, "F4": "ended"}
        if used != "never":
            said["F2"] = rng.choice(("harder", "much_harder", "same", "easier", "harder"))
        answer(wave, person, said)
    close(wave)


def _of_survey(place: Town, survey: Any, asked: Any) -> Any:
    times = {"opens_at": NOW, "closes_at": CLOSES, "publish_at": CLOSES}
    planned = waves.plan_wave(survey, label="3か月後", by=place.office, initiative=asked, **times)
    return waves.open_wave(planned, by=place.office, now=NOW)


def _initiatives(made: CdoTown) -> None:
    """A late one with an escalated blocker, a forgotten one, one nobody asked about, an effect."""
    owner, sections, today = made.municipality, made.place.sections, made.today
    office = made.people["dx"]
    late = factories.initiative(
        owner, "会議室の予約", lead=sections[0], progress="late", reported_on=today
    )
    words = BlockerFields(category="law", text="条例の改正が要る", wanted="改正するか")
    blocker = open_blocker(late, fields=words, by=office, on=today - dt.timedelta(days=20))
    escalate_blocker(blocker, wanted="改正するか", version=1, by=office, on=today)
    factories.initiative(
        owner, "文書の整理", lead=sections[1], reported_on=today - dt.timedelta(days=200)
    )
    factories.initiative(
        owner, "窓口の表示", lead=sections[1], reported_on=today - dt.timedelta(days=70)
    )
    seeded = factories.initiative(
        owner,
        "電子申請",
        lead=sections[0],
        phase="live",
        reported_on=today,
        launched_on=today - dt.timedelta(days=120),
        purpose="待たせない",
        kind="subtract",
        beneficiaries=["staff"],
        target_fy=2030,
        accountable_post=factories.post(sections[0]),
    )
    InitiativeCriterion.objects.create(initiative=seeded, criterion=criterion(owner, "T3-1"))
    fields = ValueFields("hours", "promised", 60, 90, "見積り", today)
    add_value(seeded, fields=fields, by=office)
