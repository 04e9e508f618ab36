"""Versions of the staircase: drafting, planning, applying; living rows = the version in force."""

import datetime as dt
import threading
from contextlib import suppress
from decimal import Decimal

import pytest
from django.core.exceptions import ValidationError
from django.db import connection, connections
from hypothesis import given, settings
from hypothesis import strategies as st

from dxportal.accounts.models import Event
from roadmap import rollups, tasks
from roadmap.actions import staircase_applying as applying
from roadmap.actions import staircase_versions as actions
from roadmap.actions.assessments import Claim, confirm_criteria, confirm_unchanged
from roadmap.actions.setting_up import rename_stages
from roadmap.choices import CriterionSource
from roadmap.forms.staircase import CriterionForm
from roadmap.models import (
    Assessment,
    Criterion,
    CriterionVersion,
    DirtyMark,
    EvidenceRequest,
    PositionSnapshot,
    Stage,
    StageSnapshot,
    StaircaseVersion,
)
from roadmap.staircase_names import stages_on, version_on
from roadmap.staircase_outlook import outlook
from roadmap.staircase_versions import meets, read, state_of
from tests import factories
from tests.roadmap.staircases import (
    APRIL,
    DAY,
    Place,
    assert_living_is_in_force,
    place,
    values_of,
)

pytestmark = pytest.mark.django_db


@pytest.fixture
def here() -> Place:
    return place()


def plan(here: Place, day: dt.date = APRIL, *, today: dt.date = DAY, **more) -> StaircaseVersion:
    return applying.plan_version(here.draft(), valid_from=day, by=here.office, today=today, **more)


def change(here: Place, of: str, /, **changes) -> CriterionVersion:
    same = changes.pop("same", None)
    line = here.line(here.draft(), of)
    values = values_of(line, **changes)
    return actions.change_criterion(line, values=values, same=same, by=here.office)


# Drafting -----------------------------------------------------------------------------------------
def test_a_draft_is_a_copy_of_the_newest_version_and_there_is_one(here):
    draft = here.draft()
    first = here.versions.get(applied=True)
    assert here.draft().pk == draft.pk
    assert draft.label == "2026.3"  # the default one is called 2026.2
    assert draft.stages.count() == 7
    assert list(draft.criteria.values_list("criterion", "code", "threshold", "order")) == list(
        first.criteria.values_list("criterion", "code", "threshold", "order")
    )
    plan(here)
    line = here.line(here.versions.get(label="2026.3"), "T1-1")
    assert here.line(here.draft(), "T1-1").criterion_id == line.criterion_id
    assert here.draft().label == "2026.4"


def test_nothing_of_a_draft_counts(here):
    change(here, "T1-1", text="別のことば", mandatory=False, same=True)
    actions.take_out(here.line(here.draft(), "T1-2"), by=here.office)
    assert here.criterion("T1-2")
    assert here.criterion("T1-1").text != "別のことば"
    assert_living_is_in_force(here.municipality, DAY)


def test_a_criterion_moves_between_steps_and_in_its_step(here):
    stages = {(s.axis, s.step): s.pk for s in Stage.objects.filter(municipality=here.municipality)}
    second = stages["technology", 2]
    change(here, "T1-1", stage=second)
    of_second = list(here.draft().criteria.filter(stage=second).values_list("code", flat=True))
    assert of_second == ["T2-1", "T2-2", "T2-3", "T2-4", "T2-5", "T2-6", "T1-1"]
    actions.move_criterion(here.line(here.draft(), "T1-1"), up=True, by=here.office)
    actions.move_criterion(here.line(here.draft(), "T2-1"), up=True, by=here.office)  # is first
    of_second = list(here.draft().criteria.filter(stage=second).values_list("code", flat=True))
    assert of_second == ["T2-1", "T2-2", "T2-3", "T2-4", "T2-5", "T1-1", "T2-6"]
    orders = list(here.draft().criteria.values_list("order", flat=True))
    assert orders == list(range(37))


