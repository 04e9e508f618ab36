"""The sheets of the latest month: one for the mayor, one for the board."""

from __future__ import annotations

import datetime as dt
from collections.abc import Iterator
from dataclasses import replace

from dxportal.dashboards.briefing.content import Ask, Option
from dxportal.dashboards.briefing.gather import Wish
from dxportal.dashboards.briefing.making import make_briefing
from dxportal.dashboards.briefing.suggesting import suggestions
from dxportal.dashboards.seeding.organisation import Town
from roadmap.choices import BriefingKind

PURPOSE = (
    "職員の手間を減らし、空いた時間を窓口と現場に回す。"
    "楽になったかどうかは、使う職員に聞いて確かめる。"
)

#: What each way out of a hollow initiative risks, costs and brings.
WAYS = (
    ("使われないまま費用だけが続く", "いまの契約のまま", "半年後にもう一度聞く"),
    ("手順を変える間、窓口が混み合う", "研修と設定の見直し", "かえって増えた手間を取り除く"),
    ("いまの利用者が元の手順に戻る", "解約の手続き", "使わないものに払わなくなる"),
)
#: Asked of the mayor at most: the sheet is one page.
MOST = 2


def freeze_sheets(town: Town, as_of: dt.datetime) -> None:
    """After the last count; a month with nothing to decide has sheets without a question."""
    period = f"{as_of:%Y-%m}"
    asks = tuple(_asks(town, as_of))[:MOST]
    for kind in (BriefingKind.MAYOR, BriefingKind.BOARD):
        asked = asks if kind == BriefingKind.MAYOR else ()
        wish = Wish(kind, period=period, purpose=PURPOSE, asks=asked)
        make_briefing(town.dx, wish, now=as_of)


def _asks(town: Town, as_of: dt.datetime) -> Iterator[Ask]:
    """What waits and has ways to choose from, each way with its risk, cost and effect."""
    for one in suggestions(town.dx, as_of):
        if len(one.ask.options) == len(WAYS):
            pairs = zip(one.ask.options, WAYS, strict=True)
            yield replace(one.ask, options=tuple(Option(o.text, *words) for o, words in pairs))
