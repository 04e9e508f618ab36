"""What is drawn for htmx: the part, the page, the toast."""

import json

import pytest
from django.contrib.messages import get_messages
from django.contrib.messages.storage.cookie import CookieStorage
from django.http import HttpRequest, HttpResponse
from django.test import RequestFactory
from django_htmx.middleware import HtmxDetails

from dxportal.shared.htmx import notify, render_page, stop_polling, toast, wants_partial
from dxportal.shared.templatetags.dx import undo_url

PAGE, PART = "404.html", "_empty.html"
HX = {"HX-Request": "true"}


def ask(**headers: str) -> HttpRequest:
    """A request as the middlewares hand it on."""
    request = RequestFactory().get("/initiatives/", headers=headers)
    request.htmx = HtmxDetails(request)
    request._messages = CookieStorage(request)
    return request


def test_render_page_draws_the_page_without_htmx() -> None:
    response = render_page(ask(), PAGE, {"title": "x"}, partial=PART)
    assert b"<html" in response.content
    assert "HX-Request" in response.headers["Vary"]


def test_render_page_draws_the_part_for_htmx() -> None:
    response = render_page(ask(**HX), PAGE, {"title": "見出し"}, partial=PART, status=422)
    assert response.status_code == 422
    assert response.content.decode().lstrip().startswith('<div class="empty">')
    assert "HX-Request" in response.headers["Vary"]


@pytest.mark.parametrize("header", ["HX-Boosted", "HX-History-Restore-Request"])
def test_render_page_draws_the_page_when_htmx_wants_all_of_it(header: str) -> None:
    request = ask(**HX, **{header: "true"})
    assert not wants_partial(request)
    assert b"<html" in render_page(request, PAGE, {"title": "x"}, partial=PART).content


def test_render_page_draws_the_page_when_it_has_no_part() -> None:
    response = render_page(ask(**HX), PAGE)
    assert b"<html" in response.content
    assert "HX-Request" not in response.headers.get("Vary", "")


def test_toast_carries_sentence_and_way_back() -> None:
    response = toast(HttpResponse(), "保存しました", "/initiatives/1/undo/")
    assert json.loads(response.headers["HX-Trigger"]) == {
        "toast": {
            "message": "保存しました",
            "undo_url": "/initiatives/1/undo/",
            "tone": "success",
        }
    }
    assert response.headers["HX-Trigger"].isascii()


def test_notify_uses_a_toast_for_htmx_and_a_message_otherwise() -> None:
    swapped = ask(**HX)
    response = notify(swapped, HttpResponse(), "保存しました", "/undo/")
    assert "toast" in response.headers["HX-Trigger"]
    assert list(get_messages(swapped)) == []

    posted = ask()
    response = notify(posted, HttpResponse(), "保存しました", "/undo/")
    assert "HX-Trigger" not in response.headers
    (message,) = get_messages(posted)
    assert str(message) == "保存しました"
    assert undo_url(message) == "/undo/"


def test_undo_url_is_empty_when_nothing_can_be_undone() -> None:
    request = ask()
    notify(request, HttpResponse(), "送りました", tone="error")
    (message,) = get_messages(request)
    assert message.level_tag == "error"
    assert undo_url(message) == ""


def test_stop_polling_answers_286() -> None:
    assert stop_polling(HttpResponse("x")).status_code == 286