def test_what_was_taken_out_comes_back_as_it_was_in_the_draft(here):
    change(here, "T1-4", text="利用率を測っている", threshold={}, unit="割", same=False)
    line = here.line(here.draft(), "T1-4")
    actions.take_out(line, by=here.office)
    assert not here.draft().criteria.filter(code="T1-4").exists()
    back = actions.put_back(here.draft(), "T1-4", by=here.office)
    assert (back.text, back.unit, back.criterion_id) == ("利用率を測っている", "割", None)
    with pytest.raises(ValidationError, match="T1-4"):
        actions.put_back(here.draft(), "T1-4", by=here.office)
    with pytest.raises(ValidationError, match="T9-9"):
        actions.put_back(here.draft(), "T9-9", by=here.office)


def test_no_answer_goes_over_to_the_other_axis(here):
    """Culture is read by fewer people: its confirmations may not turn up under technology."""
    technology = Stage.objects.get(municipality=here.municipality, axis="technology", step=1)
    for same in (None, True):
        with pytest.raises(ValidationError) as refused:
            change(here, "C1-4", stage=technology.pk, same=same)
        assert "same" in refused.value.message_dict
    change(here, "C1-4", stage=technology.pk, same=False)
    assert here.line(here.draft(), "C1-4").criterion_id is None


def test_the_form_asks_for_a_new_question_on_the_other_axis(here):
    draft = here.draft()
    line = here.line(draft, "C1-4")
    said = read(draft)
    technology = next(step for step in said.steps if step.axis == "technology")
    moved = {"stage": technology.stage, "question": "", "same": "same"}
    data = {**values_of(line), **moved}
    form = CriterionForm(
        data, steps=said.steps, questions=(), row=line, came_from=actions.origin_of(line)
    )
    assert not form.is_valid()
    assert set(form.errors) == {"same"}
    form = CriterionForm(
        {**data, "same": "new"},
        steps=said.steps,
        questions=(),
        row=line,
        came_from=actions.origin_of(line),
    )
    assert form.is_valid(), form.errors


def test_answers_stay_or_start_over_as_it_was_said(here):
    old = here.criterion("T1-1").pk
    change(here, "T1-1", text="まったく別の問い", same=False)
    assert here.line(here.draft(), "T1-1").criterion_id is None
    change(here, "T1-1", text="まったく別の問い", same=True)
    assert here.line(here.draft(), "T1-1").criterion_id == old
    change(here, "T1-1", text="まったく別の問いです", same=None)
    assert here.line(here.draft(), "T1-1").criterion_id == old


@pytest.mark.parametrize(
    ("changes", "field"),
    [({"code": "T1-2"}, "code"), ({"source": "survey", "question": "P8"}, "question")],
)
def test_codes_and_deciding_questions_stand_once(here, changes, field):
    with pytest.raises(ValidationError) as refused:
        change(here, "T1-1", **changes)
    assert field in refused.value.message_dict
    values = values_of(here.line(here.draft(), "T1-1"), **{"code": "T1-9", **changes})
    with pytest.raises(ValidationError):
        actions.add_criterion(here.draft(), values=values, by=here.office)


def test_a_step_of_elsewhere_is_refused(here):
    away = Stage.objects.filter(municipality=factories.municipality("余所市")).first()
    with pytest.raises(ValidationError, match="この階段の段"):
        change(here, "T1-1", stage=away.pk)


def test_who_looked_at_an_older_draft_is_told_and_nothing_is_written(here):
    draft = here.draft()
    seen = draft.version
    line = here.line(draft, "T1-1")
    change(here, "T1-2", text="先に直した", same=True)
    values = values_of(line, text="あとから")
    for act in (
        lambda: actions.change_criterion(line, values=values, by=here.office, seen=seen),
        lambda: actions.take_out(line, by=here.office, seen=seen),
        lambda: actions.move_criterion(line, up=False, by=here.office, seen=seen),
        lambda: actions.withdraw_draft(draft, by=here.office, seen=seen),
        lambda: plan(here, seen=seen),
    ):
        with pytest.raises(actions.DraftMoved):
            act()
    assert here.line(here.draft(), "T1-1").text != "あとから"


