"""Updating at a human pace in Chromium: seconds and interactions, from the list and from a link."""

from __future__ import annotations

import json
import os
import shutil
import statistics
import time
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from dataclasses import dataclass, field
from typing import TYPE_CHECKING, Any

from bench import harness
from bench.installation import Installation, installation
from tests.storm import signed_in

if TYPE_CHECKING:
    from playwright.sync_api import Browser, Page

    from roadmap.models import Initiative

#: A person looks and thinks before each interaction, holds a button, and types one letter a time.
THINK, HOLD_MS, LETTER_MS = 1.2, 90, 140
MEDIAN_TARGET, MOST_INTERACTIONS = 10.0, 3
SIZES = {"desktop": (1280, 800), "phone": (375, 667)}
LINE = "条例の改正待ち"


#: Tokens are signed with the key of the running installation.
_TOKENS = """
import json, os, sys, django
os.environ["DJANGO_SETTINGS_MODULE"] = "dxportal.settings"
django.setup()
from roadmap.signed_links import token_for
person, rows = json.loads(sys.argv[1])
print(json.dumps({row: token_for(row, person) for row in rows}))
"""


@dataclass
class Hand:
    """A person at a page."""

    page: Page
    interactions: int = 0

    def _think(self) -> None:
        self.interactions += 1
        time.sleep(THINK)

    def press(self, selector: str) -> None:
        """Press a button."""
        self._think()
        self.page.locator(selector).first.click(delay=HOLD_MS)

    def choose(self, selector: str, value: str) -> None:
        """Open a select, look through it, choose."""
        self._think()
        self.page.locator(selector).first.focus()
        time.sleep(THINK)
        self.page.locator(selector).first.select_option(value)

    def write(self, selector: str, text: str) -> None:
        """Type a line letter by letter and press Enter."""
        self._think()
        self.page.locator(selector).first.click(delay=HOLD_MS)
        self.page.keyboard.type(text, delay=LETTER_MS)
        self.page.keyboard.press("Enter")


@dataclass
class Way:
    """One way of updating: seconds of each update and the most interactions of one."""

    name: str
    seconds: list[float] = field(default_factory=list)
    interactions: list[int] = field(default_factory=list)

    def line(self) -> str:
        """Number, median, slowest, interactions, verdict."""
        median, most = statistics.median(self.seconds), max(self.interactions)
        met = median < MEDIAN_TARGET and most <= MOST_INTERACTIONS
        return (
            f"{self.name:<20} {len(self.seconds):3} updates; median {median:5.2f} s,"
            f" slowest {max(self.seconds):5.2f} s; interactions at most {most}:"
            f" {'met' if met else 'MISSED'}"
        )


def run(*, quick: bool) -> None:
    """12 updates each way (quick: 4): no change, another word, late with cause and one line."""
    number = 4 if quick else 12
    idle = harness.idle_share()
    with harness.database(), installation() as place, _chromium() as browser:
        bench = _Pace(place, number)
        facts = [
            f"think {THINK} s before each interaction, {LETTER_MS} ms a letter; each update from"
            " the page at rest to the word that it was saved",
            f"targets: median < {MEDIAN_TARGET:g} s, at most {MOST_INTERACTIONS} interactions",
        ]
        print(harness.heading("Update pace", facts, idle), flush=True)
        for size in SIZES:
            print(bench.from_the_list(browser, size).line(), flush=True)
            print(bench.from_the_link(browser, size).line(), flush=True)
        print(bench.own_measure())


