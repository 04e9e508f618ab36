"""Whatever is planted in a municipality: no person, e-mail, telephone or small group gets out."""

from __future__ import annotations

import datetime as dt
import json
import re
from dataclasses import dataclass
from decimal import Decimal
from typing import Any

import pytest
from django.db import transaction
from hypothesis import HealthCheck, event, given, settings
from hypothesis import strategies as st

from roadmap.actions.blockers import BlockerFields, close_blocker, open_blocker
from roadmap.actions.comments import add_comment
from roadmap.actions.decisions import DecisionFields, record_decision
from roadmap.actions.indicators import IndicatorFields, add_indicator, measure
from roadmap.actions.milestones import add_milestone
from roadmap.actions.published import publish_verdict
from roadmap.actions.updates import report
from roadmap.choices import Cause, IndicatorKind, Phase, Progress, Verdict
from roadmap.models import Initiative
from tests import factories
from tests.roadmap.board import Town, signed_in, town
from tests.roadmap.packs import EXPORT, sent
from tests.roadmap.test_initiative_list import made

SURNAMES = ("山本", "中村", "髙木", "斎藤", "五十嵐", "勅使河原")
GIVEN = ("健太", "美咲", "智子", "翔", "さくら", "マリア")
DAY = dt.date(2026, 4, 1)
#: Texts of an initiative that could be handed on, and those that never are.
TEXTS = ("purpose", "stops", "adds", "budget", "pitfalls", "learners", "old_way")
KEPT = ("helpers", "risks", "links", "sharing", "contract", "meetings", "partner_bodies", "source")


@dataclass(frozen=True)
class Planted:
    """Somebody who works there, how they can be reached, and how few they are."""

    surname: str
    given: str
    email: str
    phone: str
    few: int

    @property
    def name(self) -> str:
        """As the account has it."""
        return f"{self.surname} {self.given}"


PHONES = st.from_regex(r"\A0[1-9]0?-[1-9][0-9]{3}-[0-9]{4}\Z")
PEOPLE = st.builds(
    Planted,
    surname=st.sampled_from(SURNAMES),
    given=st.sampled_from(GIVEN),
    email=st.from_regex(r"\A[a-z]{4,9}\.[a-z]{3,8}@town\.example\.jp\Z"),
    phone=PHONES,
    few=st.integers(2, 9),
)
WIDE = str.maketrans(
    {**{chr(n): chr(n + 0xFEE0) for n in range(0x30, 0x3A)}, "@": "＠", "-": "－", ".": "．"}
)
FILLER = st.sampled_from(["", "窓口で使う。", "紙をやめる\n", "担当は", "（", "なお、"])


def sentence(person: Planted) -> st.SearchStrategy[str]:
    """A text with something of the person in it, in one of many spellings, or with nothing."""
    said = (
        person.surname,
        f"{person.surname}さん",
        f"{person.surname}{person.given}",
        f"{person.surname}　{person.given}",
        " ".join(person.surname + person.given),
        person.email,
        person.email.upper(),
        person.email.translate(WIDE),
        person.phone,
        person.phone.translate(WIDE),
        person.phone.replace("-", ""),
        person.phone.replace("-", " "),
        person.phone.replace("-", "（", 1).replace("-", "）", 1),
        f"職員{person.few}人",
        f"{person.few}名".translate(WIDE),
        "使う人が増えた",
        "",
    )
    tail = st.sampled_from(["", "が使う。", "、", "の案", "\n以上"])
    return st.tuples(FILLER, st.sampled_from(said), tail).map("".join)


@st.composite
def worlds(draw: st.DrawFn) -> tuple[Planted, dict[str, str]]:
    """A person and what is written where; mostly a harmless text, so that files come out too."""
    person = draw(PEOPLE)
    names = (*TEXTS, "title", "milestone", "blocker", "solved", "indicator", "reason")
    loud = draw(st.sets(st.sampled_from(names), max_size=2))
    text = sentence(person)
    said = {n: draw(text) if n in loud else "紙をやめて早くする" for n in names}
    return person, said


def narrow(text: str) -> str:
    """Half width and lower case, without spaces, strokes and brackets."""
    back = {ord(wide): chr(old) for old, wide in WIDE.items()}
    return re.sub(r"[\s\-（）()]", "", text.translate(back).lower())