def test_only_a_draft_can_be_changed(here):
    line = here.line(here.draft(), "T1-1")
    plan(here)
    with pytest.raises(actions.NotADraft):
        actions.change_criterion(line, values=values_of(line), by=here.office)
    in_force = here.versions.get(applied=True)
    with pytest.raises(actions.NotADraft):
        actions.take_out(here.line(in_force, "T1-1"), by=here.office)


def test_every_change_of_a_draft_is_in_the_trail(here):
    draft = here.draft()
    change(here, "T1-1", mandatory=False)
    change(here, "T1-1", mandatory=False)  # nothing changes: no event
    actions.move_criterion(here.line(draft, "T1-1"), up=False, by=here.office)
    actions.take_out(here.line(draft, "T1-1"), by=here.office)
    actions.put_back(draft, "T1-1", by=here.office)
    actions.withdraw_draft(here.draft(), by=here.office)
    rows = Event.objects.filter(object_type="staircaseversion", object_id=str(draft.pk))
    assert list(rows.order_by("id").values_list("action", flat=True)) == [
        actions.BEGUN,
        actions.CHANGED,
        actions.MOVED,
        actions.TAKEN_OUT,
        actions.PUT_BACK,
        actions.WITHDRAWN,
    ]
    changed = rows.get(action=actions.CHANGED)
    assert (changed.before, changed.after["code"]) == ({"mandatory": True}, "T1-1")
    assert not here.versions.drafts().exists()


# Planning -----------------------------------------------------------------------------------------
def test_a_day_that_has_passed_or_is_taken_is_refused(here):
    with pytest.raises(ValidationError, match="今日か、それより後"):
        plan(here, DAY - dt.timedelta(days=1))
    plan(here)
    with pytest.raises(ValidationError, match=r"2026\.3"):
        plan(here)
    assert here.draft().is_draft


def test_numbers_that_fail_keep_a_version_from_applying(here):
    CriterionVersion.objects.filter(staircase=here.draft(), code="T1-3").update(
        threshold={"firm": "95", "partly": "50", "started": "40"}
    )
    CriterionVersion.objects.filter(staircase=here.draft(), code="T1-4").update(
        threshold={"firm": "1", "partly": "30", "started": "60"}
    )
    with pytest.raises(ValidationError) as refused:
        plan(here)
    assert [text[:4] for text in refused.value.messages] == ["T1-3", "T1-4"]


def test_a_step_out_of_reach_needs_a_tick(here):
    for code in ("T1-1", "T1-2", "T1-3"):
        change(here, code, mandatory=False)
    with pytest.raises(applying.NeedsConfirming):
        plan(here)
    plan(here, confirmed=True)


def test_cancelling_brings_the_draft_back_and_closes_the_gap(here):
    version = plan(here)
    applying.cancel_version(version, by=here.office, today=DAY)
    assert here.draft().pk == version.pk
    assert_living_is_in_force(here.municipality, APRIL)
    plan(here)
    here.draft()
    with pytest.raises(ValidationError, match=r"2026\.4"):
        applying.cancel_version(version, by=here.office, today=DAY)
    with pytest.raises(ValidationError, match="すでに適用"):
        applying.cancel_version(version, by=here.office, today=APRIL)


def test_a_change_in_the_middle_of_a_round_and_before_another_version_is_said(here):
    from roadmap.models import ReportingRound

    def a_round(label, opens, due, state="open", number=1):
        return ReportingRound.objects.create(
            municipality=here.municipality,
            label=label,
            fiscal_year=2026,
            number=number,
            state=state,
            opens_on=opens,
            due_on=due,
        )

    a_round("年度末", dt.date(2027, 3, 1), dt.date(2027, 4, 20))
    a_round("上期", dt.date(2026, 9, 1), dt.date(2026, 10, 20), number=2)
    plan(here, dt.date(2027, 10, 1))
    found = meets(here.draft(), APRIL, today=DAY)
    assert len(found) == 2
    assert "年度末" in found[0]
    assert "2026.3" in found[1]
    first = meets(here.draft(), dt.date(2027, 5, 1), today=DAY)[0]
    assert first.startswith("令和9年10月1日から「2026.3」")


