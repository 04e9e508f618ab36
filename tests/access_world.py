"""Two municipalities with one person a role, for the access matrix."""

from __future__ import annotations

import datetime as dt
from collections.abc import Callable, Mapping
from dataclasses import dataclass, field, replace
from decimal import Decimal
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
from dxportal.dashboards.briefing.content import checksum, freeze
from roadmap.actions import dependencies, indicators, milestones, reorganisations, rounds
from roadmap.actions.adoption_tasks import TaskFields, choose_task
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.actions.blockers import BlockerFields, escalate_blocker, open_blocker
from roadmap.actions.briefings import ask_for_file, create_briefing
from roadmap.actions.closing import close_round
from roadmap.actions.comments import add_comment
from roadmap.actions.decisions import DecisionFields, record_decision, remove_decision
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.actions.links import add_link, remove_link
from roadmap.actions.packs import receive_pack
from roadmap.actions.procedure import say_procedure
from roadmap.actions.published import publish_verdict
from roadmap.actions.reinvestments import reinvest, remove_reinvestment
from roadmap.actions.removal import remove_initiative
from roadmap.actions.renewals import renew
from roadmap.actions.saved_views import delete_view, save_view
from roadmap.actions.shared_pictures import publish_picture
from roadmap.actions.staircase_applying import plan_version
from roadmap.actions.staircase_versions import begin_draft, edit_words, take_out
from roadmap.actions.tags import add_tags
from roadmap.actions.trainings import TrainingFields, save_training
from roadmap.actions.value import ValueFields, add_value, remove_value
from roadmap.choices import BriefingKind, RoundKind, Verdict
from roadmap.models import Criterion, Initiative, Snooze, StatusWord, Theme
from roadmap.pack_format import written
from roadmap.reorganising.rows import Change
from roadmap.round_calendar import Period
from roadmap.signed_links import token_for
from surveys.actions import closing, definitions, waves
from surveys.actions.codebook import add_term
from surveys.actions.volunteering import offer
from surveys.models import Commitment, FollowUp, PublishedVoice, RawVoice, Wave
from tests import factories
from tests.access_evidence import evidence_things
from tests.dashboards.briefings import content as sheet_content
from tests.roadmap.test_pack_format import PACK

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


#: Opened by whoever holds the token, whatever municipality the reader is of.
BY_TOKEN = {"status_link", "link_update", "shared_token"}


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
        if kind not in BY_TOKEN:
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
        "renewal": {"own": _renewal(own, people["h"]), "other": _renewal(other, people["d"])},
        **_people_things(world, mark),
        **_initiatives(world, mark),
        **_reminders(world, mark),
        **_procedure(world, mark),
        **_rounds(world, mark),
        **_surveys(world, mark),
        **_reorganisations(world, mark),
        **_packs(world, mark),
        **_sheets(world, mark),
        **_shared(world, mark),
        **_staircases(world, mark),
        "import": {"own": _import(world, mark)},
        "training": {"own": _training(world, mark)},
        **_evidence(world, mark),
    }
    return world


