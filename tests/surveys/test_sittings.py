"""Several initiatives in one sitting: who is asked what, and that nothing small is told by it."""

import datetime as dt
from collections import Counter
from pathlib import Path
from typing import Any

import pytest
from django.conf import settings
from django.core.exceptions import ValidationError
from django.db import connections, transaction
from django.db.utils import IntegrityError
from django.urls import reverse
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dxportal.shared.workdays import on_or_before
from roadmap.choices import DepartmentRole, Phase, Verdict
from roadmap.models import AdoptionVerdict, Initiative, InitiativeDepartment
from surveys import vault
from surveys.actions import closing, definitions, waves
from surveys.actions.follow_ups import open_due, schedule_follow_ups
from surveys.audits import derived_groups
from surveys.choices import NotAsked, WaveState
from surveys.content import FOLLOW_UP
from surveys.counting import Counted, count, places
from surveys.models import CloseAudit, FollowUp, Question, SealedBallot, Wave, WaveAsk
from surveys.partition import Ballot, audit_groups
from surveys.segments import Person, Unit
from surveys.sittings import (
    Asked,
    SittingDraw,
    _known,
    ballots_of,
    draw_sitting,
    joined,
    part_of,
    safe_together,
    subjects,
)
from tests import factories
from tests.surveys import towns
from tests.surveys.towns import answer, close, town

GOOD = {"F1": "weekly", "F2": "easier", "F3": "saved_30", "F4": "ended"}
BAD = {"F1": "never", "F4": "partly", "F5": ["no_need"]}


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return tmp_path / "keys"


def in_block(number: int, answers: dict[str, Any]) -> dict[str, Any]:
    """The same answers to one block of a sitting."""
    return {f"{code}_{number}": given for code, given in answers.items()}


def used_by(place: towns.Town, sections: list[int], title: str, days_ago: int = 100) -> Initiative:
    """An initiative in operation that these sections are meant to use."""
    day = on_or_before(timezone.localdate()) - dt.timedelta(days=days_ago)
    item = factories.initiative(
        place.municipality,
        lead=place.sections[0],
        title=title,
        phase=Phase.LIVE,
        reported_on=day,
        launched_on=day,
    )
    InitiativeDepartment.objects.bulk_create(
        InitiativeDepartment(
            initiative=item, department=place.sections[number], role=DepartmentRole.USER
        )
        for number in sections
    )
    return item


def opened(place: towns.Town) -> Wave:
    """The one sitting of everything that is due."""
    today = on_or_before(timezone.localdate())
    schedule_follow_ups(today)
    assert open_due(today) == 1
    return Wave.objects.get(sitting__isnull=True)


# Drawing -----------------------------------------------------------------------------------------
UNITS = {
    1: Unit(1, None, 1, "総務部", is_bureau=True),
    2: Unit(2, 1, 1, "総務課"),
    3: Unit(3, 1, 1, "人事課"),
    4: Unit(4, 2, 1, "文書係", is_team=True, without_account=2),
}
PEOPLE = [Person(1, 2, is_head=True), Person(2, 2), Person(3, 3, is_head=True), Person(4, 3)]


def test_each_block_has_the_people_that_it_asks() -> None:
    drawn = draw_sitting(UNITS, PEOPLE, [Asked(frozenset({2, 4})), Asked(frozenset({2, 3, 4}))])

    blocks = {place.person: drawn.asks[str(place.segment)] for place in drawn.placed}
    assert blocks == {1: [1, 2], 2: [1, 2], 3: [2], 4: [2]}
    assert [block.asked for block in drawn.blocks] == [2, 4]


def test_heads_of_one_bureau_who_are_asked_differently_are_counted_apart() -> None:
    drawn = draw_sitting(UNITS, PEOPLE, [Asked(frozenset({2})), Asked(frozenset({2, 3}))])

    segments = {place.person: place.segment for place in drawn.placed}
    assert segments[1] != segments[3]
    labels = {node["key"]: node["label"] for node in drawn.nodes}
    assert labels[segments[1]] == labels[segments[3]] == "総務部 所属長"
    leaves = drawn.blocks[1].leaf_of
    assert leaves[str(segments[1])] == leaves[str(segments[3])]


def test_staff_without_an_account_count_with_the_blocks_of_their_team() -> None:
    drawn = draw_sitting(UNITS, PEOPLE, [Asked(frozenset({4})), Asked(frozenset({2, 3, 4}))])

    (segment,) = drawn.tickets
    assert drawn.tickets[segment] == 2
    assert drawn.asks[segment] == [1, 2]
    assert sum(drawn.blocks[0].tickets.values()) == 2


