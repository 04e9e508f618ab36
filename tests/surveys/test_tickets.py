"""Tickets: what a token is, how many are given out, that each counts once and ties to nothing."""

import datetime as dt
import threading
import unicodedata
from pathlib import Path
from typing import Any

import pytest
from django.db import connections, transaction
from django.utils import timezone
from hypothesis import given
from hypothesis import strategies as st

from dxportal.accounts.models import Department, Event
from surveys import anonymity, opening, vault
from surveys.actions import ballots, tickets, waves
from surveys.actions.ballots import BallotRefused, Refusal
from surveys.actions.tickets import TicketsRefused
from surveys.models import ParticipationBand, SealedBallot, Ticket, WaveHeadcount
from surveys.participation import write_bands
from surveys.tickets import ALPHABET, TOKEN_LENGTH, grouped, new_token, read_token, token_hash
from tests import factories
from tests.surveys import boxes, towns

ANSWERS = {"Q1": "paper", "Q3": "daily", "Q4": "to_15"}
BINDING = b"session-a"
#: As in test_linkage: what the best of so many random pairings fits by chance.
CHANCE = 9


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def _segment(town: boxes.Town) -> int:
    return tickets.places(town.wave)[0].segment


def _print(town: boxes.Town, number: int, seen: int = 0, **fields: Any) -> list[str]:
    given: dict[str, Any] = {"segment": _segment(town), "now": timezone.now(), **fields}
    return tickets.print_tickets(town.wave, number=number, seen=seen, by=town.office, **given)


def _send(town: boxes.Town, token: str, answers: Any = ANSWERS, submit: bool = True) -> str | None:
    voter = tickets.voter_of(town.wave, token)
    return ballots.save_ballot(
        town.wave,
        voter,
        answers=answers,
        submit=submit,
        draft_binding=BINDING,
        now=timezone.now(),
    )


# The token ------------------------------------------------------------------------------------
def _wide(text: str) -> str:
    return "".join(chr(ord(letter) + 0xFEE0) if "!" <= letter <= "~" else letter for letter in text)


@given(st.integers(0, 2**32), st.booleans(), st.sampled_from(["", " ", "　", "-", "ー", "−"]))
def test_a_code_is_read_however_it_is_typed(seed: int, lower: bool, between: str) -> None:
    token = new_token()
    typed = grouped(token).replace("-", "-" if between in {"ー", "−"} else between or "-")
    typed = typed.lower() if lower else typed
    typed = typed.replace("0", "o").replace("1", "l") if seed % 2 else typed

    assert read_token(f" {typed}\n") == token
    assert read_token(_wide(typed)) == token


def test_codes_have_128_bits_and_no_letter_that_looks_like_another() -> None:
    tokens = {new_token() for _number in range(500)}

    assert len(tokens) == 500
    assert {len(token) for token in tokens} == {TOKEN_LENGTH}
    assert not set("ILOU") & set(ALPHABET)
    assert {token[0] for token in tokens} == set("01234567")
    for place in range(1, TOKEN_LENGTH):
        assert len({token[place] for token in tokens}) > 24


@pytest.mark.parametrize("typed", ["", "0" * 25, "0" * 27, "U" * 26, "8" + "0" * 25, "0" * 5000])
def test_what_is_no_code_is_none(typed: str) -> None:
    assert read_token(typed) is None
    assert unicodedata.normalize("NFKC", typed) == typed


# Giving out -----------------------------------------------------------------------------------
@pytest.mark.django_db
def test_opening_freezes_how_many_have_no_account() -> None:
    town = boxes.open_town(without_account=4)
    Department.objects.filter(pk=town.section.pk).update(without_account=9)

    (place,) = tickets.places(town.wave)

    assert (place.label, place.staff, place.given, place.left) == ("総務課", 4, 0, 4)


