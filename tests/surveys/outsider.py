"""An outsider with every account: collects all numbers about groups, and adds them up."""

from __future__ import annotations

import re
from collections import defaultdict
from collections.abc import Callable, Iterable, Iterator, Mapping, Sequence
from dataclasses import dataclass, field
from itertools import product
from typing import Any

from django.db import connection
from django.test import Client
from django.test.utils import CaptureQueriesContext
from django.urls import resolve, reverse

from roadmap.models import MeasuredValue
from surveys.actions.publishing import level_bands
from surveys.certainty import certain_ends
from surveys.conclusions import Told
from surveys.content import POSITIVE
from surveys.counting import positive, specs
from surveys.models import SealedBallot, SegmentGroup, Wave, WaveEligibility
from surveys.partition import (
    ALL,
    OTHER,
    Ballot,
    Cell,
    Group,
    Share,
    TallyRow,
    audit_cells,
    audit_groups,
    cell_span,
)
from tests.surveys.test_result_files import Tables, rows_of_csv, rows_of_sheet

NUMBER = re.compile(r"(\d+(?:\.\d+)?)(割)?")
#: Tables in which numbers about groups of those who answered stand.
NUMBERED = (
    *("surveys_celltally", "surveys_crosstally", "surveys_themeburden", "surveys_segmentgroup"),
    *("surveys_waveheadcount", "surveys_rawvoice", "surveys_textthemecount"),
    *("surveys_sealedballot", "surveys_waveeligibility", "surveys_participationband"),
)
READS = re.compile("|".join(rf'FROM "{name}"|JOIN "{name}"' for name in NUMBERED))
LINK = re.compile(r'href="(/[^"#?]*)')
#: A way out, languages, and what belongs to no page.
SKIP = re.compile(r"^/(static|media|accounts/(sign-out|logout)|i18n|about)")
PAGES_PER_NAME = 1


@dataclass
class Truth:
    """What really was answered, noted before the close by somebody who holds the key."""

    ballots: list[Ballot] = field(default_factory=list)

    def per_leaf(self) -> dict[int, int]:
        """How many answered in each segment."""
        found: dict[int, int] = defaultdict(int)
        for ballot in self.ballots:
            found[ballot.leaf] += 1
        return found


def note(wave: Wave, answers: Mapping[int, Mapping[str, Any]]) -> Truth:
    """Who stands in which segment, with the answers given by account; before the close."""
    segments = dict(WaveEligibility.objects.filter(wave=wave).values_list("employee_id", "segment"))
    assert SealedBallot.objects.filter(wave=wave, submitted=True).count() == len(answers)
    return Truth([Ballot(segments[pk], given) for pk, given in answers.items()])


# Collecting -------------------------------------------------------------------------------------
@dataclass
class Seen:
    """What all accounts together have read of one wave."""

    groups: dict[str, dict[str, Any]] = field(default_factory=dict)
    cells: dict[tuple[str, str, str], tuple[Any, ...]] = field(default_factory=dict)
    hours: dict[tuple[str, str], tuple[Any, Any]] = field(default_factory=dict)
    crosses: dict[tuple[str, str], dict[tuple[str, str], int]] = field(default_factory=dict)
    readers: int = 0


def read_files(wave: Wave, people: Iterable[Any]) -> Seen:
    """CSV and workbook of a wave as everybody who gets them; all must tell the same."""
    seen = Seen()
    for person in people:
        client = Client()
        client.force_login(person)
        file = client.get(reverse("surveys:wave_export", args=[wave.pk, "csv"]))
        book = client.get(reverse("surveys:wave_export", args=[wave.pk, "xlsx"]))
        assert file.status_code == book.status_code
        if file.status_code != 200:
            continue
        seen.readers += 1
        for row in rows_of_sheet(book.content, "集団"):
            _agree(seen.groups, row["集団コード"], row)
        for row in rows_of_csv(file.content):
            at = (row["質問コード"], row["集団コード"], row["選択肢コード"])
            told = (row["回答者数"], row["人数"], row["割合_パーセント"], row["割合の種類"])
            _agree(seen.cells, at, told)
        _sheets(seen, book.content)
    return seen


