"""Content of sheets without a database, as full as a sheet can be, and towns to make them of."""

from __future__ import annotations

import datetime as dt
from dataclasses import replace
from typing import Any

from django.utils import timezone

from dxportal.accounts.models import Department, Municipality, User
from dxportal.dashboards.briefing import content as c
from dxportal.dashboards.briefing import words
from roadmap import rollups
from roadmap.actions.assessments import Claim, confirm_criteria
from roadmap.models import Criterion, MeasuredValue
from tests import factories

TECHNOLOGY = ("デジタル化", "情報共有", "情報分析・活用", "DX（新たな価値）")
CULTURE = ("安全安心・目的意識", "柔軟なワークスタイル", "問題発見・解決型")
LONG = "亜"


def names(number: int, *, long: bool = False) -> tuple[c.Name, ...]:
    """So many departments, every third of them moved; 20 characters where they are long."""
    tail = "長い部署の名前がここに続く十八字の課" if long else "課"
    return tuple(
        c.Name(f"D{n:03d}", f"{n:02d}{tail}"[:20], "総務部", (1, -1, 0)[n % 3])
        for n in range(number)
    )


def steps() -> tuple[c.Step, ...]:
    """Both staircases; the last step of culture has no data."""
    found = [
        c.Step("technology", n, name, name[:5], 80 - 20 * n, 30, 60, 10 * n, n)
        for n, name in enumerate(TECHNOLOGY, start=1)
    ]
    found += [
        c.Step("culture", n, name, name[:5], None if n == 3 else 50 - n, 20, 60, 5 * n, 0)
        for n, name in enumerate(CULTURE, start=1)
    ]
    return tuple(found)


def cells(departments: tuple[c.Name, ...], *, with_culture: bool) -> tuple[c.Cell, ...]:
    """Departments dealt out over the steps."""
    rows = (1, 2, 3) if with_culture else (0,)
    places = [(column, row) for row in rows for column in (1, 2, 3, 4)]
    return tuple(
        c.Cell(column, row, departments[index :: len(places)])
        for index, (column, row) in enumerate(places)
    )


def follow_up(number: int, title: str = "") -> c.FollowUp:
    """A verdict; every second one without shares."""
    shown = number % 2 == 0
    return c.FollowUp(
        title=title or f"取組{number}",
        launched_on="2026-05-01",
        on="2026-08-01",
        n=38 if shown else None,
        harder="26%" if shown else "",
        harder_percent=26 if shown else None,
        easier="48%" if shown else "",
        easier_percent=48 if shown else None,
        verdict="support",
        verdict_label="てこ入れ",
        declared=False,
        hollow=number == 0,
    )


def heat(rows: int = 8) -> c.Heat:
    """A heat map with a masked row at its end."""
    columns = ("二重入力", "紙・ハンコ", "電話・窓口", "Excel転記", "情報が散在", "資料・会議")
    shown = tuple(c.HeatCell(f"{n * 7}%", n * 7, f"h{min(n, 5)}") for n in range(6))
    masked = tuple(c.HeatCell("–", None, "mask") for _ in columns)
    found = [c.HeatRow(f"第{n}部", 40, shown) for n in range(rows - 1)]
    codes = tuple(f"t{n}" for n in range(6))
    return c.Heat(
        "働きやすさ 2026秋", "2026-09-15", 400, 600, codes, columns,
        (*found, c.HeatRow("会計・議会", None, masked)),
    )  # fmt: skip


def ask(*, longest: bool = False) -> c.Ask:
    """Something to be decided, with three options; as long as it may be where wanted."""
    if longest:
        texts = {part: LONG * c.LONGEST[part] for part in ("text", "risk", "cost", "effect")}
        return c.Ask(LONG * c.LONGEST["title"], (c.Option(**texts),) * c.MOST_OPTIONS)
    return c.Ask("庁内ポータルを作り直すか", (c.Option("続ける", "手間が残る", "0円", "なし"),))


