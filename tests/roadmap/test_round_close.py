"""Closing: named before confirming, all or nothing, a fixed cost, and bytes that never change."""

import datetime as dt
import hashlib
import io
import threading
from collections.abc import Callable
from unittest.mock import patch

import pytest
from django.db import DatabaseError, connection, connections, transaction
from django.test.utils import CaptureQueriesContext
from django.utils import timezone
from django.utils.translation import override
from openpyxl import load_workbook

from dxportal.accounts.models import Assignment, Department, Event, Post, User
from roadmap.actions.closing import MoreMissing, close_round
from roadmap.actions.initiatives import edit_initiative, fields_of
from roadmap.actions.returns import accept_return, send_back_return, submit_return
from roadmap.actions.rounds import RoundRefused
from roadmap.actions.updates import report
from roadmap.choices import Cause, Channel, Phase, Progress, ReturnState, RoundState
from roadmap.models import (
    AdoptionVerdict,
    Blocker,
    Criterion,
    Initiative,
    InitiativeCriterion,
    InitiativeTheme,
    Milestone,
    ReportingRound,
    RoundFile,
    RoundReturn,
    RoundSnapshot,
    StaircaseVersion,
    StatusWord,
    Theme,
    Update,
)
from roadmap.round_files import HEADER
from tests import factories
from tests.roadmap.board import signed_in
from tests.roadmap.reporting import Reporting, closed, led, opened, planned

pytestmark = pytest.mark.django_db


def everybody(found: Reporting) -> list[int]:
    """Every department of the round."""
    return list(found.round.returns.values_list("department_id", flat=True))


def close(found: Reporting) -> ReportingRound:
    """Close it now, whoever is missing."""
    return close_round(
        found.round, by=found.place.office, named=everybody(found), now=timezone.now()
    )


def full(found: Reporting) -> Initiative:
    """An initiative with something in every column of the table."""
    place, today = found.place, timezone.localdate()
    post = factories.post(place.section, "市民課長", held_by=place.head)
    made = led(place, '=HYPERLINK("x")', days_ago=0)
    Initiative.objects.filter(pk=made.pk).update(
        purpose="窓口で書かせない",
        accountable_post=post,
        contact=place.promoter,
        target_fy=2020,
        target_quarter=2,
        budget="1,200千円",
    )
    criterion = Criterion.objects.visible_to(place.office).order_by("order")[0]
    InitiativeCriterion.objects.create(initiative=made, criterion=criterion)
    theme = Theme.objects.visible_to(place.office)[0]
    InitiativeTheme.objects.create(initiative=made, theme=theme)
    Milestone.objects.create(initiative=made, title="契約", due_on=today, done_on=today)
    Milestone.objects.create(initiative=made, title="試行", due_on=today + dt.timedelta(days=9))
    Blocker.objects.create(
        initiative=made, category=Cause.BUDGET, text="予算がない", opened_on=today
    )
    AdoptionVerdict.objects.create(initiative=made, on=today, verdict="support")
    report(
        made,
        by=place.head,
        progress=Progress.LATE,
        phase=Phase.TRIAL,
        cause=Cause.BUDGET,
        next_step="財政課と話す",
        next_due=today,
        note="補正を待つ",
    )
    return made


# What is kept -----------------------------------------------------------------------------------
def test_snapshot_keeps_every_column_with_the_words_of_the_municipality() -> None:
    found = opened()
    made = full(found)
    StatusWord.objects.create(
        municipality=found.place.municipality, word="C 遅れ", progress="late", shown=True
    )
    with override("en"):
        close(found)
    row = RoundSnapshot.objects.get(initiative_key=made.pk)
    assert (row.lead, row.lead_key) == ("市民課", found.place.section.pk)
    assert (row.post, row.holder, row.contact) == ("市民課長", "鈴木", "高橋")
    assert (row.phase, row.phase_word) == ("trial", "試行")
    assert (row.progress, row.progress_word) == ("late", "C 遅れ")
    assert (row.cause, row.next_step, row.note) == ("budget", "財政課と話す", "補正を待つ")
    assert (row.milestones, row.milestones_done, row.next_milestone) == (2, 1, "試行")
    assert (row.blockers, row.verdict) == (1, "support")
    assert (row.derived, row.rule) != ("none", "none")
    assert row.criteria
    assert row.themes
    assert row.last_report == timezone.localdate()


