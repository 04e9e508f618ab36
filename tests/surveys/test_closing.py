"""Closing: everything in one transaction, exactly once, and nothing personal afterwards."""

import datetime as dt
import os
import signal
import subprocess
import sys
import threading
import time
from pathlib import Path
from typing import Any
from urllib.parse import urlsplit, urlunsplit

import pytest
from django.conf import settings as django_settings
from django.core.exceptions import ValidationError
from django.db import connection, connections, transaction
from django.utils import timezone

from dxportal.accounts.models import Event, Outbox
from roadmap.models import Criterion, MeasuredValue
from surveys import anonymity, tasks, vault
from surveys.actions import closing
from surveys.actions.tables import read_groups, read_rows, tables_hash
from surveys.choices import CLOSED, WaveState
from surveys.models import (
    CellTally,
    CloseAudit,
    CrossPair,
    CrossTally,
    RawVoice,
    SealedBallot,
    SegmentGroup,
    ThemeBurden,
    Wave,
    WaveEligibility,
    WaveHeadcount,
)
from surveys.partition import audit_cells, audit_groups
from tests.surveys import towns
from tests.surveys.towns import CLOSES, answer, close, open_wave, pain, town

#: Two answers of five name paper.
THEMES = ("paper", "phone", "meetings", "paper", "none")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


def _answered(*bureaus: list[int]) -> tuple[towns.Town, Wave]:
    place = town(*bureaus)
    wave = open_wave(place)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(THEMES[number % len(THEMES)]))
    return place, wave


def _people_left() -> int:
    return SealedBallot.objects.count() + WaveEligibility.objects.count()


def _groups(wave: Wave) -> dict[str, int]:
    return dict(SegmentGroup.objects.filter(wave=wave).values_list("key", "n"))


# What is left ------------------------------------------------------------------------------------
def test_closing_leaves_tallies_and_nothing_personal(key_dir: Path) -> None:
    _place, wave = _answered([24, 30], [21])

    wave = close(wave)

    assert wave.state == WaveState.PUBLISHED
    assert wave.counted == 75
    assert not wave.too_few
    assert wave.key_destroyed_at is not None
    assert _people_left() == 0
    assert list(key_dir.iterdir()) == []
    cell = CellTally.objects.get(group__key="all", question="Q1", option="paper")
    assert (cell.count, cell.percent, cell.bound) == (30, 40, "exact")
    below = CellTally.objects.exclude(group__key="all")
    assert below.exists()
    assert not below.filter(count__isnull=False).exists()
    burden = ThemeBurden.objects.get(group__key="all", theme__code="paper")
    assert (burden.hours_low, burden.hours_high) == (38.0, 75.0)
    assert sum(WaveHeadcount.objects.values_list("eligible", flat=True)) == 75


def test_drafts_are_dropped_uncounted() -> None:
    place = town([8, 8])
    wave = open_wave(place)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(), submit=number % 2 == 0)

    wave = close(wave)

    assert wave.counted == 8
    assert _people_left() == 0


def test_small_sections_are_merged_and_everybody_counts_once() -> None:
    _place, wave = _answered([12, 3, 2, 7], [6])

    wave = close(wave)

    groups = SegmentGroup.objects.filter(wave=wave)
    assert all(group.n >= 5 for group in groups)
    merged = groups.get(level="merged")
    assert merged.n == merged.eligible == 5
    top = groups.get(level="all")
    assert top.n == sum(g.n for g in groups if g.parent_key == "all")
    assert next(g.label for g in groups) == "全職員"


def test_fewer_than_five_answers_leave_only_that_fact() -> None:
    place = town([9])
    wave = open_wave(place)
    for person in place.everybody[:4]:
        answer(wave, person, pain(Q2="毎朝の転記です"))

    wave = close(wave)

    assert wave.state == WaveState.PUBLISHED
    assert wave.too_few
    assert wave.counted is None
    for table in (SegmentGroup, CellTally, ThemeBurden, RawVoice, CrossTally):
        assert not table.objects.exists()
    audit = CloseAudit.objects.get(wave=wave, step=CLOSED)
    assert (audit.ballots, audit.receipts, audit.details) == (None, [], {})
    assert _people_left() == 0


