"""Planning, opening, extending and cancelling a wave."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.db import DatabaseError, connections, transaction
from django.utils import timezone

from dxportal.accounts.choices import DepartmentKind, Employment, Role
from dxportal.accounts.models import Event, Outbox
from surveys import vault
from surveys.actions import definitions, keys, waves
from surveys.choices import WaveState
from surveys.models import SealedBallot, Wave, WaveAsk, WaveEligibility
from surveys.segments import HEADS
from tests import factories

NOW = dt.datetime(2026, 9, 1, 9, 0, tzinfo=timezone.get_default_timezone())
DAY = dt.timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


def _town() -> Any:
    town = factories.municipality()
    bureau = factories.department(town, "総務部", kind=DepartmentKind.BUREAU)
    section = factories.department(town, "総務課", parent=bureau)
    office = factories.user(town, role=Role.DX_OFFICE, of=section, name="事務局")
    return town, bureau, section, office


def _plan(town: Any, by: Any, **fields: Any) -> Wave:
    survey = definitions.create_survey(town, "pain", by=by)
    return waves.plan_wave(
        survey,
        label="2026年秋",
        opens_at=NOW,
        closes_at=NOW + 14 * DAY,
        publish_at=NOW + 20 * DAY,
        by=by,
        **fields,
    )


def _open(town: Any, by: Any, **fields: Any) -> Wave:
    return waves.open_wave(_plan(town, by, **fields), by=by, now=NOW)


def _segment_of(wave: Wave, person: Any) -> dict[str, Any]:
    key = wave.eligible.get(employee=person).segment
    return next(node for node in wave.frozen_org["nodes"] if node["key"] == key)


def test_opening_freezes_definition_organisation_and_notice() -> None:
    town, _bureau, _section, office = _town()

    wave = _open(town, office)

    wave.refresh_from_db()
    first = wave.frozen_definition["questions"][0]
    assert wave.state == WaveState.OPEN
    assert first["code"] == "Q1"
    assert {"code", "label_ja", "label_en"} <= set(first["options"][0])
    assert [o["code"] for o in first["options"] if o["finish"]] == ["none"]
    assert wave.frozen_definition["thresholds"] == {"k_cell": 5, "k_text": 10}
    assert [node["kind"] for node in wave.frozen_org["nodes"]] == ["all", "bureau", "section"]
    assert "5人に満たない" in wave.notice_text
    assert "fewer than 5" in wave.frozen_definition["notice_en"]
    assert Event.objects.filter(action="wave.opened", actor_id=office.pk).exists()


def test_opening_tells_everybody_who_may_answer() -> None:
    town, _bureau, section, office = _town()
    hired = factories.user(town, of=section, employment=Employment.FISCAL_YEAR)
    auditor = factories.user(town, role=Role.AUDITOR, of=section)
    gone = factories.user(town, of=section, is_active=False)
    homeless = factories.user(town)
    stranger = factories.user(factories.municipality("隣市"))

    wave = _open(town, office)

    asked = set(wave.eligible.values_list("employee_id", flat=True))
    assert asked == {office.pk, hired.pk}
    assert not asked & {auditor.pk, gone.pk, homeless.pk, stranger.pk}
    assert set(Outbox.objects.values_list("recipient_id", flat=True)) == asked
    assert WaveAsk.objects.filter(wave=wave, department=section).count() == 1


def test_heads_are_counted_in_their_bureaus_group() -> None:
    town, bureau, section, office = _town()
    chief = factories.user(town, of=section)
    factories.post(section, held_by=chief, is_head=True)
    director = factories.user(town, of=bureau, name="部長")
    factories.post(bureau, "総務部長", held_by=director, is_head=True)
    granted = factories.user(town, role=Role.HEAD, of=section)
    clerk = factories.user(town, of=section)
    adviser = factories.user(town, of=bureau)
    team = factories.department(town, "文書係", parent=section, kind=DepartmentKind.TEAM)
    typist = factories.user(town, of=team)
    lone = factories.department(town, "議会事務局")
    lone_head = factories.user(town, role=Role.HEAD, of=lone)

    wave = _open(town, office)

    heads = _segment_of(wave, chief)
    assert heads["label"] == "総務部 所属長"
    assert heads["kind"] == "heads"
    assert heads["department"] is None
    assert _segment_of(wave, director) == _segment_of(wave, granted) == heads
    assert _segment_of(wave, clerk)["department"] == section.pk
    assert _segment_of(wave, typist)["department"] == section.pk
    assert _segment_of(wave, adviser)["label"] == "総務部（課に属さない職員）"
    assert _segment_of(wave, lone_head)["parent"] == 0
    assert _segment_of(wave, lone_head)["label"] == HEADS
    parents = {node["key"]: node["parent"] for node in wave.frozen_org["nodes"]}
    assert parents[heads["key"]] == parents[_segment_of(wave, clerk)["key"]]


def test_a_follow_up_asks_only_the_departments_given_and_those_below() -> None:
    town, bureau, section, office = _town()
    other = factories.department(town, "税務課", parent=bureau)
    factories.user(town, of=other)
    team = factories.department(town, "徴収係", parent=section, kind=DepartmentKind.TEAM)
    inside = factories.user(town, of=team)

    wave = _open(town, office, departments=[section])

    assert set(wave.eligible.values_list("employee_id", flat=True)) == {office.pk, inside.pk}


def test_a_wave_that_asks_nobody_is_refused_before_a_key_is_written(key_dir: Path) -> None:
    town, _bureau, _section, office = _town()
    wave = _plan(town, office, departments=[])

    with pytest.raises(waves.WaveRefused):
        waves.open_wave(wave, by=office, now=NOW)

    assert not key_dir.exists()
    wave.refresh_from_db()
    assert wave.state == WaveState.DRAFT


@pytest.mark.django_db(transaction=True)
def test_the_key_goes_when_opening_fails_after_it_was_written(key_dir: Path) -> None:
    town, _bureau, _section, office = _town()
    wave = _plan(town, office)

    with transaction.atomic(using="owner"):
        with connections["owner"].cursor() as cursor:
            cursor.execute("LOCK TABLE accounts_outbox IN EXCLUSIVE MODE")
        with connections["default"].cursor() as cursor:
            cursor.execute("SET lock_timeout = '200ms'")
        with pytest.raises(DatabaseError):
            waves.open_wave(wave, by=office, now=NOW)
        connections["default"].close()

    assert list(key_dir.iterdir()) == []
    wave.refresh_from_db()
    assert wave.state == WaveState.DRAFT
    assert not WaveEligibility.objects.exists()


def test_an_open_wave_has_a_key_that_reads_back(key_dir: Path) -> None:
    town, _bureau, _section, office = _town()

    wave = _open(town, office)

    assert vault.check(key_dir, wave.key_id)
    with pytest.raises(waves.WaveRefused):
        waves.open_wave(wave, by=office, now=NOW)


@pytest.mark.parametrize(
    "change",
    [
        {"k_cell": 6},
        {"k_text": 11},
        {"frozen_definition": {}},
        {"frozen_org": {}},
        {"notice_text": ""},
        {"key_id": "other"},
        {"state": WaveState.CANCELLED, "opens_at": NOW + DAY},
        {"state": WaveState.DRAFT},
        {"state": WaveState.DRAFT, "k_text": 20},
    ],
)
def test_the_database_refuses_to_change_what_was_agreed_to(change: dict[str, Any]) -> None:
    town, _bureau, _section, office = _town()
    wave = _open(town, office)

    with pytest.raises(DatabaseError, match="frozen"), transaction.atomic():
        Wave.objects.filter(pk=wave.pk).update(**change)


@pytest.mark.parametrize(
    "change",
    [
        {"publish_at": NOW + DAY, "closes_at": NOW + DAY},
        {"publish_at": NOW + 60 * DAY},
        {"state": WaveState.OPEN},
        {"state": WaveState.DRAFT},
        {"key_destroyed_at": None},
    ],
)
@pytest.mark.parametrize("state", [WaveState.PUBLISHED, WaveState.KEY_LOST, WaveState.CANCELLED])
def test_the_database_refuses_to_move_what_has_ended(change: dict[str, Any], state: str) -> None:
    town, _bureau, _section, office = _town()
    wave = _open(town, office)
    Wave.objects.filter(pk=wave.pk).update(state=state, key_destroyed_at=NOW)

    with pytest.raises(DatabaseError, match=r"ended|frozen"), transaction.atomic():
        Wave.objects.filter(pk=wave.pk).update(**change)


def test_extending_moves_deadline_and_results() -> None:
    town, _bureau, _section, office = _town()
    wave = _open(town, office)

    extended = waves.extend_wave(wave, closes_at=NOW + 30 * DAY, by=office, now=NOW + DAY)

    assert extended.closes_at == extended.publish_at == NOW + 30 * DAY
    assert Event.objects.filter(action="wave.extended").count() == 1


@pytest.mark.parametrize(("closes", "now"), [(10, 1), (30, 15)])
def test_extending_is_refused_backwards_and_after_the_deadline(closes: int, now: int) -> None:
    town, _bureau, _section, office = _town()
    wave = _open(town, office)

    with pytest.raises(waves.WaveRefused):
        waves.extend_wave(wave, closes_at=NOW + closes * DAY, by=office, now=NOW + now * DAY)


def test_cancelling_deletes_ballots_eligibility_and_key(
    key_dir: Path, django_capture_on_commit_callbacks: Any
) -> None:
    town, _bureau, _section, office = _town()
    wave = _open(town, office)
    SealedBallot.objects.create(wave=wave, nullifier=b"n" * 32, segment=1, sealed=b"s")

    with django_capture_on_commit_callbacks(execute=True):
        waves.cancel_wave(wave, by=office, now=NOW + DAY)

    wave.refresh_from_db()
    assert wave.state == WaveState.CANCELLED
    assert wave.key_destroyed_at is not None
    assert list(key_dir.iterdir()) == []
    assert not SealedBallot.objects.exists()
    assert not WaveEligibility.objects.exists()
    told = Outbox.objects.filter(key=f"wave-{wave.pk}-cancelled")
    assert told.get().recipient == office


def test_cancelling_a_draft_removes_it() -> None:
    town, _bureau, _section, office = _town()
    wave = _plan(town, office)

    assert waves.cancel_wave(wave, by=office, now=NOW) is None
    assert not Wave.objects.exists()


def test_a_lost_key_ends_the_wave_and_tells_staff(key_dir: Path) -> None:
    town, _bureau, _section, office = _town()
    wave = _open(town, office)

    keys.mark_key_lost(wave, now=NOW)

    wave.refresh_from_db()
    assert wave.state == WaveState.KEY_LOST
    assert Outbox.objects.filter(key=f"wave-{wave.pk}-key-lost", recipient=office).exists()
