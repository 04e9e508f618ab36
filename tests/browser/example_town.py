"""A small example town behind a real server, seeded once, and a browser for each of its roles."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field, replace
from decimal import Decimal
from io import StringIO
from typing import Any

from django.conf import settings
from django.core.management import call_command
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from playwright.sync_api import Browser, BrowserContext, Page
from pytest_django.live_server_helper import LiveServer

from dxportal.accounts.actions.import_jobs import run_import, start_import
from dxportal.accounts.actions.messages import notify
from dxportal.accounts.choices import ImportKind, Role
from dxportal.accounts.models import Event, Municipality, Post, User, Webhook
from dxportal.accounts.pasted import as_table
from dxportal.dashboards.briefing.content import Ask, Option
from dxportal.dashboards.briefing.gather import Wish
from dxportal.dashboards.briefing.making import make_briefing
from dxportal.dashboards.seeding.packs import PACK
from dxportal.dashboards.sharing.picture import compose
from dxportal.shared.fiscal import fiscal_year
from dxportal.shared.workdays import on_or_after
from roadmap.actions.blockers import BlockerFields, escalate_blocker, open_blocker
from roadmap.actions.comments import add_comment
from roadmap.actions.decisions import DecisionFields, record_decision
from roadmap.actions.dependencies import add_dependency
from roadmap.actions.indicators import IndicatorFields, add_indicator, measure
from roadmap.actions.initiatives import (
    InitiativeFields,
    Withheld,
    create_initiative,
    edit_initiative,
    fields_of,
)
from roadmap.actions.links import add_link
from roadmap.actions.milestones import add_milestone
from roadmap.actions.packs import receive_pack, take_over_pack
from roadmap.actions.published import publish_verdict
from roadmap.actions.reinvestments import reinvest
from roadmap.actions.reminders import pause
from roadmap.actions.removal import remove_initiative
from roadmap.actions.rounds import plan_round
from roadmap.actions.samples import add_samples, standing_samples
from roadmap.actions.saved_views import save_view
from roadmap.actions.setting_up import settle_step
from roadmap.actions.shared_pictures import publish_picture, withdraw_picture
from roadmap.actions.staircase_versions import begin_draft, change_criterion, take_out
from roadmap.actions.tags import add_tags
from roadmap.actions.updates import report
from roadmap.actions.value import ValueFields, add_value
from roadmap.choices import Channel, DepartmentRole, Phase, Progress, RoundKind, RoundState
from roadmap.models import (
    Dependency,
    Initiative,
    Milestone,
    RollupRun,
    StaircaseVersion,
    Tag,
    Theme,
    Training,
)
from roadmap.pack_format import written
from roadmap.round_calendar import Period
from roadmap.signed_links import token_for
from roadmap.staircase_versions import COLUMNS
from surveys.actions import releasing, tickets, waves
from surveys.actions.definitions import create_survey
from surveys.actions.follow_ups import must_declare
from surveys.actions.voices import propose_wording, take_back_wording
from surveys.choices import Template, WaveState
from surveys.models import FollowUp, Survey, Wave
from surveys.models.follow_up import FollowUpQuerySet
from surveys.tickets import TOKEN_LENGTH
from tests import factories
from tests.browser.april import reorganisations_of
from tests.browser.example_evidence import evidence_things
from tests.browser.example_sheets import sheets
from tests.conftest import PageErrors

CODE, EMPTY_CODE = "999997", "999989"
SMALL = ("--departments", "8", "--staff", "96", "--initiatives", "14")
DESK, PHONE, NARROW = 1280, 375, 320
HEIGHT = 812


@dataclass
class ExampleTown:
    """Who there is, what has an address, and the server where both are found."""

    url: str
    people: dict[str, User]
    #: kind of thing → what `reverse` needs
    things: dict[str, tuple[Any, ...]]
    browser: Browser
    errors: PageErrors = field(default_factory=PageErrors)
    _contexts: dict[tuple[str, str, bool], BrowserContext] = field(default_factory=dict)

    def page(self, who: str, language: str = "ja", *, scripts: bool = True) -> Page:
        """A page of that person's browser; one context a person, language and use of scripts."""
        key = (who, language, scripts)
        if key not in self._contexts:
            self._contexts[key] = self._open(*key)
        context = self._contexts[key]
        return context.pages[0] if context.pages else context.new_page()

    def client(self, who: str, language: str) -> Client:
        """That person without a browser, in a session of their own."""
        client = Client()
        if who in self.people:
            client.force_login(self.people[who])
        client.cookies[settings.LANGUAGE_COOKIE_NAME] = language
        return client

    def _open(self, who: str, language: str, scripts: bool) -> BrowserContext:
        context = self.browser.new_context(
            base_url=self.url,
            locale="ja-JP",
            timezone_id="Asia/Tokyo",
            viewport={"width": DESK, "height": HEIGHT},
            java_script_enabled=scripts,
        )
        for name, cookie in self.client(who, language).cookies.items():
            context.add_cookies([{"name": name, "value": cookie.value, "url": self.url}])
        self.errors.watch(context)
        return context

    def close(self) -> None:
        """Close every browser window."""
        for context in self._contexts.values():
            context.close()
        self._contexts.clear()


