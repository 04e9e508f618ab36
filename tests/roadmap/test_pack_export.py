"""Handing on: what is in the file, what is left out and said, what refuses it, who may."""

import json
import tomllib
from decimal import Decimal
from pathlib import Path

import jsonschema
import pytest
from django.conf import settings
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.models import Event
from roadmap.actions.indicators import IndicatorFields, add_indicator
from roadmap.actions.initiatives import Withheld
from roadmap.actions.milestones import add_milestone
from roadmap.actions.published import publish_verdict
from roadmap.actions.tags import add_tags
from roadmap.choices import IndicatorKind, TagScheme, Verdict
from roadmap.models import Initiative, Tag, Theme
from roadmap.pack_facts import answers_band, drafts, pack_rows, watch_of
from roadmap.pack_format import read_pack, schema
from tests.roadmap.board import signed_in, town
from tests.roadmap.packs import EXPORT, START, exported, full, sent
from tests.roadmap.test_initiative_list import made

pytestmark = pytest.mark.django_db

DRAFT_QUERIES = 17
PAGE_QUERIES = 26


def test_file_holds_what_it_says_and_nothing_of_the_people() -> None:
    place = town()
    initiative = full(
        place, contact=place.employee.pk, helpers="田中に聞く", sharing="内緒の考え方"
    )
    response = sent(signed_in(place.office), initiative)
    pack = read_pack(response.content)
    jsonschema.Draft202012Validator(schema()).validate(pack)
    (item,) = pack["initiatives"]
    assert item["title"] == "窓口の申請書を電子化"
    assert item["milestones"][0] == {"title": "業者を決める", "days": 61, "done_days": 71}
    assert item["live_after_days"] == 183
    assert item["year"] == 2025
    (indicator,) = item["indicators"]
    assert indicator["targets"] == [{"year": 0, "value": 30}, {"year": 1, "value": 62.5}]
    assert indicator["results"] == [{"days": 364, "value": 41}]
    assert item["blockers"][0]["resolution"] == "条例を改めた"
    assert item["delay_causes"] == ["vendor"]
    assert item["launch"] == {
        "learners": "窓口の職員が入力のしかたを",
        "minutes": 30,
        "old_way": "複写式の申請書",
    }
    (verdict,) = item["verdicts"]
    assert verdict["answers"] == "20-49"
    assert verdict["shares"]["easier"] == {"percent": 90, "bound": "at_least"}
    assert "both_ways" not in verdict["shares"]
    assert item["values"] == []
    text = response.content.decode()
    for word in (
        "田中",
        "鈴木",
        "佐藤",
        "市民課",
        "課長",
        "内緒",
        "41,",
        "督促",
        "条例の改正",
        "@",
    ):
        assert word not in text.replace('"value": 41', "")
    assert pack["made"]["municipality_code"] == place.municipality.code
    assert response["Content-Disposition"].endswith(".pack.json")


def test_saving_is_on_record_and_a_preview_is_not() -> None:
    place = town()
    initiative = full(place)
    signed_in(place.office).get(EXPORT, {"i": initiative.pk})
    assert not Event.objects.filter(action="pack.handed_on").exists()
    exported(place, initiative)
    event = Event.objects.get(action="pack.handed_on")
    assert event.actor_id == place.office.pk
    assert (event.after["initiatives"], event.after["licence"]) == ([initiative.title], "CC BY 4.0")


@pytest.mark.parametrize(
    "text",
    [
        "鈴木さんが作った",
        "taro@city.example.jp に聞く",
        "電話 03-1234-5678 まで",
        "窓口の4人で始めた",
    ],
)
def test_what_names_somebody_is_refused_until_it_is_taken_out(text: str) -> None:
    place = town()
    initiative = full(place, pitfalls=text)
    client = signed_in(place.office)
    refused = sent(client, initiative)
    assert refused.status_code == 422
    assert "Content-Disposition" not in refused
    done = sent(client, initiative, **{f"{initiative.pk}.pitfalls": "窓口の担当が作った"})
    assert done.status_code == 200
    assert json.loads(done.content)["initiatives"][0]["pitfalls"] == "窓口の担当が作った"
    initiative.refresh_from_db()
    assert initiative.pitfalls == text, "the initiative is not changed"


