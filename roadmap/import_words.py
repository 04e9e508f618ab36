"""Words that every municipality understands alike, for columns of an import. No database."""

import re
import unicodedata
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Final, TypeVar

from roadmap.choices import Beneficiary, Cause, InitiativeKind, Phase, Progress

T = TypeVar("T", bound=str)

#: A status text up to this length is kept as a word to be mapped; longer ones are sentences.
WORD_LENGTH: Final = 120


@dataclass(frozen=True, slots=True)
class Meaning:
    """What a status text says; both empty: nothing that we know."""

    phase: str = ""
    progress: str = ""

    def __bool__(self) -> bool:
        """Whether anything is known."""
        return bool(self.phase or self.progress)


#: The words of our own screens, and those that can mean nothing else.
_PROGRESS_WORDS: Final = {
    Progress.AHEAD: ("予定より進んでいる", "計画より進んでいる"),
    Progress.ON_TRACK: ("予定どおり", "予定通り", "計画どおり", "計画通り", "達成"),
    Progress.LATE: ("遅れている", "遅れ", "遅延", "予定より遅れている", "未達成"),
    Progress.NOT_APPLICABLE: ("対象外", "評価対象外", "評価無し", "評価なし"),
}
_PHASE_WORDS: Final = {
    Phase.IDEA: ("構想・検討中", "構想", "検討中"),
    Phase.PLANNED: ("計画・予算化", "計画済み", "予算化"),
    Phase.BUILDING: ("調達・構築", "調達中", "構築中", "準備中"),
    Phase.TRIAL: ("試行", "試行中", "実証中", "試験運用中"),
    Phase.LIVE: ("運用開始", "運用中", "稼働中", "本格運用"),
    Phase.ON_HOLD: ("保留", "休止中"),
    Phase.STOPPED: ("中止", "取りやめ"),
}
_KINDS: Final = {
    InitiativeKind.SUBTRACT: ("ICT化(引き算)", "ICT化", "引き算", "ICT"),
    InitiativeKind.ADD: ("デジタル変革(足し算)", "デジタル変革", "足し算", "DX"),
}
_CAUSES: Final = {
    Cause.UNDERSTANDING: ("理解不足",),
    Cause.BUSY: ("業務多忙", "多忙"),
    Cause.BUDGET: ("財政・予算", "予算", "財政"),
    Cause.LAW: ("制度・条例・住民情報系の制約", "制度", "条例"),
    Cause.PROCESS: ("業務フロー・様式の不統一",),
    Cause.SKILLS: ("人材・スキル不足", "人材不足", "スキル不足"),
    Cause.NETWORK: ("端末・回線・ネットワーク分離",),
    Cause.PAPER: ("紙とデジタルの併存",),
    Cause.NOBODY_TO_ASK: ("聞ける人がいない",),
    Cause.LEAK_FEAR: ("情報漏えい不安",),
    Cause.USERS_CANNOT: ("利用者が使えない",),
    Cause.RESISTANCE: ("職員の意識・抵抗",),
    Cause.SILO: ("縦割り・担当不明", "縦割り"),
    Cause.VENDOR: ("調達・ベンダ起因",),
    Cause.INVISIBLE: ("何が進んでいるか分からない",),
}
_BENEFICIARIES: Final = {
    Beneficiary.STAFF: ("職員", "庁内", "staff"),
    Beneficiary.RESIDENTS: ("住民", "市民", "町民", "村民", "区民", "県民", "residents"),
    Beneficiary.BUSINESSES: ("事業者", "企業", "業者", "businesses"),
}
_SEPARATORS = re.compile(r"[\s、,，・;；/／]+")
_PLAIN_YEAR = re.compile(r"(?:令和|平成|昭和|[rhs])?\s*(?:\d+|元)\s*(?:年度|年|fy)?", re.IGNORECASE)


def word_key(text: str) -> str:
    """A status text without width, case and spaces at its ends."""
    return unicodedata.normalize("NFKC", text).strip().casefold()


def _by_word(words: Mapping[T, Sequence[str]]) -> dict[str, T]:
    """Word → what it means; every code is a word for itself."""
    found = {word_key(word): meaning for meaning, known in words.items() for word in known}
    return found | {str(meaning): meaning for meaning in words}


_PROGRESS: Final = _by_word(_PROGRESS_WORDS)
_PHASE: Final = _by_word(_PHASE_WORDS)
_KIND: Final = _by_word(_KINDS)
_BENEFICIARY: Final = _by_word(_BENEFICIARIES)
_CAUSE: Final = _by_word(_CAUSES)


def usual_meaning(text: str) -> Meaning:
    """What a status text means where the municipality has not said otherwise."""
    key = word_key(text)
    return Meaning(_PHASE.get(key, ""), _PROGRESS.get(key, ""))


def phase_of(text: str) -> str:
    """A phase that a person may choose, or ''."""
    return _PHASE.get(word_key(text), "")


def kind_of(text: str) -> str:
    """The kind of initiative, or ''."""
    return _KIND.get(word_key(text), "")


def beneficiaries_of(text: str) -> list[str]:
    """For whom, in the order of the choices; [] unless every word is known."""
    words = [word for word in _SEPARATORS.split(word_key(text)) if word]
    found = {_BENEFICIARY.get(word) for word in words}
    return [] if None in found else [str(choice) for choice in Beneficiary if choice in found]


def cause_of(text: str) -> str:
    """A cause by its Japanese name or its code, or ''."""
    return _CAUSE.get(word_key(text), "")


def is_plain_year(text: str) -> bool:
    """Whether a text says one year and nothing else, so that keeping the year keeps it all."""
    return _PLAIN_YEAR.fullmatch(unicodedata.normalize("NFKC", text).strip()) is not None