def _seed() -> None:
    """The example town and, beside it, one that has just begun."""
    today = timezone.localdate().isoformat()
    common = ("--password", factories.PASSWORD, "--as-of", today)
    out = StringIO()
    call_command("seed_demo", "--municipality", CODE, *SMALL, *common, stdout=out)
    call_command("seed_demo", "--municipality", EMPTY_CODE, "--empty", *common, stdout=out)


def _people(town: Municipality, beginner: Municipality) -> dict[str, User]:
    accounts = ("dx", "cdo", "head1", "promoter1", "staff1", "auditor", "admin")
    people = {
        name.rstrip("1"): User.objects.get(municipality=town, email__startswith=f"{name}@")
        for name in accounts
    }
    for name in ("dx", "cdo", "head1", "staff1", "admin"):
        found = User.objects.get(municipality=beginner, email__startswith=f"{name}@")
        people[f"new_{name.rstrip('1')}"] = found
    people["host"] = factories.user(None, role=Role.HOST, name="共同 運営")
    return people


def _blocker(initiative: Initiative, by: User) -> int:
    """Something that holds it back and waits for the CDO."""
    fields = BlockerFields("law", "条例の改正が要る")
    today = timezone.localdate()
    row = open_blocker(initiative, fields=fields, by=by, on=today)
    return escalate_blocker(row, wanted="改正案を出すか", version=1, by=by, on=today).pk


def _decision(initiative: Initiative, by: User) -> int:
    """Something that was decided."""
    add_comment(initiative, text="決まったことを課内に伝えます。", by=by)
    add_link(initiative, label="会議の記録", url="https://kaigi.mihon.example/1", by=by)
    fields = DecisionFields("窓口の表示を先に直す", "CDO", timezone.localdate())
    return record_decision(initiative, fields=fields, by=by).pk


def _sheets(office: User) -> dict[str, tuple[Any, ...]]:
    """One sheet for each meeting, with something to be decided."""
    options = (
        Option("続ける", "手間が残る", "0円", "なし"),
        Option("作り直す", "移行", "高い"),
    )
    asks = (Ask("庁内ポータルを作り直すか", options),)
    now = timezone.now()
    made = {
        kind: make_briefing(office, Wish(kind, asks=asks), now=now).pk
        for kind in ("mayor", "board", "assembly")
    }
    return {f"{kind}_sheet": (pk,) for kind, pk in made.items()}


def _shared(town: Municipality, dx: User) -> dict[str, tuple[Any, ...]]:
    """A picture that is shared, and one that no longer is."""
    today = timezone.localdate()
    month = RollupRun.objects.filter(municipality=town, full=True).latest("period").period
    content = compose(dx, title="見本市 DXの階段", period=month, today=today)
    assert content is not None
    opened, gone = (publish_picture(town, content=content, by=dx) for _n in range(2))
    withdraw_picture(gone, by=dx)
    return {"shared": (opened.pk,), "shared_token": (opened.token,), "gone_token": (gone.token,)}