def _sheets(seen: Seen, content: bytes) -> None:
    from openpyxl import load_workbook

    for sheet in load_workbook_rows(load_workbook, content):
        if "週あたり時間_下限_推計" in sheet[0]:
            for row in (dict(zip(sheet[0], line, strict=True)) for line in sheet[1:]):
                ends = (row["週あたり時間_下限_推計"], row["週あたり時間_上限_推計"])
                _agree(seen.hours, (row["テーマコード"], row["集団コード"]), ends)
        elif "列の選択肢" in sheet[0]:
            for row in (dict(zip(sheet[0], line, strict=True)) for line in sheet[1:]):
                pair = seen.crosses.setdefault((row["行の質問コード"], row["列の質問コード"]), {})
                if row["人数"] is not None:
                    _agree(pair, (row["行の選択肢"], row["列の選択肢"]), row["人数"])


def load_workbook_rows(load: Callable[[Any], Any], content: bytes) -> Iterator[list[Any]]:
    """Every sheet as rows, the heading first."""
    import io

    for sheet in load(io.BytesIO(content)):
        yield [list(row) for row in sheet.iter_rows(values_only=True)]


def _agree(store: dict[Any, Any], at: Any, value: Any) -> None:
    assert store.setdefault(at, value) == value, f"two readers were told different things: {at}"


# Reading the files as numbers --------------------------------------------------------------------
def groups_of(wave: Wave, seen: Seen) -> list[Group]:
    """The groups of the files; who belongs where is known to everybody."""
    members = {
        row.key: (row.level, tuple(row.members)) for row in SegmentGroup.objects.filter(wave=wave)
    }
    return [
        Group(key, row["上位の集団コード"] or None, *_level(members[key]), int(row["回答者数"]))
        for key, row in seen.groups.items()
    ]


def _level(known: tuple[str, tuple[int, ...]]) -> tuple[Any, int | None, tuple[int, ...]]:
    return known[0], None, known[1]


def rows_of(seen: Seen) -> list[TallyRow]:
    """The cells of the files as rows: a number, "fewer than k", a share with its kind."""
    found: dict[tuple[str, str], dict[str, Cell]] = defaultdict(dict)
    n: dict[tuple[str, str], int] = {}
    codes = {"unanswered": ""}
    for (question, group, option), (people, count, percent, kind) in seen.cells.items():
        below = kind == "below_k"
        share = Share(int(percent) if percent else None, "none" if below else kind)
        cell = Cell(int(count) if count else None, below, share)
        found[question, group][codes.get(option, option)] = cell
        n[question, group] = int(people)
    return [TallyRow(group, q, n[q, group], cells) for (q, group), cells in found.items()]


# Adding up ---------------------------------------------------------------------------------------
def findings(wave: Wave, seen: Seen, truth: Truth, also: Sequence[Group] = ()) -> list[str]:
    """Everything that rule 8 forbids and the collected numbers allow; empty when all is well.

    `also`: further groups of which this outsider has numbers.
    """
    k, groups, rows = wave.k_cell, groups_of(wave, seen), rows_of(seen)
    several = {q["code"] for q in wave.frozen_definition["questions"] if q["kind"] == "multiple"}
    found = audit_groups([*groups, *also], truth.per_leaf(), k)
    found += [f"group {group.key} has {group.n}" for group in groups if group.n < k]
    found += audit_cells(groups, rows, k, multiple=several)
    by_question = _by_question(rows)
    for spec in specs(wave.frozen_definition):
        cells = by_question.get(spec.code, {})
        at = [group for group in groups if group.key in cells]
        if not at or spec.multiple:
            continue
        spans = {g.key: [cell_span(c, g, k) for c in cells[g.key].values()] for g in at}
        counts = {g.key: _count(truth.ballots, g, spec, cells[g.key]) for g in at}
        found += [
            f"question {spec.code}, group {key}: option {place} is certain"
            for key, place in certain_ends(at, spans, counts)
        ]
    return found + _levels(wave, groups, by_question, truth) + _crosses(wave, seen, truth)


