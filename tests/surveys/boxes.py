"""A town with an open wave, for tests of answering."""

import datetime as dt
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from django.utils import timezone

from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.models import Department, Municipality, User
from surveys.actions import definitions, waves
from surveys.models import Wave
from tests import factories

DAY = dt.timedelta(days=1)


@dataclass
class Town:
    """Everything that a test of answering asks for."""

    municipality: Municipality
    bureau: Department
    section: Department
    office: User
    staff: list[User]
    wave: Wave


def draft(town: Municipality, by: User, template: Any = "pain", **fields: Any) -> Wave:
    """A planned wave that is open for two weeks from now."""
    now = timezone.now()
    survey = definitions.create_survey(town, template, by=by)
    times = {
        "opens_at": now - DAY,
        "closes_at": now + 14 * DAY,
        "publish_at": now + 21 * DAY,
        **fields,
    }
    return waves.plan_wave(survey, label="2026年秋", by=by, **times)


def open_town(
    staff: int = 6, template: Any = "pain", *, without_account: int = 0, **fields: Any
) -> Town:
    """A bureau with one section of people who may answer, and a wave that takes answers."""
    town = factories.municipality()
    bureau = factories.department(town, "総務部", kind=DepartmentKind.BUREAU)
    section = factories.department(town, "総務課", parent=bureau)
    Department.objects.filter(pk=section.pk).update(without_account=without_account)
    office = factories.user(town, role=Role.DX_OFFICE, of=section, name="事務局")
    people = [factories.user(town, of=section) for _ in range(staff)]
    wave = waves.open_wave(draft(town, office, template, **fields), by=office, now=timezone.now())
    return Town(town, bureau, section, office, people, wave)


def own_key_dir(settings: Any, folder: Path) -> Path:
    """A key folder that no other test shares."""
    settings.KEY_DIR = folder / "keys"
    return folder / "keys"
