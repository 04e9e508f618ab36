"""What a sitting about several initiatives leaves: the results of each block, safe together."""

from __future__ import annotations

import datetime as dt
from collections import Counter
from collections.abc import Mapping, Sequence
from dataclasses import dataclass, replace
from functools import cached_property

from django.utils import timezone

from dxportal.accounts import audit
from dxportal.accounts.models import User
from surveys import notifications
from surveys.actions import publishing
from surveys.actions.tables import counted_people, tables_hash, write_tables
from surveys.choices import CLOSED, PURGE_DAYS, WaveState
from surveys.counting import Counted, Place, count, places
from surveys.models import CloseAudit, Wave, WaveHeadcount
from surveys.partition import Ballot
from surveys.sittings import ballots_of, safe_together


@dataclass(frozen=True)
class _Block:
    """One block with the answers that were given to it."""

    wave: Wave
    ballots: Sequence[Ballot]

    @property
    def leaf_of(self) -> Mapping[str, int]:
        """Segment of the sitting → segment of the block."""
        leaves: dict[str, int] = self.wave.frozen_org["leaf_of"]
        return leaves

    @cached_property
    def org(self) -> tuple[Place, ...]:
        """The organisation as it was drawn for this block."""
        return places(self.wave.frozen_org)

    def count(self) -> Counted:
        """Everything that could be published of this block if it were alone."""
        definition = self.wave.frozen_definition
        return count(
            definition,
            self.org,
            self.ballots,
            k_cell=self.wave.k_cell,
            k_text=self.wave.k_text,
            pairs=[(rows, columns) for rows, columns in definition.get("crosses", ())],
        )

    def eligible(self, per_segment: Mapping[int, int]) -> dict[int, int]:
        """How many could answer it, by its own segments."""
        found: Counter[int] = Counter()
        for segment, leaf in self.leaf_of.items():
            found[leaf] += per_segment.get(int(segment), 0)
        return dict(found)


def write(
    sitting: Wave,
    ballots: Sequence[Ballot],
    eligible: Mapping[int, int],
    *,
    by: User | None,
    now: dt.datetime,
) -> bool:
    """Publish every block in the closing transaction; True where the number of all may be told.

    The verdict of a block follows from its exact answers, also where its numbers are left out
    because they would tell of a small group beside those of the other blocks.
    """
    blocks = [
        _Block(block, ballots_of(ballots, number, block.frozen_org["leaf_of"]))
        for number, block in enumerate(
            sitting.blocks.select_related("survey", "initiative").order_by("id"), start=1
        )
    ]
    per_segment = Counter(ballot.leaf for ballot in ballots)
    alone = [block.count() for block in blocks]
    told = safe_together(
        alone,
        [block.leaf_of for block in blocks],
        per_segment,
        sitting.k_cell,
    )
    for block, counted, whole in zip(blocks, told.blocks, alone, strict=True):
        block.wave.withheld = bool(whole.groups and not counted.groups)
        _publish(block, counted, block.eligible(eligible), by=by, now=now)
    sitting.withheld = not told.total and len(ballots) >= sitting.k_cell
    return told.total and any(counted.groups for counted in told.blocks)


def _publish(
    block: _Block,
    counted: Counted,
    eligible: dict[int, int],
    *,
    by: User | None,
    now: dt.datetime,
) -> None:
    wave, day = block.wave, timezone.localdate(now)
    WaveHeadcount.objects.filter(wave=wave).delete()
    WaveHeadcount.objects.bulk_create(
        WaveHeadcount(wave=wave, segment=segment, eligible=n)
        for segment, n in sorted(eligible.items())
    )
    stored = replace(counted, rows=publishing.beside_conclusions(wave, counted))
    write_tables(wave, block.org, stored, eligible, purge_on=day + dt.timedelta(days=PURGE_DAYS))
    exact = publishing.Exact(counted, stored.rows, block.ballots, eligible)
    shown_on = publishing.shown_on(now, wave.publish_at)
    publishing.publish(wave, block.org, exact, on=day, shown_on=shown_on)
    notifications.announce_texts(wave, now)
    wave.state = WaveState.PUBLISHED
    wave.counted = counted_people(counted)
    wave.too_few = not counted.groups
    wave.save(update_fields=["state", "counted", "too_few", "withheld"])
    CloseAudit.objects.create(
        wave=wave,
        step=CLOSED,
        actor=by.name if by else "",
        tables_hash=tables_hash(wave),
        ballots=wave.counted,
        receipts=[],
        details={"sitting": wave.sitting_id},
    )
    audit.record(
        "wave.closed",
        wave,
        by=by,
        channel="screen" if by else "system",
        municipality_id=wave.municipality_id,
        after={"state": wave.state},
    )
