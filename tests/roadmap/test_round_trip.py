"""Out as a workbook or CSV and back in: nothing changes unless somebody changed it."""

import datetime as dt
import io
import random
from collections.abc import Iterator
from typing import Any

import pytest
from django.db import transaction
from django.test import Client
from django.urls import reverse
from django.utils import timezone
from hypothesis import HealthCheck, Phase, example, given, settings
from hypothesis import strategies as st
from openpyxl import Workbook, load_workbook

from dxportal.accounts.choices import ImportState
from dxportal.accounts.import_plan import Choices
from dxportal.accounts.models import Event, ImportJob, Post
from dxportal.shared.tabular import csv_lines, read_table, write_xlsx
from roadmap.actions.updates import report
from roadmap.choices import Progress
from roadmap.exporters import initiative_cells
from roadmap.models import Criterion, Initiative, InitiativeTag, Tag, Theme
from roadmap.sheet_columns import BY_NAME, COLUMNS, HEADER
from roadmap.sheet_facts import Facts, load_facts
from roadmap.sheet_plan import plan_sheet
from roadmap.sheet_words import SheetWords
from roadmap.workbooks import workbook
from tests.accounts.test_import_pages import the_job, upload
from tests.roadmap.board import Town, signed_in, town
from tests.roadmap.test_initiative_list import made

pytestmark = pytest.mark.django_db

PATH = "/initiatives/import/"
XLSX = "取組.xlsx"


def exported(client: Client, kind: str = "xlsx", query: str = "") -> bytes:
    """The file as it is saved from the list."""
    response = client.get(f"/initiatives/export.{kind}{query}")
    assert response.status_code == 200
    return response.content


def opened(content: bytes) -> tuple[Workbook, dict[str, int]]:
    """The workbook, and the number of each column by heading."""
    book = load_workbook(io.BytesIO(content))
    header = [cell.value for cell in next(book.worksheets[0].iter_rows(max_row=1))]
    return book, {str(heading): index for index, heading in enumerate(header, start=1)}


def saved(book: Workbook) -> bytes:
    """The workbook as Excel would write it."""
    file = io.BytesIO()
    book.save(file)
    return file.getvalue()


def edited(content: bytes, changes: dict[tuple[int, str], Any]) -> bytes:
    """The workbook with cells replaced: (整理番号, heading) → value. Text stays text."""
    book, columns = opened(content)
    sheet = book.worksheets[0]
    rows = {row[0].value: row[0].row for row in sheet.iter_rows(min_row=2)}
    for (pk, heading), value in changes.items():
        cell = sheet.cell(rows[pk], columns[heading])
        cell.value = value
        if isinstance(value, str):
            cell.data_type = "s"
    return saved(book)


def sent(client: Client, content: bytes, name: str = XLSX) -> ImportJob:
    """Upload; the job with its preview."""
    response = upload(client, PATH, content, name)
    assert response.status_code == 200
    return the_job()


def applied(client: Client, job: ImportJob, **sides: str) -> ImportJob:
    """Confirm what is shown."""
    page = client.get(reverse("accounts:import_detail", args=[job.pk]))
    fingerprint = page.context["cells"].fingerprint
    data = {"sha256": job.sha256, "fingerprint": fingerprint, **sides}
    client.post(reverse("accounts:import_confirm", args=[job.pk]), data)
    job.refresh_from_db()
    return job


def cells(job: ImportJob) -> dict[tuple[str, str], dict[str, Any]]:
    """(整理番号, heading) → the cell of the preview."""
    return {
        (group["number"], cell["heading"]): cell
        for group in job.preview["groups"]
        for cell in group["cells"]
    }


def values(place: Town) -> dict[int, dict[str, Any]]:
    """Everything that the table says, by initiative."""
    keys = list(Initiative.objects.values_list("pk", flat=True))
    found: dict[int, Facts] = load_facts(place.municipality, keys)
    return {pk: dict(facts.values) for pk, facts in found.items()}


def full(place: Town) -> Initiative:
    """An initiative with something in every kind of column, some of it difficult."""
    post = Post.objects.create(department=place.section, name="課長", is_head=True)
    tag = Tag.objects.create(
        municipality=place.municipality, scheme="pillar", code="1", label="柱1、つなぐ"
    )
    themes = Theme.objects.visible_to(place.office)[:2]
    criteria = Criterion.objects.visible_to(place.office)[:2]
    initiative = made(
        place,
        "=HYPERLINK(1)",
        purpose="一行目\r\n二行目 \"引用\"、'引用'\n　全角の始まり",
        contact=place.employee.pk,
        accountable_post=post.pk,
        partners=(place.other.pk,),
        users=(place.section.pk, place.other.pk),
        themes=tuple(sorted(theme.pk for theme in themes)),
        criteria=tuple(sorted(one.pk for one in criteria)),
        start_fy=2025,
        start_quarter=1,
        launched_on=dt.date(2026, 4, 1),
        budget="'=1+1",
        risks="－から始まる",
        links='="x"',
        source="ａｂｃ　１２３",
        stops="@だれか",
    )
    InitiativeTag.objects.create(initiative=initiative, tag=tag)
    Initiative.objects.filter(pk=initiative.pk).update(
        learn_minutes=30,
        may_introduce=False,
        disclosure="open",
        old_way_ends_on="2026-10-01",
        replaces_channel=True,
        replaced_channel="窓口、電話",
        alternative="=窓口でも受け付ける",
    )
    report(
        initiative,
        by=place.head,
        progress=Progress.LATE,
        cause="law",
        next_step="協議する",
        next_due=dt.date(2026, 12, 1),
        note="+81の話\n-続き",
    )
    return initiative


