"""Every figure of the staircase page opens to what it is made of, for every role that sees it."""

import re
from collections.abc import Iterator
from dataclasses import dataclass
from pathlib import Path
from typing import Any

import pytest
from django.test import Client
from django.urls import reverse
from lxml import html as markup

from tests.dashboards.cdo_town import CdoTown, cdo_town
from tests.surveys.boxes import own_key_dir

pytestmark = pytest.mark.django_db
PATH = "/dashboard/"
#: Figure → the rows of the opened page that it is made of, where the names differ.
PARTS = {
    **dict.fromkeys(("here", "seeds", "begun", "reached", "spread"), "firmness"),
    **dict.fromkeys(
        ("up", "down", "mixed", "same", "missing", "placed", "known", "topped"), "cell"
    ),
    "freed": "value",
}
#: Of a row of a step: which of its numbers counts for the figure.
FLAGS = {
    "here": ("here",),
    "seeds": ("seeds",),
    "begun": ("begun",),
    "reached": ("reached",),
}
#: Panels whose numbers are figures; what is a name, a date, a rule or a heading is marked so.
PANELS = (
    *("headline", "kpis", "staircase", "decisions", "follow-ups", "pain-map", "spread"),
    *("value-panel", "department-rows"),
)
PLAIN = ("thead", "caption", "time", "svg", "option", "label")
LOOKS = {
    "cdo": 60,
    "dx": 60,
    "head": 40,
    "auditor": 40,
    "staff": 12,
}


@dataclass(frozen=True)
class Shown:
    """A figure as the page has it."""

    name: str
    how: str
    value: str
    of: str
    href: str


@pytest.fixture
def city(tmp_path: Path, settings: Any) -> CdoTown:
    """Something in every panel."""
    own_key_dir(settings, tmp_path)
    return cdo_town()


def read(client: Client, path: str) -> Any:
    """A page as a tree."""
    response = client.get(path)
    assert response.status_code == 200, (path, response.status_code)
    return markup.fromstring(response.content.decode())


def figures(page: Any) -> list[Shown]:
    """Every figure of a page, once for each address and value."""
    found = {
        Shown(
            node.get("data-figure"),
            node.get("data-how"),
            node.get("data-value"),
            node.get("data-of") or "",
            node.get("href") or "",
        )
        for node in page.xpath("//*[@data-figure]")
    }
    return sorted(found, key=repr)


def parts(client: Client, href: str, name: str) -> Iterator[Any]:
    """The rows of a figure on all pages of what it opens to."""
    wanted = PARTS.get(name, name)
    path: str | None = href.split("#", maxsplit=1)[0]
    while path:
        page = read(client, path)
        found = page.xpath(f"//*[@data-part='{wanted}']")
        # Who sees no names gets the same figure by step.
        yield from found or page.xpath(f"//*[@data-part='{name}']")
        onward = page.xpath("//nav[contains(@class, 'pages')]//a[@rel='next']/@href")
        path = path.split("?")[0] + onward[0] if onward else None


def number(node: Any, name: str = "data-value") -> float:
    return float(node.get(name) or 0)


def check(client: Client, shown: Shown) -> None:
    """Recompute a figure from the rows that it opens to."""
    assert shown.href, f"{shown} opens to nothing"
    if shown.how in {"cell", "text"}:
        check_cell(client, shown)
        return
    rows = list(parts(client, shown.href, shown.name))
    if shown.name in FLAGS and shown.how == "count":
        flags = FLAGS[shown.name]
        if all(row.get(f"data-{shown.name}") for row in rows):
            flags = (shown.name,)
        total = sum(number(row, f"data-{flag}") for row in rows for flag in flags)
        assert total == float(shown.value), shown
        return
    value, of = sum(map(number, rows)), sum(number(row, "data-of") for row in rows)
    if shown.name == "spread":
        reached = sum(number(row, "data-reached") for row in rows)
        assert 100 * reached // departments(client, shown, rows) == float(shown.value), shown
    elif shown.how == "count":
        assert value == float(shown.value), shown
    elif shown.how == "share":
        assert round(100 * value / of) == float(shown.value), shown
    elif shown.how == "distinct":
        assert len({row.get("data-key") for row in rows}) == float(shown.value), shown
    else:
        assert shown.how in {"pair", "range"}, shown
        assert (value, of) == (float(shown.value), float(shown.of)), shown


def departments(client: Client, shown: Shown, rows: list[Any]) -> int:
    """Of how many departments a step tells: its rows, or the number on the page without names."""
    if len(rows) > 1:
        return len(rows)
    page = read(client, PATH)
    words = page.xpath("//*[@id='spread-table']//td[1]//span[@class='sub']/text()")
    return int(re.sub(r"\D", "", words[0]))