def test_the_receipt_of_the_last_sending_is_published() -> None:
    place = town([6])
    wave = open_wave(place)
    receipts = [answer(wave, person, pain()) for person in place.everybody]
    first, receipts[0] = receipts[0], answer(wave, place.everybody[0], pain("phone"))

    close(wave)

    audit = CloseAudit.objects.get(wave=wave, step=CLOSED)
    assert audit.receipts == sorted(receipts)
    assert first not in audit.receipts
    assert audit.ballots == 6
    assert audit.tables_hash == tables_hash(wave)


def test_a_declared_cross_table_is_stored_folded() -> None:
    place = town([30])
    wave = open_wave(place, crosses=[("Q1", "Q5")])
    for number, person in enumerate(place.everybody):
        theme = "paper" if number < 27 else "phone"
        answer(wave, person, pain(theme, Q5="team" if number % 2 else "self"))

    close(wave)

    cells = {(c.row_option, c.column_option): c.n for c in CrossTally.objects.all()}
    assert sum(cells.values()) == 30
    assert min(cells.values()) >= 5
    assert not any(row == "phone" for row, _column in cells)


def test_a_cross_table_that_is_declared_after_the_opening_is_not_made() -> None:
    place = town([30])
    wave = open_wave(place)
    questions = {question.code: question for question in wave.survey.questions.all()}
    CrossPair.objects.create(survey=wave.survey, rows=questions["Q1"], columns=questions["Q5"])
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain("paper", Q5="team" if number % 2 else "self"))

    close(wave)

    assert not CrossTally.objects.exists()


# Free text ---------------------------------------------------------------------------------------
def test_a_text_names_its_bureau_from_ten_texts_on() -> None:
    place = town([12], [6], [7])
    wave = open_wave(place)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(Q2=f"困りごと{number}"))

    close(wave)

    voices = RawVoice.objects.filter(wave=wave, question="Q2")
    assert voices.count() == 25
    assert voices.filter(bureau="第1部").count() == 12
    assert voices.filter(bureau="").count() == 13
    assert voices.values("bureau").distinct().count() == 2
    first = voices.first()
    assert first is not None
    assert first.purge_on <= CLOSES.date() + dt.timedelta(days=90)


def test_the_only_bureau_without_a_name_takes_another_one_with_it() -> None:
    place = town([14], [12], [5])
    wave = open_wave(place)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(Q2=f"困りごと{number}"))

    close(wave)

    voices = RawVoice.objects.filter(wave=wave)
    assert voices.filter(bureau="第1部").count() == 14
    assert not voices.filter(bureau="第2部").exists()
    assert voices.filter(bureau="").count() == 17


def test_nine_texts_are_not_kept() -> None:
    place = town([20])
    wave = open_wave(place)
    for person in place.everybody[:9]:
        answer(wave, person, pain(Q2="小さな声"))
    for person in place.everybody[9:]:
        answer(wave, person, pain())

    close(wave)

    assert not RawVoice.objects.exists()


# When it may run, and how often ------------------------------------------------------------------
def test_closing_before_the_deadline_is_refused() -> None:
    _place, wave = _answered([6])

    with pytest.raises(ValidationError):
        closing.close_wave(wave.pk, now=CLOSES - dt.timedelta(seconds=1))

    wave.refresh_from_db()
    assert wave.state == WaveState.OPEN


def test_closing_again_changes_nothing() -> None:
    place, wave = _answered([6])
    close(wave)
    before = tables_hash(wave)

    closing.close_wave(wave.pk, by=place.office, now=CLOSES)

    assert tables_hash(wave) == before
    assert CloseAudit.objects.filter(wave=wave, step=CLOSED).count() == 1
    assert Event.objects.filter(action="wave.closed").count() == 1


