"""Published results as tables for machines: the cells of the page, one table a sheet."""

from __future__ import annotations

import datetime as dt
import io
from collections.abc import Iterator, Sequence

from django.utils import timezone
from django.utils.translation import gettext as _

from dxportal.shared.tabular import Sheet, csv_lines, write_xlsx
from surveys.comparing import ChangeRow
from surveys.gap import Positive, PulseUnit
from surveys.models import Wave
from surveys.partition import NOT_ASKED, UNANSWERED
from surveys.report import Report, UnitRow
from surveys.results import NOTHING, label_of, option_labels

Value = str | int | float | None
Row = list[Value]

#: Headings stay Japanese in every language: programs that read the file look for them.
CELLS: Sequence[str] = (
    "市区町村コード",
    "調査",
    "回",
    "質問コード",
    "質問",
    "選択肢コード",
    "選択肢",
    "集団コード",
    "集団",
    "階層",
    "回答者数",
    "人数",
    "割合_パーセント",
    "割合の種類",
    "表示",
    "表示しない理由",
)
GROUPS: Sequence[str] = ("集団コード", "上位の集団コード", "集団", "階層", "回答者数", "対象者数")
HOURS: Sequence[str] = (
    "テーマコード",
    "テーマ",
    "集団コード",
    "集団",
    "週あたり時間_下限_推計",
    "週あたり時間_上限_推計",
    "人数",
    "表示しない理由",
)
CROSSES: Sequence[str] = (
    "行の質問コード",
    "行の質問",
    "行の選択肢",
    "列の質問コード",
    "列の質問",
    "列の選択肢",
    "人数",
    "備考",
)
CHANGES: Sequence[str] = (
    "比べた回",
    "質問コード",
    "質問",
    "選択肢コード",
    "選択肢",
    "集団コード",
    "集団",
    "値の出どころ",
    "前の回",
    "今の回",
    "差_ポイント",
)
GAPS: Sequence[str] = (
    "質問コード",
    "質問",
    "集団コード",
    "集団",
    "職員_肯定",
    "所属長_肯定",
    "所属長の範囲",
    "差",
)
SPREAD: Sequence[str] = ("質問", "60%以上", "50-59%", "40-49%", "40%未満", "不明")
TREND: Sequence[str] = ("選択肢コード", "選択肢", "回", "開始日", "人数", "表示")
CODES: Sequence[str] = (
    "質問コード",
    "質問",
    "質問（英語）",
    "種類",
    "選択肢コード",
    "選択肢",
    "選択肢（英語）",
)
WORDS: Sequence[str] = ("項目", "内容")

#: What no column of a file can leave empty: the codes of the two answers that are none.
PLAIN = {UNANSWERED: "unanswered", NOT_ASKED: "not_asked"}


def plain(code: str) -> str:
    """The code of an answer as it stands in a file."""
    return PLAIN.get(code, code)


def file_name(wave: Wave, ending: str) -> str:
    """見本市_働きやすさ_2026秋_結果.xlsx: whose, what, when."""
    parts = [str(wave.survey.municipality), wave.survey.title, wave.label, _("Results")]
    return "_".join(" ".join(part.split()) for part in parts) + f".{ending}"


def too_few(wave: Wave) -> str:
    """The only thing that is told of a wave with fewer than k answers, or with withheld numbers."""
    if wave.withheld:
        return _(
            "Enough people answered, but beside what was asked together with it the numbers would"
            " tell of fewer than %(k)s people. The verdict stands without them."
        ) % {"k": wave.k_cell}
    return _("Fewer than %(k)s people answered. All answers were deleted.") % {"k": wave.k_cell}


def too_few_csv(wave: Wave) -> bytes:
    """That fact as a file."""
    return b"".join(csv_lines(WORDS, [[wave.label, too_few(wave)]]))


def too_few_xlsx(wave: Wave) -> bytes:
    """That fact as a workbook."""
    return _book([Sheet(_("Results"), WORDS, [[wave.label, too_few(wave)]])])


