"""1 April by one file: previewed, carried out, taken back."""

from __future__ import annotations

import datetime as dt
from typing import Any

import pytest
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import (
    Assignment,
    Department,
    DepartmentSuccession,
    Event,
    Outbox,
    RoleGrant,
)
from roadmap import rollups
from roadmap.actions import reorganisations as acts
from roadmap.choices import ReorganisationState
from roadmap.models import Initiative, InitiativeDepartment, Reorganisation
from roadmap.permissions import may_update
from roadmap.reorganising.rows import Change
from tests.roadmap import april
from tests.roadmap.april import DAY, EVE, Town

pytestmark = pytest.mark.django_db


def at(day: dt.date, hour: int = 9) -> dt.datetime:
    return timezone.make_aware(dt.datetime.combine(day, dt.time(hour)))


def draft(town: Town, text: str = "", **more: Any) -> Reorganisation:
    rows = april.read(text) if text else []
    more.setdefault("changes", rows)
    more.setdefault("effective_on", DAY)
    more.setdefault("file_name", "四月.csv" if text else "")
    return acts.draft_reorganisation(town.municipality, by=town.office, **more)


def decide(reorganisation: Reorganisation, town: Town) -> None:
    """Take the suggestion for every initiative that would be without an owner."""
    plan = acts.plan_of(reorganisation)
    owners = {str(item.initiative): item.suggested for item in plan.undecided}
    assert all(owners.values()), owners
    acts.choose_owners(reorganisation, owners, by=town.office)
    reorganisation.refresh_from_db()


def confirm(reorganisation: Reorganisation, town: Town, day: dt.date = DAY) -> Reorganisation:
    plan = acts.plan_of(reorganisation)
    return acts.confirm(reorganisation, fingerprint=plan.fingerprint, by=town.office, now=at(day))


def owners_on(day: dt.date) -> dict[str, bool]:
    """Title → whether somebody answers for it on that day."""
    return {
        row.title: Assignment.objects.on(day)
        .filter(post=row.accountable_post_id, user__is_active=True)
        .exists()
        or bool(row.contact and row.contact.is_active)
        for row in Initiative.objects.standing()
    }


def lead(title: str) -> str:
    return InitiativeDepartment.objects.get(initiative__title=title, role="lead").department.name


def test_first_of_april_by_one_file_and_back() -> None:
    town = april.build(staff=12)
    before = april.picture()
    plan = draft(town, april.forty_moves(town))

    shown = acts.plan_of(plan)
    assert [str(problem) for _at, problem in shown.problems] == []
    assert april.picture() == before  # reading and looking write nothing
    moved = {o.key for o in shown.operations if o.table == "person"}
    assert len(moved) >= 40
    assert shown.undecided  # who moved away left initiatives behind
    with pytest.raises(acts.NotReady):
        confirm(plan, town)
    decide(plan, town)
    confirm(plan, town)

    plan.refresh_from_db()
    assert plan.state == ReorganisationState.APPLIED
    names = set(Department.objects.on(DAY).values_list("name", flat=True))
    assert {"市民保険課", "商工課", "観光課"} <= names
    assert not {"市民課", "国保年金課", "商工観光課"} & names
    assert Department.objects.get(name="市民課").valid_to == DAY
    assert DepartmentSuccession.objects.filter(successor__name="市民保険課").count() == 2
    assert lead("市民課の電子申請") == lead("国保年金課の様式") == "市民保険課"
    assert lead("商工観光課の電子申請") == "商工課"
    assert lead("商工観光課の様式") == "観光課"
    assert all(owners_on(DAY).values())
    rollups.roll_up(town.municipality.pk, as_of=DAY)
    assert rollups.drift(town.municipality.pk, as_of=DAY) == 0

    acts.undo(plan, by=town.office, now=at(DAY + dt.timedelta(days=3)))
    plan.refresh_from_db()
    assert plan.state == ReorganisationState.UNDONE
    assert plan.inverse["left"] == []
    assert april.picture() == before
    rollups.roll_up(town.municipality.pk, as_of=DAY)
    assert rollups.drift(town.municipality.pk, as_of=DAY) == 0


