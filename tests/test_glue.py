"""The scripts in a real browser, under the product's own policy, without a server."""

import json
from collections.abc import Callable

import pytest
from django.contrib.staticfiles import finders
from django.template import engines
from django.test import RequestFactory
from playwright.sync_api import ConsoleMessage, Page, Route, expect

from dxportal.dashboards.peer_figures import Dot, dot_figure
from dxportal.shared import charts
from tests.axe import axe_complaints

POLICY = (
    "default-src 'none'; script-src 'self'; style-src 'self'; img-src 'self' data: blob:;"
    " connect-src 'self'; font-src 'self'; form-action 'self'; base-uri 'none'"
)
ORIGIN = "http://127.0.0.1:9"
HEAD = '{% extends "base.html" %}{% load dx static %}{% block title %}x{% endblock %}'
Open = Callable[..., list[str]]


@pytest.fixture
def show(page: Page) -> Open:
    """Open a template's body; answers of the pretended server by path; returns the complaints."""
    complaints: list[str] = []

    def complain(message: ConsoleMessage) -> None:
        if message.type in {"error", "warning"}:
            complaints.append(message.text)

    def opened(
        source: str, answers: dict[str, tuple[int, str]] | None = None, **values: object
    ) -> list[str]:
        request = RequestFactory().get("/page/")
        html = engines["django"].from_string(HEAD + source).render(values, request)
        known = {"/page/": (200, html), **(answers or {})}

        def answer(route: Route) -> None:
            path = route.request.url.removeprefix(ORIGIN).split("?")[0]
            if path in known:
                status, body = known[path]
                route.fulfill(
                    status=status,
                    body=body,
                    content_type="text/html; charset=utf-8",
                    headers={"Content-Security-Policy": POLICY},
                )
            elif found := finders.find(path.removeprefix("/static/")):
                route.fulfill(path=found)
            else:
                route.fulfill(status=404)

        page.route("**/*", answer)
        page.on("console", complain)
        page.on("pageerror", lambda error: complaints.append(str(error)))
        page.goto(f"{ORIGIN}/page/")
        return complaints

    return opened


def fire(page: Page, name: str, **detail: str) -> None:
    """What htmx does with an HX-Trigger header."""
    page.evaluate(
        "([n, d]) => document.dispatchEvent(new CustomEvent(n, {detail: d}))", [name, detail]
    )


def test_chart_is_drawn_and_nothing_is_refused(page: Page, show: Open) -> None:
    chart = charts.line_chart(
        "firmness",
        title="固まり具合",
        finding="上がりました。",
        corner="調査",
        points=("6月", "9月"),
        series=[charts.Series("技術1段目", (52, 78))],
    )
    complaints = show(
        '{% block styles %}<link rel="stylesheet" href="{% static "css/dashboard.css" %}">'
        '{% endblock %}{% block scripts %}{% include "_chart_scripts.html" %}{% endblock %}'
        '{% block content %}<h1>x</h1><h2>y</h2>{% include "_chart.html" %}{% endblock %}',
        chart=chart,
    )
    picture = page.get_by_role("img", name="固まり具合")
    expect(picture).to_be_visible()
    assert complaints == []
    assert axe_complaints(page).violations_count == 0


def test_dots_are_named_when_pointed_at_and_nothing_is_refused(page: Page, show: Open) -> None:
    dots = [Dot("東京都 府中市", 31, 0.0), Dot("広島県 府中市", 64, -0.2)]
    figure = dot_figure(dots, median=43, chosen=Dot("新潟県 三条市", 70, 0.3), who="自団体")
    chart = charts.Chart(
        name="online32",
        title="32手続",
        finding="半数が43%以上です。",
        columns=("数字", "値"),
        rows=[("中央値", "43%")],
        figure=figure,
    )
    complaints = show(
        '{% block styles %}<link rel="stylesheet" href="{% static "css/dashboard.css" %}">'
        '{% endblock %}{% block scripts %}{% include "_chart_scripts.html" %}{% endblock %}'
        '{% block content %}<h1>x</h1><h2>y</h2>{% include "_chart.html" %}{% endblock %}',
        chart=chart,
    )
    expect(page.get_by_role("img", name="32手続")).to_be_visible()
    expect(page.locator(".scatterlayer .point")).to_have_count(3)
    expect(page.locator(".annotation")).to_have_text(["自団体 70%", "中央値 43%"])
    spot = page.locator(".scatterlayer .point").first.bounding_box()
    assert spot is not None
    page.mouse.move(spot["x"] + spot["width"] / 2, spot["y"] + spot["height"] / 2)
    expect(page.locator(".hovertext")).to_have_text("東京都 府中市 31%")
    assert complaints == []