def csv(report: Report) -> bytes:
    """Every cell of the page in long form; UTF-8 with BOM."""
    return b"".join(csv_lines(CELLS, cells(report)))


def xlsx(report: Report) -> bytes:
    """One table a sheet, header in row 1; sheets without a row are left out."""
    sheets = [
        (_("Answers"), CELLS, cells(report)),
        (_("Groups"), GROUPS, groups(report)),
        (_("Hours a week"), HOURS, hours(report)),
        (_("What changed"), CHANGES, changes(report)),
        (_("Staff and heads"), GAPS, gaps(report)),
        (_("Distribution"), SPREAD, spread(report)),
        (_("Two questions together"), CROSSES, crosses(report)),
        (_("Month by month"), TREND, trend(report)),
        (_("Codes"), CODES, codes(report)),
        (_("Definitions"), WORDS, definitions(report)),
    ]
    filled = [(name, header, list(rows)) for name, header, rows in sheets]
    return _book([Sheet(name, header, rows) for name, header, rows in filled if rows])


def _book(sheets: Sequence[Sheet]) -> bytes:
    file = io.BytesIO()
    write_xlsx(sheets, file)
    return file.getvalue()


def cells(report: Report) -> Iterator[Row]:
    """Question by question, group by group, answer by answer."""
    wave = report.wave
    about: Row = [wave.survey.municipality.code, wave.survey.title, wave.label]
    for view in report.questions:
        for row in (view.top, *view.units):
            for cell in _cells_of(row):
                yield [*about, view.code, view.text, *cell]


def _cells_of(row: UnitRow) -> Iterator[Row]:
    for cell in row.cells:
        stored = cell.stored
        kind = "below_k" if stored.below_k else stored.bound
        yield [
            plain(cell.code),
            cell.label,
            row.group.key,
            row.label,
            row.depth,
            row.group.n,
            stored.count,
            stored.percent,
            kind,
            cell.shown.text,
            cell.shown.reason,
        ]


def groups(report: Report) -> Iterator[Row]:
    """The published groups whose answers this reader sees."""
    for group, label, depth in report.groups:
        yield [group.key, group.parent_key, label, depth, group.n, group.eligible]


def hours(report: Report) -> Iterator[Row]:
    """Hours a week by theme and group: the lower and the upper end of the estimate."""
    burden = report.burden
    if burden is None:
        return
    everybody = report.results.group_label(report.top)
    for line, _range in burden.lines:
        theme: Row = [line.theme.code, str(line.theme)]
        ends: Row = [line.hours_low, line.hours_high, line.people]
        missing = "" if line.hours else _("no time can be told")
        yield [*theme, report.top.key, everybody, *ends, missing]
    for row in burden.rows:
        for column, cell in zip(burden.columns, row.cells, strict=True):
            theme = [column.theme.code, str(column.theme)]
            yield [*theme, row.group.key, row.label, cell.low, cell.high, None, cell.reason]


def crosses(report: Report) -> Iterator[Row]:
    """Declared cross tables, all staff: number by number, and what is folded together."""
    for table in report.crosses:
        first: Row = [table.row_code, table.row_text]
        second: Row = [table.column_code, table.column_text]
        for label, numbers in table.rows:
            for column, n in zip(table.columns, numbers, strict=True):
                note = "" if n is not None else _("folded into the rest")
                yield [*first, label, *second, column, n, note]
        if table.folded:
            rest = _("the rest, folded together")
            yield [*first, rest, *second, rest, table.folded, ""]


def changes(report: Report) -> Iterator[Row]:
    """Both values of each answer and group, and the difference where there is one."""
    if report.comparison is None:
        return
    since = f"{report.comparison.wave.survey.title} {report.comparison.wave.label}"
    for table in report.comparison.tables:
        for row in (table.top, *table.units):
            for cell in _changes_of(row):
                yield [since, table.code, table.text, *cell]


