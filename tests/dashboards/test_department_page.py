"""A head's first page: the way ahead, what is due, whom to ask, since last time; for whom."""

import datetime as dt
import re
from typing import Any

import pytest
from django.db import connection
from django.test.utils import CaptureQueriesContext
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.models import Department, DepartmentSuccession, RoleGrant, User
from dxportal.dashboards.heads.own import own_departments
from dxportal.shared.fiscal import add_months, month_start
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.choices import Axis, CriterionSource, InitiativeMeasure, Verdict
from roadmap.models import (
    AdoptionTask,
    AdoptionVerdict,
    Assessment,
    Criterion,
    CriterionVersion,
    EvidenceRequest,
    Indicator,
    PositionSnapshot,
    ReportingRound,
    RoundReturn,
    RoundStage,
    Stage,
    StageSnapshot,
    Theme,
)
from surveys.actions import definitions, waves
from surveys.models import Commitment
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
PAST = add_months(TODAY, -13)
RECENT = add_months(TODAY, -2)


@pytest.fixture
def bureau() -> Department:
    """A bureau of a town."""
    return factories.department(factories.municipality(), "市民部", kind=DepartmentKind.BUREAU)


@pytest.fixture
def own(bureau: Department) -> Department:
    """A section in it."""
    return factories.department(bureau.municipality, "市民課", parent=bureau)


@pytest.fixture
def head(own: Department) -> User:
    """Its head."""
    return factories.user(own.municipality, role=Role.HEAD, of=own)


def _criterion(own: Department, code: str) -> Criterion:
    return Criterion.objects.get(stage__municipality=own.municipality, code=code)


def _confirm(own: Department, by: User, on: dt.date = RECENT, **levels: int) -> list[Assessment]:
    claims = {
        _criterion(own, code.replace("_", "-")).pk: Claim(level, "台帳")
        for code, level in levels.items()
    }
    return confirm_criteria(own, claims, by=by, on=on)


def _page(client: Any, user: User, own: Department) -> str:
    client.force_login(user)
    text: str = client.get(own.get_absolute_url()).content.decode()
    return text


def _part(page: str, name: str) -> str:
    """The section with that id."""
    start = page.index(f'id="{name}"')
    return page[start : page.index("</section>", start)]


def _ask(own: Department, by: User, code: str, **fields: Any) -> EvidenceRequest:
    fields = {"text": "写しをください", "due_on": TODAY + 5 * DAY, "asked_on": RECENT, **fields}
    return EvidenceRequest.objects.create(
        department=own, criterion=_criterion(own, code), asked_by=by, **fields
    )


# Whose page opens first ---------------------------------------------------------------------------
def test_the_first_page_is_the_own_department_with_the_others_one_press_away(
    own: Department, head: User, client: Any
) -> None:
    second = factories.department(own.municipality, "税務課", parent=own.parent)
    other = factories.department(own.municipality, "道路課", parent=own.parent)
    RoleGrant.objects.create(
        user=head, role=Role.HEAD, department=second, valid_from=factories.LONG_AGO
    )
    client.force_login(head)

    page = client.get("/", follow=True).content.decode()

    tabs = page[page.index('id="own-departments"') : page.index("</nav>", page.index('id="own-'))]
    assert "<h1>市民課" in page
    assert [one in tabs for one in ("市民課", "税務課", other.name)] == [True, True, False]
    assert second.get_absolute_url() in tabs


def test_the_head_of_a_bureau_opens_with_its_first_section(bureau: Department) -> None:
    first, second = (
        factories.department(bureau.municipality, name, parent=bureau) for name in ("一課", "二課")
    )
    ended = factories.department(bureau.municipality, "旧課", parent=bureau, valid_to=TODAY - DAY)
    boss = factories.user(bureau.municipality, role=Role.HEAD, of=bureau)

    assert own_departments(boss, TODAY) == [first, second]
    assert ended not in own_departments(boss, TODAY)


