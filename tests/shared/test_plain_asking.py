"""Where texts are typed: hard words are told once, and the second sending goes through."""

import pytest
from django.urls import reverse

from roadmap.models import ReportingRound
from tests.roadmap.board import signed_in, town

pytestmark = pytest.mark.django_db
HARD = "アジャイルなスキームで進めます。"


def test_words_to_departments_are_told_once_and_kept_as_they_are():
    place = town()
    client, page = signed_in(place.office), reverse("roadmap:round_create")
    period = client.get(page).context["form"]["period"].value()
    sent = {"period": period, "note": HARD}
    first = client.post(page, sent)
    assert first.status_code == 422
    assert "アジャイル" in first.content.decode()
    assert not ReportingRound.objects.exists()
    again = client.post(page, {**sent, "plain_seen": "1"})
    assert again.status_code == 302, again.context["form"].errors
    assert ReportingRound.objects.get().note == HARD


def test_plain_words_need_no_second_click():
    place = town()
    client, page = signed_in(place.office), reverse("roadmap:round_create")
    period = client.get(page).context["form"]["period"].value()
    sent = {"period": period, "note": "今回は、遅れている取組だけ書いてください。"}
    assert client.post(page, sent).status_code == 302


def test_page_of_the_list_looks_at_a_text_and_keeps_nothing():
    place = town()
    client, page = signed_in(place.employee), reverse("dashboards:plain_japanese")
    found = client.post(page, {"text": HARD})
    assert {hint.found for hint in found.context["hints"]} == {"アジャイル", "スキーム"}
    assert client.post(page, {"text": "来週の金曜日に始めます。"}).context["clean"]
    assert client.post(page, {"text": ""}).status_code == 422