@pytest.mark.django_db
def test_ended_departments_and_those_not_asked_have_no_tickets() -> None:
    owner = factories.municipality()
    sections = [factories.department(owner, f"{n}課") for n in range(3)]
    for section in sections:
        section.without_account = 2
        section.save()
    yesterday = timezone.localdate() - dt.timedelta(days=1)
    Department.objects.filter(pk=sections[1].pk).update(valid_to=yesterday)
    office = factories.user(owner, of=sections[0])
    only = sections[:2]

    draft = boxes.draft(owner, office, departments=only)
    wave = waves.open_wave(draft, by=office, now=timezone.now())

    assert [(p.label, p.staff) for p in tickets.places(wave)] == [("0課", 2)]


@pytest.mark.django_db
def test_a_wave_for_heads_has_no_tickets() -> None:
    owner = factories.municipality()
    section = factories.department(owner, "総務課")
    section.without_account = 3
    section.save()
    head = factories.user(owner, of=section, role=factories.Role.HEAD)

    draft = boxes.draft(owner, head, template="pulse_heads")
    wave = waves.open_wave(draft, by=head, now=timezone.now())

    assert tickets.places(wave) == []


@pytest.mark.django_db
@pytest.mark.parametrize("where", ["nobody", "depot", "team"])
def test_the_notice_speaks_of_numbers_on_paper_wherever_such_staff_are(where: str) -> None:
    owner = factories.municipality()
    section = factories.department(owner, "総務課")
    units = {"depot": factories.department(owner, "車庫")}
    units["team"] = factories.department(owner, "庶務係", parent=section, kind="team")
    Department.objects.filter(pk=getattr(units.get(where), "pk", 0)).update(without_account=2)
    office = factories.user(owner, of=section)

    wave = waves.open_wave(boxes.draft(owner, office), by=office, now=timezone.now())

    assert ("紙で配る番号" in wave.notice_text) == (where != "nobody")
    assert sum(wave.frozen_org["tickets"].values()) == (0 if where == "nobody" else 2)


@pytest.mark.django_db
def test_no_more_than_the_frozen_number_is_printed() -> None:
    town = boxes.open_town(without_account=3)

    _print(town, 2)
    with pytest.raises(TicketsRefused):
        _print(town, 2, seen=2)
    _print(town, 1, seen=2)
    with pytest.raises(TicketsRefused):
        tickets.take_for_paper(
            town.wave, segment=_segment(town), by=town.office, now=timezone.now()
        )

    assert Ticket.objects.count() == 3


@pytest.mark.django_db
def test_the_same_form_sent_again_prints_nothing() -> None:
    town = boxes.open_town(without_account=5)
    _print(town, 2)

    with pytest.raises(TicketsRefused):
        _print(town, 2, seen=0)

    assert Ticket.objects.count() == 2


@pytest.mark.django_db
def test_only_hashes_are_kept_and_the_event_tells_section_and_number() -> None:
    town = boxes.open_town(without_account=2)

    tokens = _print(town, 2)

    kept = {bytes(row) for row in Ticket.objects.values_list("token_hash", flat=True)}
    assert kept == {token_hash(token) for token in tokens}
    event = Event.objects.get(action="tickets.printed")
    assert event.after == {"section": "総務課", "number": 2}
    assert event.actor_id == town.office.pk


@pytest.mark.django_db
@pytest.mark.parametrize("number", [0, -1, 100_000])
def test_odd_numbers_print_nothing(number: int) -> None:
    town = boxes.open_town(without_account=2)

    with pytest.raises(TicketsRefused):
        _print(town, number)

    assert not Ticket.objects.exists()


@pytest.mark.django_db
def test_nothing_is_printed_before_opening_or_after_the_deadline() -> None:
    town = boxes.open_town(without_account=2)

    with pytest.raises(TicketsRefused):
        _print(town, 1, now=town.wave.closes_at)
    with pytest.raises(TicketsRefused):
        _print(town, 1, segment=9999)