def test_a_head_of_an_ended_department_opens_where_its_work_went(
    own: Department, head: User, client: Any
) -> None:
    heir = factories.department(own.municipality, "暮らし課", parent=own.parent)
    DepartmentSuccession.objects.create(predecessor=own, successor=heir, on=TODAY)
    Department.objects.filter(pk=own.pk).update(valid_to=TODAY)
    client.force_login(head)

    page = client.get("/", follow=True).content.decode()
    answer = client.post(reverse("dashboards:department_unchanged", args=[own.pk]), follow=True)

    assert "暮らし課" in page
    assert "基準を確認する" not in page
    assert "この部署はなくなりました" in answer.content.decode()


# The way ahead ------------------------------------------------------------------------------------
def test_what_costs_least_stands_first_and_is_renewed_with_one_press(
    own: Department, head: User, client: Any
) -> None:
    _confirm(own, head, RECENT, T1_2=2)
    _confirm(own, head, PAST, T1_1=3)

    way = _part(_page(client, head, own), "way-technology")
    url = reverse("dashboards:department_unchanged", args=[own.pk])
    done = client.post(url, {"criterion": "T1-1"}, follow=True).content.decode()

    order = re.findall(r'<li id="way-(T\d-\d)"', way)
    assert order[:3] == ["T1-1", "T1-2", "T1-3"]
    assert "あと3項目" in way
    assert 'name="criterion" value="T1-1"' in way
    assert 'value="T1-2"' not in way
    assert "1項目を「変わりなし」として確認しました。" in done
    assert "あと2項目" in _part(done, "way-technology")
    undo = re.search(r'action="(/departments/\d+/unchanged/\d+/undo/)"', done)
    assert undo
    back = client.post(undo[1], follow=True).content.decode()
    assert "1項目を前の確認に戻しました。" in back
    assert Assessment.objects.filter(department=own, criterion__code="T1-1").count() == 3


def test_taking_back_stands_in_the_history_until_it_is_done(
    own: Department, head: User, client: Any
) -> None:
    _confirm(own, head, RECENT, T1_1=3)
    client.force_login(head)
    client.post(reverse("dashboards:department_unchanged", args=[own.pk]))

    before = _part(_page(client, head, own), "expiring")
    url = re.search(r'action="(/departments/\d+/unchanged/\d+/undo/)"', before)
    assert url
    client.post(url[1])
    again = client.post(url[1], follow=True).content.decode()
    after = _part(_page(client, head, own), "expiring")

    assert "1項目を「変わりなし」として確認しました" in before
    assert "そのあとに新しい確認があります" in again
    assert "undo/" not in after
    assert "1項目の確認を取り消しました" in after


def test_the_undo_of_another_department_is_not_found(
    own: Department, head: User, client: Any
) -> None:
    other = factories.department(own.municipality, "税務課")
    boss = factories.user(own.municipality, role=Role.HEAD, of=other)
    _confirm(own, head, RECENT, T1_1=3)
    client.force_login(head)
    client.post(reverse("dashboards:department_unchanged", args=[own.pk]))
    url = re.search(r"/unchanged/(\d+)/undo/", _page(client, head, own))
    assert url

    client.force_login(boss)
    names = [(own.pk, 403), (other.pk, 404)]
    statuses = [
        client.post(reverse("dashboards:department_unchanged_undo", args=[pk, url[1]])).status_code
        for pk, _status in names
    ]

    assert statuses == [status for _pk, status in names]


def test_measured_criteria_say_what_would_change_them(
    own: Department, head: User, client: Any
) -> None:
    Criterion.objects.filter(pk=_criterion(own, "T1-1").pk).update(
        source=CriterionSource.INDICATOR,
        threshold={"firm": "90", "partly": "50", "started": "10"},
        unit="件",
    )
    Criterion.objects.filter(pk=_criterion(own, "T1-2").pk).update(
        source=CriterionSource.INITIATIVE, measure=InitiativeMeasure.STOPPED
    )
    Criterion.objects.filter(pk=_criterion(own, "T1-3").pk).update(
        threshold={"firm": "10", "partly": "50", "started": "90"}
    )

    way = _part(_page(client, head, own), "way-technology")

    assert "90件以上で定着" in way
    assert "前の業務をやめた記録（取組の効果に入力）が3件" in way
    assert "水準の境目の数字が正しくない" in way


