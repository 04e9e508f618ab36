"""Whether a text seems to name a person: made to warn, not to decide."""

from __future__ import annotations

import re

_KANJI = r"[\u4e00-\u9fff々〆ヶ]"
_HONORIFIC = "さん|さま|くん|ちゃん|様|君|氏"
_TITLE = (
    "課長補佐|部長|局長|次長|課長|室長|所長|係長|班長|主幹|参事|主任|主査|主事|補佐|先輩|先生|議員"
)
_NAME = re.compile(rf"({_KANJI}{{1,3}}?)(?:({_HONORIFIC})(?![々名式])|({_TITLE})(?!会|級|職|制))")
_NOT_A_PERSON = re.compile(
    r"(?:皆|客|奥|子|娘|嫁|親|父|母|職員|住民|市民|町民|村民|区民|県民|国民|業者|医者|患者|用者|"
    r"当者|庁者|請者|齢者|護者|事者|若者|同僚|上司|部下|相手|同|多|仕|模|有|異|一|各|諸|貴|両|彼|"
    r"何|神|王|所属|直属|担当|各課|全|他|前|現|新|元|副|上|下|偉|隣|本人|家族)$"
)


def likely_names(text: str) -> list[str]:
    """The passages that seem to name a colleague: 1 to 3 kanji before さん, 課長, 係長 and so on.

    Words such as 皆さん, お客様 or 同様 do not count.
    """
    return [found[0] for found in _NAME.finditer(text) if not _NOT_A_PERSON.search(found[1])]


def looks_like_name(text: str) -> bool:
    """Whether there is any such passage."""
    return bool(likely_names(text))
