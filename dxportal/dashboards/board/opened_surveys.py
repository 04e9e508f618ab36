"""Figures of surveys, opened to their published cells: with n, date and rule, as stored."""

from __future__ import annotations

from collections.abc import Sequence
from typing import Any

from django.db.models import Q
from django.urls import reverse
from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.accounts.access import Permission, can
from dxportal.dashboards.adoption import adoption_rows
from dxportal.dashboards.board.figures import CELL, PAIR, RANGE, SHARE
from dxportal.dashboards.board.follow_up_bars import LEGEND, Cell, follow_up_bars
from dxportal.dashboards.board.opened import Asking, Opened, Part
from dxportal.dashboards.board.surveyed import EASIER, PAIN, PartOfWave, surveys
from surveys import replying
from surveys.content import POSITIVE
from surveys.gap import positive
from surveys.models import SegmentGroup, Wave
from surveys.results import Results, label_of, option_labels, shown

Source = list[tuple[str, str]]


def _wave_source(wave: Wave, n: int, eligible: int, unit: str) -> Source:
    """Where a published cell comes from."""
    return [
        (_("Survey"), f"{wave.survey.title} {wave.label}"),
        (_("Unit"), unit),
        (_("Answers"), _("%(n)s of %(eligible)s people") % {"n": n, "eligible": eligible}),
        (_("Closed on"), f"{timezone.localdate(wave.closes_at):%Y-%m-%d}"),
        (_("Results from"), f"{timezone.localdate(wave.publish_at):%Y-%m-%d}"),
    ]


def _results_page(wave: Wave, anchor: str) -> tuple[str, str]:
    page = reverse("surveys:wave_results", args=[wave.pk])
    return _("See all results of the survey"), f"{page}#{anchor}"


def _group(results: Results, key: str) -> SegmentGroup | None:
    """The published group of that key, all staff where none is asked for."""
    if not key:
        return results.everybody
    return next((group for group in results.groups if group.key == key), None)


# pain points --------------------------------------------------------------------------------------
def _pain(asking: Asking) -> tuple[PartOfWave, Any] | None:
    found = surveys(asking.user, asking.at, asking.numbers("department"), units=False)
    return (found.pain, found.lines) if found.pain else None


def hours(asking: Asking, name: str) -> Opened | None:
    """Each theme's hours a week, of all staff."""
    found = _pain(asking)
    if found is None or (top := found[0].results.everybody) is None:
        return None
    part, lines = found
    return Opened(
        name,
        _("Time lost to pain points (estimate, a week)"),
        [
            Part(str(line.theme), line.hours_low, line.hours_high, text=line.hours)
            for line in lines
            if line.hours
        ],
        "hours",
        how=RANGE,
        head=_("Theme"),
        value_head=_("Hours a week (estimate)"),
        source=_wave_source(part.wave, top.n, top.eligible, _("All staff")),
        more=_results_page(part.wave, "hours-all"),
        dated=False,
    )


def replies(asking: Asking, name: str) -> Opened:
    """Every theme of every published survey, with or without a reply."""
    rows = replying.said(asking.user, asking.at)
    waiting = name == "unreplied"
    found = [row for row in rows if row.reply is None] if waiting else rows
    return Opened(
        name,
        _("Themes without a reply") if waiting else _("Themes replied to"),
        [
            Part(
                str(row.theme),
                1 if waiting else int(row.reply is not None),
                None if waiting else 1,
                sub=str(row.wave.label),
                text="" if waiting else (_("replied") if row.reply else _("no reply yet")),
                cells=(
                    str(row.reply.get_state_display()) if row.reply else "–",
                    _("%(days)s days") % {"days": row.days},
                ),
            )
            for row in found
        ],
        "replies",
        how="count" if waiting else PAIR,
        head=_("Theme"),
        columns=(_("Reply"), _("Since the close")),
        value_head="" if waiting else _("Counted as"),
        more=(_("To the replies"), reverse("surveys:voice_list")),
        dated=False,
    )


def response(asking: Asking, name: str) -> Opened | None:
    """Who could answer and who did, of the unit asked for."""
    found = _pain(asking)
    group = _group(found[0].results, asking.query.get("unit", "")) if found else None
    if found is None or group is None:
        return None
    part = found[0]
    label = part.results.group_label(group)
    return Opened(
        name,
        _("Response rate"),
        [Part(label, group.n, group.eligible, text=f"{group.n} / {group.eligible}")],
        "response",
        how=SHARE,
        head=_("Unit"),
        value_head=_("Answered / could answer"),
        source=_wave_source(part.wave, group.n, group.eligible, label),
        more=_results_page(part.wave, "main"),
        dated=False,
    )