def test_toast_offers_the_way_back_and_closes(page: Page, show: Open) -> None:
    show("{% block content %}<h1>x</h1>{% endblock %}")
    fire(page, "toast", message="保存しました", undo_url="/undo/1/")
    toast = page.locator("#messages [data-toast]")
    expect(toast).to_contain_text("保存しました")
    expect(toast.locator("form")).to_have_attribute("action", "/undo/1/")
    assert axe_complaints(page).violations_count == 0
    toast.locator("[data-toast-close]").click()
    expect(toast).to_have_count(0)


def test_toast_leaves_after_ten_seconds_but_stays_while_pointed_at(page: Page, show: Open) -> None:
    page.clock.install()
    show("{% block content %}<h1>x</h1>{% endblock %}")
    fire(page, "toast", message="保存しました")
    toast = page.locator("#messages [data-toast]")
    expect(toast.locator("form")).to_have_count(0)
    toast.hover()
    page.clock.run_for(20_000)
    expect(toast).to_have_count(1)
    page.mouse.move(5, 5)
    page.clock.run_for(10_100)
    expect(toast).to_have_count(0)


FORM = (
    '{% block content %}<h1>x</h1><form method="post" action="/save/" hx-post="/save/"'
    ' hx-target="this" hx-swap="outerHTML"><label for="w">語</label><input id="w" name="w">'
    '<button type="submit">保存</button></form>{% endblock %}'
)


def test_error_summary_takes_the_focus_after_a_swap(page: Page, show: Open) -> None:
    refused = '<form><div data-error-summary tabindex="-1" id="sum">確かめてください</div></form>'
    show(FORM, {"/save/": (422, refused)})
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#sum")).to_be_focused()


def test_signed_out_meanwhile_keeps_the_page_and_what_was_typed(page: Page, show: Open) -> None:
    show(FORM, {"/save/": (401, "")})
    page.locator("#w").fill("打ちかけ")
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#session-banner")).to_be_visible()
    expect(page.locator("#w")).to_have_value("打ちかけ")


def test_enter_that_ends_a_conversion_submits_nothing(page: Page, show: Open) -> None:
    show(FORM, {"/save/": (200, "<p id='sent'>送信</p>")})
    page.locator("#w").focus()
    page.locator("#w").dispatch_event("compositionstart")
    page.locator("form").last.evaluate("form => form.requestSubmit()")
    page.locator("#w").dispatch_event("compositionend")
    expect(page.locator("#sent")).to_have_count(0)
    page.wait_for_timeout(50)
    page.keyboard.press("Enter")
    expect(page.locator("#sent")).to_be_visible()


def test_form_is_sent_once_when_the_button_is_pressed_twice(page: Page, show: Open) -> None:
    show(
        '{% block content %}<h1>x</h1><form method="post" action="/slow/" id="f">'
        '<button type="submit">保存</button></form>{% endblock %}'
    )
    counted = page.evaluate(
        """() => {
          const form = document.getElementById("f");
          let passed = 0;
          form.addEventListener("submit", (event) => { passed += 1; event.preventDefault(); });
          form.requestSubmit();
          form.requestSubmit();
          return passed;
        }"""
    )
    assert counted == 1
    expect(page.get_by_role("button", name="保存")).to_have_attribute("aria-disabled", "true")


def test_keys_reach_the_search_and_close_the_menu(page: Page, show: Open) -> None:
    show(
        '{% block content %}<h1>x</h1><form role="search"><label for="q">さがす</label>'
        '<input id="q" type="search"></form>{% endblock %}'
    )
    page.keyboard.press("/")
    expect(page.locator("#q")).to_be_focused()
    page.locator(".who > summary").click()
    expect(page.locator(".who .panel")).to_be_visible()
    page.keyboard.press("Escape")
    expect(page.locator(".who .panel")).to_be_hidden()
    expect(page.locator(".who > summary")).to_be_focused()


def test_swapped_result_is_announced(page: Page, show: Open) -> None:
    answer = '<form><p data-announce="保存しました">✓</p></form>'
    show(FORM, {"/save/": (200, answer)})
    page.get_by_role("button", name="保存").click()
    expect(page.locator("#announcer")).to_have_text("保存しました")


def test_history_is_not_kept_in_the_browser(page: Page, show: Open) -> None:
    show("{% block content %}<h1>x</h1>{% endblock %}")
    config = json.loads(page.locator("meta[name=htmx-config]").get_attribute("content") or "{}")
    assert config["historyCacheSize"] == 0
    assert config["historyRestoreAsHxRequest"] is False
    assert config["allowEval"] is False
    assert "htmx-history-cache" not in page.evaluate("() => Object.keys(sessionStorage)")
