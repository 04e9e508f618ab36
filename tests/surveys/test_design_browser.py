"""Designing in a real browser, on a phone and without scripts."""

from pathlib import Path
from typing import Any

import pytest
from playwright.sync_api import Page

from surveys.actions import definitions
from surveys.models import Question, Survey
from tests.surveys import boxes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


@pytest.fixture
def browser_context_args(browser_context_args: dict[str, Any]) -> dict[str, Any]:
    """A phone without scripts."""
    phone = {"width": 375, "height": 812}
    return {**browser_context_args, "viewport": phone, "java_script_enabled": False}


@pytest.fixture
def survey(sign_in: Any) -> Survey:
    """An empty survey; the DX office is signed in."""
    town = boxes.open_town()
    sign_in(town.office)
    return definitions.create_survey(town.municipality, "empty", title="残業", by=town.office)


def _save(page: Page) -> None:
    page.locator("main form button[type=submit]:visible").last.click()


def _begin(page: Page, survey: Survey, kind: str, text: str) -> None:
    page.goto(f"/surveys/{survey.pk}/questions/new/")
    page.check(f"input[name=kind][value={kind}]")
    page.fill("input[name=text]", text)


def test_only_what_a_kind_needs_is_on_the_page(page: Page, survey: Survey) -> None:
    shown = {
        "single": ("row0-label", "row0-more", "required"),
        "multiple": ("row0-label", "row0-more", "required", "max_choices"),
        "number": ("row0-label", "row0-low", "required"),
        "scale": ("required",),
        "text": (),
    }
    fields = ("row0-label", "row0-more", "row0-low", "required", "max_choices")

    for kind, expected in shown.items():
        _begin(page, survey, kind, "質問")
        seen = [name for name in fields if page.locator(f"input[name={name}]").is_visible()]
        assert seen == [name for name in fields if name in expected], kind
        assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_survey_is_written_moved_and_tried_without_scripts(page: Page, survey: Survey) -> None:
    _begin(page, survey, "single", "忙しいですか。")
    for row, label in enumerate(("はい", "いいえ", "ときどき", "むかし")):
        page.fill(f"input[name=row{row}-label]", label)
    page.click("button[value=rows]")
    page.fill("input[name=row4-label]", "分からない")
    _save(page)
    _begin(page, survey, "text", "なぜですか。")
    page.locator("summary", has_text="忙しいですか。").click()
    page.check("input[name=when-N1] >> nth=0")
    _save(page)

    page.goto(f"/surveys/{survey.pk}/preview/")
    page.click(".phone .act .btn.fill")
    page.click(".phone label.opt >> nth=0")
    page.click(".phone .act .btn.fill")
    asked_after_yes = page.locator(".phone h1").inner_text()
    page.click(".phone .back")
    page.click(".phone label.opt >> nth=1")
    page.click(".phone .act .btn.fill")
    after_no = page.locator(".phone h1").inner_text()

    first, second = Question.objects.filter(survey=survey).order_by("order")
    assert [option.label for option in first.options.all()][-1] == "分からない"
    assert second.ask_if == [{"question": "N1", "any_of": ["a1"]}]
    assert asked_after_yes == "なぜですか。"
    assert after_no != asked_after_yes
    assert page.evaluate("document.documentElement.scrollWidth") <= 375


def test_a_question_is_retired_and_brought_back_without_scripts(page: Page, survey: Survey) -> None:
    _begin(page, survey, "scale", "居心地がよい")
    _save(page)

    page.locator(".qdo form").last.locator("button").click()
    gone = page.locator(".qcard").count()
    page.locator("[data-toast-undo] button").click()

    assert gone == 0
    assert page.locator(".qcard").count() == 1
    assert page.url.endswith("#question-N1")