def test_nothing_is_shown_until_the_key_is_gone(
    key_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    _place, wave = _answered([6])

    with django_capture_on_commit_callbacks() as after_commit:
        closing.close_wave(wave.pk, now=CLOSES)

    assert not Wave.objects.published().exists()
    assert closing.keys_to_destroy() == [wave.pk]
    assert len(list(key_dir.iterdir())) == 2
    after_commit[0]()
    assert Wave.objects.published().get() == wave
    assert closing.keys_to_destroy() == []
    assert list(key_dir.iterdir()) == []


def test_destroying_the_key_can_be_repeated() -> None:
    _place, wave = _answered([6])
    close(wave)
    first = Wave.objects.get(pk=wave.pk).key_destroyed_at

    assert closing.destroy_key(wave.pk)

    assert Wave.objects.get(pk=wave.pk).key_destroyed_at == first
    assert CloseAudit.objects.filter(wave=wave, step=closing.KEY_DESTROYED).count() == 1


def test_the_key_of_an_open_wave_is_never_destroyed(key_dir: Path) -> None:
    _place, wave = _answered([6])

    assert not closing.destroy_key(wave.pk)

    assert vault.check(key_dir, wave.key_id)


@pytest.mark.django_db(transaction=True)
def test_the_key_is_not_destroyed_before_the_close_is_committed() -> None:
    _place, wave = _answered([6])

    with pytest.raises(RuntimeError), transaction.atomic():
        closing.destroy_key(wave.pk)


def test_the_monitor_is_told_of_a_wave_that_is_not_counted_and_of_a_key_that_stays(
    client: Any,
) -> None:
    place, wave = _answered([6])

    def seen() -> tuple[str, bool]:
        metrics = client.get("/metrics").content.decode()
        return client.get("/healthz").json()["status"], "waves_late 1" in metrics

    assert seen() == ("degraded", True)
    now = timezone.now()
    Wave.objects.filter(pk=wave.pk).update(closes_at=now, publish_at=now)
    assert seen() == ("ok", False)
    Wave.objects.filter(pk=wave.pk).update(closes_at=CLOSES)
    with transaction.atomic():
        closing.close_wave(wave.pk, now=CLOSES)
    assert seen() == ("degraded", True)
    closing.destroy_key(wave.pk)
    assert seen() == ("ok", False)
    waiting = open_wave(place, two_person=True)
    assert waiting.closes_at < timezone.now()
    assert seen() == ("ok", False)


# The key -----------------------------------------------------------------------------------------
def test_a_key_that_cannot_be_read_ends_the_wave_without_data(key_dir: Path) -> None:
    place, wave = _answered([6])
    vault.destroy(key_dir, wave.key_id)

    wave = close(wave)

    assert wave.state == WaveState.KEY_LOST
    assert _people_left() == 0
    assert not SegmentGroup.objects.exists()
    told = Outbox.objects.filter(key=f"wave-{wave.pk}-key-lost")
    assert set(told.values_list("recipient_id", flat=True)) == {p.pk for p in place.everybody}


def test_another_key_opens_nothing_and_ends_the_wave(key_dir: Path) -> None:
    _place, wave = _answered([6])
    vault.destroy(key_dir, wave.key_id)
    vault.create(key_dir, wave.key_id)

    assert close(wave).state == WaveState.KEY_LOST


def test_a_missing_key_folder_changes_nothing(key_dir: Path, settings: Any) -> None:
    _place, wave = _answered([6])
    settings.KEY_DIR = key_dir.parent / "not-mounted"

    with pytest.raises(vault.VaultError):
        closing.close_wave(wave.pk, now=CLOSES)

    settings.KEY_DIR = key_dir
    assert close(wave).counted == 6


def test_a_ballot_that_was_tampered_with_is_not_counted() -> None:
    _place, wave = _answered([7])
    victim = SealedBallot.objects.filter(wave=wave).first()
    assert victim is not None
    sealed = bytes(victim.sealed)
    SealedBallot.objects.filter(wave=wave, nullifier=victim.nullifier).update(
        sealed=sealed[:-1] + bytes([sealed[-1] ^ 1])
    )

    wave = close(wave)

    assert wave.counted == 6
    assert CloseAudit.objects.get(wave=wave, step=CLOSED).details == {"not_opened": 1}


def test_the_old_key_refuses_a_copy_of_the_ballots(key_dir: Path) -> None:
    _place, wave = _answered([6])
    copy = list(SealedBallot.objects.values_list("nullifier", "sealed"))

    close(wave)

    with pytest.raises(vault.KeyLost):
        vault.read(key_dir, wave.key_id)
    vault.create(key_dir, wave.key_id)
    for nullifier, sealed in copy:
        with pytest.raises(anonymity.SealBroken):
            anonymity.unseal(vault.read(key_dir, wave.key_id), bytes(nullifier), bytes(sealed))


# Levels of survey-sourced criteria ---------------------------------------------------------------
def _pulse(place: towns.Town, agree: dict[int, int]) -> Wave:
    """A pulse in which, per section, that many agree to everything; the others spread."""
    wave = open_wave(place, "pulse")
    codes = [f"P{number}" for number in range(1, 10)]
    yes = ("fully_agree", "rather_agree", "rather_agree")
    no = ("neutral", "rather_disagree", "fully_disagree", "unknown", "neutral", "")
    for section in place.sections:
        for number, person in enumerate(place.staff[section.pk]):
            value = yes[number % 3] if number < agree[section.pk] else no[number % 6]
            answer(wave, person, dict.fromkeys(codes, value))
    return wave


def _level(section: Any, code: str = "C1-1") -> tuple[int, bool] | None:
    found = MeasuredValue.objects.filter(department=section, criterion__code=code).first()
    return None if found is None else (found.level, found.from_parent)


def test_a_pulse_gives_levels_by_the_exact_share() -> None:
    place = town([50, 50, 50, 50])
    one, two, three, four = place.sections
    close(_pulse(place, {one.pk: 30, two.pk: 29, three.pk: 20, four.pk: 19}))

    assert [_level(section) for section in place.sections] == [
        (3, False),
        (2, False),
        (1, False),
        (0, False),
    ]
    row = MeasuredValue.objects.get(department=one, criterion__code="C1-1")
    assert (row.share_band, row.n_band) == ("≥ 60%", "≥ 50")
    decides, beside = {"T1-3", "C1-1", "C1-2", "C2-1"}, {"C1-4", "C1-5", "C2-3", "C3-1"}
    told = set(MeasuredValue.objects.values_list("criterion__code", flat=True))
    assert told == decides | beside


def test_levels_hold_from_the_numbers_of_the_version_in_force() -> None:
    place = town([50, 50, 50, 50])
    asked = Criterion.objects.filter(stage__municipality=place.municipality)
    asked.filter(code="C1-1").update(threshold={"firm": "80", "partly": "58", "started": "20"})
    asked.filter(code="C1-2").update(retired=True)
    one, two, three, four = place.sections
    close(_pulse(place, {one.pk: 40, two.pk: 29, three.pk: 20, four.pk: 9}))

    levels = [_level(section) for section in place.sections]
    assert levels == [(3, False), (2, False), (1, False), (0, False)]
    bands = MeasuredValue.objects.filter(criterion__code="C1-1").order_by("department_id")
    assert list(bands.values_list("share_band", flat=True)) == [
        "≥ 80%",
        "58–79%",
        "20–57%",
        "< 20%",
    ]
    assert _level(two, "C2-1") == (2, False)  # the usual numbers
    codes = set(MeasuredValue.objects.values_list("criterion__code", flat=True))
    assert codes >= {"C1-1", "C2-1", "T1-3"}
    assert "C1-2" not in codes  # no longer asked


def test_a_section_too_small_to_show_takes_its_bureaus_level() -> None:
    place = town([60, 3, 4], [50], [50])
    one, two, three, other, last = place.sections
    close(_pulse(place, {one.pk: 40, two.pk: 0, three.pk: 0, other.pk: 35, last.pk: 20}))

    assert _level(one) == (3, False)
    assert _level(two) == _level(three) == (2, True)
    assert _level(last) == (1, False)
    assert _level(other) == (3, False)


def test_a_pulse_with_too_few_answers_gives_no_level() -> None:
    place = town([30])
    wave = open_wave(place, "pulse")
    for person in place.everybody[:9]:
        answer(wave, person, {"P1": "fully_agree"})

    close(wave)

    assert not MeasuredValue.objects.exists()


# Exactly once ------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
def test_two_closers_at_once_close_exactly_once() -> None:
    _place, wave = _answered([8, 7])
    start, errors = threading.Barrier(2), []

    def run() -> None:
        try:
            start.wait(10)
            closing.close_wave(wave.pk, now=CLOSES)
        except Exception as error:
            errors.append(error)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=run) for _ in range(2)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(30)

    assert errors == []
    assert _groups(wave)["all"] == 15
    assert CloseAudit.objects.filter(wave=wave, step=CLOSED).count() == 1
    assert CloseAudit.objects.filter(wave=wave, step=closing.KEY_DESTROYED).count() == 1
    assert Event.objects.filter(action="wave.closed").count() == 1
    assert Wave.objects.get(pk=wave.pk).key_destroyed_at is not None