@pytest.mark.django_db(transaction=True)
def test_two_clerks_at_once_never_print_more_than_there_are() -> None:
    town = boxes.open_town(without_account=5)
    segment, now = _segment(town), timezone.now()
    barrier = threading.Barrier(6)
    outcomes: list[int] = []

    def clerk() -> None:
        barrier.wait()
        try:
            printed = tickets.print_tickets(
                town.wave, segment=segment, number=3, seen=0, by=town.office, now=now
            )
            outcomes.append(len(printed))
        except TicketsRefused:
            outcomes.append(0)
        finally:
            connections.close_all()

    threads = [threading.Thread(target=clerk) for _number in range(6)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert sorted(outcomes) == [0, 0, 0, 0, 0, 3]
    assert Ticket.objects.count() == 3


# Voting ---------------------------------------------------------------------------------------
@pytest.mark.django_db
def test_a_ticket_sends_one_ballot_and_starts_from_empty_the_next_time(key_dir: Path) -> None:
    town = boxes.open_town(without_account=1)
    (token,) = _print(town, 1)
    voter = tickets.voter_of(town.wave, token)

    first = _send(town, token)
    held = ballots.look_up(town.wave, voter, draft_binding=BINDING)
    second = _send(town, token, {**ANSWERS, "Q1": "phone"})

    assert held.sent
    assert held.draft == {}
    assert first != second
    row = SealedBallot.objects.get()
    assert row.segment == _segment(town)
    key = vault.read(key_dir, town.wave.key_id)
    opened = anonymity.unseal(key, bytes(row.nullifier), row.sealed)
    assert opened["Q1"] == "phone"


@pytest.mark.django_db
def test_a_ticket_is_no_account_and_an_account_no_ticket() -> None:
    town = boxes.open_town(without_account=1)
    (token,) = _print(town, 1)
    _send(town, token)

    mine = ballots.look_up(town.wave, ballots.ByAccount(town.staff[0].pk), draft_binding=BINDING)

    assert not mine.sent
    towns.answer(town.wave, town.staff[0], ANSWERS)
    assert SealedBallot.objects.count() == 2


@pytest.mark.django_db
def test_a_draft_of_a_ticket_opens_only_where_it_was_written() -> None:
    town = boxes.open_town(without_account=1)
    (token,) = _print(town, 1)
    voter = tickets.voter_of(town.wave, token)

    _send(town, token, submit=False)

    assert ballots.look_up(town.wave, voter, draft_binding=BINDING).draft == ANSWERS
    assert ballots.look_up(town.wave, voter, draft_binding=b"session-b").draft == {}


@pytest.mark.django_db
def test_a_token_that_was_never_printed_is_refused() -> None:
    town = boxes.open_town(without_account=2)
    _print(town, 1)

    with pytest.raises(BallotRefused) as refused:
        _send(town, new_token())

    assert refused.value.reason == Refusal.NOT_ELIGIBLE
    assert not SealedBallot.objects.exists()


@pytest.mark.django_db
@pytest.mark.parametrize("elsewhere", [True, False], ids=["municipality", "wave"])
def test_a_ticket_of_another_wave_is_refused(elsewhere: bool) -> None:
    town = boxes.open_town(without_account=1)
    other = boxes.open_town(without_account=1) if elsewhere else town
    if not elsewhere:
        draft = boxes.draft(town.municipality, town.office)
        wave = waves.open_wave(draft, by=town.office, now=timezone.now())
        other = boxes.Town(
            town.municipality, town.bureau, town.section, town.office, town.staff, wave
        )
    (token,) = _print(other, 1)

    with pytest.raises(BallotRefused) as refused:
        _send(town, token)

    assert refused.value.reason == Refusal.NOT_ELIGIBLE


@pytest.mark.django_db
def test_a_stolen_pair_of_another_ticket_finds_no_ballot() -> None:
    """The hash of one ticket with the pseudonym of another: what a mixed-up session would hold."""
    town = boxes.open_town(without_account=2)
    one, two = _print(town, 2)
    _send(town, one)

    voter = tickets.voter_of(town.wave, two)

    assert not ballots.look_up(town.wave, voter, draft_binding=BINDING).sent


@pytest.mark.django_db(transaction=True)
def test_ten_sends_at_once_with_one_ticket_count_once() -> None:
    town = boxes.open_town(without_account=1)
    (token,) = _print(town, 1)
    barrier = threading.Barrier(10)
    receipts: list[str | None] = []

    def send() -> None:
        barrier.wait()
        try:
            receipts.append(_send(town, token))
        finally:
            connections.close_all()

    threads = [threading.Thread(target=send) for _number in range(10)]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join()

    assert len(set(receipts)) == 10
    row = SealedBallot.objects.get()
    assert anonymity.receipt(row.sealed) in receipts


@pytest.mark.django_db
def test_saving_by_ticket_takes_three_statements(django_assert_num_queries: Any) -> None:
    town = boxes.open_town(without_account=1)
    (token,) = _print(town, 1)

    with transaction.atomic(), django_assert_num_queries(3):
        _send(town, token)


# Paper ----------------------------------------------------------------------------------------
def _take(town: boxes.Town) -> ballots.ByTicket:
    return tickets.take_for_paper(
        town.wave, segment=_segment(town), by=town.office, now=timezone.now()
    )


def _type(town: boxes.Town, voter: ballots.ByTicket, submit: bool) -> None:
    ballots.save_ballot(
        town.wave,
        voter,
        answers=ANSWERS,
        submit=submit,
        draft_binding=BINDING,
        now=timezone.now(),
    )


@pytest.mark.django_db
def test_a_dropped_paper_answer_gives_its_ticket_back() -> None:
    town = boxes.open_town(without_account=1)
    voter = _take(town)
    _type(town, voter, submit=False)

    assert tickets.give_back(town.wave, voter, by=town.office)
    assert not tickets.give_back(town.wave, voter, by=town.office)

    assert not Ticket.objects.exists()
    assert not SealedBallot.objects.exists()
    told = Event.objects.filter(action__startswith="tickets.").values_list("action", "after")
    assert sorted(told) == [
        ("tickets.given_back", {"number": 1}),
        ("tickets.taken", {"number": 1}),
    ]


@pytest.mark.django_db
def test_a_sent_paper_answer_keeps_its_ticket() -> None:
    town = boxes.open_town(without_account=1)
    voter = _take(town)
    _type(town, voter, submit=True)

    assert not tickets.give_back(town.wave, voter, by=town.office)

    assert Ticket.objects.count() == SealedBallot.objects.count() == 1


@pytest.mark.django_db(transaction=True)
def test_a_sheet_dropped_while_it_is_sent_counts_once_at_most(
    monkeypatch: pytest.MonkeyPatch,
) -> None:
    town = boxes.open_town(without_account=1)
    voter = _take(town)
    dropped, real = list[bool](), ballots._upsert

    def drop() -> None:
        dropped.append(tickets.give_back(town.wave, voter, by=town.office))
        connections.close_all()

    thread = threading.Thread(target=drop)

    def drop_between(*args: Any) -> Any:
        thread.start()
        thread.join(timeout=0.5)
        return real(*args)

    monkeypatch.setattr(ballots, "_upsert", drop_between)
    _type(town, voter, submit=True)
    thread.join()

    assert dropped == [False]
    assert Ticket.objects.count() == SealedBallot.objects.count() == 1


# Counting -------------------------------------------------------------------------------------
@pytest.mark.django_db(transaction=True)
@pytest.mark.parametrize("printed", [0, 3])
def test_staff_without_account_are_asked_however_many_tickets_were_given_out(
    printed: int,
) -> None:
    town = boxes.open_town(staff=3, without_account=4)
    for token in _print(town, printed) if printed else ():
        _send(town, token)
    assert town.wave.asked_count() == 4 + 4

    towns.close(town.wave)

    town.wave.refresh_from_db()
    counts = dict(WaveHeadcount.objects.values_list("segment", "eligible"))
    assert counts == {_leaf(town): 4 + 4}
    assert town.wave.asked_count() == 8
    assert not Ticket.objects.exists()


def _leaf(town: boxes.Town) -> int:
    (key,) = town.wave.frozen_org["tickets"]
    return int(key)


@pytest.mark.django_db
def test_bands_count_tickets_among_those_asked_and_those_who_answered() -> None:
    town = boxes.open_town(staff=1, without_account=6)
    tokens = _print(town, 6)
    day = timezone.localdate()
    for token in tokens[:4]:
        _send(town, token)

    write_bands(town.wave.pk, day)

    bands = dict(ParticipationBand.objects.values_list("segment", "band"))
    assert bands[_leaf(town)] == "under_75"  # 4 of 2 accounts and 6 tickets


@pytest.mark.django_db(transaction=True)
def test_a_section_of_tickets_only_is_published_by_itself() -> None:
    place = towns.town([6, 0])
    depot = place.sections[1]
    depot.without_account = 6
    depot.save()
    wave = towns.open_wave(place)
    place_of_depot = tickets.places(wave)[0]
    tokens = tickets.print_tickets(
        wave, segment=place_of_depot.segment, number=6, seen=0, by=place.office, now=wave.opens_at
    )
    for token in tokens:
        ballots.save_ballot(
            wave,
            tickets.voter_of(wave, token),
            answers=towns.pain(),
            submit=True,
            draft_binding=BINDING,
            now=wave.opens_at,
        )
    for person in place.everybody:
        towns.answer(wave, person, towns.pain())

    wave = towns.close(wave)

    groups = {group.label: group.n for group in wave.groups.all()}
    assert groups["第1部2課"] == 6
    assert groups["全職員"] == 12
    assert wave.counted == 12


# Tying together -------------------------------------------------------------------------------
def _rows(sql: str) -> list[tuple[Any, ...]]:
    with connections["owner"].cursor() as cursor:
        cursor.execute(sql)
        return list(cursor.fetchall())


@pytest.mark.django_db(transaction=True)
def test_sql_alone_ties_no_ticket_to_a_ballot(key_dir: Path) -> None:
    """Every order and transaction that the database remembers, against the order of answering."""
    people = 120
    town = boxes.open_town(staff=1, without_account=people)
    tokens = _print(town, people)
    for token in tokens:  # in the order of the pile, which is the worst case
        with transaction.atomic():
            _send(town, token)
    key = vault.read(key_dir, town.wave.key_id)
    truth = {
        anonymity.ticket_nullifier(key, token): token_hash(token) for token in tokens
    }  # what only the key tells

    ticket_orders = [
        [bytes(row) for (row,) in _rows(f"SELECT token_hash FROM surveys_ticket ORDER BY {by}")]
        for by in ("ctid", "id", "xmin::text::bigint, ctid", "token_hash")
    ]
    sealed = "SELECT nullifier FROM surveys_sealedballot ORDER BY"
    ballot_orders = [
        [bytes(row) for (row,) in _rows(f"{sealed} {by}")]
        for by in ("ctid", "xmin::text::bigint", "nullifier")
    ]
    assert _most_hits(truth, ticket_orders, ballot_orders) <= CHANCE
    shared = _rows(
        "SELECT 1 FROM surveys_ticket t JOIN surveys_sealedballot b"
        " ON b.xmin::text = t.xmin::text OR b.nullifier = t.token_hash"
    )
    assert shared == []
    # the control: had the rows lain in the order of the pile, the attack would have found them
    pile = [token_hash(token) for token in tokens]
    assert _most_hits(truth, [pile], ballot_orders) == people


def _most_hits(
    truth: dict[bytes, bytes], tickets_in: list[list[bytes]], ballots_in: list[list[bytes]]
) -> int:
    """How many pairs the best of these orders guesses, shifted by up to 5."""
    return max(
        sum(
            truth[ballot] == ticket
            for ballot, ticket in zip(sent, pile[shift:] + pile[:shift], strict=True)
        )
        for pile in tickets_in
        for sent in ballots_in
        for shift in range(-5, 6)
    )


@pytest.mark.django_db
def test_before_opening_staff_without_account_are_counted_among_those_asked() -> None:
    town = boxes.open_town(staff=2, without_account=5)
    draft = boxes.draft(town.municipality, town.office)

    told = opening.outlook(draft, timezone.now())

    assert told.asked == town.wave.asked_count() == 3 + 5