@pytest.mark.parametrize(("kind", "query"), [("xlsx", ""), ("csv", ""), ("csv", "?encoding=cp932")])
def test_unchanged_file_changes_nothing(kind: str, query: str) -> None:
    place = town()
    full(place)
    made(place, "何もない取組")
    client = signed_in(place.office)
    job = sent(client, exported(client, kind, query), f"取組.{kind}")
    assert job.preview["groups"] == []
    assert job.preview["problems"] == []
    assert job.summary["unchanged"] == 2
    assert job.summary["missing"] == 0
    before = Event.objects.count()
    assert applied_nothing(client, job)
    assert Event.objects.count() == before


def applied_nothing(client: Client, job: ImportJob) -> bool:
    """Whether the page offers nothing to confirm."""
    page = client.get(reverse("accounts:import_detail", args=[job.pk]))
    return not page.context["cells"].may_confirm


def test_every_filled_field_has_a_filled_cell() -> None:
    place = town()
    initiative = full(place)
    book, columns = opened(exported(signed_in(place.office)))
    assert list(columns) == list(HEADER)
    empty = [
        column.heading
        for column in COLUMNS
        if book.worksheets[0].cell(2, columns[column.heading]).value in (None, "")
        and load_facts(place.municipality, [initiative.pk])[initiative.pk].values.get(column.name)
    ]
    assert empty == []


NEW_TEXTS = (
    *("=1+1", "+81-3", "-5", "@職員", "＝全角", "一行目\n二行目", '"引用" と、カンマ,'),
    *(
        "　",
        "１２３ＡＢＣ",
        "〃",
        "同上",
        "'=1",
        "a  b",
        "髙﨑①㈱～",
        "𠮷野家 葛󠄀 👍",
        "0012",
        "2026/4/1",
    ),
)


class Editor:
    """Makes random edits: what to type into a cell, and what the database should say then."""

    def __init__(self, place: Town, seed: int) -> None:
        self.dice = random.Random(seed)
        self.people = {place.employee.pk: "田中", place.head.pk: "鈴木"}
        self.departments = {place.section.pk: "市民課", place.other.pk: "税務課"}
        self.posts = {post.pk: f"{post.department.name} {post.name}" for post in Post.objects.all()}
        self.themes = {theme.pk: theme.label for theme in Theme.objects.visible_to(place.office)}
        criteria = Criterion.objects.visible_to(place.office)
        self.criteria = {one.pk: one.code for one in criteria}
        self.tags = dict(Tag.objects.on(timezone.localdate()).values_list("pk", "label"))

    def edit(self, name: str, number: int) -> tuple[Any, Any]:
        """(cell, plain value) for one column."""
        found = getattr(self, f"_{BY_NAME[name].kind.value}")(name)
        text, value = found
        if name == "title":
            return f"取組名{number}", f"取組名{number}"
        return text, value

    def _text(self, name: str) -> tuple[Any, Any]:
        text = self.dice.choice(NEW_TEXTS) + str(self.dice.randrange(1000))
        kept = " ".join(text.split("\n")) if BY_NAME[name].kind == "line" else text
        return text, kept.strip().removeprefix("'") if text.startswith("'=") else kept.strip()

    _line = _text

    def _number(self, _name: str) -> tuple[Any, Any]:
        return self.dice.choice([(45, 45), ("６０分", 60), ("5", 5)])

    def _year(self, _name: str) -> tuple[Any, Any]:
        return self.dice.choice(
            [("2031年度", 2031), ("令和12年度", 2030), ("Ｒ１１", 2029), (2028, 2028)]
        )

    def _quarter(self, _name: str) -> tuple[Any, Any]:
        return self.dice.choice([("第3四半期", 3), ("４", 4), (2, 2), ("Q1", 1)])

    def _day(self, _name: str) -> tuple[Any, Any]:
        day = dt.date(2027, 1, 1) + dt.timedelta(days=self.dice.randrange(300))
        era = f"令和{day.year - 2018}年{day.month}月{day.day}日"
        short = f"Ｒ{day.year - 2018}.{day.month}.{day.day}"
        return self.dice.choice([day, day.isoformat(), era, short]), day.isoformat()

    def _yes_no(self, _name: str) -> tuple[Any, Any]:
        return self.dice.choice([("はい", True), ("いいえ", False), ("○", True), ("不可", False)])

    def _choice(self, name: str) -> tuple[Any, Any]:
        return self.dice.choice(
            {
                "kind": [("ICT化（引き算）", "subtract"), ("DX", "add")],
                "phase": [("試行", "trial"), ("調達・構築", "building"), ("保留", "on_hold")],
                "progress": [("予定どおり", "on_track"), ("対象外", "not_applicable")],
                "disclosure": [("公開してよい", "open"), ("公開しない", "withheld")],
            }[name]
        )

    def _choices(self, _name: str) -> tuple[Any, Any]:
        return self.dice.choice(
            [("住民、職員", ["staff", "residents"]), ("事業者", ["businesses"])]
        )

    def _object(self, name: str) -> tuple[Any, Any]:
        known = {
            "lead": self.departments,
            "accountable_post": self.posts,
            "contact": self.people,
        }[name]
        key = self.dice.choice(sorted(known))
        return known[key], key

    def _objects(self, name: str) -> tuple[Any, Any]:
        known = {
            "partners": self.departments,
            "users": self.departments,
            "themes": self.themes,
            "criteria": self.criteria,
            "tags": self.tags,
        }[name]
        keys = self.dice.sample(sorted(known), self.dice.randint(1, min(4, len(known))))
        return "、".join(known[key] for key in keys), sorted(keys)