def test_snapshot_leaves_out_what_was_removed_and_other_municipalities() -> None:
    found, elsewhere = opened(), opened()
    made, gone = led(found.place), led(found.place, "消えた取組")
    led(elsewhere.place)
    Initiative.objects.filter(pk=gone.pk).update(removed_on=timezone.localdate())
    close(found)
    assert list(found.round.snapshots.values_list("initiative_key", flat=True)) == [made.pk]


def test_rows_are_kept_in_the_order_of_the_organisation() -> None:
    found = opened()
    place = found.place
    factories.initiative(place.municipality, "だれのでもない")
    factories.initiative(place.municipality, "二番目", lead=place.other)
    led(place, "一番目")
    close(found)
    titles = list(found.round.snapshots.values_list("title", flat=True))
    assert titles == ["一番目", "二番目", "だれのでもない"]


def test_files_hold_the_table_and_no_formula() -> None:
    found = opened()
    full(found)
    close(found)
    table, book = (found.round.files.get(kind=kind) for kind in ("csv", "xlsx"))
    assert bytes(table.content).startswith(b"\xef\xbb\xbf")
    assert "\"'=HYPERLINK" in bytes(table.content).decode("utf-8-sig")
    sheets = load_workbook(io.BytesIO(bytes(book.content)))
    rows = list(sheets["取組"].iter_rows(values_only=True))
    assert rows[0] == tuple(HEADER)
    cell = sheets["取組"].cell(2, 2)
    assert (cell.value, cell.data_type) == ('=HYPERLINK("x")', "s")
    told = {row[1]: row[2] for row in sheets["提出"].iter_rows(values_only=True)}
    assert told["市民課"] == "未提出"
    for file in (table, book):
        assert file.sha256 == hashlib.sha256(bytes(file.content)).hexdigest()


def test_stored_bytes_are_served_unchanged_after_edit_rename_and_removal() -> None:
    found = opened()
    made = full(found)
    close(found)
    client = signed_in(found.place.employee)
    before = {
        kind: client.get(f"/rounds/{found.round.pk}/report.{kind}") for kind in ("csv", "xlsx")
    }
    fields = fields_of(Initiative.objects.get(pk=made.pk))
    edit_initiative(
        made,
        by=found.place.office,
        fields=type(fields)(**{**fields.__dict__, "title": "別の名前"}),
        version=Initiative.objects.get(pk=made.pk).version,
    )
    report(made, by=found.place.head, progress=Progress.AHEAD)
    Department.objects.filter(pk=found.place.section.pk).update(name="新しい市民課")
    Post.objects.update(name="新しい課長")
    User.objects.filter(pk=found.place.head.pk).update(name="別人")
    Initiative.objects.filter(pk=made.pk).update(removed_on=timezone.localdate())
    for kind, old in before.items():
        new = client.get(f"/rounds/{found.round.pk}/report.{kind}")
        assert new.content == old.content
        assert new["ETag"] == old["ETag"] == f'"{hashlib.sha256(old.content).hexdigest()}"'
        assert new["Repr-Digest"].startswith("sha-256=:")
        again = client.get(
            f"/rounds/{found.round.pk}/report.{kind}", headers={"If-None-Match": new["ETag"]}
        )
        assert again.status_code == 304
    page = client.get(f"/rounds/{found.round.pk}/").content.decode()
    assert hashlib.sha256(before["csv"].content).hexdigest() in page
    assert "別の名前" not in page


# Confirming -------------------------------------------------------------------------------------
def test_what_is_missing_is_named_before_and_recorded_after() -> None:
    found = opened()
    submit_return(found.returned(), by=found.place.head, version=1, now=timezone.now())
    office = signed_in(found.place.office)
    page = office.get(f"/rounds/{found.round.pk}/close/").content.decode()
    assert page.count('name="missing"') == 1
    assert f'value="{found.place.other.pk}"' in page
    response = office.post(f"/rounds/{found.round.pk}/close/", {"missing": found.place.other.pk})
    assert response.status_code == 302
    event = Event.objects.get(action="round.closed")
    assert event.after["missing"] == ["税務課"]
    assert "税務課" in office.get(f"/rounds/{found.round.pk}/").content.decode()
    fresh = found.fresh()
    assert (fresh.state, fresh.as_of, fresh.closed_by) == (
        RoundState.CLOSED,
        timezone.localdate(),
        found.place.office,
    )