def _close_elsewhere(wave: Wave, folder: Path) -> "subprocess.Popen[bytes]":
    """Close the wave in a process of its own, on this test's database and keys."""
    address = urlsplit(os.environ["DATABASE_URL"])
    name = connection.settings_dict["NAME"]
    environment = {
        **os.environ,
        "DATABASE_URL": urlunsplit(address._replace(path=f"/{name}")),
        "DXPORTAL_KEY_DIR": str(folder),
    }
    return subprocess.Popen(
        [sys.executable, "manage.py", "close_wave", str(wave.pk)],
        cwd=django_settings.BASE_DIR,
        env=environment,
        stdout=subprocess.DEVNULL,
        stderr=subprocess.PIPE,
    )


def _wait_until_blocked() -> None:
    """Until another backend of this database waits for a lock of a table."""
    deadline = time.monotonic() + 30
    while time.monotonic() < deadline:
        with connections["owner"].cursor() as cursor:
            cursor.execute(
                "SELECT 1 FROM pg_locks WHERE NOT granted AND locktype = 'relation' AND database ="
                " (SELECT oid FROM pg_database WHERE datname = current_database())"
            )
            if cursor.fetchone():
                return
        time.sleep(0.05)
    raise AssertionError("the closer never reached the table")


@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize(
    "table", ["surveys_segmentgroup", "surveys_rawvoice", "surveys_sealedballot", "accounts_event"]
)
def test_what_a_killed_closer_left_is_finished_by_the_next_tick(table: str, key_dir: Path) -> None:
    place = town([12])
    wave = open_wave(place)
    for person in place.everybody:
        answer(wave, person, pain(Q2="毎朝の転記です"))
    sent = SealedBallot.objects.count()
    mode = "SHARE" if table == "surveys_sealedballot" else "EXCLUSIVE"

    with transaction.atomic(using="owner"):
        with connections["owner"].cursor() as cursor:
            cursor.execute(f"LOCK TABLE {table} IN {mode} MODE")
        process = _close_elsewhere(wave, key_dir)
        try:
            _wait_until_blocked()
        finally:
            process.send_signal(signal.SIGKILL)
            process.wait(10)
            process.stderr.close()  # type: ignore[union-attr]

    wave.refresh_from_db()
    begun = WaveState.OPEN if table == "accounts_event" else WaveState.CLOSING
    assert wave.state == begun
    assert SealedBallot.objects.count() == sent
    assert vault.check(key_dir, wave.key_id)
    for left in (SegmentGroup, CellTally, RawVoice, CloseAudit, WaveHeadcount):
        assert not left.objects.exists()

    tasks.turn_wave_clock()
    assert Wave.objects.get(pk=wave.pk).counted == 12
    assert _people_left() == 0
    assert not vault.check(key_dir, wave.key_id)


# What the stored tables tell ---------------------------------------------------------------------
def test_stored_tables_pass_both_auditors() -> None:
    place = town([11, 4, 3, 8], [6, 2], [25])
    wave = open_wave(place)
    themes = ["paper", "phone", "meetings", "none", "double_entry"]
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(themes[number * number % 5], Q5="team", Q1b=["searching"]))

    close(wave)

    groups, k = read_groups(wave), wave.k_cell
    leaves = dict(WaveHeadcount.objects.values_list("segment", "eligible"))
    assert audit_groups(groups, leaves, k) == []
    assert audit_cells(groups, read_rows(wave), k, multiple={"Q1b"}) == []
    assert {row.n for row in read_rows(wave) if row.group == "all"} == {59}
