"""Two municipalities with one person a role, for the access matrix."""

from __future__ import annotations

import datetime as dt
from collections.abc import Mapping
from dataclasses import dataclass, field
from typing import Any
from uuid import UUID

from django.utils import timezone

from dxportal.accounts.actions.import_jobs import run_import, start_import
from dxportal.accounts.actions.messages import notify
from dxportal.accounts.choices import DepartmentKind, ImportKind, Role
from dxportal.accounts.models import (
    Assignment,
    Department,
    Event,
    Municipality,
    Outbox,
    User,
    Webhook,
)
from roadmap.models import Snooze, Theme
from surveys.actions import closing, definitions, waves
from surveys.actions.codebook import add_term
from surveys.actions.volunteering import offer
from surveys.models import Commitment, FollowUp, PublishedVoice, RawVoice, Wave
from tests import factories

#: Stands in every text of the other municipality; nobody here may ever read it.
CANARY = "余所"
#: Letters of the table: x is nobody, then the roles.
LETTERS = {
    "x": "anonymous",
    "e": "employee",
    "p": "promoter",
    "h": "head",
    "d": "dx_office",
    "c": "cdo",
    "a": "auditor",
    "m": "admin",
    "o": "host",
}


@dataclass
class World:
    """Who there is, and what there is: own department, another one, another municipality."""

    town: Municipality
    own: Department
    other: Department
    people: dict[str, User | None] = field(default_factory=dict)
    #: kind → variant → what `reverse` needs, for the person of that letter
    things: dict[str, dict[str, Any]] = field(default_factory=dict)

    def args(self, kind: str, variant: str, letter: str) -> list[Any]:
        """Arguments of the address of a thing; notices belong to one person each."""
        found = self.things[kind][variant]
        if isinstance(found, Mapping):
            found = found.get(letter, next(iter(found.values())))
        return list(found) if isinstance(found, tuple) else [found]


def build() -> World:
    """The home municipality and the other one, alike but for the names."""
    home, away = _municipality("見本", mark=""), _municipality("余所", mark=CANARY)
    for kind, found in away.things.items():
        home.things[kind]["foreign"] = found["own"]
    home.people["o"] = factories.user(None, role=Role.HOST, name="共同 運営")
    return home


def _municipality(name: str, *, mark: str) -> World:
    """One municipality with everything that has an address."""
    town = factories.municipality(f"{name}市")
    bureau = factories.department(town, f"{mark}市民部", kind=DepartmentKind.BUREAU)
    own = factories.department(town, f"{mark}市民課", parent=bureau)
    other = factories.department(town, f"{mark}税務課", parent=bureau)
    office = factories.department(town, f"{mark}情報課", parent=bureau)
    world = World(town, own, other)
    people: dict[str, User | None] = {
        "x": None,
        "e": factories.user(town, of=own, name=f"{mark}職員 一"),
        "p": factories.user(town, of=own, role=Role.PROMOTER, name=f"{mark}推進 員"),
        "h": factories.user(town, of=own, role=Role.HEAD, name=f"{mark}所属 長"),
        "d": factories.user(town, of=office, role=Role.DX_OFFICE, name=f"{mark}事務 局"),
        "c": factories.user(town, of=office, role=Role.CDO, name=f"{mark}最高 責任"),
        "a": factories.user(town, role=Role.AUDITOR, name=f"{mark}監査 人"),
        "m": factories.user(town, of=office, role=Role.ADMIN, name=f"{mark}管理 者"),
    }
    world.people = people
    world.things = {
        "department": {"own": own.pk, "other": other.pk},
        **_people_things(world, mark),
        **_initiatives(world, mark),
        **_reminders(world, mark),
        **_surveys(world, mark),
        "import": {"own": _import(world, mark)},
    }
    return world