def _things(town: Municipality, people: dict[str, User]) -> dict[str, tuple[Any, ...]]:
    """One of everything that has a page."""
    head, staff = people["head"], people["staff"]
    pain = Wave.objects.filter(survey__municipality=town, survey__template=Template.PAIN)
    opened = pain.filter(state=WaveState.OPEN).latest("opens_at")
    closed = pain.filter(state=WaveState.PUBLISHED).latest("opens_at")
    asked = FollowUp.objects.filter(initiative__municipality=town)
    initiatives = Initiative.objects.filter(municipality=town)
    told = initiatives.filter(verdicts__isnull=False).first()
    assert told is not None
    themes = list(Theme.objects.visible_to(head)[:2])
    assert head.department_id is not None
    return {
        "department": (head.department_id,),
        "person": (staff.pk,),
        "promoter": (people["promoter"].pk,),
        "training": (Training.objects.visible_to(people["dx"]).latest("held_on").pk,),
        "promoter_term": (people["promoter"].grants.promoters().get().pk,),
        "post": (Post.objects.filter(department=head.department, is_head=True)[0].pk,),
        "initiative": (told.pk,),
        "blocker": (told.pk, _blocker(told, people["dx"])),
        "decision": (told.pk, _decision(told, people["cdo"])),
        **_fields(town, told, head, people["dx"]),
        **_parts(town, people["dx"]),
        **_effects(town, people),
        **_staircases(town, people["dx"]),
        **_packs(town, people["dx"]),
        **_sheets(people["dx"]),
        **_shared(town, people["dx"]),
        "survey": (opened.survey_id,),
        "survey_question": (opened.survey_id, "Q5"),
        "empty_survey": (_empty_survey(town, people["dx"]),),
        "open_wave": (opened.pk,),
        "closed_wave": (closed.pk,),
        "planned_wave": (_planned(opened.survey, people["dx"]).pk,),
        "scheduled_wave": (_scheduled(opened.survey, people["dx"]),),
        "waiting_wave": (_waiting(opened.survey, people["dx"]),),
        "question": (opened.pk, "Q1"),
        "text_question": (opened.pk, "Q2"),
        "new_department": (people["new_head"].department_id,),
        "ticket": (opened.pk, _ticket(opened, people["dx"])),
        "wrong_ticket": (opened.pk, "0" * TOKEN_LENGTH),
        "wording": (closed.pk, _draft(closed, people["dx"])),
        "theme": (themes[0].pk,),
        "second_theme": (themes[1].pk,),
        "reply": (closed.pk, _unanswered(closed)),
        "reply_changed": (closed.pk, closed.commitments.latest("replied_on").theme_id),
        "follow_up": (_to_declare(asked),),
        "follow_up_planned": (asked.waiting().latest("due_on").pk,),
        "asked_again": (asked.filter(wave__state=WaveState.PUBLISHED).latest("closed_on").pk,),
        **evidence_things(town, head, people["dx"]),
        **_imports(town, people["dx"]),
        **_links(town, people["dx"]),
        **sheets(town, people["dx"], head),
        "unwritable": ("csv",),
        **_reminders(town, people),
        **reorganisations_of(town, people["dx"]),
        **_rounds(town, people),
        **_setting_up(town, people),
    }


def _to_declare(asked: FollowUpQuerySet) -> int:
    """An outcome that nobody can be asked about; the latest one where there is none."""
    today = timezone.localdate()
    open_ones = asked.filter(closed_on__isnull=True).order_by("-due_on", "-pk")
    found = (one.pk for one in open_ones if must_declare(one.initiative, today))
    return next(found, asked.latest("due_on").pk)


def _setting_up(town: Municipality, people: dict[str, User]) -> dict[str, tuple[Any, ...]]:
    """Samples, one of them changed; beside it a set-up that has begun, with rows just pasted."""
    today, admin = timezone.localdate(), people["new_admin"]
    add_samples(town, by=people["dx"], today=today)
    report(standing_samples(town)[0].row.initiative, by=people["dx"], note="試している")
    assert admin.municipality is not None
    settle_step(admin.municipality, "municipality", "done", by=admin)
    settle_step(admin.municipality, "staircase", "skipped", by=admin)
    pasted = as_table(
        "総務部\t総務課\t12\n\t税務課\t3\n総務部\t契約課\t99999", ImportKind.DEPARTMENTS
    )
    job = start_import(
        ImportKind.DEPARTMENTS,
        name="貼り付けた表",
        content=pasted.content,
        by=admin,
        municipality=admin.municipality,
        as_of=today,
        notes={"added_rows": pasted.added},
    )
    return {"pasted": (job.pk,)}


def _links(town: Municipality, office: User) -> dict[str, tuple[Any, ...]]:
    """Two links of reminders: as it comes, and after 遅れている was pressed; and a torn one."""
    plain, late = Initiative.objects.filter(municipality=town).order_by("pk")[:2]
    update = report(
        late,
        by=office,
        phase=Phase.BUILDING,
        progress=Progress.LATE,
        channel=Channel.LINK,
        seconds=9,
    )
    token = token_for(late.pk, office.pk)
    return {
        "status_link": (token_for(plain.pk, office.pk),),
        "late_link": (token,),
        "late_update": (update.pk,),
        "wrong_link": (token[:-1],),
        "word_set": ("kawasaki",),
    }


