"""How initiatives went: dated reports, in days before the day on which the seed ends."""

from __future__ import annotations

from collections.abc import Sequence
from dataclasses import dataclass
from typing import Final


@dataclass(frozen=True, slots=True)
class Report:
    """One report. `by`: head, promoter or dx. Empty phase and progress: 「変わりなし」.

    `ended`, `freed` (minutes a week): of a stop.
    """

    days: int
    phase: str = ""
    progress: str = ""
    note: str = ""
    cause: str = ""
    next_step: str = ""
    next_due: int | None = None
    by: str = "promoter"
    ended: str | None = None
    freed: tuple[int, int] | None = None


@dataclass(frozen=True, slots=True)
class Arc:
    """One story. Without reports the initiative was entered and never reported on.

    `verdict`: what its follow-up shall find; "open": staff are being asked now; "due": it is time.
    `target`: quarters from the end's quarter to the target's; None: no target.
    """

    reports: Sequence[Report]
    verdict: str = ""
    target: int | None = 0
    owned: bool = True
    leaves_out: frozenset[str] = frozenset()


def _until_live(live: int, trial_note: str = "先行する2課で試行を始めました。") -> list[Report]:
    return [
        Report(live + 190, "idea", "", "担当者会議で課題を出し合いました。", by="dx"),
        Report(live + 150, "planned", "on_track", "当初予算に計上しました。", by="head"),
        Report(live + 95, "building", "on_track", "仕様を固め、契約しました。"),
        Report(live + 40, "trial", "on_track", trial_note),
        Report(live, "live", "on_track", "対象の課すべてで使い始めました。", by="head"),
    ]


def _until_contract() -> list[Report]:
    return [
        Report(280, "idea", "", "担当者会議で課題を出し合いました。", by="dx"),
        Report(220, "planned", "on_track", "当初予算に計上しました。", by="head"),
        Report(130, "building", "on_track", "仕様を固め、契約しました。"),
    ]


def _kept(*days: int) -> list[Report]:
    return [Report(day) for day in days]