def _people_things(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """A person, a role, a post, an assignment, and a notice for everybody."""
    persons = [
        factories.user(world.town, of=of, role=Role.PROMOTER, name=f"{mark}対象 {number}")
        for number, of in enumerate((world.own, world.other))
    ]
    posts = [
        factories.post(of, f"{mark}係長", held_by=person)
        for of, person in zip((world.own, world.other), persons, strict=True)
    ]
    seats = [Assignment.objects.get(post=post).pk for post in posts]
    grants = [person.grants.get().pk for person in persons]
    readers = [person for person in world.people.values() if person]
    notify(
        readers,
        subject=f"{mark}お知らせ",
        body="本文",
        path="/accounts/roles/",
        key="k",
        municipality=world.town,
        now=timezone.now(),
    )
    letters = {person.pk: letter for letter, person in world.people.items() if person}
    notices = {
        letters[row.recipient_id]: row.pk
        for row in Outbox.objects.filter(key="k")
        if row.recipient_id in letters
    }
    return {
        "person": dict(zip(("own", "other"), (p.pk for p in persons), strict=True)),
        "grant": dict(zip(("own", "other"), grants, strict=True)),
        "post": dict(zip(("own", "other"), (p.pk for p in posts), strict=True)),
        "assignment": dict(zip(("own", "other"), seats, strict=True)),
        "notice": {"own": notices, "other": _shifted(notices)},
    }


def _shifted(notices: dict[str, int]) -> dict[str, int]:
    """Everybody gets the notice of somebody else."""
    letters = list(notices)
    return {
        letter: notices[letters[(place + 1) % len(letters)]] for place, letter in enumerate(letters)
    }


def _initiatives(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """An initiative that each of the two departments leads, with two reports."""
    today = timezone.localdate()
    made = [
        factories.initiative(
            world.town, f"{mark}電子申請{number}", lead=of, reported_on=today - dt.timedelta(days=9)
        )
        for number, of in enumerate((world.own, world.other))
    ]
    updates = [initiative.updates.get().pk for initiative in made]
    follow_ups = [
        FollowUp.objects.create(initiative=initiative, due_on=today).pk for initiative in made
    ]
    return {
        "initiative": {"own": made[0].pk, "other": made[1].pk},
        "follow_up": dict(zip(("own", "other"), follow_ups, strict=True)),
        "update": {"own": (made[0].pk, updates[0]), "other": (made[1].pk, updates[1])},
    }


def _reminders(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """A pause of everybody and one of somebody of the other department; a webhook, switched off."""
    today = timezone.localdate()
    end = today + dt.timedelta(days=7)
    pauses = {
        letter: Snooze.objects.create(user=person, by=person, valid_from=today, valid_to=end).pk
        for letter, person in world.people.items()
        if person is not None
    }
    away = User.objects.get(municipality=world.town, name=f"{mark}対象 1")
    theirs = Snooze.objects.create(user=away, by=away, valid_from=today, valid_to=end)
    factories.initiative(world.town, f"{mark}係の取組", lead=world.other, contact=world.people["e"])
    Webhook.objects.create(municipality=world.town, url="http://hooks.example/", active=False)
    return {"snooze": {"own": pauses, "other": theirs.pk}}


def _import(world: World, mark: str) -> UUID:
    """A table of departments that has been read and waits for its confirmation."""
    office, today = world.people["d"], timezone.localdate()
    assert office is not None
    job = start_import(
        ImportKind.DEPARTMENTS,
        name=f"{mark}組織.csv",
        content=f"部,課\n{mark}総務部,{mark}総務課\n".encode(),
        by=office,
        municipality=world.town,
        as_of=today,
    )
    run_import(world.town.pk, str(job.pk))
    return job.pk


def _surveys(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """A survey with a planned and an open wave."""
    office, now = world.people["d"], timezone.now()
    assert office is not None
    survey = definitions.create_survey(world.town, "pain", by=office)
    survey.title = f"{mark}手間の調査"
    survey.save()
    days = {
        "opens_at": now,
        "closes_at": now + dt.timedelta(days=14),
        "publish_at": now + dt.timedelta(days=20),
    }
    later = {name: day + dt.timedelta(days=30) for name, day in days.items()}
    planned = waves.plan_wave(survey, label=f"{mark}来春", by=office, **later)
    opened = waves.plan_wave(survey, label=f"{mark}今秋", by=office, **days)
    opened = waves.open_wave(opened, by=office, now=now)
    before = {name: day - dt.timedelta(days=21) for name, day in days.items()}
    readers = [person for letter in "ep" if (person := world.people[letter])]
    closed = waves.plan_wave(survey, label=f"{mark}前回", readers=readers, by=office, **before)
    closed = waves.open_wave(closed, by=office, now=before["opens_at"])
    closing.close_wave(closed.pk, now=before["closes_at"])
    closing.destroy_key(closed.pk)
    waiting = waves.plan_wave(survey, label=f"{mark}承認待ち", two_person=True, by=office, **before)
    waves.open_wave(waiting, by=office, now=before["opens_at"])
    theme = Theme.objects.visible_to(office).first()
    assert theme is not None
    return {
        "closed_wave": {"own": closed.pk},
        **_texts(closed, theme, readers[0], mark),
        "wave_file": {"own": (closed.pk, "csv")},
        "reply": {"own": (closed.pk, theme.pk)},
        **_replies(world, closed, theme),
        "survey": {"own": survey.pk},
        "survey_question": {"own": (survey.pk, "Q5")},
        "planned_wave": {"own": planned.pk},
        "waiting_wave": {"own": waiting.pk},
        "open_wave": {"own": opened.pk},
        "question": {"own": (opened.pk, "Q1")},
    }


def _replies(world: World, wave: Wave, theme: Theme) -> dict[str, dict[str, Any]]:
    """A reply, and an offer of everybody who may answer."""
    office, today = world.people["d"], timezone.localdate()
    Commitment.objects.create(
        wave=wave,
        theme=theme,
        state="cannot",
        sentence="今年はできません",
        due_on=today,
        replied_by=office,
        replied_on=today,
    )
    offers = {
        letter: offer(theme, note=f"{person.name}の申し出", by=person, on=today).pk
        for letter, person in world.people.items()
        if person is not None and letter != "a"
    }
    return {
        "reply_change": {"own": (wave.pk, theme.pk, 1)},
        "volunteer": {"own": offers, "other": _shifted(offers)},
    }


def _texts(wave: Wave, theme: Theme, reader: User, mark: str) -> dict[str, dict[str, Any]]:
    """A free text, a draft of a wording, and a word of the codebook that somebody added."""
    body = f"{mark}紙を運ぶ時間が長い"
    later = timezone.localdate() + dt.timedelta(days=30)
    text = RawVoice.objects.create(wave=wave, question="Q2", body=body, purge_on=later)
    wording = PublishedVoice.objects.create(
        wave=wave, theme=theme, text=f"{mark}運ばずに済ませたい", proposed_by=reader
    )
    add_term(theme, f"{mark}見本の言葉", by=reader)
    change = Event.objects.filter(action="theme_term.added").latest("id")
    return {
        "text": {"own": (wave.pk, text.pk)},
        "text_undo": {"own": (wave.pk, "token")},
        "wording": {"own": (wave.pk, wording.pk)},
        "theme": {"own": theme.pk},
        "term": {"own": theme.terms.get(term=f"{mark}見本の言葉").pk},
        "theme_change": {"own": change.pk},
    }