def _changes_of(row: ChangeRow) -> Iterator[Row]:
    for delta in row.deltas:
        place: Row = [plain(delta.code), delta.label, row.group.key, row.label, row.mark]
        yield [*place, delta.before.text, delta.now.text, delta.points]


def gaps(report: Report) -> Iterator[Row]:
    """Positive shares of staff and heads, statement by statement."""
    if report.pulse is None:
        return
    for unit in (report.pulse.top, *report.pulse.units):
        yield from _gaps_of(unit)


def _gaps_of(unit: PulseUnit) -> Iterator[Row]:
    for row in unit.statements:
        place: Row = [row.code, row.text, unit.group.key, unit.label]
        yield [*place, _share(row.staff), _share(row.heads), unit.heads_from, row.gap]


def _share(share: Positive) -> str:
    return share.text


def spread(report: Report) -> Iterator[Row]:
    """How many units stand where, without names."""
    for row in report.pulse.spread if report.pulse else ():
        yield [row.text, *row.counts]


def trend(report: Report) -> Iterator[Row]:
    """Rounds of the intake, theme by theme."""
    if report.trend is None:
        return
    for row in report.trend.rows:
        for wave, cell in zip(report.trend.waves, row.cells, strict=True):
            number = int(cell.value) if cell.value is not None else None
            day = _day(wave.opens_at)
            yield [plain(row.code), row.label, wave.label, day, number, cell.text]


def codes(report: Report) -> Iterator[Row]:
    """Questions and answers with their codes, which stay the same from round to round."""
    for question in report.results.definition["questions"]:
        if question["kind"] == "text":
            continue
        english = {option["code"]: option.get("label_en") for option in question["options"]}
        head: Row = [question["code"], label_of(question, "text")]
        for code, label in option_labels(question).items():
            about: Row = [question.get("text_en"), question["kind"]]
            yield [*head, *about, plain(code), label, english.get(code) or None]


def definitions(report: Report) -> Iterator[Row]:
    """What words, bounds and dates of the other sheets mean."""
    wave, audit = report.wave, report.audit
    k = {"k": wave.k_cell}
    yield [_("Survey"), f"{wave.survey.title} {wave.label}"]
    yield [_("Answers taken"), f"{_day(wave.opens_at)} – {_day(wave.closes_at)}"]
    yield [_("Results from"), _day(wave.publish_at)]
    yield [_("Smallest group"), _("%(k)s people: no number describes fewer.") % k]
    yield [_("Group"), _("The people of a unit, or of several together, fixed at the opening.")]
    yield ["exact", _("Rounded to 5 points; exact counts exist for all staff only.")]
    yield ["at_least", _("This share or more.")]
    yield ["at_most", _("This share or less, perhaps nobody.")]
    yield ["below_k", _("Fewer than %(k)s people among all staff, perhaps nobody.") % k]
    yield ["none", _("Not shown: it could be worked out from other numbers.")]
    yield [NOTHING, _("Nothing is shown.")]
    yield [_("Hours a week"), hours_words()]
    yield [_("What changed"), change_words()]
    yield [_("Method"), _("Counted once at the close, then every ballot was deleted.")]
    yield [_("Key destroyed"), _moment(wave.key_destroyed_at)]
    yield [_("Ballots counted"), audit.ballots if audit else None]
    yield [_("SHA-256 of the published tables"), audit.tables_hash if audit else None]


def hours_words() -> str:
    """What the range of hours is."""
    return _(
        "Estimate. Each person's own times a week and minutes each time, added up, from the lowest "
        "to the highest end of the answers. Nothing is projected onto those who did not answer."
    )


def change_words() -> str:
    """What is compared."""
    return _(
        "Difference of two shares rounded to 5 points, between units with the same departments "
        "in both rounds; otherwise the value of the unit above, which is named."
    )


def _day(moment: dt.datetime) -> str:
    return timezone.localdate(moment).isoformat()


def _moment(moment: dt.datetime | None) -> str | None:
    return timezone.localtime(moment).strftime("%Y-%m-%d %H:%M") if moment else None