# The day comes ------------------------------------------------------------------------------------
def test_the_whole_life_of_a_version(here, monkeypatch):
    confirm_criteria(
        here.section,
        {here.criterion(code).pk: Claim(3, "根拠") for code in ("T1-1", "T1-2", "T1-5")},
        by=here.head,
        on=DAY,
    )
    first_stage = here.criterion("T1-1").stage_id
    old = {code: here.criterion(code).pk for code in ("T1-1", "T1-2", "T1-5", "T1-6")}
    change(here, "T1-1", text="台帳に載せ、年1回見直している", same=True)
    change(here, "T1-2", text="記録は文書管理システムだけに入る", same=False)
    actions.take_out(here.line(here.draft(), "T1-5"), by=here.office)
    values = values_of(here.line(here.draft(), "T1-6"), code="T1-7", text="増えた問い")
    actions.add_criterion(here.draft(), values=values, by=here.office)
    names = {
        first_stage: {"name": "紙をなくす", "name_en": "No paper", "short": "", "short_en": ""}
    }
    actions.edit_words(
        here.draft(), label="令和9年度版", note="見直し", names=names, by=here.office
    )
    version = plan(here)
    assert state_of(version, DAY) == "planned"
    assert_living_is_in_force(here.municipality, DAY)
    DirtyMark.objects.all().delete()

    monkeypatch.setattr("django.utils.timezone.localdate", lambda *_a: APRIL)
    tasks.apply_due_staircases()

    assert_living_is_in_force(here.municipality, APRIL)
    assert here.criterion("T1-1").pk == old["T1-1"]
    assert here.criterion("T1-2").pk not in old.values()
    assert Criterion.objects.get(pk=old["T1-2"]).retired
    assert Criterion.objects.get(pk=old["T1-5"]).retired
    assert Assessment.objects.filter(criterion=old["T1-5"]).exists()
    assert here.criterion("T1-7").text == "増えた問い"
    assert DirtyMark.objects.filter(scope="all").count() == 1
    event = Event.objects.get(action=applying.APPLIED)
    assert (event.channel, event.after["new"], event.after["retired"]) == (
        "system",
        ["T1-2", "T1-7"],
        ["T1-2", "T1-5"],
    )
    # twice, late: nothing more
    tasks.apply_due_staircases()
    tasks.apply_due_staircase(here.municipality.pk)
    assert Event.objects.filter(action=applying.APPLIED).count() == 1

    # a picture of an earlier day is counted and labelled by its own version
    rollups.roll_up(here.municipality.pk, as_of=APRIL)
    rollups.roll_up(here.municipality.pk, as_of=DAY, history=True)
    snapshot = {
        row.period: (row.answered, row.total, row.level_sum, row.staircase.label)
        for row in StageSnapshot.objects.filter(stage=first_stage)
    }
    assert snapshot[dt.date(2026, 11, 1)] == (3, 6, 9, "2026.2")
    assert snapshot[dt.date(2027, 4, 1)] == (1, 6, 3, "令和9年度版")
    before, after = (stages_on(here.municipality.pk, day)[0] for day in (DAY, APRIL))
    assert (before.name, before.version) == ("デジタル化", "2026.2")
    assert (after.name, after.short, after.version) == ("紙をなくす", "紙をなくす", "令和9年度版")
    assert version_on(here.municipality.pk, APRIL) == "令和9年度版"
    assert version_on(here.municipality.pk, dt.date(1999, 1, 1)) == ""


