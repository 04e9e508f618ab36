"""Writing what a closed wave leaves, reading it back, and the hash that shows it is unchanged."""

from __future__ import annotations

import hashlib
import json
import uuid
from collections.abc import Mapping, Sequence
from datetime import date

from dxportal.shared.bulk import copy_rows
from roadmap.models import Theme
from surveys.anonymity import shuffled
from surveys.counting import Counted, Place, everybody, specs, tree_order
from surveys.models import CellTally, CrossTally, RawVoice, SegmentGroup, ThemeBurden, Wave
from surveys.models.ballot import WaveHeadcount
from surveys.partition import Cell, Group, Share, TallyRow


def write_tables(
    wave: Wave,
    org: Sequence[Place],
    counted: Counted,
    eligible: Mapping[int, int],
    *,
    purge_on: date,
) -> None:
    """Store the partition, its numbers, and the voices in random order under random keys."""
    groups = _write_groups(wave, org, counted.groups, eligible)
    copy_rows(
        CellTally,
        ("wave_id", "group_id", "question", "option", "count", "below_k", "percent", "bound"),
        (
            (
                wave.pk,
                groups[row.group].pk,
                row.question,
                option,
                cell.count,
                cell.below_k,
                cell.share.percent,
                cell.share.bound,
            )
            for row in counted.rows
            for option, cell in row.cells.items()
        ),
    )
    themes = Theme.objects.filter(municipality_id=wave.municipality_id)
    keys = dict(themes.values_list("code", "pk"))
    copy_rows(
        ThemeBurden,
        ("wave_id", "group_id", "theme_id", "hours_low", "hours_high"),
        (
            (wave.pk, groups[key].pk, keys[code], low, high)
            for code, sums in counted.burdens.items()
            if code in keys
            for key, (low, high) in sums.items()
        ),
    )
    CrossTally.objects.bulk_create(
        CrossTally(
            wave=wave,
            row_question=rows,
            column_question=columns,
            row_option=cell.first,
            column_option=cell.second,
            n=cell.n,
        )
        for (rows, columns), cells in counted.crosses.items()
        for cell in cells
    )
    copy_rows(
        RawVoice,
        ("id", "wave_id", "question", "bureau", "body", "purge_on"),
        (
            (uuid.uuid4(), wave.pk, voice.question, voice.bureau, voice.body, purge_on)
            for voice in shuffled(counted.voices)
        ),
    )


def _write_groups(
    wave: Wave, org: Sequence[Place], groups: Sequence[Group], eligible: Mapping[int, int]
) -> dict[str, SegmentGroup]:
    by_key = {place.key: place for place in org}
    labels = {group.key: by_key[group.node].label for group in groups if group.node is not None}
    rows = [
        SegmentGroup(
            wave=wave,
            key=group.key,
            parent_key=group.parent or "",
            level=group.level,
            label=labels[group.key] if group.node is not None else labels[group.parent or ""],
            department_id=None if group.node is None else by_key[group.node].department,
            members=list(group.members),
            n=group.n,
            eligible=sum(eligible.get(leaf, 0) for leaf in group.members),
            order=order,
        )
        for order, group in enumerate(tree_order(org, groups))
    ]
    return {row.key: row for row in SegmentGroup.objects.bulk_create(rows)}


def read_groups(wave: Wave) -> list[Group]:
    """The stored partition as plain groups, parents before their own."""
    return [
        Group(
            row.key,
            row.parent_key or None,
            row.level,  # type: ignore[arg-type]
            int(row.key[1:]) if row.level == "node" else (0 if row.level == "all" else None),
            tuple(row.members),
            row.n,
        )
        for row in wave.groups.all()
    ]


def read_rows(wave: Wave) -> list[TallyRow]:
    """The stored tallies as plain rows, options in the order of the definition."""
    cells: dict[tuple[str, str], dict[str, Cell]] = {}
    n: dict[str, int] = {}
    for cell in wave.cells.select_related("group"):
        n[cell.group.key] = cell.group.n
        cells.setdefault((cell.question, cell.group.key), {})[cell.option] = Cell(
            cell.count,
            cell.below_k,
            Share(cell.percent, cell.bound),  # type: ignore[arg-type]
        )
    rows = []
    for question in specs(wave.frozen_definition):
        for key, total in n.items():
            given = cells.get((question.code, key))
            if given is not None:
                ordered = {option: given[option] for option in question.listed if option in given}
                rows.append(TallyRow(key, question.code, total, ordered))
    return rows


def tables_hash(wave: Wave) -> str:
    """SHA-256 over every published row of a wave, in a fixed order and without row ids."""
    tables = [
        wave.groups.order_by("key").values_list(
            "key", "parent_key", "level", "label", "department_id", "members", "n", "eligible"
        ),
        wave.cells.order_by("question", "group__key", "option").values_list(
            "question", "group__key", "option", "count", "below_k", "percent", "bound"
        ),
        wave.burdens.order_by("theme__code", "group__key").values_list(
            "theme__code", "group__key", "hours_low", "hours_high"
        ),
        wave.crosses.order_by(
            "row_question", "column_question", "row_option", "column_option"
        ).values_list("row_question", "column_question", "row_option", "column_option", "n"),
        WaveHeadcount.objects.filter(wave=wave)
        .order_by("segment")
        .values_list("segment", "eligible"),
    ]
    text = json.dumps([list(map(list, table)) for table in tables], ensure_ascii=False)
    return hashlib.sha256(text.encode("utf-8")).hexdigest()


def counted_people(counted: Counted) -> int | None:
    """How many answers were counted; None where they were too few to say even that."""
    return everybody(counted.groups).n if counted.groups else None