def test_a_group_that_is_left_out_is_asked_by_the_other_block_only() -> None:
    left_out = frozenset({(2, True)})
    drawn = draw_sitting(
        UNITS, PEOPLE, [Asked(frozenset({2, 4}), left_out), Asked(frozenset({2, 3, 4}))]
    )

    assert drawn.asks[str(next(p.segment for p in drawn.placed if p.person == 1))] == [2]


def test_a_single_block_is_drawn_as_a_wave_of_its_own() -> None:
    drawn = draw_sitting(UNITS, PEOPLE, [Asked(frozenset({2, 3, 4}))])

    assert drawn.nodes == drawn.blocks[0].nodes
    assert drawn.tickets == drawn.blocks[0].tickets


# Questions ---------------------------------------------------------------------------------------
def test_questions_of_a_segment_are_those_of_its_blocks() -> None:
    told = [
        {"initiative": 1, "title": "甲", "why": ""},
        {"initiative": 2, "title": "乙", "why": ""},
    ]
    whole = joined(FOLLOW_UP, told)
    org = {"asks": {"3": [2], "4": [1, 2]}}

    one, both = part_of(whole, org, 3), part_of(whole, org, 4)

    assert [q["code"] for q in one["questions"]] == [f"F{n}_2" for n in range(1, 7)]
    assert (one["minutes"], both["minutes"]) == (1, 2)
    assert len(both["questions"]) == 12
    assert [subject["title"] for subject in subjects(one)] == ["乙"]
    reasons = next(q for q in whole["questions"] if q["code"] == "F5_2")
    assert {c["question"] for c in reasons["ask_if"]} == {"F1_2", "F2_2"}


# From opening to verdicts ------------------------------------------------------------------------
@pytest.mark.django_db
def test_one_ballot_gives_each_initiative_its_own_verdict() -> None:
    place = town([24, 12])
    first, second = used_by(place, [0, 1], "電子決裁"), used_by(place, [1], "チャット")
    sitting = opened(place)

    assert sitting.several
    assert WaveAsk.objects.values_list("wave", flat=True).distinct().get() == sitting.pk
    here, there = place.sections
    for person in place.staff[here.pk]:
        answer(sitting, person, in_block(1, GOOD))
    for person in place.staff[there.pk]:
        answer(sitting, person, {**in_block(1, GOOD), **in_block(2, BAD)})
    assert SealedBallot.objects.count() == 36
    close(sitting)

    verdicts = dict(AdoptionVerdict.objects.values_list("initiative__title", "verdict"))
    assert verdicts == {"電子決裁": Verdict.ESTABLISHED, "チャット": Verdict.UNUSED}
    figures = AdoptionVerdict.objects.get(initiative=first).figures
    assert (figures["asked"], figures["n"]) == (36, 36)
    assert figures["saved_minutes_week"] == {"low": 24, "high": 3120}
    assert AdoptionVerdict.objects.get(initiative=second).figures["asked"] == 12
    for follow_up in FollowUp.objects.all():
        assert follow_up.wave is not None
        assert follow_up.wave.initiative_id == follow_up.initiative_id
        assert follow_up.wave.state == WaveState.PUBLISHED
        assert follow_up.wave.key_destroyed_at is not None


@pytest.mark.django_db
def test_nobody_answers_a_block_that_is_not_put_to_them() -> None:
    place = town([24, 12])
    used_by(place, [0, 1], "電子決裁")
    used_by(place, [1], "チャット")
    sitting = opened(place)
    everybody = place.everybody

    for person in everybody:
        answer(sitting, person, {**in_block(1, GOOD), **in_block(2, GOOD)})
    close(sitting)

    asked = AdoptionVerdict.objects.get(initiative__title="チャット").figures
    assert (asked["asked"], asked["n"]) == (12, 12)


@pytest.mark.django_db
def test_blocks_live_and_end_with_their_sitting() -> None:
    place = town([12, 12])
    used_by(place, [0, 1], "電子決裁")
    used_by(place, [1], "チャット")
    sitting = opened(place)
    later = sitting.closes_at + dt.timedelta(days=2)

    waves.extend_wave(sitting, closes_at=later, by=place.office, now=sitting.opens_at)
    assert {block.closes_at for block in sitting.blocks.all()} == {later}
    waves.cancel_wave(sitting, by=place.office, now=sitting.opens_at)

    assert {block.state for block in sitting.blocks.all()} == {WaveState.CANCELLED}
    rows = FollowUp.objects.values_list("wave", "not_asked")
    assert set(rows) == {(None, NotAsked.OFFICE)}