ARCS: Final[dict[str, Arc]] = {
    "established": Arc(
        [*_until_live(208), *_kept(170, 130, 60, 21)], verdict="established", target=-2
    ),
    "established_b": Arc(
        [*_until_live(176), *_kept(140, 52, 14)], verdict="established", target=-2
    ),
    "support": Arc(
        [
            *_until_live(196),
            *_kept(150),
            Report(64, "", "on_track", "使っていない係に操作の説明会を2回開きます。", by="head"),
            Report(12, "", "on_track", "説明会に28人が参加しました。"),
        ],
        verdict="support",
        target=-2,
    ),
    "rethink": Arc(
        [
            *_until_live(220),
            *_kept(160),
            Report(
                70,
                "",
                "late",
                "紙との併用で手間が増えたとの声が多く、様式から見直します。",
                cause="paper",
                next_step="合議の範囲を減らす案を部長会議に出す",
                next_due=20,
                by="head",
            ),
            *_kept(9),
        ],
        verdict="rethink",
        target=-3,
    ),
    "unused": Arc(
        [*_until_live(190), *_kept(140), Report(44, "", "on_track", "利用が伸びていません。")],
        verdict="unused",
        target=-2,
    ),
    "too_few": Arc([*_until_live(160), *_kept(100, 26)], verdict="too_few", target=-2),
    "due": Arc([*_until_live(101), *_kept(58, 18)], verdict="open", target=-1),
    "live_old": Arc([*_until_live(90), *_kept(57, 27)], verdict="due", target=-1),
    "live": Arc([*_until_live(47), *_kept(16)], target=0),
    "trial": Arc(
        [
            Report(250, "idea", "", by="dx"),
            Report(190, "planned", "on_track", "当初予算に計上しました。", by="head"),
            Report(120, "building", "on_track", "仕様を固め、契約しました。"),
            Report(35, "trial", "on_track", "希望した2課で試行を始めました。"),
            Report(6, "", "ahead", "試行の利用者から好評で、対象を1課増やしました。"),
        ],
        target=2,
    ),
    "trial_b": Arc(
        [
            Report(230, "idea", "", "先行する市に話を聞きました。", by="dx"),
            Report(160, "planned", "on_track", "補正予算に計上しました。", by="head"),
            Report(88, "building", "on_track", "対象の業務と項目を決めました。"),
            Report(29, "trial", "on_track", "一つの係で試し、直す点を書き出しています。"),
            Report(13),
        ],
        target=1,
    ),
    "building": Arc(
        [
            Report(210, "idea", "", by="dx"),
            Report(140, "planned", "on_track", "補正予算に計上しました。", by="head"),
            Report(62, "building", "on_track", "仕様書の案を関係課に示しました。"),
            *_kept(19),
        ],
        target=3,
    ),
    "planned": Arc(
        [
            Report(130, "idea", "", "先行する市に話を聞きました。", by="dx"),
            Report(
                25, "planned", "on_track", "来年度の要求に向けて見積りを取りました。", by="head"
            ),
        ],
        target=4,
    ),
    "idea": Arc([Report(28, "idea", "", "対象となる様式を数えています。", by="head")], target=6),
    "late": Arc(
        [
            *_until_contract(),
            Report(
                24,
                "",
                "late",
                "仕様の確認に時間がかかり、試行の開始が1か月遅れます。",
                cause="vendor",
                next_step="事業者と週1回の確認会を開く",
                next_due=-18,
                by="head",
            ),
        ],
        target=0,
    ),
    "late_law": Arc(
        [
            *_until_contract(),
            Report(
                31,
                "",
                "late",
                "様式を定めた規則の改正が要ることが分かりました。",
                cause="law",
                next_step="次の議会の前に改正案を法規担当に示す",
                next_due=-9,
                by="head",
            ),
            Report(11),
        ],
        target=1,
    ),
    "late_people": Arc(
        [
            *_until_contract(),
            Report(
                17,
                "",
                "late",
                "担当者が1人のため、操作の確認が進んでいません。",
                cause="skills",
                next_step="DX推進室から月2回の応援を受ける",
                next_due=-25,
                by="head",
            ),
        ],
        target=0,
    ),
    "late_bare": Arc(
        [
            Report(260, "planned", "on_track", "当初予算に計上しました。", by="head"),
            Report(110, "building", "on_track", "関係課の意見を集めました。"),
            Report(5, "", "late"),
        ],
        target=-1,
    ),
    "stale": Arc(
        [
            Report(240, "idea", "", by="dx"),
            Report(170, "planned", "on_track", "当初予算に計上しました。", by="head"),
            Report(74, "building", "on_track", "台帳の写しを事業者に渡しました。"),
        ],
        target=1,
    ),
    "unknown": Arc(
        [
            Report(320, "planned", "on_track", "公開する項目の案を作りました。", by="head"),
            Report(205, "building", "on_track", "項目を各課に照会しました。"),
        ],
        target=2,
    ),
    "unowned": Arc(
        [
            Report(230, "idea", "", by="dx"),
            Report(96, "planned", "on_track", "担当者の異動後、後任が決まっていません。", by="dx"),
        ],
        target=2,
        owned=False,
    ),
    "on_hold": Arc(
        [
            Report(250, "planned", "on_track", "当初予算に計上しました。", by="head"),
            Report(
                40,
                "on_hold",
                "not_applicable",
                "端末の持ち出しの基準が決まるまで保留します。",
                by="head",
            ),
            *_kept(8),
        ],
        target=2,
    ),
    "stopped": Arc(
        [
            *_until_live(330)[:4],
            Report(
                84,
                "stopped",
                "not_applicable",
                "議会側の端末更新に合わせて一本化するため、単独の調達をやめました。",
                by="head",
                ended="議案書の印刷と差し替え（議会側の端末で見る形に一本化）",
                freed=(120, 180),
            ),
        ],
        target=-2,
    ),
    "incomplete": Arc(
        [Report(55, "planned", "", "要求資料を作っています。", by="head"), *_kept(20)],
        target=None,
        leaves_out=frozenset({"purpose"}),
    ),
    "incomplete_bare": Arc(
        [],
        target=None,
        owned=False,
        leaves_out=frozenset({"purpose", "kind", "beneficiaries", "criteria"}),
    ),
}