def test_names_of_a_day_take_one_query(here, django_assert_num_queries):
    with django_assert_num_queries(1):
        assert len(stages_on(here.municipality.pk, DAY)) == 7
    assert stages_on(here.municipality.pk, dt.date(1999, 1, 1)) == []


def test_from_today_it_applies_at_once_and_by_its_author(here):
    change(here, "T1-1", mandatory=False)
    plan(here, DAY)
    assert_living_is_in_force(here.municipality, DAY)
    assert Event.objects.get(action=applying.APPLIED).actor_id == here.office.pk
    with pytest.raises(ValidationError, match=r"2026\.3"):
        plan(here, DAY)


def test_codes_may_change_places(here):
    """A ⇄ B in one version: no moment in which two living criteria have one code."""
    one, two = here.criterion("T1-1").pk, here.criterion("T1-2").pk
    change(here, "T1-1", code="T1-0")
    change(here, "T1-2", code="T1-1")
    change(here, "T1-0", code="T1-2")
    plan(here, DAY)
    assert (here.criterion("T1-2").pk, here.criterion("T1-1").pk) == (one, two)
    assert_living_is_in_force(here.municipality, DAY)


def test_a_draft_begun_from_a_planned_version_keeps_its_new_criteria(here):
    values = values_of(here.line(here.draft(), "T1-6"), code="T1-7", text="増えた問い")
    actions.add_criterion(here.draft(), values=values, by=here.office)
    plan(here)
    later = here.draft()
    with pytest.raises(ValidationError, match="code"):
        change(here, "T1-7", code="T1-8")
    change(here, "T1-7", mandatory=True)
    plan(here, dt.date(2027, 10, 1))
    applying.apply_due_versions(here.municipality, on=APRIL)
    made = here.criterion("T1-7")
    assert here.line(later, "T1-7").criterion_id == made.pk
    applying.apply_due_versions(here.municipality, on=dt.date(2027, 10, 1))
    assert here.criterion("T1-7").pk == made.pk
    assert here.criterion("T1-7").mandatory


def test_two_versions_that_are_late_are_applied_in_order(here):
    change(here, "T1-1", text="四月の文", same=True)
    plan(here)
    change(here, "T1-1", text="十月の文", same=True)
    plan(here, dt.date(2027, 10, 1))
    done = applying.apply_due_versions(here.municipality, on=dt.date(2027, 12, 1))
    assert [row.valid_from for row in done] == [APRIL, dt.date(2027, 10, 1)]
    assert here.criterion("T1-1").text == "十月の文"
    assert_living_is_in_force(here.municipality, dt.date(2027, 12, 1))


def test_what_is_no_longer_asked_cannot_be_confirmed(here):
    one = here.criterion("T1-1").pk
    confirm_criteria(here.section, {one: Claim(3, "根拠")}, by=here.head, on=DAY)
    request = EvidenceRequest.objects.create(
        department=here.section,
        criterion_id=one,
        text="台帳の場所",
        due_on=APRIL,
        asked_by=here.office,
        asked_on=DAY,
    )
    kept = EvidenceRequest.objects.create(
        department=here.section,
        criterion=here.criterion("T1-2"),
        text="保管先",
        due_on=APRIL,
        asked_by=here.office,
        asked_on=DAY,
    )
    actions.take_out(here.line(here.draft(), "T1-1"), by=here.office)
    plan(here, DAY)
    with pytest.raises(ValidationError):
        confirm_criteria(here.section, {one: Claim(3, "根拠")}, by=here.head, on=APRIL)
    assert confirm_unchanged(here.section, by=here.head, on=APRIL) == []
    request.refresh_from_db()
    kept.refresh_from_db()
    assert (request.withdrawn_on, kept.withdrawn_on) == (DAY, None)


def test_what_is_measured_from_now_on_is_not_confirmed_as_unchanged(here):
    one = here.criterion("T1-1")
    confirm_criteria(here.section, {one.pk: Claim(2, "")}, by=here.head, on=DAY)
    change(here, "T1-1", source=CriterionSource.INDICATOR, unit="件", threshold={})
    plan(here, DAY)
    assert confirm_unchanged(here.section, by=here.head, on=APRIL) == []