def test_heads_follow_the_post_and_promoters_keep_their_term() -> None:
    town = april.build()
    plan = draft(town, "種類,部署,あとの部署\n統合,市民課、国保年金課,市民保険課\n")
    decide(plan, town)
    confirm(plan, town)

    merged = Department.objects.get(name="市民保険課")
    heads = RoleGrant.objects.on(DAY).filter(role=Role.HEAD, department=merged)
    assert [grant.user for grant in heads] == [town.heads["市民課"]]
    assert not RoleGrant.objects.on(DAY).filter(user=town.heads["国保年金課"]).exists()
    for name in ("市民課", "国保年金課"):
        (kept,) = RoleGrant.objects.on(DAY).filter(user=town.promoters[name], role=Role.PROMOTER)
        assert (kept.department, kept.valid_to, kept.how) == (merged, dt.date(2028, 4, 1), "公募")
    assert merged.without_account == 1 + 2


def test_promoter_who_moves_keeps_the_old_section() -> None:
    town = april.build()
    person = town.promoters["税務課"]
    plan = draft(town, f"種類,メールアドレス,あとの部署\n異動,{person.email},福祉課\n")
    confirm(plan, town)
    (kept,) = RoleGrant.objects.on(DAY).filter(user=person, role=Role.PROMOTER)
    assert kept.department == town.sections["税務課"]
    person.refresh_from_db()
    assert person.department == town.sections["福祉課"]


def test_nobody_gains_or_loses_rights_before_the_day() -> None:
    town = april.build()
    plan = draft(town, april.forty_moves(town))
    decide(plan, town)
    parts = list(InitiativeDepartment.objects.order_by("pk").values())
    posts = dict(Initiative.objects.values_list("pk", "accountable_post"))
    people = [*town.heads.values(), *town.promoters.values()]
    rights = {
        (person.pk, row.pk): may_update(person, row, EVE)
        for person in people
        for row in town.initiatives.values()
    }
    grants = set(RoleGrant.objects.on(EVE).values_list("user", "role", "department"))
    confirm(plan, town, EVE)

    plan.refresh_from_db()
    assert plan.state == ReorganisationState.SCHEDULED
    assert list(InitiativeDepartment.objects.order_by("pk").values()) == parts
    assert dict(Initiative.objects.values_list("pk", "accountable_post")) == posts
    assert set(RoleGrant.objects.on(EVE).values_list("user", "role", "department")) == grants
    for person in people:
        person._roles_today = None
        for row in town.initiatives.values():
            assert may_update(person, row, EVE) == rights[person.pk, row.pk]
    assert not acts.carry_out(plan.pk, now=at(EVE, 23))

    assert acts.due(DAY) == [(town.municipality.pk, str(plan.pk))]
    assert acts.carry_out(plan.pk, now=at(DAY, 0))
    assert not acts.carry_out(plan.pk, now=at(DAY, 1))  # exactly once
    plan.refresh_from_db()
    assert plan.state == ReorganisationState.APPLIED
    assert lead("市民課の電子申請") == "市民保険課"
    assert all(owners_on(DAY).values())
    told = Outbox.objects.filter(recipient=town.office, key__startswith="reorganisation-")
    assert told.count() == 1


def test_scheduled_one_taken_back_before_and_after_its_day() -> None:
    town = april.build()
    before = april.picture()
    text = april.forty_moves(town)
    for late in (False, True):
        plan = draft(town, text)
        decide(plan, town)
        confirm(plan, town, EVE)
        if late:
            acts.carry_out(plan.pk, now=at(DAY))
        acts.undo(plan, by=town.office, now=at(DAY, 12))
        assert april.picture() == before


def test_written_at_once_or_in_two_steps_is_the_same() -> None:
    town = april.build()
    plan = draft(town, april.forty_moves(town))
    decide(plan, town)
    confirm(plan, town, EVE)
    acts.carry_out(plan.pk, now=at(DAY))
    two = april.picture()
    acts.undo(plan, by=town.office, now=at(DAY))
    again = draft(town, april.forty_moves(town))
    decide(again, town)
    confirm(again, town, DAY)
    one = april.picture()
    assert {table: len(rows) for table, rows in one.items()} == {
        table: len(rows) for table, rows in two.items()
    }