def content(kind: str = "mayor", **changes: Any) -> c.Content:
    """A whole sheet of that kind."""
    mayor = kind == "mayor"
    made = c.Content(
        shape=c.SHAPE,
        kind=kind,
        language="ja",
        calendar="wareki",
        place=c.Place("012084", "北見市"),
        title="DXへの階段",
        audience="市長レク資料（1枚）",
        made_at="2026-11-30T09:15+09:00",
        made_by="事務局 花子" if kind != "assembly" else "",
        office="DX推進室",
        period="2026-11-01",
        compare="2026-05-01",
        round="",
        as_of="2026-11-30",
        method="2026.3",
        staircase="2026.1",
        purpose="次の一手を決めます。",
        finding="26部署のうち9部署が段を上がり、1部署が下がりました。",
        lines=("下がった部署：環境政策課",),
        figures=(
            c.Figure("rooted", "3か月後に定着", "3 / 8", "見直し 2件"),
            c.Figure("hours", "減った時間", "週5〜9時間", ""),
            c.Figure("replies", "お返事したテーマ", "10 / 15", "最長77日"),
            c.Figure("late", "遅れている取組", "6 / 40", "期限超過 2件"),
        ),
        departments=26,
        steps=steps(),
        cells=cells(names(26), with_culture=mayor),
        missing=(c.Name("D900", "会計課", "", 0),),
        follow_ups=tuple(follow_up(number) for number in range(5)),
        heat=heat(),
        bureaus=() if kind != "board" else (bureau(0), bureau(1)),
        movers=() if mayor else (c.Mover("D001", "市民課", "市民部", 1, 2, True),),
        late=()
        if kind != "board"
        else (
            c.Late("電子申請", "市民部", "市民課", True, True, "遅れている", "", "", "見積", ""),
        ),
        initiatives=()
        if kind != "assembly"
        else (c.Published("電子申請", "待たせない", "市民課", "試行", "予定どおり"),),
        asks=() if kind == "assembly" else (ask(),),
        definitions=(c.Definition("段", "到達した基準で決まります。"),),
        source="職員アンケートと各課の自己点検",
    )
    return replace(made, **changes)


def fullest() -> c.Content:
    """The most that a mayor's page may have to hold, with the longest names."""
    return content(
        purpose=LONG * c.LONGEST["purpose"],
        cells=cells(names(60, long=True), with_culture=True),
        missing=names(9, long=True),
        follow_ups=tuple(follow_up(n, LONG * 200) for n in range(5)),
        heat=heat(20),
        asks=(ask(longest=True),) * c.MOST_ASKS,
        lines=words.lines(*[[f"{n}{'長' * 199}" for n in range(9)]] * 4),
    )


def bureau(number: int) -> c.Bureau:
    """One line of the board's table."""
    return c.Bureau(f"B{number}", f"第{number}部", 5, (2, 1, 1, 0), 1, ("市民課",), (), 3, 1, 1)


# Towns -------------------------------------------------------------------------------------------
def stand(city: Municipality, name: str, *, technology: int, culture: int, **of: Any) -> Department:
    """A department that stands on those steps (1 or 2), as its head and its staff said."""
    section = factories.department(city, name, **of)
    today = timezone.localdate()
    by = factories.user(city, role="head", of=section)
    declared = Criterion.objects.filter(stage__municipality=city, source="declared", mandatory=True)
    level = 3 if technology == 2 else 1
    claims = {
        row.pk: Claim(level, "根拠")
        for row in declared.filter(stage__axis="technology", stage__step=1)
    }
    claims |= {
        row.pk: Claim(3 if culture == 2 else 1, "根拠")
        for row in declared.filter(stage__axis="culture", stage__step=1)
    }
    confirm_criteria(section, claims, by=by, on=today)
    measured = ["T1-3"] if technology == 2 else []
    measured += ["C1-1", "C1-2"] if culture == 2 else []
    for code in measured:
        MeasuredValue.objects.create(
            criterion=Criterion.objects.get(stage__municipality=city, code=code),
            department=section,
            level=3,
            measured_on=today,
            expires_on=today + dt.timedelta(days=300),
        )
    return section


def count(city: Municipality) -> None:
    """The full count of today."""
    rollups.roll_up(city.pk, as_of=timezone.localdate(), full=True)


def office(city: Municipality, **fields: Any) -> User:
    """Somebody of the DX office."""
    return factories.user(city, role="dx_office", **fields)