def test_closing_asks_again_when_a_department_is_missing_that_was_not_named() -> None:
    found = opened()
    row = submit_return(found.returned(), by=found.place.head, version=1, now=timezone.now())
    office = signed_in(found.place.office)
    named = {"missing": found.place.other.pk}
    send_back_return(
        row, by=found.place.office, version=row.version, comment="もう一度", now=timezone.now()
    )
    response = office.post(f"/rounds/{found.round.pk}/close/", named)
    assert response.status_code == 409
    assert found.fresh().state == RoundState.OPEN
    assert not RoundSnapshot.objects.exists()


def test_closing_twice_is_closing_once_and_a_plan_cannot_be_closed() -> None:
    found, plan = opened(), planned()
    led(found.place)
    first, second = close(found), close(found)
    assert first.closed_at == second.closed_at
    assert Event.objects.filter(action="round.closed").count() == 1
    assert RoundSnapshot.objects.count() == 1
    with pytest.raises(RoundRefused):
        close(plan)


@pytest.mark.parametrize("broken", ["files", "save"])
def test_crash_in_the_middle_leaves_nothing(broken: str) -> None:
    found = opened()
    led(found.place)
    place = (
        "roadmap.actions.closing.files"
        if broken == "files"
        else "roadmap.actions.closing.audit.record"
    )
    with patch(place, side_effect=RuntimeError), pytest.raises(RuntimeError):
        close(found)
    assert found.fresh().state == RoundState.OPEN
    assert not RoundSnapshot.objects.exists()
    assert not RoundFile.objects.exists()
    close(found)
    assert RoundSnapshot.objects.count() == 1


def test_closing_takes_the_same_statements_for_3_and_300_initiatives() -> None:
    counts = []
    for number in (3, 300):
        found = opened()
        for index in range(number):
            led(found.place, f"取組{index}")
        with CaptureQueriesContext(connection) as queries:
            close(found)
        assert found.round.snapshots.count() == number
        counts.append(len(queries))
    assert counts[0] == counts[1] <= 40


# The database -----------------------------------------------------------------------------------
def refused(change: Callable[[], object]) -> bool:
    """Whether the database says no to the application's role."""
    try:
        with transaction.atomic():
            change()
    except DatabaseError:
        return True
    return False


def test_database_refuses_every_change_of_a_closed_round() -> None:
    found = opened()
    made = led(found.place)
    close(found)
    rows = ReportingRound.objects.filter(pk=found.round.pk)
    kept = found.round.snapshots.get()
    file = found.round.files.get(kind="csv")
    assert refused(lambda: rows.update(label="別の名前"))
    assert refused(lambda: rows.update(state="open", closed_at=None, as_of=None))
    assert refused(lambda: rows._raw_delete("default"))
    assert refused(lambda: found.round.returns.update(state=ReturnState.ACCEPTED))
    assert refused(found.round.returns.all().delete)
    assert refused(
        lambda: RoundReturn.objects.create(
            round=found.round, department=factories.department(found.place.municipality)
        )
    )
    assert refused(lambda: found.round.snapshots.update(title="別の名前"))
    assert refused(lambda: found.round.snapshots.all()._raw_delete("default"))
    assert refused(lambda: found.round.files.update(content=b"x"))
    kept.pk, kept.initiative_key = None, made.pk + 1
    assert refused(lambda: kept.save(force_insert=True))
    file.pk, file.kind = None, "pdf"
    assert refused(lambda: file.save(force_insert=True))
    assert found.round.snapshots.count() == 1


def test_database_refuses_to_turn_an_open_round_back() -> None:
    found = opened()
    rows = ReportingRound.objects.filter(pk=found.round.pk)
    assert refused(lambda: rows.update(state="planned"))
    assert refused(lambda: rows.update(number=2))
    assert refused(rows.delete)
    assert not refused(lambda: rows.update(due_on=dt.date(2027, 3, 31)))


def test_database_keeps_rows_out_of_a_round_that_is_not_open() -> None:
    plan = planned()
    assert refused(
        lambda: RoundFile.objects.create(
            round=plan.round, kind="csv", name="x", content=b"x", sha256="x"
        )
    )


