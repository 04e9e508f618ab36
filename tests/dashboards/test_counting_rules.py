"""One text for the page of rules, the page of each figure, and the manual."""

from pathlib import Path

import pytest
from django.test import Client
from django.utils import translation

from dxportal.dashboards.board.counting_rules import RULES
from dxportal.dashboards.board.crosswalk import LEVELS, WHY
from dxportal.dashboards.board.opening import FIGURES
from tests import factories

MANUAL = Path(__file__).resolve().parents[2] / "docs" / "dashboard.md"


def test_the_manual_has_the_words_of_every_rule() -> None:
    text = MANUAL.read_text(encoding="utf-8")
    with translation.override("ja"):
        for rule in RULES.values():
            assert f"**{rule.title}。** {rule.text}" in text
        places = [text.index(f"| {WHY[rule]} |") for rule in LEVELS]
    assert places == sorted(places), "the levels stand in the order in which they are tried"


@pytest.mark.django_db
def test_the_page_has_an_anchor_for_every_rule(client: Client) -> None:
    client.force_login(factories.user(factories.municipality()))
    page = client.get("/dashboard/rules/").content.decode()
    for anchor, rule in RULES.items():
        assert f'id="{anchor}"' in page
        assert str(rule.title) in page
    assert FIGURES