def test_what_came_up_since_is_decided_by_the_suggestion() -> None:
    town = april.build()
    plan = draft(town, "種類,部署,あとの部署\n統合,市民課、国保年金課,市民保険課\n")
    decide(plan, town)
    confirm(plan, town, EVE)
    new = april.factories.initiative(
        town.municipality, "あとから", lead=town.sections["市民課"], reported_on=EVE
    )
    assert acts.carry_out(plan.pk, now=at(DAY))
    new.refresh_from_db()
    assert lead("あとから") == "市民保険課"
    assert new.accountable_post is not None
    assert new.accountable_post.name == "市民保険課長"


def test_what_no_longer_fits_is_told_and_left() -> None:
    town = april.build()
    person = town.staff["税務課"][3]
    plan = draft(town, f"種類,メールアドレス,あとの部署\n異動,{person.email},福祉課\n")
    confirm(plan, town, EVE)
    person.is_active = False
    person.save()
    assert not acts.carry_out(plan.pk, now=at(DAY, 0))
    assert not acts.carry_out(plan.pk, now=at(DAY, 1))
    plan.refresh_from_db()
    assert plan.state == ReorganisationState.SCHEDULED
    assert Outbox.objects.filter(recipient=town.office).count() == 1


def test_stale_preview_writes_nothing() -> None:
    town = april.build()
    plan = draft(town, "種類,部署,あとの部署\n統合,市民課、国保年金課,市民保険課\n")
    decide(plan, town)
    seen = acts.plan_of(plan).fingerprint
    april.factories.initiative(town.municipality, "急ぎ", lead=town.sections["市民課"])
    before = april.picture()
    with pytest.raises(acts.PlanMoved):
        acts.confirm(plan, fingerprint=seen, by=town.office, now=at(DAY))
    assert april.picture() == before


def test_confirming_twice_writes_once() -> None:
    town = april.build()
    plan = draft(town, "種類,部署,あとの部署\n名称変更,情報課,デジタル推進課\n")
    seen = acts.plan_of(plan).fingerprint
    acts.confirm(plan, fingerprint=seen, by=town.office, now=at(DAY))
    events = Event.objects.count()
    with pytest.raises(acts.NotADraft):
        acts.confirm(plan, fingerprint=seen, by=town.office, now=at(DAY))
    assert Event.objects.count() == events
    renamed = Department.objects.get(pk=town.sections["情報課"].pk)
    assert (renamed.name, renamed.valid_to) == ("デジタル推進課", None)
    assert "でじたる推進課" in Initiative.objects.get(title="情報課の様式").search_text


def test_crash_in_the_middle_leaves_nothing(monkeypatch: pytest.MonkeyPatch) -> None:
    town = april.build()
    plan = draft(town, april.forty_moves(town))
    decide(plan, town)
    before, events = april.picture(), Event.objects.count()

    def crash(*_args: Any, **_more: Any) -> None:
        raise RuntimeError("power is gone")

    monkeypatch.setattr(acts, "tell_organisation_changed", crash)
    with pytest.raises(RuntimeError):
        confirm(plan, town)
    assert april.picture() == before
    assert Event.objects.count() == events
    plan.refresh_from_db()
    assert plan.is_draft


def test_undo_leaves_what_somebody_changed_meanwhile() -> None:
    town = april.build()
    plan = draft(town, "種類,部署,あとの部署\n統合,市民課、国保年金課,市民保険課\n")
    decide(plan, town)
    confirm(plan, town)
    merged = Department.objects.get(name="市民保険課")
    later = april.factories.initiative(town.municipality, "新しい取組", lead=merged)
    moved = town.staff["市民課"][3]
    moved.refresh_from_db()
    moved.department = town.sections["税務課"]
    moved.save()

    acts.undo(plan, by=town.office, now=at(DAY))
    plan.refresh_from_db()
    left = {(row[0], row[1]) for row in plan.inverse["left"]}
    assert ("department", merged.pk) in left
    assert ("person", moved.pk) in left
    assert lead("新しい取組") == "市民保険課"
    assert later.parts.count() == 1
    assert lead("市民課の様式") == "市民課"
    moved.refresh_from_db()
    assert moved.department == town.sections["税務課"]