def pain(asking: Asking, name: str) -> Opened | None:
    """What one unit named, theme by theme; the theme asked for is marked."""
    found = _pain(asking)
    group = _group(found[0].results, asking.query.get("unit", "")) if found else None
    if found is None or group is None:
        return None
    part, lines = found
    reader = _reader(part, group)
    label = reader.group_label(group)
    asked_for = asking.query.get("theme", "")
    parts = [
        Part(
            str(line.theme),
            None,
            text=(cell := reader.cell(PAIN, line.theme.code, group)).text,
            sub=cell.reason,
            marked=line.theme.code == asked_for,
        )
        for line in lines
    ]
    return Opened(
        name,
        _("Pain points of %(unit)s") % {"unit": label},
        parts,
        "pain",
        how=CELL,
        head=_("Theme"),
        value_head=_("Share of those who answered"),
        source=_wave_source(part.wave, group.n, group.eligible, label),
        more=_results_page(part.wave, "h-heat"),
        dated=False,
    )


def _reader(part: PartOfWave, group: SegmentGroup) -> Results:
    """Cells of one group: those of a section are not among what the page reads."""
    return Results(part.wave, lambda _groups: Q(question=part.question, group=group))


# easier -------------------------------------------------------------------------------------------
def easier(asking: Asking, name: str) -> Opened | None:
    """The stored answers to the statement, in one unit; a unit only where names are seen."""
    key = asking.query.get("unit", "")
    if key and not can(asking.user, Permission.SEE_CULTURE_NAMES):
        return None
    found = surveys(asking.user, asking.at, units=False)
    offered = [part for part in (found.pulse, found.before) if part]
    wish = asking.number("wave")
    part = next((p for p in offered if p.wave.pk == wish), offered[0] if offered else None)
    group = _group(part.results, key) if part else None
    if part is None or group is None:
        return None
    reader = _reader(part, group)
    share = positive(reader, EASIER, group)
    people = [cell.count for code, cell in reader.row(EASIER, group).items() if code in POSITIVE]
    exact = not share.masked and not key and None not in people
    return Opened(
        name,
        _("Work has become easier"),
        _exact(reader, group) if exact else _stored(reader, group),
        "easier",
        how=SHARE if exact else CELL,
        head=_("Answer chosen"),
        value_head=_("Counted as / people") if exact else _("Share of those who answered"),
        source=_wave_source(part.wave, group.n, group.eligible, reader.group_label(group)),
        more=_results_page(part.wave, f"q-{EASIER}"),
        cell_text="" if exact else share.text,
        dated=False,
    )


def _exact(reader: Results, group: SegmentGroup) -> list[Part]:
    """The two positive answers in people, and everybody else."""
    row, parts, left = reader.row(EASIER, group), [], group.n
    for code, label in _labels(reader).items():
        if code in POSITIVE and code in row:
            people = row[code].count or 0
            parts.append(Part(label, people, people, text=f"{people} / {people}", marked=True))
            left -= people
    return [*parts, Part(_("All other answers"), 0, left, text=f"0 / {left}")]


def _stored(reader: Results, group: SegmentGroup) -> list[Part]:
    row = reader.row(EASIER, group)
    return [
        Part(label, None, text=shown(row[code]).text, marked=code in POSITIVE)
        for code, label in _labels(reader).items()
        if code in row
    ]


def _labels(reader: Results) -> dict[str, str]:
    questions = reader.definition["questions"]
    return option_labels(next(q for q in questions if q["code"] == EASIER))


# verdicts -----------------------------------------------------------------------------------------
def follow_up(asking: Asking, name: str) -> Opened | None:
    """The stored answers behind one bar."""
    day = asking.moment.day if asking.moment else timezone.localdate(asking.now)
    wish = asking.number("initiative")
    rows = [row for row in adoption_rows(asking.user, as_of=day) if row.pk == wish]
    bar = follow_up_bars(rows, asking.now).by_initiative.get(wish or 0)
    if not rows or bar is None:
        return None
    wave = Wave.objects.visible_to(asking.user).select_related("survey").get(pk=bar.wave)
    words = {q["code"]: q for q in wave.frozen_definition["questions"]}
    top = wave.groups.get(key="all")
    return Opened(
        name,
        _("Three months later: %(title)s") % {"title": rows[0].title},
        _bar_parts(bar.cells, words),
        "verdict",
        how=CELL,
        head=_("Answer chosen"),
        value_head=_("Share of those who answered"),
        columns=(_("Question"),),
        source=_wave_source(wave, bar.n, top.eligible, _("All who were asked")),
        more=_results_page(wave, "q-F2"),
        cell_text=bar.sentence,
        dated=False,
    )


def _bar_parts(cells: Sequence[Cell], words: Any) -> list[Part]:
    drawn = {option for option, _label in LEGEND}
    return [
        Part(
            option_labels(words[cell.question]).get(cell.option, cell.option),
            None,
            text=cell.text,
            cells=(label_of(words[cell.question], "text"),),
            marked=cell.option in drawn,
        )
        for cell in cells
    ]