class _Pace:
    """A section with its promoter and one initiative for each update."""

    def __init__(self, place: Installation, number: int) -> None:
        import datetime as dt

        from django.utils import timezone

        from dxportal.accounts.choices import Role
        from roadmap.models import Initiative
        from tests import factories

        town = factories.municipality("測定市")
        section = factories.department(town, "市民課")
        self.person = factories.user(town, of=section, role=Role.PROMOTER, name="測定 推進")
        day = timezone.localdate() - dt.timedelta(days=40)
        for index in range(number * 2 * len(SIZES)):
            factories.initiative(town, f"取組の{index}番", lead=section, reported_on=day)
        self.rows: Iterator[Initiative] = iter(Initiative.objects.order_by("pk"))
        self.place, self.number = place, number
        place.start_web()
        self.session = signed_in(place, [self.person.pk])[self.person.pk]
        wanted = [self.person.pk, list(Initiative.objects.values_list("pk", flat=True))]
        told = place.run_script(_TOKENS, json.dumps(wanted)).splitlines()[-1]
        self.tokens = {int(row): token for row, token in json.loads(told).items()}

    def from_the_list(self, browser: Browser, size: str) -> Way:
        """The row in the list."""
        with self._page(browser, size, self.session) as page:
            return self._measure(f"list, {size}", page, self._open_list, self._in_the_row)

    def from_the_link(self, browser: Browser, size: str) -> Way:
        """The link of a reminder, without a session."""
        with self._page(browser, size, None) as page:
            return self._measure(f"link, {size}", page, self._open_link, self._on_the_link)

    def own_measure(self) -> str:
        """What the product says of the same updates: from the first touch to the saving."""
        from roadmap.models import Update

        told = list(Update.objects.filter(seconds__isnull=False).values_list("channel", "seconds"))
        parts = []
        for channel in ("screen", "link"):
            seconds = [spent for way, spent in told if way == channel and spent is not None]
            parts.append(f"{channel} {statistics.median(seconds):g} s ({len(seconds)})")
        return f"{'measured by itself':<20} median {', '.join(parts)}"

    def _measure(
        self,
        name: str,
        page: Page,
        opens: Callable[[Page, Initiative], None],
        updates: Callable[[Hand, Initiative, int], None],
    ) -> Way:
        way = Way(name)
        for turn in range(self.number):
            row = next(self.rows)
            opens(page, row)
            hand, started = Hand(page), time.perf_counter()
            updates(hand, row, turn % 3)
            way.seconds.append(time.perf_counter() - started)
            way.interactions.append(hand.interactions)
        return way

    def _open_list(self, page: Page, _row: Initiative) -> None:
        page.goto("/initiatives/", wait_until="networkidle")

    def _open_link(self, page: Page, row: Initiative) -> None:
        page.goto(f"/u/{self.tokens[row.pk]}/", wait_until="load")

    def _in_the_row(self, hand: Hand, row: Initiative, kind: int) -> None:
        """No change; ahead; late with its cause and one line."""
        if kind == 0:
            hand.press(f"#initiative-row-{row.pk} button[name=unchanged]")
        else:
            hand.choose(f"#progress-{row.pk}", "ahead" if kind == 1 else "late")
        _wait_for_toasts(hand.page, 1)
        if kind == 2:
            hand.choose(f"#cause-{row.pk}", "law")
            hand.write(f"#note-{row.pk}", LINE)
            _wait_for_toasts(hand.page, 2)

    def _on_the_link(self, hand: Hand, _row: Initiative, kind: int) -> None:
        """The same three."""
        hand.press(f".linkform [{('name=unchanged', 'value=ahead', 'value=late')[kind]}]")
        hand.page.wait_for_selector("#link-thanks")
        if kind == 2:
            hand.choose("#cause-link", "law")
            hand.write("#note-link", LINE)
            hand.page.wait_for_function(
                "(line) => document.querySelector('#note-link')?.defaultValue === line", arg=LINE
            )

    @contextmanager
    def _page(self, browser: Browser, size: str, session: str | None) -> Iterator[Page]:
        width, height = SIZES[size]
        context = browser.new_context(
            base_url=self.place.url, locale="ja-JP", viewport={"width": width, "height": height}
        )
        if session:
            cookie: Any = {"name": "sessionid", "value": session, "url": self.place.url}
            context.add_cookies([cookie])
        yield context.new_page()
        context.close()


def _wait_for_toasts(page: Page, number: int) -> None:
    page.wait_for_function(
        "(n) => document.querySelectorAll('[data-toasts] > [data-toast]').length >= n", arg=number
    )


@contextmanager
def _chromium() -> Iterator[Browser]:
    """This machine's own Chromium."""
    from playwright.sync_api import sync_playwright

    os.environ["DJANGO_ALLOW_ASYNC_UNSAFE"] = "1"
    names = ("chromium", "chromium-browser", "google-chrome")
    path = os.environ.get("CHROMIUM_PATH") or next(filter(None, map(shutil.which, names)), None)
    with sync_playwright() as play:
        browser = play.chromium.launch(executable_path=path, args=["--no-sandbox"])
        yield browser
        browser.close()