@pytest.mark.django_db
def test_a_block_is_fixed_at_opening() -> None:
    place = town([12, 12])
    used_by(place, [0, 1], "電子決裁")
    used_by(place, [1], "チャット")
    block = opened(place).blocks.earliest("id")

    for change in ({"frozen_org": {}}, {"sitting": None}, {"k_cell": 6}):
        with pytest.raises(IntegrityError), transaction.atomic():
            Wave.objects.filter(pk=block.pk).update(**change)


@pytest.mark.django_db
def test_receipts_stand_with_the_sitting_where_that_tells_of_no_small_group() -> None:
    place = town([12, 12])
    used_by(place, [0, 1], "電子決裁")
    used_by(place, [1], "チャット")
    sitting = opened(place)
    receipts = [answer(sitting, p, in_block(1, GOOD)) for p in place.everybody]
    close(sitting)

    audit = CloseAudit.objects.get(wave=sitting, step="closed")
    assert audit.receipts == sorted(receipts)


@pytest.mark.django_db
def test_two_numbers_that_differ_by_a_small_group_are_not_both_told() -> None:
    place = town([12, 12])
    used_by(place, [0, 1], "電子決裁")
    used_by(place, [1], "チャット")
    sitting = opened(place)
    small, large = place.sections
    receipts = [
        answer(sitting, person, {**in_block(1, GOOD), **in_block(2, GOOD)})
        for person in [*place.staff[small.pk][:2], *place.staff[large.pk]]
    ]
    close(sitting)

    shown = {
        block.initiative.title: block.counted for block in Wave.objects.filter(sitting=sitting)
    }
    assert None in shown.values()
    assert AdoptionVerdict.objects.get(initiative__title="チャット").verdict == Verdict.ESTABLISHED
    audit = CloseAudit.objects.get(wave=sitting, step="closed")
    assert audit.ballots is None
    assert len(audit.receipts) == 24, "as many as were asked, so that their number tells nothing"
    assert set(receipts) < set(audit.receipts)


@pytest.mark.django_db
def test_the_pages_ask_one_question_after_the_other_and_name_the_initiative(client: Any) -> None:
    place = town([12, 12])
    used_by(place, [0, 1], "電子決裁")
    used_by(place, [1], "チャット")
    sitting = opened(place)
    client.force_login(place.staff[place.sections[1].pk][0])

    start = client.get(reverse("surveys:answer_start", args=[sitting.pk])).content.decode()
    assert "電子決裁" in start
    assert "チャット" in start
    send = reverse("surveys:answer_send", args=[sitting.pk])
    for code, value in [*in_block(1, GOOD).items(), ("F6_1", ""), *in_block(2, GOOD).items()]:
        page = client.get(reverse("surveys:answer_question", args=[sitting.pk, code]))
        assert ("電子決裁" if code.endswith("_1") else "チャット") in page.content.decode()
        sent = client.post(send, {"code": code, "answer": value, "action": "next"})
        assert sent.status_code == 302, code
    assert sent.headers["Location"].endswith("/F6_2/")
    done = client.post(send, {"code": "F6_2", "answer": "", "action": "send"})
    assert done.headers["Location"].endswith("/thanks/")
    client.force_login(place.staff[place.sections[0].pk][0])
    start = client.get(reverse("surveys:answer_start", args=[sitting.pk])).content.decode()
    assert "チャット" not in start


@pytest.mark.django_db
def test_a_block_is_never_acted_upon_alone(client: Any) -> None:
    place = town([12, 12])
    used_by(place, [0, 1], "電子決裁")
    used_by(place, [1], "チャット")
    sitting = opened(place)
    block = sitting.blocks.earliest("id")
    client.force_login(place.office)

    assert block.key_id == ""
    for name in ("wave_cancel", "wave_extend", "ticket_list", "paper"):
        assert client.get(reverse(f"surveys:{name}", args=[block.pk])).status_code == 404, name
    assert client.get(reverse("surveys:answer_start", args=[block.pk])).status_code == 404
    with pytest.raises(waves.WaveRefused):
        waves.cancel_wave(block, by=place.office, now=sitting.opens_at)
    later = sitting.closes_at + dt.timedelta(days=9)
    with pytest.raises(waves.WaveRefused):
        waves.extend_wave(block, closes_at=later, by=place.office, now=sitting.opens_at)
    with pytest.raises(ValidationError):
        closing.end_early(block.pk, by=None, now=sitting.opens_at)
    with pytest.raises(ValidationError):
        closing.close_wave(block.pk, now=sitting.closes_at)
    assert closing.destroy_key(block.pk) is False
    assert vault.check(settings.KEY_DIR, sitting.key_id)