def test_an_asked_back_confirmation_waits_for_evidence_not_for_one_press(
    own: Department, head: User, client: Any
) -> None:
    row = _confirm(own, head, RECENT, T1_1=3)[0]
    _ask(own, head, "T1-1", assessment=row)

    page = _page(client, head, own)

    assert "聞き返しがあります" in _part(page, "way-technology")
    assert "聞き返しのある確認" in _part(page, "duties")
    assert 'action="' + reverse("dashboards:department_unchanged", args=[own.pk]) not in page


@pytest.mark.parametrize("part", ["criteria", "mandatory", "stages"])
def test_a_staircase_with_holes_is_said_plainly(
    own: Department, head: User, client: Any, part: str
) -> None:
    here = Criterion.objects.filter(stage__municipality=own.municipality)
    if part == "mandatory":
        here.update(mandatory=False)
    else:
        CriterionVersion.objects.filter(stage__municipality=own.municipality).delete()
        here.delete()
    if part == "stages":
        Stage.objects.filter(municipality=own.municipality).delete()

    page = _page(client, head, own)

    words = {
        "criteria": "この段には基準がないため",
        "mandatory": "この段には必須の基準がないため",
        "stages": "この軸の段は、まだ決まっていません",
    }
    assert words[part] in page


# What is due --------------------------------------------------------------------------------------
def _duties(own: Department, head: User, number: int = 1) -> None:
    """So many of each kind, due on days apart."""
    town = own.municipality
    post = factories.post(own, f"課長{number}", held_by=head, is_head=True)
    survey = definitions.create_survey(town, "pain", by=head)
    now = timezone.now()
    wave = waves.plan_wave(
        survey, label="調査", opens_at=now, closes_at=now + DAY, publish_at=now + DAY, by=head
    )
    for place, theme in enumerate(Theme.objects.filter(municipality=town)[:number]):
        title = f"取組{place}"
        made = factories.initiative(town, title, lead=own)
        Indicator.objects.create(
            initiative=made, name="利用率", kind="use", next_due=TODAY - 3 * DAY
        )
        verdict = AdoptionVerdict.objects.create(
            initiative=made, on=TODAY - 9 * DAY, verdict=Verdict.SUPPORT
        )
        AdoptionTask.objects.create(verdict=verdict, initiative=made, due_on=TODAY + 9 * DAY)
        Commitment.objects.create(
            wave=wave,
            theme=theme,
            state="looking",
            sentence=f"考えています{place}",
            owner=post,
            due_on=TODAY + 2 * DAY,
            replied_by=head,
            replied_on=RECENT,
        )
        round_ = ReportingRound.objects.create(
            municipality=town,
            label=f"第{place}回",
            fiscal_year=2020 + place,
            number=1,
            state="open",
            opens_on=RECENT,
            due_on=TODAY + 4 * DAY,
            opened_at=now,
        )
        RoundReturn.objects.create(round=round_, department=own)
        _ask(own, head, ("T2-1", "T2-2", "C1-3")[place])


def test_everything_due_stands_in_one_list_by_date_with_its_link(
    own: Department, head: User, client: Any
) -> None:
    _duties(own, head)

    part = _part(_page(client, head, own), "duties")

    words = ["指標の測定", "お返事の見直し", "進捗報告の提出", "根拠の依頼", "聞き直しの後の手当て"]
    places = [part.index(word) for word in words]
    assert places == sorted(places)
    assert "期限を過ぎています" in part
    assert f"{reverse('surveys:voice_list')}?tab=mine" in part
    assert RoundReturn.objects.get().get_absolute_url() in part


def test_what_is_done_or_elsewhere_is_not_due(own: Department, head: User, client: Any) -> None:
    _duties(own, head)
    EvidenceRequest.objects.update(answered_on=TODAY)
    AdoptionTask.objects.update(superseded_on=TODAY)
    Indicator.objects.update(next_due=TODAY + 90 * DAY)
    RoundReturn.objects.update(state="submitted")
    Commitment.objects.update(due_on=None)

    assert "返事を待っているもの <small>0</small>" in _part(_page(client, head, own), "duties")


