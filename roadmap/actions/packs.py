"""Packs: handing initiatives on, and making templates of those of another municipality."""

from __future__ import annotations

import datetime as dt
import hashlib
from collections.abc import Collection, Mapping, Sequence
from typing import Any, Final

from django.db import transaction
from django.utils import timezone

from dxportal.accounts import audit
from dxportal.accounts.models import Event, Municipality, User
from roadmap.actions import indicators, milestones
from roadmap.actions.initiatives import create_initiative
from roadmap.actions.parts import part_event
from roadmap.actions.removal import remove_initiative
from roadmap.choices import Channel, Phase
from roadmap.models import Indicator, Initiative, Milestone, PackOrigin, PackUpload
from roadmap.pack_format import in_one_order, read_pack
from roadmap.pack_plan import Books, Template, templates

HANDED_ON, TAKEN_OVER, UNDONE = "pack.handed_on", "pack.taken_over", "pack.undone"
#: Days after which a file that nobody took over goes.
KEPT_DAYS: Final = 7


def record_handing_on(
    municipality: Municipality, *, by: User, titles: Sequence[str], licence: str, content: bytes
) -> None:
    """Who saved a pack, of which initiatives, under which licence, and what its bytes were."""
    after = {
        "initiatives": list(titles),
        "licence": licence,
        "sha256": hashlib.sha256(content).hexdigest(),
    }
    audit.record(HANDED_ON, municipality, by=by, municipality_id=municipality.pk, after=after)


@transaction.atomic
def receive_pack(municipality: Municipality, *, name: str, content: bytes, by: User) -> PackUpload:
    """Keep a file for its preview; raises PackRefused, and nothing is kept.

    Files that nobody took over within a week go.
    """
    pack = read_pack(content)
    old = timezone.now() - dt.timedelta(days=KEPT_DAYS)
    PackUpload.objects.visible_to(by).filter(applied_at=None, uploaded_at__lt=old).delete()
    return PackUpload.objects.create(
        municipality=municipality,
        name=_file_name(name),
        sha256=hashlib.sha256(in_one_order(pack)).hexdigest(),
        content=pack,
    )


def _file_name(name: str) -> str:
    """Without what no database keeps."""
    return "".join(letter for letter in name if letter.isprintable())[:200] or "pack.json"


@transaction.atomic
def take_over_pack(
    upload: PackUpload, *, places: Collection[int], start_on: dt.date, by: User
) -> list[Initiative]:
    """Make an initiative in the first phase of each chosen one; the same file again makes none.

    `places`: which of the pack, from 0; `start_on`: the day from which its durations count here.
    """
    locked = PackUpload.objects.select_for_update().get(pk=upload.pk)
    if locked.applied_at is not None:
        return list(Initiative.objects.filter(pack_origin__upload=locked).order_by("pk"))
    pack = locked.content
    found = templates(pack, Books.of(locked.municipality))
    made = [
        _make(locked, pack["made"], template, start_on, by=by)
        for template in found
        if template.place in places
    ]
    locked.content, locked.applied_at = {}, timezone.now()
    locked.save(update_fields=["content", "applied_at"])
    after = {
        "sender": pack["made"]["municipality_name"],
        "initiatives": [initiative.title for initiative in made],
        "start": start_on,
    }
    audit.record(TAKEN_OVER, locked, by=by, channel=Channel.IMPORT, after=after)
    return made


def _make(
    upload: PackUpload, made: Mapping[str, Any], template: Template, start: dt.date, *, by: User
) -> Initiative:
    initiative = create_initiative(
        upload.municipality,
        by=by,
        fields=template.fields(made, start),
        phase=Phase.IDEA,
        channel=Channel.IMPORT,
        token=f"{upload.pk.hex}:{template.place}",
    )
    _add_milestones(initiative, template.milestones(start), by=by)
    _add_indicators(initiative, template.indicators(), by=by)
    PackOrigin.objects.create(
        initiative=initiative,
        upload=upload,
        place=template.place,
        municipality_code=made["municipality_code"],
        municipality_name=made["municipality_name"],
        size_band=made["size_band"],
        made_on=dt.date.fromisoformat(made["on"]),
        licence=made["licence"],
        content=dict(template.item),
    )
    return initiative


def _add_milestones(
    initiative: Initiative, rows: Sequence[tuple[str, dt.date]], *, by: User
) -> None:
    """All at once, each with its event; the initiative is marked already."""
    made = Milestone.objects.bulk_create(
        Milestone(initiative=initiative, title=title, due_on=day) for title, day in rows
    )
    details: dict[str, Any] = {"by": by, "channel": Channel.IMPORT}
    Event.objects.bulk_create(
        part_event(
            milestones.ADDED,
            initiative,
            row,
            after={"title": row.title, "due_on": row.due_on},
            **details,
        )
        for row in made
    )


def _add_indicators(
    initiative: Initiative, rows: Sequence[indicators.IndicatorFields], *, by: User
) -> None:
    made = Indicator.objects.bulk_create(
        Indicator(
            initiative=initiative,
            order=order,
            name=row.name,
            kind=row.kind,
            unit=row.unit,
            direction=row.direction,
            every_months=row.every_months,
        )
        for order, row in enumerate(rows)
    )
    details: dict[str, Any] = {"by": by, "channel": Channel.IMPORT}
    Event.objects.bulk_create(
        part_event(indicators.ADDED, initiative, row, after=values.plain(), **details)
        for row, values in zip(made, rows, strict=True)
    )


@transaction.atomic
def undo_pack(upload: PackUpload, *, by: User) -> int:
    """Take what was made of it off the list again; each can be brought back. How many went."""
    locked = PackUpload.objects.select_for_update().get(pk=upload.pk)
    standing = Initiative.objects.filter(pack_origin__upload=locked).standing().order_by("pk")
    gone = [
        each.title for each in standing if remove_initiative(each, by=by, channel=Channel.IMPORT)
    ]
    if gone:
        audit.record(UNDONE, locked, by=by, channel=Channel.IMPORT, after={"initiatives": gone})
    return len(gone)
