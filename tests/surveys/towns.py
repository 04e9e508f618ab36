"""A town with bureaus, sections and staff, an open wave in it, and answers by the real door."""

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass, field
from typing import Any

from django.utils import timezone

from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.models import Department, Municipality, User
from surveys.actions import ballots, closing, definitions, waves
from surveys.models import CrossPair, Wave
from tests import factories

NOW = dt.datetime(2026, 9, 1, 9, 0, tzinfo=timezone.get_default_timezone())
CLOSES = NOW + dt.timedelta(days=14)
BINDING = b"session"


@dataclass
class Town:
    """Who is where; `office` is the DX office, counted in the first section."""

    municipality: Municipality
    office: User
    bureaus: list[Department]
    sections: list[Department]
    staff: dict[int, list[User]] = field(default_factory=dict)

    @property
    def everybody(self) -> list[User]:
        """All staff, section by section."""
        return [person for section in self.sections for person in self.staff[section.pk]]


def town(*bureaus: Iterable[int], name: str = "見本市") -> Town:
    """A town whose bureaus have sections of the given sizes."""
    owner = factories.municipality(name)
    units, sections, staff = [], [], {}
    for number, sizes in enumerate(bureaus, start=1):
        bureau = factories.department(owner, f"第{number}部", kind=DepartmentKind.BUREAU)
        units.append(bureau)
        for place, size in enumerate(sizes, start=1):
            section = factories.department(owner, f"第{number}部{place}課", parent=bureau)
            sections.append(section)
            staff[section.pk] = [factories.user(owner, of=section) for _ in range(size)]
    office = factories.user(owner, role=Role.DX_OFFICE, name="事務局")
    return Town(owner, office, units, sections, staff)


def open_wave(
    place: Town, template: Any = "pain", crosses: Iterable[tuple[str, str]] = (), **fields: Any
) -> Wave:
    """A wave that everybody (or `departments`) may answer until CLOSES, with cross tables."""
    survey = definitions.create_survey(place.municipality, template, by=place.office)
    questions = {question.code: question for question in survey.questions.all()}
    for rows, columns in crosses:
        CrossPair.objects.create(survey=survey, rows=questions[rows], columns=questions[columns])
    fields = {"opens_at": NOW, "closes_at": CLOSES, "publish_at": CLOSES, **fields}
    wave = waves.plan_wave(survey, label=fields.pop("label", "2026年秋"), by=place.office, **fields)
    return waves.open_wave(wave, by=place.office, now=fields["opens_at"])


def answer(wave: Wave, person: User, answers: Mapping[str, Any], *, submit: bool = True) -> str:
    """Seal and store one ballot; return its receipt ("" for a draft)."""
    receipt = ballots.save_ballot(
        wave,
        ballots.ByAccount(person.pk),
        answers=answers,
        submit=submit,
        draft_binding=BINDING,
        now=wave.opens_at,
    )
    return receipt or ""


def pain(theme: str = "paper", **more: Any) -> dict[str, Any]:
    """An ordinary answer: about half an hour, every day."""
    return {"Q1": theme, "Q3": "daily", "Q4": "to_30", **more}


def close(wave: Wave) -> Wave:
    """Close at the deadline and destroy the key, as the minute jobs do."""
    closing.close_wave(wave.pk, now=wave.closes_at)
    closing.destroy_key(wave.pk)
    return Wave.objects.get(pk=wave.pk)
