"""The lists of tags that come with the product: national priorities, standardised work, procedures.

Every list has a version and days on which it is valid, for the nation changes its plans: a new
version is added beside the old one, which ends and stays on the initiatives that carry it.
"""

from __future__ import annotations

from dataclasses import dataclass
from datetime import date
from typing import Final

from roadmap.choices import TagScheme
from roadmap.content.procedures import CARE, COMMON


@dataclass(frozen=True)
class TagContent:
    """One entry of a list, in both languages where there is an official or plain English name."""

    scheme: TagScheme
    code: str
    label_ja: str
    order: int
    version: str
    label_en: str = ""
    valid_from: date | None = None
    valid_to: date | None = None


#: 自治体DX推進計画 (MIC): the seven items, the same words in 2.3 and 3.0.
_SEVEN: Final = (
    ("1", "自治体フロントヤード改革の推進", "Reform of counters and other points of contact"),
    ("2", "情報システムの標準化・共通化", "Standardised and shared information systems"),
    ("3", "公金収納におけるeLTAXの活用", "Collecting public money through eLTAX"),
    ("4", "マイナンバーカードの普及促進・利用の推進", "Spread and use of the My Number card"),
    ("5", "セキュリティ対策の徹底", "Thorough security"),
    ("6", "AI・RPAの利用推進", "Use of AI and RPA"),
    ("7", "テレワークの推進", "Telework"),
)
#: What the plan asks for beside the seven: how the work is organised, and companion items.
_BESIDE: Final = (
    ("org-1", "推進体制：組織体制の整備", "Organisation for DX"),
    ("org-2", "推進体制：デジタル人材の確保・育成", "Finding and training people for DX"),
    ("org-3", "推進体制：計画的な取組", "Working to a plan"),
    ("org-4", "推進体制：都道府県による支援・連携", "Support by and work with the prefecture"),
    ("with-1", "併せて：デジタルデバイド対策", "Beside it: closing the digital divide"),
    ("with-2", "併せて：地域社会のデジタル化", "Beside it: digital local communities"),
    ("with-3", "併せて：BPRの取組・条例の点検", "Beside it: rethinking work flows and ordinances"),
)
#: Version, entries, from, until (exclusive). 2.3 is of 2024-02-05; the month of 3.0 is known, not
#: its day. No successor of 3.0 was found, so it has no end: the office adds one as data.
_NATIONAL: Final = (
    ("2.3", (*_SEVEN, *_BESIDE), date(2024, 2, 5), date(2024, 4, 1)),
    ("3.0", (*_SEVEN, *_BESIDE), date(2024, 4, 1), None),
)
#: The kinds of work whose systems are standardised by law.
_STANDARD_WORK: Final = (
    *("住民基本台帳", "戸籍", "戸籍の附票", "印鑑登録", "選挙人名簿管理", "固定資産税"),
    *("個人住民税", "法人住民税", "軽自動車税", "国民健康保険", "国民年金", "障害者福祉"),
    *("後期高齢者医療", "介護保険", "児童手当", "児童扶養手当", "子ども・子育て支援", "生活保護"),
    *("健康管理", "就学"),
)
#: The edition of the law's list, and of the survey that names the procedures.
#: Codes of the procedures for children and care begin with it.
CARE_PREFIX: Final = "care-"
STANDARD_WORK_VERSION: Final = "2022"
PROCEDURES_VERSION: Final = "R5"


def _national() -> list[TagContent]:
    return [
        TagContent(TagScheme.NATIONAL, code, ja, order, version, en, begin, end)
        for version, entries, begin, end in _NATIONAL
        for order, (code, ja, en) in enumerate(entries, start=1)
    ]


def _standard_work() -> list[TagContent]:
    return [
        TagContent(
            TagScheme.STANDARD_WORK, f"work-{order:02d}", label, order, STANDARD_WORK_VERSION
        )
        for order, label in enumerate(_STANDARD_WORK, start=1)
    ]


def _procedures() -> list[TagContent]:
    groups = (("common", COMMON), ("care", CARE))
    named = [(f"{g}-{n:02d}", label) for g, row in groups for n, label in enumerate(row, start=1)]
    return [
        TagContent(TagScheme.PROCEDURE, code, label, order, PROCEDURES_VERSION)
        for order, (code, label) in enumerate(named, start=1)
    ]


TAGS: Final[tuple[TagContent, ...]] = (*_national(), *_standard_work(), *_procedures())
