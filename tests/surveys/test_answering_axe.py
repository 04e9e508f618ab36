"""Every answering page and every page that runs surveys: axe finds nothing, nothing overflows."""

import os
from pathlib import Path
from typing import Any

import pytest
from django.utils import timezone
from playwright.sync_api import Page

from surveys.actions import waves
from surveys.actions.ballots import ByAccount, save_ballot
from surveys.models import Commitment, Wave
from surveys.participation import write_bands
from tests.axe import axe_complaints
from tests.surveys import boxes

pytestmark = [pytest.mark.browser, pytest.mark.django_db(transaction=True)]
WIDTHS = (375, 1280)


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    return boxes.own_key_dir(settings, tmp_path)


def _check(page: Page, name: str) -> None:
    """axe and the page's width, at both sizes."""
    for width in WIDTHS:
        page.set_viewport_size({"width": width, "height": 812})
        found = axe_complaints(page)
        assert found.violations_count == 0, f"{name} {width}: {found.generate_report()}"
        assert page.evaluate("document.documentElement.scrollWidth") <= width, f"{name} {width}"
        if folder := os.environ.get("DXPORTAL_SHOTS"):
            page.screenshot(path=f"{folder}/{name}_{width}.png", full_page=True)


def _last_time(town: boxes.Town) -> None:
    """An earlier wave of the same survey with a reply."""
    now = timezone.now()
    earlier = waves.plan_wave(
        town.wave.survey,
        label="2026年春",
        opens_at=now - 90 * boxes.DAY,
        closes_at=now - 60 * boxes.DAY,
        publish_at=now - 50 * boxes.DAY,
        by=town.office,
    )
    for theme, state in zip(
        town.municipality.themes.all()[:3], ("do", "looking", "cannot"), strict=True
    ):
        Commitment.objects.create(
            wave=earlier,
            theme=theme,
            state=state,
            sentence="休暇届を電子申請にしました",
            replied_by=town.office,
            replied_on=timezone.localdate(),
        )


def test_answering_pages(page: Page, sign_in: Any) -> None:
    town = boxes.open_town()
    _last_time(town)
    sign_in(town.staff[0])
    base = f"/answer/{town.wave.pk}/"

    page.goto(base)
    _check(page, "start")
    for code in ("Q1", "Q1b", "Q2"):
        page.goto(f"{base}{code}/")
        _check(page, code)
    page.goto(f"{base}Q1/")
    page.click(".act .btn.fill")
    _check(page, "Q1-error")
    page.goto(f"{base}Q2/")
    page.fill("textarea", "鈴木課長の決裁が遅い")
    page.click(".act .btn.fill")
    _check(page, "Q2-name")
    page.click(".act .btn.fill")
    page.goto(base)
    _check(page, "start-again")
    page.goto(f"{base}check/")
    _check(page, "check")
    page.click(".act .btn.fill")
    _check(page, "check-error")
    page.click("#row-Q1 a")
    page.click(".opt")
    page.click(".act .btn.fill")
    page.click(".act .btn.fill")
    _check(page, "thanks")
    page.click("button[value=again]")
    _check(page, "again")
    page.click(".opt")
    page.click(".act .btn.fill")
    _check(page, "again-next")
    Wave.objects.filter(pk=town.wave.pk).update(closes_at=timezone.now())
    page.click(".opt")
    page.click(".act .btn.fill")
    _check(page, "closed-kept")
    page.goto(base)
    _check(page, "closed")


def test_a_follow_up_page(page: Page, sign_in: Any) -> None:
    town = boxes.open_town(template="follow_up")
    sign_in(town.staff[0])

    page.goto(f"/answer/{town.wave.pk}/F6/")

    _check(page, "F6")


def test_pages_of_those_who_run_surveys(page: Page, sign_in: Any) -> None:
    town = boxes.open_town()
    planned = boxes.draft(town.municipality, town.office)
    for person in town.staff[:4]:
        save_ballot(
            town.wave,
            ByAccount(person.pk),
            answers={"Q1": "paper"},
            submit=True,
            draft_binding=b"",
            now=timezone.now(),
        )
    write_bands(town.wave.pk, timezone.localdate())
    sign_in(town.office)

    paths = {
        "list": "/surveys/",
        "new": "/surveys/new/",
        "survey": f"/surveys/{town.wave.survey_id}/",
        "wave-new": f"/surveys/{town.wave.survey_id}/waves/new/",
        "wave": f"/surveys/waves/{town.wave.pk}/",
        "wave-draft": f"/surveys/waves/{planned.pk}/",
        "wave-open": f"/surveys/waves/{planned.pk}/open/",
        "wave-extend": f"/surveys/waves/{town.wave.pk}/extend/",
        "wave-cancel": f"/surveys/waves/{town.wave.pk}/cancel/",
    }
    for name, path in paths.items():
        response = page.goto(path)
        assert response is not None
        assert response.status == 200, path
        _check(page, name)