# Renaming in the wizard ---------------------------------------------------------------------------
def test_renaming_changes_the_version_in_force_and_what_comes_unless_it_says_otherwise(here):
    stages = list(Stage.objects.filter(municipality=here.municipality).order_by("-axis", "step"))
    first, second = stages[0], stages[1]
    names = {second.pk: {"name": "四月の名", "name_en": "", "short": "", "short_en": ""}}
    actions.edit_words(here.draft(), label="次", note="", names=names, by=here.office)
    planned = plan(here)
    draft = here.draft()
    rename_stages(
        here.municipality, {first.pk: "はじめの段", second.pk: "いまの名"}, by=here.office
    )
    assert_living_is_in_force(here.municipality, DAY)

    def said(version, stage):
        return version.stages.get(stage=stage).name

    assert (said(planned, first), said(planned, second)) == ("はじめの段", "四月の名")
    assert (said(draft, first), said(draft, second)) == ("はじめの段", "四月の名")
    with pytest.raises(actions.DraftMoved):
        actions.withdraw_draft(draft, by=here.office, seen=draft.version)


# At any moment ------------------------------------------------------------------------------------
@settings(max_examples=15)
@given(st.data())
def test_living_rows_are_the_version_in_force_after_any_changes(data):
    """Random drafts, plans, cancellations, days that come, names that change."""
    here, today = place(), DAY
    draw = data.draw

    def some_line():
        return draw(st.sampled_from(list(here.draft().criteria.select_related("staircase"))))

    def edit():
        line = some_line()
        values = values_of(
            line,
            text=draw(st.sampled_from(["甲", "乙", line.text])),
            mandatory=draw(st.booleans()),
        )
        same = draw(st.sampled_from([None, True, False]))
        actions.change_criterion(line, values=values, same=same, by=here.office)

    def swap():
        lines = [some_line(), some_line()]
        if lines[0].pk == lines[1].pk or None in {line.criterion_id for line in lines}:
            return
        for line, code in ((lines[0], "X0"), (lines[1], lines[0].code), (lines[0], lines[1].code)):
            fresh = here.draft().criteria.select_related("staircase").get(pk=line.pk)
            actions.change_criterion(fresh, values=values_of(fresh, code=code), by=here.office)

    def take_out():
        actions.take_out(some_line(), by=here.office)

    def put_back():
        actions.put_back(
            here.draft(), draw(st.sampled_from(["T1-1", "T2-4", "C3-3"])), by=here.office
        )

    def add():
        values = values_of(some_line(), code=draw(st.sampled_from(["N1", "N2"])), source="declared")
        actions.add_criterion(here.draft(), values={**values, "question": ""}, by=here.office)

    def to_plan():
        day = today + dt.timedelta(days=draw(st.integers(0, 60)))
        plan(here, day, today=today, confirmed=True)

    def cancel():
        planned = here.versions.filter(valid_from__gt=today).first()
        if planned:
            applying.cancel_version(planned, by=here.office, today=today)

    def rename():
        stages = list(Stage.objects.filter(municipality=here.municipality))
        stage = draw(st.sampled_from(stages))
        rename_stages(
            here.municipality, {stage.pk: draw(st.sampled_from("甲乙丙"))}, by=here.office
        )

    steps = [edit, edit, swap, take_out, put_back, add, to_plan, to_plan, cancel, rename]
    for _ in range(draw(st.integers(3, 14))):
        today += dt.timedelta(days=draw(st.sampled_from([0, 0, 0, 10, 45])))
        applying.apply_due_versions(here.municipality, on=today)
        assert_living_is_in_force(here.municipality, today)
        with suppress(ValidationError):
            draw(st.sampled_from(steps))()
        assert_living_is_in_force(here.municipality, today)