def _fields(
    town: Municipality, told: Initiative, head: User, office: User
) -> dict[str, tuple[Any, ...]]:
    """Fields of every kind on one initiative, one that was removed, and one that the head leads."""
    today = timezone.localdate()
    (pillar,) = add_tags(town, scheme="pillar", labels=["手続を減らす"], by=office)
    tags = Tag.objects.visible_to(office).on(today).exclude(scheme="pillar")
    values = replace(
        fields_of(told),
        partner_bodies="見本県、隣の町",
        learners="窓口の職員が、受付の画面の使い方を",
        learn_minutes=30,
        helpers="推進員とDX推進室",
        disclosure="open",
        may_introduce=True,
        tags=tuple(sorted([pillar.pk, *tags.values_list("pk", flat=True)[:3]])),
        withholdings=(Withheld("budget", "入札の前のため", today),),
    )
    edit_initiative(told, by=office, fields=values, version=told.version)
    edit = Event.objects.filter(action="initiative.edited", object_id=str(told.pk)).latest("id")
    removed = create_initiative(town, by=office, fields=InitiativeFields(title="職員食堂の予約"))
    remove_initiative(removed, by=office)
    own = Initiative.objects.standing().filter(
        parts__department=head.department, parts__role=DepartmentRole.LEAD
    )
    return {
        "edit": (told.pk, edit.pk),
        "own_initiative": (own.order_by("pk")[0].pk,),
        "tag": (pillar.pk,),
    }


def _staircases(town: Municipality, office: User) -> dict[str, tuple[Any, ...]]:
    """A draft in which much changes and a step is out of reach, beside the planned version."""
    draft = begin_draft(town, by=office, today=timezone.localdate())
    lines = draft.criteria.select_related("staircase")
    for code in ("T2-1", "T2-2", "T2-3"):
        line = lines.get(code=code)
        values = {name: getattr(line, name) for name in COLUMNS if name != "order"}
        values |= {"stage": line.stage_id, "mandatory": False, "text": f"{line.text}（見直し）"}
        change_criterion(line, values=values, same=code != "T2-1", by=office)
    take_out(lines.get(code="C2-5"), by=office)
    versions = StaircaseVersion.objects.filter(municipality=town)
    found = {
        f"staircase_{name}": (draft.pk, lines.get(code=code).pk)
        for name, code in (("declared", "T2-1"), ("survey", "T1-3"), ("indicator", "T1-4"))
    }
    return found | {
        "staircase": (draft.pk,),
        "staircase_planned": (versions.get(applied=False, valid_from__isnull=False).pk,),
        "staircase_in_force": (versions.get(applied=True).pk,),
    }


def _effects(town: Municipality, people: dict[str, User]) -> dict[str, tuple[Any, ...]]:
    """An initiative with every kind of effect, time that is used, and one that was stopped."""
    rows = Initiative.objects.standing().filter(municipality=town).order_by("-pk")[:3]
    shown, other, stopped = rows
    today, head = timezone.localdate(), people["head"]
    common = {"basis": "3日間の計測", "on": today}
    for kind, standing, low in (
        ("hours", "promised", 720),
        ("paper", "promised", 9_000),
        ("new_value", "reported", 300),
    ):
        sentence = "夜でも申し込める" if kind == "new_value" else ""
        fields = ValueFields(
            measure=kind, standing=standing, low=low, high=low, sentence=sentence, **common
        )
        add_value(shown, by=head, fields=fields)
    paper = ValueFields(measure="paper", standing="reported", low=100, high=200, **common)
    entry = add_value(shown, by=head, fields=paper)
    saved = {"saved_minutes_week": {"low": 300, "high": 540}}
    publish_verdict(shown, on=today, verdict="support", figures=saved)
    use = {"by": head, "measure": "hours", "sentence": "窓口での相談", "on": today}
    reinvest(shown, amount=360, target=other, **use)
    report(stopped, by=head, phase="stopped", note="統合", ended="紙の回覧と押印", freed=(60, 120))
    return {
        "new_effect": (shown.pk, "new_value"),
        "effect": (shown.pk, entry.pk),
        "use": (shown.pk,),
    }