def _by_question(rows: Iterable[TallyRow]) -> dict[str, dict[str, Mapping[str, Cell]]]:
    found: dict[str, dict[str, Mapping[str, Cell]]] = defaultdict(dict)
    for row in rows:
        found[row.question][row.group] = row.cells
    return found


def _count(ballots: Sequence[Ballot], group: Group, spec: Any, options: Iterable[str]) -> list[int]:
    inside = [ballot for ballot in ballots if ballot.leaf in group.members]
    return [sum(option in spec.chosen(b.answers) for b in inside) for option in options]


def _levels(
    wave: Wave,
    groups: Sequence[Group],
    by_question: Mapping[str, Mapping[str, Mapping[str, Cell]]],
    truth: Truth,
) -> list[str]:
    """Levels in the staircases beside the cells: parent and parts together."""
    departments = {
        row.key: row.department_id for row in SegmentGroup.objects.filter(wave=wave, level="node")
    }
    found = []
    told = MeasuredValue.objects.filter(wave_label=wave.label)
    for question in sorted(set(told.values_list("criterion__question", flat=True))):
        own = told.filter(criterion__question=question, from_parent=False)
        leveled = set(own.values_list("department_id", flat=True))
        at = [
            Group(g.key, g.parent, g.level, 1, g.members, g.n)
            for g in groups
            if g.key in by_question[question]
        ]
        shown = {g.key for g in at if departments.get(g.key) in leveled}
        agree = positive(question, at, truth.ballots)
        bands = level_bands(at, shown, agree, truth.per_leaf())
        together = Told(at, by_question[question], POSITIVE, bands, wave.k_cell)
        if together.ends():
            found.append(f"the levels of {question} tell nobody or everybody")
    return found


def _crosses(wave: Wave, seen: Seen, truth: Truth) -> list[str]:
    """Crossed cells, both margins and the folded rest: cells take the place of segments."""
    by_code = {spec.code: spec for spec in specs(wave.frozen_definition)}
    found = []
    for (rows, columns), told in seen.crosses.items():
        first, second = by_code[rows], by_code[columns]
        labels = [_labels(wave, code) for code in (rows, columns)]
        pairs = list(product(first.listed, second.listed))
        counts = dict.fromkeys(pairs, 0)
        for ballot in truth.ballots:
            counts[first.chosen(ballot.answers)[0], second.chosen(ballot.answers)[0]] += 1
        number = {pair: place for place, pair in enumerate(pairs)}
        shown = [p for p in pairs if (labels[0][p[0]], labels[1][p[1]]) in told]
        for pair in shown:
            value = told[labels[0][pair[0]], labels[1][pair[1]]]
            if value != counts[pair]:
                found.append(f"{rows} x {columns}: {pair} is {counts[pair]}, not {value}")
        lines = [[p for p in pairs if p[0] == a] for a in first.listed]
        lines += [[p for p in pairs if p[1] == b] for b in second.listed]
        sets = [[p] for p in shown] + [
            line for line in lines if sum(counts[p] for p in line) >= wave.k_cell
        ]
        known = [
            Group(str(i), None, "merged", None, tuple(sorted(number[p] for p in cells)), 0)
            for i, cells in enumerate([*sets, pairs])
        ]
        leaks = audit_groups(known, {number[p]: n for p, n in counts.items()}, wave.k_cell)
        found += [f"{rows} x {columns}: {leak}" for leak in leaks]
    return found