@pytest.mark.parametrize(
    ("role", "sees"),
    [(Role.DX_OFFICE, True), (Role.CDO, True), (Role.HEAD, False), (Role.AUDITOR, False)],
)
def test_what_is_due_and_culture_are_not_for_other_heads_and_auditors(
    own: Department, head: User, client: Any, role: Role, sees: bool
) -> None:
    _duties(own, head)
    _confirm(own, head, PAST, C1_3=3)
    other = factories.department(own.municipality, "税務課")
    page = _page(client, factories.user(own.municipality, role=role, of=other), own)

    assert ('id="duties"' in page) is sees
    assert ("写しをください" in page) is sees
    assert ('id="way-culture"' in page) is sees
    assert ('id="expiring"' in page) is sees
    assert "変わりなし</button>" not in page


# Whom to ask --------------------------------------------------------------------------------------
def _stands(of: Department, reached: int, *, months: int = 0, axis: str = Axis.TECHNOLOGY) -> None:
    """A department's position in the present month, or some months ago."""
    period = add_months(month_start(TODAY), -months)
    PositionSnapshot.objects.create(
        municipality=of.municipality,
        period=period,
        as_of=period,
        method="3",
        input_hash="x",
        department=of,
        axis=axis,
        reached=reached,
        current=reached + 1,
    )


def test_who_has_reached_the_step_is_named_with_who_heads_it(
    own: Department, head: User, client: Any
) -> None:
    town = own.municipality
    recent, vacant, behind = (
        factories.department(town, name) for name in ("都市計画課", "広報課", "税務課")
    )
    boss = factories.user(town, name="計画 花子")
    factories.post(recent, "都市計画課長", held_by=boss, is_head=True)
    factories.post(vacant, "広報課長", is_head=True)
    for of, was, now in ((recent, 0, 1), (vacant, 1, 2), (behind, 0, 0), (own, 1, 0)):
        _stands(of, was, months=1)
        _stands(of, now)
    factories.user(town, role=Role.PROMOTER, of=own, name="推進 太郎")

    part = _part(_page(client, head, own), "own-side")

    assert [name in part for name in ("都市計画課", "広報課", "税務課")] == [True, True, False]
    assert part.index("都市計画課") < part.index("広報課")
    assert "都市計画課長 計画 花子" in part
    assert "広報課長 （空席）" in part
    assert "技術1段目に到達した部署は2です" in part
    assert "推進 太郎" in part


def test_culture_tells_heads_how_many_and_never_who(
    own: Department, head: User, client: Any
) -> None:
    ahead = factories.department(own.municipality, "教育課")
    _stands(own, 0)
    _stands(ahead, 0)
    _stands(ahead, 2, axis=Axis.CULTURE)

    page = _page(client, head, own)

    assert "風土：1段目に到達したほかの部署は1です" in page
    assert "教育課" not in page


# Since last time ----------------------------------------------------------------------------------
def _closed_round(own: Department, on: dt.date, **stage: Any) -> None:
    made = ReportingRound.objects.create(
        municipality=own.municipality,
        label="上半期",
        fiscal_year=2025,
        number=1,
        state="closed",
        opens_on=on - 30 * DAY,
        due_on=on,
        as_of=on,
        closed_at=timezone.now(),
    )
    fields = {"level_sum": 9, "answered": 3, "total": 6, "reached": True, **stage}
    RoundStage.objects.create(
        round=made,
        department_key=own.pk,
        department=own.name,
        unit_key=0,
        axis=Axis.TECHNOLOGY,
        step=1,
        name="デジタル化",
        contributing=0,
        here=True,
        seed=False,
        method="3",
        **fields,
    )


def test_steps_stand_beside_the_newest_closed_round(
    own: Department, head: User, client: Any
) -> None:
    _confirm(own, head, add_months(TODAY, -12) - DAY, T1_1=3)
    _confirm(own, head, RECENT - 9 * DAY, T1_2=3)
    _confirm(own, head, TODAY, T1_2=1)
    _closed_round(own, add_months(TODAY, -1), staircase="旧い版")

    part = _part(_page(client, head, own), "since-round")

    assert "「上半期」からの変化" in part
    assert "50%" in part
    assert "到達が外れた" in part
    fallen = part[part.index("下がった・期限が切れた基準") :]
    assert "T1-2" in fallen
    assert "部署で定着 → 着手" in re.sub(r"\s+", " ", re.sub(r"<[^>]+>", "", fallen))
    assert ("T1-1" in fallen) == (add_months(TODAY, -1) < add_months(TODAY, 0) - DAY)
    assert "別の版の階段（「旧い版」）" in part