def _packs(town: Municipality, office: User) -> dict[str, tuple[Any, ...]]:
    """A pack that waits, one that was taken over, and an initiative that says too much."""
    details: dict[str, Any] = {"name": "となり市.pack.json", "content": written(PACK), "by": office}
    done, waiting = (receive_pack(town, **details) for _time in range(2))
    day = timezone.localdate()
    (made,) = take_over_pack(done, places=(0,), start_on=day, by=office)
    loud = "dx@mihon.example へ。内線 123、渡辺課長、DX推進室の4人で"
    fields = InitiativeFields(title="おしゃべりな取組", pitfalls=loud, stops="紙")
    create_initiative(town, by=office, fields=fields)
    return {"pack": (waiting.pk,), "pack_done": (done.pk,), "from_pack": (made.pk,)}


def _parts(town: Municipality, office: User) -> dict[str, tuple[Any, ...]]:
    """An initiative with milestones, neighbours and indicators of each kind."""
    rows = Initiative.objects.filter(municipality=town).order_by("pk")
    shown = rows.filter(milestones__moves__isnull=False).first() or rows[0]
    today = timezone.localdate()
    for title, back in (("契約", 40), ("全課への展開", -90)):
        add_milestone(shown, by=office, title=title, due_on=today - dt.timedelta(days=back))
    values = IndicatorFields(
        name="導入した課", kind="availability", unit="課", targets=((2025, Decimal(20)),)
    )
    indicator = add_indicator(shown, by=office, values=values)
    for back, value in ((300, 4), (30, 12)):
        day = today - dt.timedelta(days=back)
        measure(indicator, by=office, value=Decimal(value), on=day)
    effect = IndicatorFields(name="申請書を書く時間", kind="effect", unit="分", direction="down")
    add_indicator(shown, by=office, values=effect)
    others = [row for row in rows.reverse() if row != shown]
    add_dependency(others[0], shown, by=office, note="番号の仕組みが要るため")
    add_dependency(shown, others[1], by=office)
    return {
        "initiative_with_parts": (shown.pk,),
        "comes_first": (shown.pk, "first"),
        "waits": (shown.pk, "waiting"),
        "indicator": (shown.pk, indicator.pk),
    }


def _rounds(town: Municipality, people: dict[str, User]) -> dict[str, tuple[Any, ...]]:
    """The open and the closed progress report of the seed, and one of next year."""
    opened = town.rounds.get(state=RoundState.OPEN)
    day = on_or_after(timezone.localdate() + dt.timedelta(days=200))
    planned = plan_round(
        town,
        by=people["dx"],
        period=Period(RoundKind.HALF, fiscal_year(day) + 1, 1),
        opens_on=day,
        due_on=day,
    )
    others = opened.returns.exclude(department=people["head"].department)
    submitted = others.filter(submitted_at__isnull=False).first() or others[0]
    reader = Client()
    reader.force_login(people["head"])
    waiting_first = sorted(others, key=lambda one: one.submitted_at is not None)
    addresses = {
        one: reverse("roadmap:return_detail", args=[opened.pk, one.department_id])
        for one in waiting_first
    }
    empty = next(one for one, path in addresses.items() if reader.get(path).status_code == 403)
    return {
        "planned_round": (planned.pk,),
        "open_round": (opened.pk,),
        "closed_round": (town.rounds.closed()[0].pk,),
        "return": (opened.pk, people["head"].department_id),
        "submitted_return": (opened.pk, submitted.department_id),
        "empty_return": (opened.pk, empty.department_id),
    }


def _plan(town: Municipality, office: User) -> None:
    """What the views of the list draw: milestones, something that waits, a view under a name."""
    today = timezone.localdate()
    planned = Initiative.objects.filter(municipality=town, target_fy__isnull=False)
    second, first, *_more = planned.order_by("-target_fy", "-target_quarter", "pk")
    for days, done in ((-100, True), (-20, False), (70, False)):
        due = today + dt.timedelta(days=days)
        Milestone.objects.create(
            initiative=first, title="要件をまとめる", due_on=due, done_on=due if done else None
        )
    Dependency.objects.create(predecessor=first, successor=second)
    save_view(by=office, name="市民部の遅れ", query="queue=late", shared=True)


def _unanswered(wave: Wave) -> int:
    """A theme without a reply."""
    themes = wave.survey.municipality.themes.exclude(commitments__wave=wave)
    return themes.all()[0].pk


def _empty_survey(town: Municipality, office: User) -> int:
    """A survey that has no questions yet."""
    made = create_survey(town, Template.EMPTY, title="職員食堂の調査", by=office)
    return made.pk


