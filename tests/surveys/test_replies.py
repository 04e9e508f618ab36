"""Replying to themes, and the page that everybody reads."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.urls import reverse

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.choices import ReplyState
from roadmap.models import Theme
from surveys.actions.replies import ReplyConflict, reply
from surveys.models import Commitment, Wave
from tests import factories
from tests.surveys import towns
from tests.surveys.towns import answer, close, open_wave, pain, town

DAY = dt.date(2026, 9, 20)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def key_dir(tmp_path: Path, settings: Any) -> Path:
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"
    return settings.KEY_DIR


@pytest.fixture
def closed() -> tuple[towns.Town, Wave]:
    """A town of 30 with a closed pain wave: 10 each named paper, phone and meetings."""
    place = town([30])
    wave = open_wave(place)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain(["paper", "phone", "meetings"][number % 3]))
    return place, close(wave)


def _theme(place: towns.Town, code: str = "paper") -> Theme:
    return Theme.objects.get(municipality=place.municipality, code=code)


def _reply(closed: tuple[towns.Town, Wave], **fields: Any) -> Commitment:
    place, wave = closed
    values = {"state": ReplyState.DO, "sentence": "電子決裁にします", "by": place.office, "on": DAY}
    return reply(wave, fields.pop("theme", _theme(place)), **{**values, **fields})


def test_one_reply_per_theme_and_wave_with_history(closed: tuple[towns.Town, Wave]) -> None:
    first = _reply(closed)

    second = _reply(closed, state=ReplyState.CANNOT, sentence="法令で決まっています", version=1)

    assert (first.pk, second.version) == (second.pk, 2)
    events = Event.objects.filter(action="theme.replied").order_by("id")
    assert [event.after["state"] for event in events] == ["do", "cannot"]
    assert events[1].before["sentence"] == "電子決裁にします"


@pytest.mark.parametrize("version", [None, 0, 7])
def test_a_reply_that_was_not_seen_is_not_covered(
    closed: tuple[towns.Town, Wave], version: int | None
) -> None:
    _reply(closed)

    with pytest.raises(ReplyConflict) as conflict:
        _reply(closed, sentence="別の返事", version=version)

    assert conflict.value.theirs.sentence == "電子決裁にします"
    assert Commitment.objects.get().version == 1


def test_the_same_reply_again_writes_nothing(closed: tuple[towns.Town, Wave]) -> None:
    _reply(closed)
    _reply(closed, version=1)

    assert Commitment.objects.get().version == 1
    assert Event.objects.filter(action="theme.replied").count() == 1


def test_an_empty_sentence_and_a_foreign_theme_are_refused(
    closed: tuple[towns.Town, Wave],
) -> None:
    stranger = Theme.objects.filter(municipality=factories.municipality("隣市")).first()

    for fields in ({"sentence": "  "}, {"theme": stranger}, {"state": "maybe"}):
        with pytest.raises(ValidationError):
            _reply(closed, **fields)

    assert not Commitment.objects.exists()


def test_an_open_wave_has_nothing_to_reply_to() -> None:
    place = town([6])
    wave = open_wave(place)

    with pytest.raises(ValidationError):
        _reply((place, wave))


def test_the_office_replies_on_a_page_and_staff_read_it(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    client.force_login(place.office)
    url = reverse("surveys:reply_edit", args=[wave.pk, _theme(place).pk])

    assert client.get(url).status_code == 200
    empty = client.post(url, {"state": "do", "sentence": ""})
    sent = client.post(url, {"state": "cannot", "sentence": "今年度は対応できません"})

    assert empty.status_code == 422
    assert sent.status_code == 302
    client.force_login(place.everybody[0])
    page = client.get(reverse("surveys:voice_list")).content.decode()
    assert "今年度は対応できません" in page
    assert "紙やハンコで回覧・決裁する" in page
    assert reverse("surveys:reply_edit", args=[wave.pk, _theme(place).pk]) not in page


def test_a_second_office_sees_both_texts(closed: tuple[towns.Town, Wave], client: Any) -> None:
    place, wave = closed
    _reply(closed)
    client.force_login(place.office)

    response = client.post(
        reverse("surveys:reply_edit", args=[wave.pk, _theme(place).pk]),
        {"state": "looking", "sentence": "調べています", "version": ""},
    )

    assert response.status_code == 409
    assert "電子決裁にします" in response.content.decode()
    assert "調べています" in response.content.decode()


def test_only_the_office_replies_and_no_stranger_finds_it(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    other = factories.municipality("隣市")
    url = reverse("surveys:reply_edit", args=[wave.pk, _theme(place).pk])

    client.force_login(place.everybody[0])
    assert client.get(url).status_code == 403
    client.force_login(factories.user(other, role=Role.DX_OFFICE))
    assert client.get(url).status_code == 404
    assert "紙やハンコ" not in client.get(reverse("surveys:voice_list")).content.decode()


@pytest.mark.parametrize("replies", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_replies(
    closed: tuple[towns.Town, Wave], replies: int, client: Any, django_assert_num_queries: Any
) -> None:
    place, _wave = closed
    for code in ["paper", "phone", "meetings"][:replies]:
        _reply(closed, theme=_theme(place, code))
    client.force_login(place.everybody[0])

    with django_assert_num_queries(12):
        page = client.get(reverse("surveys:voice_list"))

    assert page.content.decode().count("電子決裁にします") == replies