def test_what_is_asked_back_has_fallen_since_the_round(
    own: Department, head: User, client: Any
) -> None:
    (made,) = _confirm(own, head, RECENT - 9 * DAY, T1_1=3)
    _closed_round(own, add_months(TODAY, -1), staircase="旧い版")
    _ask(own, head, "T1-1", assessment=made, asked_on=TODAY)

    part = _part(_page(client, head, own), "since-round")

    fallen = part[part.index("下がった・期限が切れた基準") :]
    assert "T1-1" in fallen
    assert "聞き返し中" in fallen


def test_without_a_closed_round_the_month_before_stands(
    own: Department, head: User, client: Any
) -> None:
    period = add_months(month_start(TODAY), -1)
    StageSnapshot.objects.create(
        municipality=own.municipality,
        period=period,
        as_of=period,
        method="3",
        input_hash="x",
        department=own,
        stage=Stage.objects.get(municipality=own.municipality, axis=Axis.TECHNOLOGY, step=1),
        reached=False,
        level_sum=0,
        answered=0,
        total=6,
    )
    _confirm(own, head, TODAY, T1_1=3)

    part = _part(_page(client, head, own), "since-round")

    assert "前の月と比べています" in part
    assert "データなし" in part or "まだデータがありません" in part
    assert "比べられません" in part
    assert "0%</td>" not in part.split("</tr>")[1]


# Empty states -------------------------------------------------------------------------------------
def test_nothing_answered_says_what_appears_and_when(
    own: Department, head: User, client: Any
) -> None:
    page = _page(client, head, own)

    assert "まだ確認した基準がありません" in page
    assert "まだ比べるものがありません" in page
    assert "まだ推進員がいません" in page
    assert "到達した部署は、まだありません" in page


def test_a_department_of_yesterday_says_so(head: User, client: Any) -> None:
    new = factories.department(head.municipality, "新設課", valid_from=TODAY - DAY)
    boss = factories.user(head.municipality, role=Role.HEAD, of=new)

    empty = _page(client, boss, new)
    _confirm(new, boss, TODAY, T1_1=1)
    begun = _page(client, boss, new)

    assert "にできました。ここに、いつ何が出るか" in empty
    assert "それより前の記録は、前の部署のものです" in begun


def test_the_next_survey_is_named(own: Department, head: User, client: Any) -> None:
    now = timezone.now()
    survey = definitions.create_survey(own.municipality, "pulse", by=head)
    times = {"opens_at": now + DAY, "closes_at": now + 9 * DAY, "publish_at": now + 9 * DAY}
    wave = waves.plan_wave(survey, label="冬の風土", by=head, **times)
    type(wave).objects.filter(pk=wave.pk).update(state="scheduled")

    assert "「冬の風土」での職員の回答" in _page(client, head, own)


# Cost ---------------------------------------------------------------------------------------------
def test_the_page_costs_the_same_for_one_and_three_of_everything(
    bureau: Department, client: Any
) -> None:
    counts = []
    for number in (1, 3):
        town = factories.municipality()
        own = factories.department(town, "市民課")
        head = factories.user(town, role=Role.HEAD, of=own)
        _duties(own, head, number)
        _confirm(own, head, PAST, **dict(list({"T1_1": 3, "T1_2": 3, "C1_3": 3}.items())[:number]))
        for place in range(number):
            ahead = factories.department(town, f"先の課{place}")
            factories.post(ahead, "課長", held_by=factories.user(town, of=ahead), is_head=True)
            _stands(ahead, 1)
            factories.user(town, role=Role.PROMOTER, of=own)
            RoleGrant.objects.create(
                user=head,
                role=Role.HEAD,
                department=factories.department(town),
                valid_from=factories.LONG_AGO,
            )
        _closed_round(own, add_months(TODAY, -1))
        client.force_login(head)
        client.get(own.get_absolute_url())
        with CaptureQueriesContext(
            connection,
        ) as found:
            client.get(own.get_absolute_url())
        counts.append(len(found))

    assert counts[0] == counts[1]
    assert counts[0] <= 60