def check_cell(client: Client, shown: Shown) -> None:
    """A published cell stands on the opened page as it is shown, and so do its parts."""
    page = read(client, shown.href.split("#")[0])
    if shown.how == "text":
        assert shown.value in page.text_content(), shown
        return
    (opened,) = page.xpath("//*[@id='opened-value']/@data-value")
    assert opened == shown.value, shown
    told = page.xpath("//*[@id='parts']/tbody/tr[contains(@class, 'picked')]")
    assert told, f"{shown} marks no row"
    texts = [row.xpath("./*[last()]")[0].text_content().strip() for row in told]
    if shown.name == "pain":
        assert texts == [shown.value]
    elif shown.name == "follow-up":
        assert all(text in shown.value for text in texts if text.endswith("%")), shown
    source = page.xpath("//*[@id='provenance']")[0].text_content()
    assert re.search(r"\d{4}-\d\d-\d\d", source), "the date of the survey is missing"
    assert page.xpath("//a[contains(@href, '/results/#')]"), "its published cells are not linked"


def loose(page: Any) -> list[str]:
    """Numbers of the panels that are neither a figure nor said to be a name, a date or a rule."""
    found = []
    for panel in PANELS:
        for node in page.xpath(f"//*[@id='{panel}']//text()"):
            if not re.search(r"\d", node):
                continue
            inside = [node.getparent(), *node.getparent().iterancestors()]
            marked = any(
                {"data-figure", "data-name", "data-note"} & set(one.attrib) or one.tag in PLAIN
                for one in inside
            )
            if not marked:
                found.append(f"{panel}: {node.strip()}")
    return found


@pytest.mark.parametrize("who", LOOKS)
def test_every_figure_opens_to_rows_that_give_it(city: CdoTown, client: Client, who: str) -> None:
    client.force_login(city.people[who])
    page = read(client, PATH)
    assert loose(page) == []
    found = figures(page)
    assert len(found) >= LOOKS[who], [shown.name for shown in found]
    for shown in found:
        check(client, shown)


def test_the_town_shows_every_kind_of_figure(city: CdoTown, client: Client) -> None:
    client.force_login(city.people["cdo"])
    names = {shown.name for shown in figures(read(client, PATH))}
    assert names >= {
        *("up", "down", "cell", "here", "seeds", "firmness", "missing", "reached", "spread"),
        *("late", "initiatives", "unconfirmed", "unknown", "judged", "rooted", "hollow"),
        *("easier", "hours", "replies", "unreplied", "response", "pain", "follow-up", "value"),
        *("escalated", "paper", "asked_late", "stale", "lost", "unowned", "evidence"),
    }


@pytest.mark.parametrize("bureau", [0, 1])
def test_figures_of_one_bureau_open_to_its_rows(city: CdoTown, client: Client, bureau: int) -> None:
    client.force_login(city.people["cdo"])
    page = read(client, f"{PATH}?bureau={city.place.bureaus[bureau].pk}")
    for shown in figures(page):
        if shown.name in {*FLAGS, "firmness", "cell", "spread", "up", "down", "missing"}:
            check(client, shown)


def test_figures_of_the_past_open_to_the_past(city: CdoTown, client: Client) -> None:
    client.force_login(city.people["dx"])
    known = client.get(PATH).context["data"].look.known.months
    assert len(known) == 2
    for shown in figures(read(client, f"{PATH}?period={known[1].key}")):
        check(client, shown)


def test_decisions_are_for_those_who_decide(city: CdoTown, client: Client) -> None:
    path = reverse("dashboards:figure_detail", args=["lost"])
    for who, status in (("cdo", 200), ("dx", 200), ("head", 403), ("staff", 403)):
        client.force_login(city.people[who])
        assert client.get(path).status_code == status
        assert (client.get(PATH).context["decisions"] is not None) == (status == 200)


def test_answers_of_a_unit_on_culture_are_not_opened_to_others(
    city: CdoTown, client: Client
) -> None:
    client.force_login(city.people["cdo"])
    page = read(client, PATH)
    urls = [s.href for s in figures(page) if s.name == "easier" and "unit=" in s.href]
    assert urls
    for who in ("head", "auditor", "staff"):
        client.force_login(city.people[who])
        assert client.get(urls[0]).status_code in {403, 404}


def test_an_unknown_figure_or_step_is_not_found(city: CdoTown, client: Client) -> None:
    client.force_login(city.people["cdo"])
    for path in ("/dashboard/figures/zzz/", "/stages/technology/9/", "/stages/zzz/1/"):
        assert client.get(path).status_code == 404, path


def test_a_step_of_culture_names_departments_to_cdo_and_office_alone(
    city: CdoTown, client: Client
) -> None:
    path = reverse("dashboards:stage_detail", args=["culture", 1])
    name = city.place.sections[1].name
    for who in ("cdo", "dx", "head", "auditor", "staff"):
        client.force_login(city.people[who])
        shown = client.get(f"{path}?bureau={city.place.bureaus[0].pk}")
        assert (name in shown.content.decode()) == (who in {"cdo", "dx"}), who
        if who not in {"cdo", "dx"}:
            assert shown.context["stage"].sums.departments == 3, "never one bureau alone"
