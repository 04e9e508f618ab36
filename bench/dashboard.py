"""The dashboard's page: queries and time as departments grow, and as ballots were counted.

Each read is a whole request (session, middleware, view, template) to the address, in this process.
"""

from __future__ import annotations

import gc
import resource
import statistics
import time
from dataclasses import dataclass
from pathlib import Path
from typing import Any

from bench import harness
from bench.harness import Series
from bench.town import MONTHS, WAVES, Town

PATH = "/dashboard/"
QUERIES_TARGET, BALLOTS_TARGET = 12, 1.1
UNCHANGED_QUERIES = 2


@dataclass(frozen=True, slots=True)
class Size:
    """Departments of the towns, ballots of each of their waves, and how often each page is read."""

    few: int
    many: int
    least: int
    little: int
    much: int
    reads: int


FULL = Size(60, 3_000, 250, 1_000, 250_000, 300)
QUICK = Size(60, 300, 250, 1_000, 50_000, 40)


def run(*, quick: bool) -> None:
    """Four towns: few departments and few, more and many ballots; many departments."""
    size = QUICK if quick else FULL
    with harness.database(), harness.plain_static():
        started = time.perf_counter()
        least = _Town("99993", "さらに少ない市", size.few, size.least)
        usual = _Town("99990", "少ない市", size.few, size.little)
        much = _Town("99991", "多い市", size.few, size.much)
        large = _Town("99992", "大きい市", size.many, size.little)
        harness.as_owner("VACUUM ANALYZE")
        filled = time.perf_counter() - started
        idle = harness.idle_share()
        told = [
            f"{len(WAVES)} waves of {size.least:,}, {size.little:,} or {size.much:,} ballots,"
            f" {size.few} and {size.many:,} departments with as many initiatives,"
            f" {MONTHS + 1} months; filled in {filled:.0f} s",
            f"{size.reads} interleaved reads of {PATH} by the CDO",
        ]
        print(harness.heading("Dashboard", told, idle), flush=True)
        counted = {size.least: least, size.little: usual, size.much: much}
        towns = {f"{len(WAVES) * n:,} ballots": town for n, town in counted.items()}
        grown = {f"{size.few} departments": usual, f"{size.many:,} departments": large}
        _by_ballots(towns, size, idle)
        _by_departments(grown, size, idle)
        _unchanged(usual)
        _memory(large)


@dataclass(slots=True)
class Read:
    """One answer of the page."""

    queries: int
    text: str
    etag: str
    status: int


class _Town(Town):
    """Whose page is read."""

    def read(self, **headers: str) -> Read:
        """One whole request, its statements counted."""
        from django.db import connection

        queries = 0

        def count(execute: Any, *call: Any) -> Any:
            nonlocal queries
            queries += 1
            return execute(*call)

        with connection.execute_wrapper(count):
            answer = self.client.get(PATH, headers=headers)
        text = answer.content.decode()
        return Read(queries, text, answer.headers.get("ETag", ""), answer.status_code)

    def refuse_other_figures(self) -> None:
        """The newest survey of pain points and shares of its units stand there; else an end."""
        page, wave = self.read(), self.closed[0].wave
        cells = wave.cells.filter(
            question="Q1", group__parent_key="all", bound="exact", percent__gt=0
        )
        shares = {f"{percent}%" for percent in cells.values_list("percent", flat=True)}
        said = [share for share in shares if share in page.text]
        if page.status != 200 or wave.label not in page.text or not said:
            raise SystemExit(f"{self.name}: {wave} is not on the page; nothing was measured")


def _measured(towns: dict[str, _Town], size: Size) -> dict[str, Series]:
    for town in towns.values():
        town.refuse_other_figures()
    gc.collect()
    ways = {name: town.read for name, town in towns.items()}
    return harness.interleave(ways, size.reads)


def _line(series: Series, town: _Town) -> str:
    page = town.read()
    cuts = statistics.quantiles(series.seconds, n=20)
    return (
        f"{series.name:<22} p50 {cuts[9] * 1000:7.1f} ms, p95 {cuts[18] * 1000:7.1f} ms;"
        f" {page.queries} statements, {len(page.text) // 1000} kB"
    )


def _by_ballots(towns: dict[str, _Town], size: Size, idle: float) -> None:
    found = _measured(towns, size)
    for name, town in towns.items():
        print(_line(found[name], town))
    *fewer, much = found.values()
    for little in fewer:
        at_p95 = _p95(much) / _p95(little)
        told = harness.too_busy(idle) or ("met" if at_p95 <= BALLOTS_TARGET else "MISSED")
        print(f"\n{much.name} / {little.name}")
        print(f"p95 / p95              {at_p95:.3f}; target <= {BALLOTS_TARGET}: {told}")
        print(f"pairs                  {harness.ratio(much, little)}")
        print(f"computed by the web    {harness.ratio(much.own, little.own)}")
    print()


def _p95(series: Series) -> float:
    return statistics.quantiles(series.seconds, n=20)[18]


def _by_departments(towns: dict[str, _Town], size: Size, idle: float) -> None:
    found = _measured(towns, size)
    for name, town in towns.items():
        print(_line(found[name], town))
    counts = [town.read().queries for town in towns.values()]
    same = "the same" if len(set(counts)) == 1 else "NOT the same"
    met = "met" if max(counts) <= QUERIES_TARGET else "MISSED"
    few, many = found.values()
    print(f"statements             {same}; target <= {QUERIES_TARGET}: {met}")
    times = size.many / size.few
    print(
        f"time                   {harness.ratio(many, few)} for {times:.0f} times the departments\n"
    )


def _unchanged(town: _Town) -> None:
    """What a page that has not changed costs a browser that has it already."""
    first = town.read()
    if not first.etag:
        print("unchanged page         no ETag: it is drawn again each time")
        return
    again = town.read(**{"if-none-match": first.etag})
    met = "met" if again.status == 304 and again.queries <= UNCHANGED_QUERIES else "MISSED"
    print(
        f"unchanged page         {again.status} with {again.queries} statements;"
        f" target 304 with <= {UNCHANGED_QUERIES}: {met}"
    )


def _memory(town: _Town) -> None:
    """What is held after a hundred reads of the largest page, beside what was held before."""

    def held() -> float:
        pages = int(Path("/proc/self/statm").read_text().split()[1])
        return pages * resource.getpagesize() / 1024**2

    gc.collect()
    before = held()
    for _read in range(100):
        town.read()
    gc.collect()
    print(
        f"memory                 {held() - before:+.1f} MB after 100 reads of {town.departments:,}"
    )