def build(place: Town, person: Planted, said: dict[str, str]) -> Initiative:
    """Everything that hangs on an initiative, written by and about the person."""
    of = factories.department(place.municipality, f"{person.surname}記念館")
    who = factories.user(place.municipality, of=of, name=person.name, email=person.email)
    factories.post(of, f"館長{person.surname}", held_by=who)
    hidden = f"{person.name} {person.email} {person.phone} {person.few}人"
    values: dict[str, Any] = {name: said[name] for name in TEXTS}
    values |= dict.fromkeys(KEPT, hidden) | {"source": hidden[:100]}
    values |= {"lead": of.pk, "contact": who.pk, "start_fy": 2026, "may_introduce": True}
    title = " ".join(said["title"].split()) or "取組"
    found = made(place, title, **values)
    add_milestone(found, by=who, title=said["milestone"] or "節目", due_on=DAY)
    fields = BlockerFields(Cause.SKILLS, said["blocker"] or "人手", wanted=hidden)
    blocker = open_blocker(found, fields=fields, by=who, on=DAY)
    close_blocker(blocker, resolution=said["solved"], version=1, by=who, on=DAY)
    figures(found, place, person, said)
    report(
        found,
        by=who,
        phase=Phase.LIVE,
        progress=Progress.LATE,
        cause=Cause.SKILLS,
        note=hidden,
        next_step=person.name,
        on=DAY,
    )
    found.refresh_from_db()
    small = {"asked": 9, "n": person.few, "easier": {"percent": 87, "bound": "exact"}}
    details: dict[str, Any] = {"declared": True, "by": who, "reason": said["reason"] or "見て"}
    publish_verdict(found, on=DAY, verdict=Verdict.SUPPORT, figures=small, **details)
    return found


def figures(found: Initiative, place: Town, person: Planted, said: dict[str, str]) -> None:
    """An indicator that counts the few."""
    number = Decimal(person.few)
    fields = IndicatorFields(
        name=(said["indicator"] or "指標").replace("\n", " "),
        kind=IndicatorKind.USE,
        unit="人",
        source=person.name,
        baseline=number,
        targets=((2026, number), (2027, Decimal(6543))),
    )
    indicator = add_indicator(found, by=place.office, values=fields)
    measure(indicator, by=place.office, value=number, on=DAY, note=person.name)


@pytest.mark.django_db
@settings(max_examples=40, deadline=None, suppress_health_check=list(HealthCheck))
@given(world=worlds())
def test_nothing_of_a_person_or_a_small_group_is_ever_in_a_file(
    world: tuple[Planted, dict[str, str]],
) -> None:
    person, said = world
    with transaction.atomic():
        place = town()
        found = build(place, person, said)
        response = sent(signed_in(place.office), found)
        transaction.set_rollback(True)
    event(f"status {response.status_code}")
    assert response.status_code in (200, 422)
    if response.status_code == 422:
        assert "Content-Disposition" not in response
        return
    text = response.content.decode()
    for name in (person.surname, person.given if len(person.given) > 1 else person.surname):
        assert name not in narrow(text)
    assert narrow(person.email) not in narrow(text)
    assert narrow(person.phone) not in narrow(text)
    assert not re.search(rf"(?<![0-9]){person.few}[人名]", narrow(text))
    assert "課" not in text, "no department"
    (item,) = json.loads(text)["initiatives"]
    (indicator,) = item["indicators"]
    assert (indicator["baseline"], indicator["results"]) == (None, [])
    assert indicator["targets"] == [{"year": 1, "value": 6543}]
    assert (item["verdicts"][0]["answers"], item["verdicts"][0]["shares"]) == ("", {})
    assert "87" not in re.sub(r'"(code|municipality_code)": "[^"]*"', "", text)


@pytest.mark.django_db
def test_harmless_texts_come_out_and_every_planted_one_is_refused() -> None:
    person = Planted("髙木", "さくら", "taka.gi@town.example.jp", "090-1234-5678", 7)
    harmless = dict.fromkeys(
        (*TEXTS, "title", "milestone", "blocker", "solved", "indicator", "reason"), "早くする"
    )
    place = town()
    client = signed_in(place.office)
    assert sent(client, build(place, person, harmless)).status_code == 200
    for number, name in enumerate(harmless):
        again = Planted("髙木", "さくら", f"other.{number}@town.example.jp", "090-1234-5678", 7)
        loud = build(place, again, {**harmless, name: "高木さんに聞く"})
        assert sent(client, loud).status_code == 422, name


@pytest.mark.django_db
def test_comments_and_decisions_are_nowhere_in_a_preview() -> None:
    place = town()
    found = made(place, "甲", may_introduce=True)
    add_comment(found, by=place.head, text="内緒のコメント")
    fields = DecisionFields("内緒の決定", "内緒の人", DAY)
    record_decision(found, fields=fields, by=place.office)
    html = signed_in(place.office).get(EXPORT, {"i": found.pk}).content.decode()
    assert "内緒" not in html
