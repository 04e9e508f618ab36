"""Giving out tickets: so many per section as were frozen at opening, printed or typed in."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterable, Mapping
from dataclasses import dataclass

from django.conf import settings
from django.db import transaction
from django.db.models import Count
from django.utils.translation import gettext as _

from dxportal.accounts.audit import record
from dxportal.accounts.models import User
from surveys import anonymity, vault
from surveys.actions.ballots import BallotRefused, ByTicket, Refusal
from surveys.choices import Audience, WaveState
from surveys.eligibility import units_of
from surveys.locks import hold_wave, share_wave
from surveys.models import SealedBallot, Ticket, Wave
from surveys.segments import OrgNode, without_account
from surveys.tickets import new_token, token_hash

#: So many sheets at once: what a browser still lays out at once.
AT_ONCE = 400


class TicketsRefused(Exception):
    """No ticket is given out now; the sentence says why."""


@dataclass(frozen=True)
class Place:
    """A section with staff who have no account."""

    segment: int
    label: str
    above: str
    staff: int
    given: int

    @property
    def left(self) -> int:
        """How many tickets may still be given out."""
        return max(0, self.staff - self.given)


def frozen_tickets(wave: Wave, nodes: Iterable[OrgNode], day: dt.date) -> dict[str, int]:
    """Segment → staff without an account, as they are when the wave opens.

    Heads have accounts: a wave that asks only them has no tickets.
    """
    survey, only = wave.survey, wave.frozen_org.get("departments")
    if survey.audience == Audience.HEADS:
        return {}
    return without_account(units_of(survey.municipality, day, only=only), nodes)


def places(wave: Wave) -> list[Place]:
    """Every section with such staff, in the order of the organisation."""
    staff: Mapping[str, int] = wave.frozen_org.get("tickets", {})
    given = dict(wave.tickets.values_list("segment").annotate(n=Count("id")))
    nodes = {node["key"]: node for node in wave.frozen_org.get("nodes", ())}
    return [
        Place(
            segment=key,
            label=node["label"],
            above=nodes[node["parent"]]["label"] if node["parent"] else "",
            staff=staff[str(key)],
            given=given.get(key, 0),
        )
        for key, node in nodes.items()
        if str(key) in staff
    ]


@transaction.atomic
def print_tickets(
    wave: Wave, *, segment: int, number: int, seen: int, by: User, now: dt.datetime
) -> list[str]:
    """Create so many tickets; their tokens exist in what is returned and nowhere else.

    `seen`: how many the page showed as given out. Another number now means that somebody else
    printed in between, or that the same form came twice. Raises TicketsRefused.
    """
    place = _hold(wave, segment, now)
    if place.given != seen:
        raise TicketsRefused(
            _(
                "Nothing was printed: the number given out has changed since the page was opened."
                " Sheets that were shown once cannot be shown again."
            )
        )
    if not 0 < number <= min(place.left, AT_ONCE):
        raise TicketsRefused(
            _("Nothing was printed: at most %(left)s sheets can be printed for %(section)s.")
            % {"left": min(place.left, AT_ONCE), "section": place.label}
        )
    tokens = [new_token() for _number in range(number)]
    # Rows lie in the order of their hashes: the order of the sheets in the pile is not kept.
    hashes = sorted(token_hash(token) for token in tokens)
    Ticket.objects.bulk_create(
        Ticket(wave=wave, segment=segment, token_hash=hashed) for hashed in hashes
    )
    record(
        "tickets.printed",
        wave,
        by=by,
        municipality_id=wave.municipality_id,
        after={"section": place.label, "number": number},
    )
    return tokens


@transaction.atomic
def take_for_paper(wave: Wave, *, segment: int, by: User, now: dt.datetime) -> ByTicket:
    """One ticket of the section for a paper answer that a clerk types in; it is never printed.

    The trail stays, so it does not say of which section: that would tell how many of it answered.
    Raises TicketsRefused, and BallotRefused where the key cannot be read.
    """
    place = _hold(wave, segment, now)
    if not place.left:
        raise TicketsRefused(_("No ticket is left for %(section)s.") % {"section": place.label})
    token = new_token()
    Ticket.objects.create(wave=wave, segment=segment, token_hash=token_hash(token))
    record(
        "tickets.taken",
        wave,
        by=by,
        municipality_id=wave.municipality_id,
        after={"number": 1},
    )
    return voter_of(wave, token)


@transaction.atomic
def give_back(wave: Wave, voter: ByTicket, *, by: User) -> bool:
    """Undo `take_for_paper` unless it was sent: its draft and the ticket go; False if not.

    Waits for what is being saved: no ballot may arrive for a ticket that is about to go.
    """
    hold_wave(wave.pk)
    drafts = SealedBallot.objects.filter(wave=wave, nullifier=voter.nullifier)
    drafts.filter(submitted=False).delete()
    if drafts.exists():
        return False
    removed, _tables = Ticket.objects.filter(wave=wave, token_hash=voter.token_hash).delete()
    if not removed:
        return False
    record(
        "tickets.given_back",
        wave,
        by=by,
        municipality_id=wave.municipality_id,
        after={"number": 1},
    )
    return True


def _hold(wave: Wave, segment: int, now: dt.datetime) -> Place:
    """The section as it stands, with the wave's row locked: clerks at the same time queue here."""
    share_wave(wave.pk)
    found = Wave.objects.select_for_update(of=["self"]).get(pk=wave.pk)
    if found.state != WaveState.OPEN or found.closes_at <= now:
        raise TicketsRefused(_("Tickets are given out only while the survey round is open."))
    place = next((place for place in places(found) if place.segment == segment), None)
    if place is None:
        raise TicketsRefused(_("That department has no staff without an account."))
    return place


def segment_of(wave: Wave, token: str) -> int | None:
    """Where the ticket with this token is counted; None where the wave has none."""
    found = wave.tickets.filter(token_hash=token_hash(token))
    return found.values_list("segment", flat=True).first()


def voter_of(wave: Wave, token: str) -> ByTicket:
    """Whose ballot a token stands for. Raises BallotRefused where the key cannot be read."""
    try:
        key = vault.read(settings.KEY_DIR, wave.key_id)
    except vault.VaultError:
        raise BallotRefused(Refusal.KEY_LOST) from None
    return ByTicket(token_hash(token), anonymity.ticket_nullifier(key, token))
