"""Files for meetings: the mayor's page beside WeasyPrint alone on the same HTML; slide, sheets."""

from __future__ import annotations

import statistics
from collections.abc import Iterator
from contextlib import contextmanager
from typing import Any

from bench import harness
from bench.town import Town

DEPARTMENTS, BALLOTS = 60, 1_000
PDF_TARGET, PDF_SECONDS = 1.2, 2.0


def run(*, quick: bool) -> None:
    """A usual page and one with the longest names and texts; 7 (quick: 3) of each."""
    reps = 3 if quick else 7
    with harness.database(), harness.plain_static():
        town = Town("99990", "測定市", DEPARTMENTS, BALLOTS, waves=(("pain", 20),))
        harness.as_owner("ANALYZE")
        idle = harness.idle_share()
        told = [f"{DEPARTMENTS} departments, {BALLOTS:,} ballots; {reps} interleaved repetitions"]
        print(harness.heading("Pack", told, idle), flush=True)
        for name, long in (("usual", False), ("longest", True)):
            _measure(name, made(town, "mayor", long=long), reps, idle)
        _measure("board", made(town, "board", long=False), reps, idle)
        print(f"memory               {harness.peak_megabytes():.0f} MB at most in this process")


def made(town: Town, kind: str, *, long: bool) -> Any:
    """A frozen sheet with three things to decide; `long`: everything as long as it may be."""
    from django.utils import timezone

    from dxportal.dashboards.briefing.content import Ask, Option
    from dxportal.dashboards.briefing.gather import Wish
    from dxportal.dashboards.briefing.making import make_briefing

    if long:
        _lengthen(town)
    few = 1 if not long else 3
    option = Option(
        "継続する" * few, "費用が増える" * few, "年三百万円" * few, "窓口が楽になる" * few
    )
    asks = tuple(
        Ask("窓口の予約と書かない窓口をどの課から始めるか" * few, (option,) * 3)
        for _number in range(2 if long else 1)
    )
    wish = Wish(kind, purpose="職員と市民の時間を生み出す" * few, asks=asks)
    return make_briefing(town.cdo, wish, now=timezone.now())


def _lengthen(town: Town) -> None:
    """The longest names that departments and initiatives may have in earnest."""
    from django.db.models import F, Value
    from django.db.models.functions import Concat

    from dxportal.accounts.models import Department
    from roadmap.models import Initiative

    here = town.cdo.municipality
    tail = Value("・総合相談支援推進担当課")
    Department.objects.filter(municipality=here).update(name=Concat(F("name"), tail))
    tail = Value("：窓口の書かない化と予約の一体運用および庁内文書の電子化と保存期間の見直し")
    Initiative.objects.filter(municipality=here).update(title=Concat(F("title"), tail))


def _measure(name: str, briefing: Any, reps: int, idle: float) -> None:
    from dxportal.dashboards.briefing.making import drawn

    with _listening() as heard:
        drawn(briefing, "pdf")
    html, styles = heard[-1]
    found = harness.interleave(
        {
            f"{name}: PDF": lambda: drawn(briefing, "pdf"),
            f"{name}: WeasyPrint alone": lambda: _alone(html, styles),
            f"{name}: PPTX": lambda: drawn(briefing, "pptx"),
            f"{name}: XLSX": lambda: drawn(briefing, "xlsx"),
            f"{name}: CSV": lambda: drawn(briefing, "csv"),
        },
        reps,
    )
    for series in found.values():
        print(series.line())
    pdf, alone = list(found.values())[:2]
    against = harness.ratio(pdf, alone)
    told = harness.verdict(against, PDF_TARGET, idle)
    print(f"{name}: PDF / alone   {against} in {len(heard)} drafts; target <= {PDF_TARGET}: {told}")
    print(f"{name}: computed      {harness.ratio(pdf.own, alone.own)}")
    seconds = statistics.median(pdf.seconds)
    met = "met" if seconds < PDF_SECONDS else harness.too_busy(idle) or "MISSED"
    print(
        f"{name}: seconds       {seconds:.2f}, of which computed {pdf.own.median:.2f};"
        f" target < {PDF_SECONDS:g}: {met}\n",
        flush=True,
    )


@contextmanager
def _listening() -> Iterator[list[tuple[str, tuple[str, ...]]]]:
    """Every draft that is laid out meanwhile, with its styles; the last one became the file."""
    from dxportal.shared import printing

    heard: list[tuple[str, tuple[str, ...]]] = []
    kept = printing._laid_out

    def laid_out(html: str, styles: Any) -> Any:
        heard.append((html, tuple(styles)))
        return kept(html, heard[-1][1])

    printing._laid_out = laid_out
    try:
        yield heard
    finally:
        printing._laid_out = kept


def _alone(html: str, styles: tuple[str, ...]) -> bytes:
    """What cannot be done without: the library, the same text, the same styles."""
    from weasyprint import CSS, HTML

    from dxportal.shared.printing import VARIANT, _style

    sheets = [CSS(string=_style(name)) for name in styles]
    document = HTML(string=html).render(stylesheets=sheets, pdf_variant=VARIANT)
    pdf: bytes = document.write_pdf(pdf_variant=VARIANT)
    return pdf