def test_undo_has_an_end() -> None:
    town = april.build()
    plan = draft(town, "種類,部署,あとの部署\n名称変更,情報課,デジタル推進課\n")
    confirm(plan, town)
    with pytest.raises(acts.TooLate):
        acts.undo(plan, by=town.office, now=at(DAY + dt.timedelta(days=31)))


def test_every_change_is_in_the_audit_trail() -> None:
    town = april.build()
    plan = draft(town, april.forty_moves(town))
    decide(plan, town)
    confirm(plan, town)
    told = Event.objects.filter(channel="import", actor_id=town.office.pk)
    actions = set(told.values_list("action", flat=True))
    assert {
        *("department.created", "department.edited", "post.created", "post.assigned"),
        *("post.vacated", "role.granted", "role.ended", "person.edited", "initiative.edited"),
        *("reorganisation.drafted", "reorganisation.applied"),
    } <= actions
    moved = told.get(action="initiative.edited", object_label="市民課の様式")
    assert moved.before["lead"] == town.sections["市民課"].pk
    assert moved.after["lead"] == Department.objects.get(name="市民保険課").pk
    assert moved.after["version"] == Initiative.objects.get(title="市民課の様式").version


@pytest.mark.parametrize(
    ("rows", "column", "words"),
    [
        ("統合,どこか課,市民保険課", "部署", "どこか課"),
        ("廃止,税務課,", "あとの部署", "税務課の電子申請"),
        ("ふしぎ,税務課,", "種類", "ふしぎ"),
        ("名称変更,税務課,", "あとの部署", ""),
        ("新設,,税務課", "あとの部署", "税務課"),
        ("統合,税務課、福祉課,市民部／総務課、情報課", "あとの部署", ""),
    ],
)
def test_what_is_wrong_names_row_column_and_remedy(rows: str, column: str, words: str) -> None:
    town = april.build()
    plan = draft(town, f"種類,部署,あとの部署\n{rows}\n")
    found = [problem for _at, problem in acts.plan_of(plan).problems]
    assert found
    assert found[0].row == 2
    assert found[0].column == column
    assert words in str(found[0])
    assert str(found[0].remedy)
    with pytest.raises(acts.NotReady):
        confirm(plan, town)


def test_last_administrator_cannot_leave() -> None:
    town = april.build()
    admin = RoleGrant.objects.get(role=Role.ADMIN).user
    plan = draft(town, changes=[Change("leave", email=admin.email)])
    assert acts.plan_of(plan).problems


def test_leaver_is_out_on_the_day_and_back_by_undo() -> None:
    town = april.build()
    head = town.heads["税務課"]
    plan = draft(town, changes=[Change("leave", email=head.email)])
    shown = acts.plan_of(plan)
    assert [row.initiative for row in shown.undecided] == [town.initiatives["税務課の電子申請"].pk]
    decide(plan, town)  # nobody heads the section now: the 係長 is suggested
    confirm(plan, town)
    head.refresh_from_db()
    assert not head.is_active
    acts.undo(plan, by=town.office, now=at(DAY))
    head.refresh_from_db()
    assert head.is_active
    assert Assignment.objects.on(DAY).filter(user=head).exists()


def test_two_hundred_moves_take_a_fixed_number_of_statements(
    django_assert_max_num_queries: Any,
) -> None:
    town = april.build(staff=30)
    people = [person for name in SECTIONS_LEFT for person in town.staff[name]][:200]
    rows = [
        f"異動,{p.email},{'福祉課' if p.department.name != '福祉課' else '税務課'}" for p in people
    ]
    plan = draft(town, "種類,メールアドレス,あとの部署\n" + "\n".join(rows) + "\n")
    assert len(acts.changes_of(plan)) == 200
    decide(plan, town)
    with django_assert_max_num_queries(60):
        confirm(plan, town)


SECTIONS_LEFT = april.SECTIONS