@pytest.mark.django_db
def test_places_where_not_everybody_is_asked_the_same_say_what_is_asked() -> None:
    place = town([12, 12])
    used_by(place, [0], "電子決裁")
    used_by(place, [0, 1], "チャット")
    for section in place.sections:
        head = place.staff[section.pk][0]
        factories.post(section, held_by=head, is_head=True)
    sitting = opened(place)

    labels = {node["label"] for node in sitting.frozen_org["nodes"]}
    assert "第1部 所属長（チャット）" in labels
    assert "第1部 所属長（電子決裁・チャット）" in labels


@pytest.mark.django_db
def test_with_a_question_of_its_own_each_initiative_is_asked_about_alone() -> None:
    place = town([12, 12])
    used_by(place, [0, 1], "電子決裁")
    used_by(place, [1], "チャット")
    survey = definitions.create_survey(place.municipality, "follow_up", by=place.office)
    Question.objects.create(survey=survey, code="G1", kind="text", text="ほかに", order=9)
    today = on_or_before(timezone.localdate())
    schedule_follow_ups(today)

    assert open_due(today) == 1
    assert not Wave.objects.filter(several=True).exists()
    assert FollowUp.objects.waiting().count() == 1


@pytest.mark.django_db(transaction=True)
def test_the_audit_looks_at_all_blocks_together() -> None:
    place = town([12, 12])
    used_by(place, [0, 1], "電子決裁")
    used_by(place, [1], "チャット")
    sitting = opened(place)
    for person in place.everybody:
        answer(sitting, person, {**in_block(1, GOOD), **in_block(2, GOOD)})
    close(sitting)
    now = timezone.now()
    assert derived_groups(now) == []

    inner = Wave.objects.get(sitting=sitting, initiative__title="チャット")
    with connections["owner"].cursor() as cursor:
        cursor.execute("UPDATE surveys_segmentgroup SET n = 21 WHERE wave_id = %s", [inner.pk])

    assert len(derived_groups(now)) > 0


# What blocks tell together -----------------------------------------------------------------------
ORG = st.lists(st.integers(0, 9), min_size=2, max_size=6)


@given(
    sizes=ORG,
    picked=st.lists(st.sets(st.integers(0, 5), min_size=1), min_size=2, max_size=3),
    answered=st.lists(st.integers(0, 9), min_size=6, max_size=6),
    heads=st.booleans(),
)
def test_no_small_group_follows_from_what_blocks_tell_together(
    sizes: list[int], picked: list[set[int]], answered: list[int], heads: bool
) -> None:
    units = {1: Unit(1, None, 1, "部", is_bureau=True)}
    people: list[Person] = []
    for number, size in enumerate(sizes):
        unit = 10 + number
        units[unit] = Unit(unit, 1, 1, f"{number}課")
        people += [Person(100 * unit + n, unit, is_head=heads and n == 0) for n in range(size)]
    blocks = [Asked(frozenset(10 + n for n in chosen)) for chosen in picked]
    drawn = draw_sitting(units, people, blocks)
    present = {person.id for person in people if person.id % 100 < answered[person.unit - 10]}
    ballots = [Ballot(p.segment, {}) for p in drawn.placed if p.person in present]
    told = safe_together(*_as_counted(drawn, ballots), Counter(b.leaf for b in ballots), 5)

    leaves = [block.leaf_of for block in drawn.blocks]
    per_segment = Counter(ballot.leaf for ballot in ballots)
    known = _known(told.blocks, leaves, per_segment, told.total)
    assert audit_groups(known, per_segment, 5) == []
    for group in known:
        assert group.n == sum(per_segment[leaf] for leaf in group.members)
        assert group.n >= 5


def _as_counted(
    drawn: SittingDraw, ballots: list[Ballot]
) -> tuple[list[Counted], list[dict[str, int]]]:
    counted = []
    for number, block in enumerate(drawn.blocks, start=1):
        org = places({"nodes": block.nodes})
        own = ballots_of(ballots, number, block.leaf_of)
        counted.append(count(FOLLOW_UP, org, own, k_cell=5, k_text=10))
    return counted, [block.leaf_of for block in drawn.blocks]
