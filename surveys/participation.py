"""How many have answered, in quarters and once a day: all that anybody sees before the close."""

from __future__ import annotations

from collections import Counter
from dataclasses import dataclass
from datetime import date

from django.db import transaction
from django.db.models import Count

from dxportal.shared.tenancy import set_municipality
from surveys.choices import Band
from surveys.models import ParticipationBand, SealedBallot, Wave
from surveys.partition import Node, partition

#: Numerator of quarters; below it the band holds.
_QUARTERS = ((1, Band.UNDER_25), (2, Band.UNDER_50), (3, Band.UNDER_75))


@dataclass(frozen=True)
class BandRow:
    """One line of the table of bands."""

    label: str
    kind: str
    band: Band


def band_of(sent: int, eligible: int) -> Band:
    """The quarter that the share falls into; a share on a border is in the upper one."""
    return next((band for top, band in _QUARTERS if 4 * sent < top * eligible), Band.OVER_75)


def bands(
    nodes: list[dict[str, object]], eligible: dict[int, int], sent: dict[int, int], k: int
) -> dict[int, Band]:
    """Node → band, for nodes of at least k people whose absence leaves none smaller either.

    Drawn by the same partition as results, over those asked: what is small shows in its parent.
    """
    tree = [Node(int(str(n["key"])), _parent(n["parent"]), str(n["label"])) for n in nodes]
    return {
        group.node: band_of(sum(sent.get(leaf, 0) for leaf in group.members), group.n)
        for group in partition(tree, eligible, k)
        if group.node is not None
    }


def _parent(value: object) -> int | None:
    return None if value is None else int(str(value))


@transaction.atomic
def write_bands(wave_id: int, day: date) -> int:
    """Write the day's bands of an open wave, unless they stand already; returns how many."""
    wave = Wave.objects.select_related("survey").get(pk=wave_id)
    set_municipality(wave.municipality_id)
    eligible = Counter(dict(wave.eligible.values_list("segment").annotate(n=Count("id"))))
    eligible.update(wave.without_account())
    ballots = SealedBallot.objects.filter(wave=wave, submitted=True)
    sent = dict(ballots.values_list("segment").annotate(n=Count("nullifier")))
    found = bands(wave.frozen_org["nodes"], eligible, sent, wave.k_cell)
    ParticipationBand.objects.bulk_create(
        [
            ParticipationBand(wave=wave, segment=node, day=day, band=band)
            for node, band in found.items()
        ],
        ignore_conflicts=True,
    )
    return len(found)


def latest_bands(wave: Wave) -> tuple[date | None, list[BandRow]]:
    """The newest day's bands in the order of the organisation."""
    newest = wave.bands.order_by("-day").values_list("day", flat=True).first()
    if newest is None:
        return None, []
    known = dict(wave.bands.filter(day=newest).values_list("segment", "band"))
    nodes = [node for node in wave.frozen_org["nodes"] if node["key"] in known]
    rows = [BandRow(node["label"], node["kind"], Band(known[node["key"]])) for node in nodes]
    return newest, rows