@pytest.mark.parametrize("seed", [1, 2, 3])
def test_200_random_edits_arrive_exactly_and_nothing_else_changes(seed: int) -> None:
    place = town()
    full(place)
    for number in range(24):
        made(place, f"取組{number}", start_fy=2025, target_fy=2027, risks=f"リスク{number}")
    client, editor = signed_in(place.office), Editor(place, seed)
    wanted = values(place)
    names = [
        c.name
        for c in COLUMNS
        if c.is_editable and c.name not in ("cause", "next_step", "next_due")
    ]
    places = [(pk, name) for pk in wanted for name in names]
    changes: dict[tuple[int, str], Any] = {}
    for number, (pk, name) in enumerate(editor.dice.sample(places, 200)):
        clears = name not in ("title", "phase", "progress", "start_fy", "target_fy")
        empty = clears and editor.dice.random() < 0.2
        text, value = ("", type(wanted[pk][name])()) if empty else editor.edit(name, number)
        if empty and wanted[pk][name] is None:
            value = None
        if empty and BY_NAME[name].kind not in ("text", "line", "objects", "choices", "choice"):
            value = None
        changes[pk, BY_NAME[name].heading] = text
        wanted[pk][name] = value
    for found in wanted.values():
        if found["progress"] != "late":
            found |= {"cause": "", "next_step": "", "next_due": None}
    job = sent(client, edited(exported(client), changes))
    assert job.preview["problems"] == []
    job = applied(client, job)
    assert job.state == ImportState.DONE
    after = values(place)
    wrong = {
        (pk, name): (after[pk][name], value)
        for pk, found in wanted.items()
        for name, value in found.items()
        if after[pk][name] != value
    }
    assert wrong == {}
    again = sent(client, exported(client))
    assert again.preview["groups"] == []


TEXT = st.text(st.characters(codec="utf-8", exclude_characters="\x00"), max_size=60)
HARD = st.sampled_from(
    [
        "",
        *NEW_TEXTS,
        "\r\n",
        "'",
        "''=1",
        '="1"',
        "_x0041_",
        "\v\f",
        "\ufeff",
        "０１",
        "㎡",
        "か\u3099",
    ]
)


@settings(
    max_examples=25,
    deadline=None,
    suppress_health_check=list(HealthCheck),
    phases=(Phase.explicit, Phase.reuse, Phase.generate),
)
@example(texts=["£", "¥100", "〜", "－", "¢¬", "—"])
@given(
    texts=st.lists(
        st.one_of(TEXT, HARD, st.tuples(HARD, TEXT).map("".join)), min_size=6, max_size=6
    )
)
def test_any_text_comes_back_unchanged_from_every_kind_of_file(texts: list[str]) -> None:
    with transaction.atomic():
        place = town()
        names = ("purpose", "budget", "risks", "links", "contract", "support")
        made(place, "窓口", **dict(zip(names, texts, strict=True)))
        words = SheetWords(place.municipality, dt.date(2026, 10, 1))
        keys = list(Initiative.objects.values_list("pk", flat=True))
        for content in files(keys, place, words):
            table = read_table(io.BytesIO(content), "表")
            plan = plan_sheet(table, place.municipality, Choices(words.day))
            assert plan.groups == []
            assert plan.problems == []
        transaction.set_rollback(True)


def files(keys: list[int], place: Town, words: SheetWords) -> Iterator[bytes]:
    """The list as a workbook, as CSV, and as Shift_JIS with 〓 where it has to be."""
    file = io.BytesIO()
    write_xlsx(workbook(keys, place.municipality, words, words.day), file)
    yield file.getvalue()
    rows = [
        [str(cell) for cell in row]
        for row in initiative_cells(keys, place.municipality, words, words.day)
    ]
    yield b"".join(csv_lines(HEADER, [["" if c == "None" else c for c in row] for row in rows]))
    yield b"".join(csv_lines(HEADER, rows, "cp932", notes=[]))