def test_department_and_likely_person_are_marked_and_do_not_refuse() -> None:
    place = town()
    initiative = full(place, adds="市民課の渡辺課長が言っていた")
    client = signed_in(place.office)
    html = client.get(EXPORT, {"i": initiative.pk}).content.decode()
    assert "<q>市民課</q>" in html
    assert "<q>渡辺課長</q>" in html
    assert sent(client, initiative).status_code == 200


def test_emptied_entry_of_a_list_goes_with_its_text() -> None:
    place = town()
    initiative = full(place)
    first = initiative.milestones.order_by("due_on")[0]
    typed = {f"{initiative.pk}.milestone.{first.pk}": " ", f"{initiative.pk}.stops": ""}
    (item,) = json.loads(sent(signed_in(place.office), initiative, **typed).content)["initiatives"]
    assert [each["title"] for each in item["milestones"]] == ["試行を始める"]
    assert item["stops"] == ""


def test_empty_title_is_refused() -> None:
    place = town()
    initiative = full(place)
    typed = {f"{initiative.pk}.title": ""}
    assert sent(signed_in(place.office), initiative, **typed).status_code == 422


def test_what_is_withheld_is_left_out_and_said() -> None:
    place = town()
    rows = (Withheld("budget", "入札の前", START), Withheld("indicators", "まだ早い", START))
    initiative = full(place, disclosure="open", withholdings=rows)
    html = signed_in(place.office).get(EXPORT, {"i": initiative.pk}).content.decode()
    assert "入札の前" not in html
    (item,) = exported(place, initiative)["initiatives"]
    assert (item["budget"], item["indicators"]) == ("", [])
    (draft,) = drafts(place.municipality, pack_rows(place.office, [initiative.pk]), timezone.now())
    assert len(draft.withheld) == 2


@pytest.mark.parametrize(
    "fields",
    [
        {"may_introduce": False},
        {"disclosure": "withheld", "withholdings": (Withheld("", "安全", START),)},
    ],
)
def test_what_may_not_be_introduced_is_never_in_a_file(fields: dict[str, object]) -> None:
    place = town()
    kept, other = full(place, "出さない取組", **fields), full(place, "出す取組")
    client = signed_in(place.office)
    alone = client.get(EXPORT, {"i": kept.pk})
    assert alone.context["preview"].found == []
    assert "出さない取組" in alone.content.decode()
    pack = exported(place, kept, other)
    assert [item["title"] for item in pack["initiatives"]] == ["出す取組"]


def test_figures_of_few_people_and_own_pillars_are_left_out_and_said() -> None:
    place = town()
    (own,) = add_tags(
        place.municipality, scheme=TagScheme.PILLAR, labels=["佐藤の柱"], by=place.office
    )
    shared = Tag.objects.visible_to(place.office).exclude(pk=own.pk)[0]
    initiative = made(
        place, "小さな取組", may_introduce=True, tags=(shared.pk, own.pk), start_fy=2025
    )
    fields = IndicatorFields(
        name="使う職員",
        kind=IndicatorKind.USE,
        unit="人",
        baseline=Decimal(7),
        targets=((2025, Decimal(9)), (2026, Decimal(10))),
    )
    add_indicator(initiative, by=place.office, values=fields)
    figures = {"asked": 9, "n": 8, "easier": {"percent": 75, "bound": "exact"}}
    publish_verdict(initiative, on=START, verdict=Verdict.RETHINK, figures=figures)
    (draft,) = drafts(place.municipality, pack_rows(place.office, [initiative.pk]), timezone.now())
    assert (draft.few, draft.own_tags) == (2, 1)
    (item,) = exported(place, initiative)["initiatives"]
    assert item["indicators"][0]["baseline"] is None
    assert item["indicators"][0]["targets"] == [{"year": 1, "value": 10}]
    assert (item["verdicts"][0]["answers"], item["verdicts"][0]["shares"]) == ("", {})
    assert [tag["code"] for tag in item["tags"]] == [shared.code]


def test_answers_are_told_as_bands() -> None:
    assert [answers_band(n) for n in (0, 19, 20, 49, 50, 99, 100)] == [
        *("", "", "20-49", "20-49", "50-99", "50-99", "100+")
    ]