# At the same time -------------------------------------------------------------------------------
def at_the_same_time(*acts: Callable[[], object]) -> list[object]:
    """Results or exceptions of acts that start together, each on its own connection."""
    results: list[object] = [None] * len(acts)
    barrier = threading.Barrier(len(acts))

    def run(index: int) -> None:
        barrier.wait()
        try:
            results[index] = acts[index]()
        except Exception as error:
            results[index] = error
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run, args=(index,)) for index in range(len(acts))]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(60)
    return results


@pytest.mark.django_db(transaction=True)
def test_two_closers_close_once() -> None:
    found = opened()
    for index in range(30):
        led(found.place, f"取組{index}")
    results = at_the_same_time(*[lambda: close(found)] * 3)
    assert [type(result) for result in results] == [ReportingRound] * 3
    assert found.round.snapshots.count() == 30
    assert found.round.files.count() == 2
    assert Event.objects.filter(action="round.closed").count() == 1


@pytest.mark.django_db(transaction=True)
def test_submitting_while_it_closes_is_in_it_or_refused() -> None:
    for _try in range(5):
        found = opened()
        row = found.returned()
        named = everybody(found)
        done, submitted = at_the_same_time(
            lambda found=found, named=named: close_round(
                found.round, by=found.place.office, named=named, now=timezone.now()
            ),
            lambda found=found, row=row: submit_return(
                row, by=found.place.head, version=1, now=timezone.now()
            ),
        )
        assert isinstance(done, ReportingRound)
        state = found.returned().state
        missing = Event.objects.filter(action="round.closed").latest("id").after["missing"]
        if isinstance(submitted, RoundReturn):
            assert (state, missing) == (ReturnState.SUBMITTED, ["税務課"])
        else:
            assert isinstance(submitted, RoundRefused)
            assert (state, missing) == (ReturnState.FILLING, ["市民課", "税務課"])


@pytest.mark.django_db(transaction=True)
def test_reports_while_it_closes_are_wholly_in_it_or_wholly_after() -> None:
    found = opened()
    made = [led(found.place, f"取組{index}") for index in range(20)]

    def tell() -> None:
        for initiative in made:
            report(initiative, by=found.place.head, progress=Progress.AHEAD, note="新しい")

    done, _told = at_the_same_time(lambda: close(found), tell)
    assert isinstance(done, ReportingRound)
    for row in found.round.snapshots.all():
        assert (row.progress, row.note) in {("ahead", "新しい"), ("on_track", "")}
        told = Update.objects.filter(initiative_id=row.initiative_key, note="新しい")
        assert told.count() == 1
    assert Update.objects.filter(note="新しい", channel=Channel.SCREEN).count() == 20


@pytest.mark.django_db(transaction=True)
def test_two_answers_of_the_office_leave_one_standing() -> None:
    found = opened()
    row = submit_return(found.returned(), by=found.place.head, version=1, now=timezone.now())
    office, now = found.place.office, timezone.now()
    results = at_the_same_time(
        lambda: accept_return(row, by=office, version=row.version, now=now),
        lambda: send_back_return(row, by=office, version=row.version, comment="もう一度", now=now),
    )
    assert sum(isinstance(result, RoundReturn) for result in results) == 1
    assert found.returned().version == row.version + 1


def test_missing_names_are_refused_by_the_action() -> None:
    found = opened()
    with pytest.raises(MoreMissing):
        close_round(found.round, by=found.place.office, named=[], now=timezone.now())


def test_seat_without_holder_is_kept_empty() -> None:
    found = opened()
    made = full(found)
    Assignment.objects.all().delete()
    close(found)
    assert RoundSnapshot.objects.get(initiative_key=made.pk).holder == ""
    assert closed().round.snapshots.count() == 0


def test_closing_keeps_every_department_and_step_in_words_for_good() -> None:
    found = opened()
    led(found.place, "電子申請")
    section = found.round.returns.order_by("pk").first().department
    close(found)
    rows = found.round.stages.filter(department_key=section.pk)
    assert [(row.axis, row.step) for row in rows] == [
        *(("technology", step) for step in (1, 2, 3, 4)),
        *(("culture", step) for step in (1, 2, 3)),
    ]
    first = rows[0]
    assert (first.department, first.name, first.total) == (section.name, "デジタル化", 6)
    assert first.staircase == StaircaseVersion.objects.get().label
    assert sum(row.here for row in rows) == 0, "nothing was answered: no position, never step 1"
    with pytest.raises(DatabaseError), transaction.atomic():
        found.round.stages.update(level_sum=9)