def _labels(wave: Wave, code: str) -> dict[str, str]:
    from surveys.results import option_labels

    question = next(q for q in wave.frozen_definition["questions"] if q["code"] == code)
    return option_labels(question) | {OTHER: ""}


# Pages -------------------------------------------------------------------------------------------
@dataclass
class Page:
    """One page as one account got it, and whether it was made of numbers about groups."""

    name: str
    path: str
    html: str
    numbered: bool


def crawl(
    person: Any, starts: Iterable[str], *, htmx: bool = False, follow: bool = True
) -> Iterator[Page]:
    """Every page that this account is led to, a few of each kind; with htmx its fragments."""
    client = Client(headers={"HX-Request": "true"}) if htmx else Client()
    client.force_login(person)
    waiting, passed, kinds = list(starts), set[str](), defaultdict[str, int](int)
    while waiting:
        path = waiting.pop(0)
        if path in passed or SKIP.match(path):
            continue
        passed.add(path)
        name = resolve(path).view_name
        kinds[name] += 1
        if kinds[name] > PAGES_PER_NAME and "result" not in name:
            continue
        with CaptureQueriesContext(connection) as queries:
            answer = client.get(path)
        if answer.status_code != 200 or "html" not in answer.headers.get("Content-Type", ""):
            continue
        html = answer.content.decode()
        numbered = any(READS.search(query["sql"]) for query in queries)
        if follow:
            waiting += [link for link in LINK.findall(html) if link not in passed]
        yield Page(name, path, html, numbered)


def rows_by_unit(html: str, units: Iterable[str]) -> Iterator[tuple[str, str]]:
    """(unit, text of a cell) for each table row that begins with a unit's name."""
    known = set(units)
    for rows in Tables(html).tables.values():
        for row in rows:
            if row and row[0] in known:
                yield from ((row[0], text) for text in row[1:])


def allowed_numbers(wave: Wave, seen: Seen, label: str) -> set[float]:
    """What the files of a wave say of the group of that name: n, shares, hours, and their sums.

    A sum is that of the two positive answers, which every reader can add up.
    """
    keys = [key for key, row in seen.groups.items() if row["集団"] == label]
    found: set[float] = set()
    for key in keys:
        row = seen.groups[key]
        found |= {float(row["回答者数"]), float(row["対象者数"])}
        shares: dict[str, dict[str, tuple[Any, ...]]] = defaultdict(dict)
        for (question, group, option), told in seen.cells.items():
            if group == key:
                shares[question][option] = told
                found |= {float(value) for value in told[1:3] if value}
        for cells in shares.values():
            found |= _sums(wave, [cells[o] for o in POSITIVE if o in cells])
        for (_theme, group), ends in seen.hours.items():
            if group == key:
                found |= {float(end) for end in ends if end is not None}
    return found


def _sums(wave: Wave, cells: Sequence[tuple[Any, ...]]) -> set[float]:
    """Both ends of the sum of two shown shares."""
    ends = []
    for people, count, percent, kind in cells:
        if count:
            exact = 100 * int(count) / int(people)
            ends.append((exact, exact))
        elif kind == "below_k":
            ends.append((0.0, 100 * (wave.k_cell - 1) / int(people)))
        elif percent:
            low = 0.0 if kind == "at_most" else float(percent)
            ends.append((low, 100.0 if kind == "at_least" else float(percent)))
    if len(ends) != len(POSITIVE):
        return set()
    both = (sum(low for low, _high in ends), sum(high for _low, high in ends))
    return {float(round(min(end, 100.0))) for end in both}


def numbers(text: str) -> set[float]:
    """Every number in a text; 8割以上 is 80 or more."""
    return {float(found) * (10 if tenths else 1) for found, tenths in NUMBER.findall(text)}


def top(groups: Iterable[Group]) -> Group:
    """All staff."""
    return next(group for group in groups if group.key == ALL)