def test_change_in_the_meantime_is_shown_before_anything_is_saved() -> None:
    place = town()
    initiative = full(place)
    client = signed_in(place.office)
    preview = client.get(EXPORT, {"i": initiative.pk}).context["preview"]
    Initiative.objects.filter(pk=initiative.pk).update(budget="鈴木さんの予算")
    add_milestone(initiative, by=place.head, title="あとから来た節目", due_on=START)
    data = {**preview.form.typed(), "i": initiative.pk, "fingerprint": preview.fingerprint}
    response = client.post(
        EXPORT, {**data, f"{initiative.pk}.adds": "打った文", "licence": "CC0 1.0"}
    )
    assert response.status_code == 409
    assert "打った文" in response.content.decode()
    assert "あとから来た節目" in response.content.decode()
    assert not Event.objects.filter(action="pack.handed_on").exists()


def test_ticked_rows_and_the_filtered_list_lead_to_the_preview() -> None:
    place = town()
    one, two = full(place, "甲の取組"), full(place, "乙の取組")
    client = signed_in(place.office)
    ticked = client.post(EXPORT, {"rows": [f"{one.pk}:3:1", "x:1:1", f"{two.pk}:0:1"], "pack": "1"})
    assert ticked["Location"] == f"{EXPORT}?i={one.pk}&i={two.pk}"
    found = client.get(EXPORT, {"q": "甲"}).context["preview"].found
    assert [draft.initiative.pk for draft in found] == [one.pk]


def test_too_many_at_once_are_refused_with_a_way_on() -> None:
    place = town()
    for number in range(21):
        made(place, f"取組{number}", may_introduce=True)
    preview = signed_in(place.office).get(EXPORT).context["preview"]
    assert (preview.too_many, preview.found) == (21, [])


def test_texts_that_no_form_takes_are_refused_with_a_way_on() -> None:
    place = town()
    texts = dict.fromkeys(("purpose", "stops", "adds", "budget", "pitfalls"), "長" * 4000)
    keys = [made(place, f"取組{n}", may_introduce=True, **texts).pk for n in range(13)]
    client = signed_in(place.office)
    assert client.get(EXPORT, {"i": keys}).context["preview"].too_many == 13
    assert len(client.get(EXPORT, {"i": keys[:12]}).context["preview"].found) == 12


def test_somebody_else_may_not_and_another_town_is_not_found() -> None:
    place, elsewhere = town(), town("隣の市")
    initiative = full(place)
    for person in (place.head, place.promoter, place.employee):
        assert signed_in(person).get(EXPORT, {"i": initiative.pk}).status_code == 403
    page = signed_in(elsewhere.office).get(EXPORT, {"i": initiative.pk})
    assert page.context["preview"].found == []
    assert initiative.title not in page.content.decode()


@pytest.mark.parametrize("number", [1, 3])
def test_putting_together_costs_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    keys = [full(place, f"取組{index}").pk for index in range(number)]
    with django_assert_num_queries(DRAFT_QUERIES):
        found = drafts(place.municipality, pack_rows(place.office, keys), timezone.now())
    assert len(found) == number


@pytest.mark.parametrize("number", [1, 3])
def test_page_costs_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    keys = [full(place, f"取組{index}").pk for index in range(number)]
    client = signed_in(place.office)
    client.get(EXPORT, {"i": keys})
    with django_assert_num_queries(PAGE_QUERIES):
        assert client.get(EXPORT, {"i": keys}).status_code == 200


def test_everybody_here_is_watched_for() -> None:
    place = town()
    watch = watch_of(place.municipality)
    assert {"佐藤", "鈴木", "高橋", "田中"} <= watch.names
    assert {"市民課", "税務課"} <= watch.departments


def test_theme_is_handed_on_by_code() -> None:
    place = town()
    theme = Theme.objects.visible_to(place.office)[0]
    initiative = full(place, themes=(theme.pk,))
    (item,) = exported(place, initiative)["initiatives"]
    assert item["eased"] == [{"code": theme.code, "label": theme.label}]


def test_product_version_is_that_of_the_package() -> None:
    project = Path(__file__).parents[2] / "pyproject.toml"
    assert tomllib.loads(project.read_text())["project"]["version"] == settings.PRODUCT_VERSION