# What it would do ---------------------------------------------------------------------------------
def _firm(here: Place, section, codes):
    claims = {here.criterion(code).pk: Claim(3, "根拠") for code in codes}
    confirm_criteria(section, claims, by=here.head, on=DAY)


def test_the_outlook_counts_by_the_real_rules_and_writes_nothing(here):
    other = factories.department(here.municipality, "税務課")
    _firm(here, here.section, ("T1-1", "T1-2"))
    _firm(here, other, ("T1-1",))
    change(here, "T1-3", mandatory=False)
    line = here.line(here.draft(), "T1-3")
    rollups.roll_up(here.municipality.pk, as_of=DAY)
    before = list(PositionSnapshot.objects.order_by("pk").values())
    found = outlook(here.draft(), as_of=DAY)
    first = found.steps[0]
    assert (first.before.reached, first.after.reached) == (0, 1)
    assert (first.before.here, first.after.here) == (2, 1)
    assert (found.up, found.down, found.lost, found.departments) == (1, 0, 0, 2)
    assert list(PositionSnapshot.objects.order_by("pk").values()) == before
    line.refresh_from_db()
    assert line.staircase_id == here.draft().pk
    assert_living_is_in_force(here.municipality, DAY)
    # and so it comes
    plan(here, DAY)
    rollups.roll_up(here.municipality.pk, as_of=DAY)
    assert PositionSnapshot.objects.get(department=here.section, axis="technology").reached == 1


def test_the_outlook_counts_who_would_have_no_data_any_more(here):
    _firm(here, here.section, ("T1-1",))
    actions.take_out(here.line(here.draft(), "T1-1"), by=here.office)
    found = outlook(here.draft(), as_of=DAY)
    assert (found.lost, found.steps[0].after.here) == (1, 0)


def test_the_outlook_of_nothing_changed_moves_nobody(here):
    _firm(here, here.section, ("T1-1",))
    assert not outlook(here.draft(), as_of=DAY).moves


# Two at once --------------------------------------------------------------------------------------
def _together(*runs):
    """Run all at once in threads of their own; what each raised, None where nothing."""
    start, raised = threading.Barrier(len(runs)), [None] * len(runs)

    def one(n, run):
        try:
            start.wait(10)
            run()
        except Exception as error:
            raised[n] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=one, args=(n, run)) for n, run in enumerate(runs)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)
    return raised


@pytest.mark.django_db(transaction=True)
def test_two_workers_apply_a_version_once():
    here = place()
    values = values_of(here.line(here.draft(), "T1-6"), code="T1-7", text="増えた問い")
    actions.add_criterion(here.draft(), values=values, by=here.office)
    plan(here)
    run = lambda: applying.apply_due_versions(here.municipality, on=APRIL)  # noqa: E731
    assert _together(run, run, run) == [None] * 3
    assert Event.objects.filter(action=applying.APPLIED).count() == 1
    assert Criterion.objects.filter(code="T1-7").count() == 1
    assert_living_is_in_force(here.municipality, APRIL)
    connection.close()


@pytest.mark.django_db(transaction=True)
def test_two_who_edit_one_draft_lose_nothing_silently():
    here = place()
    seen = here.draft().version
    lines = [here.line(here.draft(), code) for code in ("T1-1", "T1-2")]

    def edit(line):
        values = values_of(line, text="直した文")
        actions.change_criterion(line, values=values, same=True, by=here.office, seen=seen)

    raised = _together(*(lambda line=line: edit(line) for line in lines))
    assert sorted(type(error).__name__ for error in raised) == ["DraftMoved", "NoneType"]
    assert here.draft().criteria.filter(text="直した文").count() == 1


@pytest.mark.django_db(transaction=True)
def test_two_who_begin_a_draft_get_the_same_one():
    here = place()
    assert _together(here.draft, here.draft) == [None, None]
    assert here.versions.drafts().count() == 1
    assert Decimal(here.draft().criteria.count()) == 37