def _ticket(wave: Wave, office: User) -> str:
    """One printed ticket of an open wave."""
    place = next(place for place in tickets.places(wave) if place.left)
    (token,) = tickets.print_tickets(
        wave, segment=place.segment, number=1, seen=place.given, by=office, now=timezone.now()
    )
    return token


def _planned(survey: Survey, office: User) -> Wave:
    """A wave of next half-year."""
    begin = timezone.now() + dt.timedelta(days=180)
    return waves.plan_wave(
        survey,
        label="つぎの回",
        opens_at=begin,
        closes_at=begin + dt.timedelta(days=14),
        publish_at=begin + dt.timedelta(days=21),
        by=office,
    )


def _scheduled(survey: Survey, office: User) -> int:
    """A wave that opens by itself."""
    return waves.schedule_wave(_planned(survey, office), by=office, now=timezone.now()).pk


def _waiting(survey: Survey, office: User) -> int:
    """A wave past its deadline that one of two people has released."""
    begin = timezone.now() - dt.timedelta(days=15)
    end = begin + dt.timedelta(days=14)
    wave = waves.plan_wave(
        survey,
        label="承認を待つ回",
        opens_at=begin,
        closes_at=end,
        publish_at=end,
        two_person=True,
        readers=[office],
        by=office,
    )
    wave = waves.open_wave(wave, by=office, now=begin)
    releasing.release_wave(wave, by=office, now=timezone.now())
    return wave.pk


def _draft(wave: Wave, reader: User) -> int:
    """A wording that came back to its writer."""
    theme = Theme.objects.visible_to(reader)[3]
    row = propose_wording(wave, theme, "経緯を探す時間が長い", by=reader, on=timezone.localdate())
    return take_back_wording(row, by=reader).pk


def _reminders(town: Municipality, people: dict[str, User]) -> dict[str, tuple[Any, ...]]:
    """Somebody on leave, a head with things that wait, and a webhook that nobody answers."""
    today = timezone.localdate()
    pause(
        people["promoter"],
        by=people["dx"],
        valid_from=today,
        valid_to=today + dt.timedelta(days=10),
        today=today,
    )
    for initiative in Initiative.objects.filter(municipality=town).order_by("pk")[:9]:
        Initiative.objects.filter(pk=initiative.pk).update(contact=people["head"])
        title = "利用者への説明会と、窓口での案内の切替え"
        initiative.milestones.create(title=title, due_on=today + dt.timedelta(days=2))
    Webhook.objects.create(
        municipality=town,
        url="http://gateway.mihon.example/hooks/dxportal",
        secret="s" * 43,
        last_failed_at=timezone.now(),
        last_error="timeout",
    )
    return {}


def _imports(town: Municipality, office: User) -> dict[str, tuple[Any, ...]]:
    """A table that waits for its confirmation, with mistakes, and one that nobody can read."""
    rows = "部,課,開始日\n総務部,総務課,令和8年4月1日\n総務部,,いつか\n,契約課,\n"
    tables = {"import": rows.encode(), "import_failed": b"\x00\x01\xff"}
    made = {}
    for name, content in tables.items():
        job = start_import(
            ImportKind.DEPARTMENTS,
            name="組織.csv",
            content=content,
            by=office,
            municipality=town,
            as_of=timezone.localdate(),
        )
        run_import(town.pk, str(job.pk))
        made[name] = (job.pk,)
    return made


def _tell(people: dict[str, User], town: Municipality) -> None:
    """One unread notice for everybody."""
    notify(
        [person for person in people.values() if person.municipality_id == town.pk],
        subject="困りごとにお返事が届きました",
        body="「二重入力」に返事をしました。",
        path="/accounts/roles/",
        key="every-page",
        municipality=town,
        now=timezone.now(),
    )


@contextmanager
def example_town(browser: Browser) -> Iterator[ExampleTown]:
    """Seed, serve, and stop again; the caller empties the tables."""
    _seed()
    town = Municipality.objects.get(code=CODE)
    people = _people(town, Municipality.objects.get(code=EMPTY_CODE))
    _tell(people, town)
    _plan(town, people["dx"])
    things = _things(town, people)
    server = LiveServer("127.0.0.1")
    server._live_server_modified_settings.enable()
    made = ExampleTown(server.url, people, things, browser)
    try:
        yield made
    finally:
        made.close()
        server.stop()
        server._live_server_modified_settings.disable()