def _sheets(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """A sheet for each meeting; a file of the board's is being made."""
    office, today = world.people["d"], timezone.localdate()
    assert office is not None
    made = {}
    for kind in BriefingKind.values:
        plain = freeze(sheet_content(kind, purpose=f"{mark}会議の目的", made_by=office.name))
        made[kind] = create_briefing(
            world.town,
            by=office,
            kind=kind,
            title=f"{mark}会議資料 {kind}",
            period=today.replace(day=1),
            round=None,
            as_of=today,
            method="1",
            asks=[],
            content=plain,
            sha256=checksum(plain),
        )
    ask_for_file(made["board"], "pdf", by=office, now=timezone.now())
    return {
        "sheet": {"own": made["mayor"].pk},
        "board_sheet": {"own": made["board"].pk},
        "sheet_file": {"own": (made["mayor"].pk, "csv")},
        "board_file": {"own": (made["board"].pk, "csv")},
        "board_job": {"own": (made["board"].pk, "pdf")},
    }


def _renewal(of: Department, by: User | None) -> tuple[int, int]:
    """A criterion that was confirmed as unchanged: department and what an undo needs."""
    assert by is not None
    day = timezone.localdate()
    criterion = Criterion.objects.get(stage__municipality=of.municipality, code="T1-5")
    confirm_criteria(of, {criterion.pk: Claim(1, "")}, by=by, on=day - dt.timedelta(days=9))
    made = renew(of, by=by, on=day)
    assert made is not None
    return of.pk, made.pk


def _shared(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """A picture that is shared."""
    office, today = world.people["d"], timezone.localdate()
    assert office is not None
    content = {
        "format": "dxportal-shared-picture/1",
        "municipality": {"name": f"{mark}見本", "code": "999997"},
        "title": f"{mark}見本の図",
        "period": f"{today:%Y-%m}",
        "as_of": today.isoformat(),
        "method": "1",
        "staircase": "",
        "departments": 0,
        "technology": {"steps": [], "missing": []},
        "culture": {"steps": [], "counts": None, "missing": None},
    }
    made = publish_picture(world.town, content=content, by=office)
    return {"shared": {"own": made.pk}, "shared_token": {"own": made.token}}


def _evidence(world: World, mark: str) -> dict[str, dict[str, Any]]:
    office, head = world.people["d"], world.people["h"]
    assert office is not None
    assert head is not None
    return evidence_things({"own": world.own, "other": world.other}, office, head, mark)


def _training(world: World, mark: str) -> int:
    """A training offered to the own department."""
    day = timezone.localdate()
    fields = TrainingFields(f"{mark}端末の研修", day, offered_to=(world.own.pk,))
    return save_training(None, world.town, fields=fields, by=world.people["d"]).pk


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
        **_talk(world, made, mark),
        "initiative_move": {
            "own": (made[0].pk, "target", "2030-2", 1),
            "other": (made[1].pk, "target", "2030-2", 1),
        },
        **_saved_views(world, mark),
        "initiative": {"own": made[0].pk, "other": made[1].pk},
        "follow_up": dict(zip(("own", "other"), follow_ups, strict=True)),
        **_fields(world, mark, made[0]),
        "update": {"own": (made[0].pk, updates[0]), "other": (made[1].pk, updates[1])},
        **_parts_of_initiatives(world, mark, made),
        **_words_and_links(world, made[0], mark),
    }


def _words_and_links(world: World, made: Initiative, mark: str) -> dict[str, dict[str, Any]]:
    """A status word, and the promoter's link to an initiative of the own department."""
    word = StatusWord.objects.create(municipality=world.town, word=f"{mark}順調")
    promoter = world.people["p"]
    assert promoter is not None
    token = token_for(made.pk, promoter.pk)
    return {
        "status_word": {"own": word.pk},
        "status_link": {"own": token},
        "link_update": {"own": (token, made.updates.get().pk)},
    }


def _talk(world: World, made: list[Initiative], mark: str) -> dict[str, dict[str, Any]]:
    """What was said about each of the two initiatives."""
    office, head, today = world.people["d"], world.people["h"], timezone.localdate()
    assert office is not None
    assert head is not None
    things: dict[str, dict[str, Any]] = {
        name: {}
        for name in ("blocker", "decision", "decision_event", "comment", "link", "link_event")
    }
    for variant, initiative in zip(("own", "other"), made, strict=True):
        words = BlockerFields(category="law", text=f"{mark}条例の改正が要る", wanted="改正するか")
        blocker = open_blocker(initiative, fields=words, by=office, on=today)
        escalate_blocker(blocker, wanted="改正するか", version=1, by=office, on=today)
        decided = [
            record_decision(
                initiative, fields=DecisionFields(f"{mark}決定{number}", "CDO", today), by=office
            )
            for number in range(2)
        ]
        links = [
            add_link(initiative, label=f"{mark}資料", url=f"https://x.example/{number}", by=office)
            for number in range(2)
        ]
        gone, lost = remove_decision(decided[1], by=office), remove_link(links[1], by=office)
        assert gone is not None
        assert lost is not None
        comment = add_comment(initiative, text=f"{mark}確かめます", by=head)
        found = {
            "blocker": blocker.pk,
            "decision": decided[0].pk,
            "decision_event": gone.pk,
            "comment": comment.pk,
            "link": links[0].pk,
            "link_event": lost.pk,
        }
        for name, pk in found.items():
            things[name][variant] = (initiative.pk, pk)
    return things


def _fields(world: World, mark: str, initiative: Initiative) -> dict[str, dict[str, Any]]:
    """An edit of fields, an initiative that was removed, and a pillar."""
    office = world.people["d"]
    assert office is not None
    values = replace(fields_of(initiative), purpose=f"{mark}待たせない")
    edit_initiative(initiative, by=office, fields=values, version=initiative.version)
    edit = Event.objects.filter(action="initiative.edited").latest("id")
    removed = factories.initiative(world.town, f"{mark}消した取組", lead=world.own)
    remove_initiative(removed, by=office)
    (pillar,) = add_tags(world.town, scheme="pillar", labels=[f"{mark}待たせない窓口"], by=office)
    return {
        "edit": {"own": (initiative.pk, edit.pk)},
        "removed": {"own": removed.pk},
        "tag": {"own": pillar.pk},
    }


def _staircases(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """A planned version, and a draft with a criterion taken out."""
    office, today = world.people["d"], timezone.localdate()
    assert office is not None
    planned = begin_draft(world.town, by=office, today=today)
    plan_version(planned, valid_from=today + dt.timedelta(days=30), by=office, today=today)
    draft = begin_draft(world.town, by=office, today=today)
    edit_words(draft, label="次の版", note=f"{mark}見直しのわけ", names={}, by=office)
    lines = draft.criteria.select_related("staircase")
    take_out(lines.get(code="T1-6"), by=office)
    return {
        "staircase": {"own": draft.pk},
        "staircase_line": {"own": (draft.pk, lines.get(code="T1-5").pk)},
        "staircase_out": {"own": (draft.pk, "T1-6")},
        "staircase_planned": {"own": planned.pk},
    }


def _effects(initiative: Initiative, office: User, keep: Callable[..., None]) -> None:
    """A report that somebody else can check, time that is freed and used, and what was removed."""
    today = timezone.localdate()
    figures = {"saved_minutes_week": {"low": 60, "high": 600}}
    earlier = today - dt.timedelta(days=1)
    publish_verdict(initiative, on=earlier, verdict=Verdict.SUPPORT, figures=figures)
    paper = {"measure": "paper", "standing": "reported", "low": 1, "high": 2, "basis": "計数"}
    entry = add_value(initiative, by=None, fields=ValueFields(on=today, **paper))  # type: ignore[arg-type]
    gone = add_value(initiative, by=None, fields=ValueFields(on=today, **{**paper, "low": 0}))  # type: ignore[arg-type]
    promise = ValueFields(on=today, **{**paper, "standing": "promised"})  # type: ignore[arg-type]
    add_value(initiative, by=None, fields=promise)
    keep("effect", initiative, entry.pk)
    keep("removed_effect", initiative, remove_value(gone, by=office).pk)
    uses = [
        reinvest(initiative, by=office, measure="hours", amount=60, sentence=text, on=today)
        for text in ("研修", "相談")
    ]
    keep("use", initiative, uses[0].pk)
    event = remove_reinvestment(uses[1], by=office)
    keep("removed_use", initiative, event.pk if event else 0)
    keep("hours", initiative, "hours")


def _parts_of_initiatives(
    world: World, mark: str, made: list[Initiative]
) -> dict[str, dict[str, Any]]:
    """A milestone, a dependency and an indicator of each, and what was removed of them."""
    today, office = timezone.localdate(), world.people["d"]
    found: dict[str, list[tuple[Any, ...]]] = {}

    def keep(kind: str, initiative: Initiative, *rest: Any) -> None:
        found.setdefault(kind, []).append((initiative.pk, *rest))

    for initiative in made:
        for title in ("契約", "試行"):
            point = milestones.add_milestone(
                initiative, by=office, title=f"{mark}{title}", due_on=today
            )
        keep("milestone", initiative, point.pk)
        gone = milestones.add_milestone(initiative, by=office, title=f"{mark}旧", due_on=today)
        event = milestones.remove_milestone(gone, by=office, version=1)
        keep("removed_milestone", initiative, event.pk)
        _effects(initiative, office, keep)
        verdict = publish_verdict(initiative, on=today, verdict="rethink", figures={})
        fields = TaskFields("fix", today, f"{mark}様式を減らす")
        task = choose_task(verdict.task, fields=fields, version=1, by=office)
        keep("task", initiative, task.pk)
        keep("task_event", initiative, Event.objects.filter(action="task.chosen").latest("id").pk)
        keep("first", initiative, "first")
        others = [factories.initiative(world.town, f"{mark}基盤{n}", lead=None) for n in (1, 2)]
        links = [dependencies.add_dependency(one, initiative, by=office) for one in others]
        keep("dependency", initiative, links[0].pk)
        events = dependencies.remove_dependency(links[1], by=office)
        keep("removed_dependency", initiative, events[initiative.pk].pk)
        rows = [
            indicators.add_indicator(
                initiative,
                by=office,
                values=indicators.IndicatorFields(name=f"{mark}申請{n}", kind="use"),
            )
            for n in (1, 2)
        ]
        keep("indicator", initiative, rows[0].pk)
        event = indicators.remove_indicator(rows[1], by=office, version=1)
        keep("removed_indicator", initiative, event.pk)
        values = [
            indicators.measure(
                rows[0], by=office, value=Decimal(n), on=today - dt.timedelta(days=n)
            )
            for n in (1, 2)
        ]
        keep("measurement", initiative, values[0].pk)
        removed = indicators.remove_measurement(values[1], by=office)
        assert removed is not None
        keep("removed_measurement", initiative, removed.pk)
    return {kind: dict(zip(("own", "other"), pair, strict=True)) for kind, pair in found.items()}


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


def _procedure(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """An overall policy on the check list."""
    office = world.people["d"]
    assert office is not None
    said = say_procedure(
        world.town,
        "policy",
        state="in_place",
        evidence=f"{mark}見本の全体方針",
        held_on=None,
        seen=None,
        by=office,
        today=timezone.localdate(),
    )
    assert said is not None
    return {"procedure": {"own": said.pk}}


def _rounds(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """A planned, an open and a closed progress report, with the returns of both departments."""
    office, today, now = world.people["d"], timezone.localdate(), timezone.now()
    assert office is not None
    made = [
        rounds.plan_round(
            world.town,
            by=office,
            period=Period(RoundKind.QUARTER, 2026, number),
            opens_on=today,
            due_on=today,
            note=f"{mark}四半期の報告",
        )
        for number in (1, 2, 3)
    ]
    for one in made[1:]:
        rounds.open_round(one, by=office, now=now)
    owing = list(made[2].returns.values_list("department_id", flat=True))
    close_round(made[2], by=office, named=owing, now=now)
    return {
        "planned_round": {"own": made[0].pk},
        "open_round": {"own": made[1].pk},
        "closed_round": {"own": made[2].pk},
        "round_file": {"own": (made[2].pk, "csv")},
        "return": {"own": (made[1].pk, world.own.pk), "other": (made[1].pk, world.other.pk)},
    }


def _reorganisations(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """A draft with one row, and one that was carried out."""
    office, now = world.people["d"], timezone.now()
    assert office is not None
    today = timezone.localdate(now)
    rows = [Change("found", successor=(f"{mark}新しい課",))]
    draft = reorganisations.draft_reorganisation(
        world.town, by=office, effective_on=today + dt.timedelta(days=30), changes=rows
    )
    other = [Change("found", successor=(f"{mark}できた課",))]
    done = reorganisations.draft_reorganisation(
        world.town, by=office, effective_on=today, changes=other
    )
    seen = reorganisations.plan_of(done).fingerprint
    reorganisations.confirm(done, fingerprint=seen, by=office, now=now)
    return {
        "reorganisation": {"own": draft.pk},
        "reorganisation_kind": {"own": (draft.pk, "merge")},
        "reorganisation_row": {"own": (draft.pk, "r1")},
        "reorganisation_done": {"own": done.pk},
    }


def _saved_views(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """Everybody keeps a view, and has deleted one; one is shown to all."""
    kept, deleted = {}, {}
    for letter, person in world.people.items():
        if person is not None:
            kept[letter] = save_view(by=person, name=f"{mark}一覧", query="", shared=False).pk
            gone = save_view(by=person, name=f"{mark}不要", query="", shared=False)
            deleted[letter] = gone.pk
            delete_view(gone, by=person)
    head, promoter = world.people["h"], world.people["p"]
    assert head is not None
    assert promoter is not None
    save_view(by=head, name=f"{mark}所属長だけの一覧", query="", shared=False)
    save_view(by=promoter, name=f"{mark}みんなの一覧", query="queue=late", shared=True)
    return {
        "saved_view": {"own": kept, "other": _shifted(kept)},
        "deleted_view": {"own": deleted, "other": _shifted(deleted)},
    }


def _packs(world: World, mark: str) -> dict[str, dict[str, Any]]:
    """A file of another municipality that waits for its confirmation."""
    office = world.people["d"]
    assert office is not None
    pack = {**PACK, "initiatives": [{"title": f"{mark}隣の取組"}]}
    upload = receive_pack(world.town, name="隣.pack.json", content=written(pack), by=office)
    return {"pack": {"own": upload.pk}}


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
