"""「声とお返事」: what waits, what has come due, what was answered, and who sees which."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.urls import reverse
from django.utils import timezone

from roadmap.choices import ReplyState, Verdict
from roadmap.models import AdoptionVerdict, Theme
from surveys import replying
from surveys.actions.replies import Words, reply
from surveys.models import Commitment, PublishedVoice, Wave
from tests import factories
from tests.surveys import towns
from tests.surveys.boxes import own_key_dir
from tests.surveys.towns import NOW, answer, close, open_wave, pain, town

TODAY = timezone.localdate()
DAY = dt.timedelta(days=1)
CODES = ("paper", "phone", "meetings")

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, settings: Any) -> None:
    """A key folder of this test's own."""
    own_key_dir(settings, tmp_path)


@pytest.fixture
def place() -> towns.Town:
    """A town of 30."""
    return town([30])


def _closed(place: towns.Town, weeks_ago: int = 0, template: str = "pain") -> Wave:
    """A closed wave: 10 each named paper, phone and meetings."""
    opens = NOW - dt.timedelta(weeks=weeks_ago)
    ends = opens + 14 * DAY
    times: dict[str, Any] = {"opens_at": opens, "closes_at": ends, "publish_at": ends}
    wave = open_wave(place, template, label=f"{weeks_ago}週前", **times)
    for number, person in enumerate(place.everybody):
        code = CODES[number % 3]
        answer(wave, person, pain(code) if template == "pain" else {"Q1": code})
    return close(wave)


def _reply(place: towns.Town, wave: Wave, code: str = "paper", **fields: Any) -> Commitment:
    words = {
        "state": ReplyState.CANNOT,
        "sentence": f"{code}はできません",
        "due_on": TODAY + DAY,
        **fields,
    }
    theme = Theme.objects.get(municipality=place.municipality, code=code)
    by, on = place.office, TODAY - dt.timedelta(days=50)
    return reply(wave, theme, Words(**words), by=by, on=on)


def _rows(place: towns.Town) -> list[replying.Said]:
    return replying.said(place.office, timezone.now())


def _page(client: Any, who: Any, query: str = "") -> str:
    client.force_login(who)
    return str(client.get(reverse("surveys:voice_list") + query).content.decode())


def test_themes_of_every_wave_wait_the_oldest_first(place: towns.Town) -> None:
    new, old, intake = _closed(place), _closed(place, 30), _closed(place, 5, "intake")
    _reply(place, old, "phone")

    waiting = replying.waiting(_rows(place))

    assert [row.wave for row in waiting] == [old] * 2 + [intake] * 3 + [new] * 3
    assert {row.theme.code for row in waiting[:2]} == {"paper", "meetings"}
    assert all(row.overdue for row in waiting)
    assert waiting[0].days - waiting[-1].days == 30 * 7


def test_the_clock_runs_from_the_close(place: towns.Town) -> None:
    wave = _closed(place)
    closed_on = timezone.localdate(wave.closes_at)

    def first(days: int) -> replying.Said:
        now = wave.closes_at + days * DAY
        return replying.waiting(replying.said(place.office, now))[0]

    assert first(30).due_on == closed_on + 30 * DAY
    assert not first(30).overdue
    assert (first(31).overdue, first(31).late_by) == (True, 1)


def test_the_rate_counts_all_waves_and_names_the_oldest(place: towns.Town) -> None:
    new, old = _closed(place), _closed(place, 30)
    for code in CODES:
        _reply(place, old, code)
    _reply(place, new)

    rate = replying.rate(_rows(place))

    assert (rate.answered, rate.total, rate.percent) == (4, 6, 66)
    assert rate.oldest_days == (TODAY - timezone.localdate(new.closes_at)).days


@pytest.mark.parametrize(
    ("fields", "again"),
    [
        ({"due_on": TODAY}, "look"),
        ({"due_on": TODAY + DAY}, ""),
        ({"state": ReplyState.LOOKING, "due_on": TODAY}, "answer"),
        ({"state": ReplyState.LOOKING, "due_on": TODAY + DAY}, ""),
    ],
)
def test_a_reply_comes_back_on_its_date(
    place: towns.Town, fields: dict[str, Any], again: str
) -> None:
    _reply(place, _closed(place), **fields)

    found = replying.to_look_at(_rows(place))

    assert [row.again for row in found] == ([again] if again else [])


@pytest.mark.parametrize(
    ("launched", "due", "again", "kept"),
    [
        (None, TODAY - DAY, "late", False),
        (None, TODAY, "", False),
        (TODAY + DAY, TODAY - DAY, "late", False),
        (TODAY, TODAY - DAY, "", True),
        (TODAY - DAY, TODAY + DAY, "", True),
    ],
)
def test_a_promise_comes_back_when_it_is_late_and_not_in_operation(
    place: towns.Town, launched: dt.date | None, due: dt.date, again: str, kept: bool
) -> None:
    made = factories.initiative(place.municipality, launched_on=launched)
    owner = factories.post(place.sections[0])
    _reply(place, _closed(place), state="do", initiative=made, owner=owner, due_on=due)

    row = next(row for row in _rows(place) if row.reply)

    assert (row.again, row.kept) == (again, kept)


def test_a_kept_promise_says_what_its_users_found(place: towns.Town, client: Any) -> None:
    wave, owner = _closed(place), factories.post(place.sections[0])
    live = factories.initiative(place.municipality, launched_on=TODAY - 99 * DAY)
    planned = factories.initiative(place.municipality)
    for made, verdicts in ((live, ("support", "established")), (planned, ("unused",))):
        for days, verdict in enumerate(verdicts):
            AdoptionVerdict.objects.create(
                initiative=made, on=TODAY - (9 - days) * DAY, verdict=verdict
            )
    _reply(place, wave, "paper", state="do", initiative=live, owner=owner)
    _reply(place, wave, "phone", state="do", initiative=planned, owner=owner)

    found = {row.theme.code: row.verdict for row in _rows(place)}

    assert found == {"paper": "established", "phone": None, "meetings": None}
    assert str(Verdict.ESTABLISHED.label) in _page(client, place.everybody[0])


def test_replies_stand_newest_wave_first_and_kept_ones_first(place: towns.Town) -> None:
    new, old = _closed(place), _closed(place, 30)
    post = factories.post(place.sections[0])
    live = factories.initiative(place.municipality, launched_on=TODAY - 9 * DAY)
    _reply(place, new, "paper")
    _reply(place, new, "phone", state="looking")
    _reply(place, new, "meetings", state="do", owner=post, initiative=live)
    _reply(place, old, "paper", state="do", owner=post)

    found = replying.answered(_rows(place))

    assert [(row.wave, row.theme.code) for row in found] == [
        (new, "meetings"),
        (new, "phone"),
        (new, "paper"),
        (old, "paper"),
    ]


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("?state=cannot", {"paperはできません"}),
        ("?state=kept", {"文字起こし"}),
        ("?state=do", {"文字起こし"}),
        ("?q=ＰＡＰＥＲ", {"paperはできません"}),
        ("?q=ぎじろく", set()),
        ("?q=会議", {"文字起こし"}),
        ("?q=自動化の取組", {"文字起こし"}),
        ("?q=%00", {"paperはできません", "文字起こし"}),
        ("?state=nonsense", {"paperはできません", "文字起こし"}),
    ],
)
def test_replies_are_found_by_state_and_words(
    place: towns.Town, query: str, found: set[str], client: Any
) -> None:
    wave = _closed(place)
    live = factories.initiative(place.municipality, "自動化の取組", launched_on=TODAY)
    _reply(place, wave, "paper")
    _reply(
        place,
        wave,
        "meetings",
        state="do",
        sentence="文字起こし",
        initiative=live,
        owner=factories.post(place.sections[0]),
    )

    page = _page(client, place.everybody[0], query)

    assert {text for text in ("paperはできません", "文字起こし") if text in page} == found


def test_staff_see_what_waits_but_only_the_office_is_asked_to_reply(
    place: towns.Town, client: Any
) -> None:
    wave = _closed(place)
    theme = Theme.objects.get(municipality=place.municipality, code="paper")
    link = reverse("surveys:reply_edit", args=[wave.pk, theme.pk])

    office, staff = (
        _page(client, who, "?tab=waiting") for who in (place.office, place.everybody[0])
    )

    assert "紙やハンコ" in office
    assert "紙やハンコ" in staff
    assert link in office
    assert link not in staff
    assert 'href="?tab=again"' in office
    assert 'href="?tab=again"' not in staff
    assert "paperはできません" not in _page(client, place.everybody[0], "?tab=again")


def test_the_holder_of_a_post_sees_what_it_answers_for(place: towns.Town, client: Any) -> None:
    wave = _closed(place)
    holder, colleague = place.everybody[:2]
    _reply(place, wave, owner=factories.post(place.sections[0], held_by=holder))

    assert "paperはできません" in _page(client, holder, "?tab=mine")
    assert 'href="?tab=mine"' not in _page(client, colleague, "?tab=mine")


def test_a_changed_reply_says_when(place: towns.Town, client: Any) -> None:
    wave = _closed(place)
    _reply(place, wave)
    first = _page(client, place.everybody[0])
    Commitment.objects.update(version=2)

    assert "更新" not in first
    assert "更新" in _page(client, place.everybody[0])


def test_approved_wordings_stand_beside_their_theme_and_others_nowhere(
    place: towns.Town, client: Any
) -> None:
    wave = _closed(place)
    theme = _reply(place, wave).theme
    one, two = place.everybody[:2]
    said = {"wave": wave, "theme": theme, "proposed_by": one, "proposed_on": TODAY}
    PublishedVoice.objects.create(
        text="決裁が一週間止まります", approved_by=two, approved_on=TODAY, **said
    )
    PublishedVoice.objects.create(text="まだ見せない言い回し", **said)

    page = _page(client, place.everybody[0])

    assert "決裁が一週間止まります" in page
    assert "まだ見せない言い回し" not in page


def test_what_fewer_than_five_named_is_not_told(place: towns.Town) -> None:
    wave = open_wave(place)
    for number, person in enumerate(place.everybody):
        answer(wave, person, pain("paper" if number >= 4 else "silos"))
    close(wave)

    assert [row.theme.code for row in _rows(place)] == ["paper"]


def test_a_long_queue_has_pages(place: towns.Town, client: Any) -> None:
    for weeks in range(0, 35, 5):
        _closed(place, weeks)

    first, second = (
        _page(client, place.office, f"?tab=waiting&page={n}").count("お返事を書く") for n in (1, 2)
    )

    assert (first, second) == (20, 1)


@pytest.mark.parametrize("rows", [1, 3])
@pytest.mark.parametrize("tab", ["answered", "waiting", "again", "mine"])
def test_the_page_costs_the_same_for_one_and_three_rows(
    place: towns.Town, rows: int, tab: str, client: Any, django_assert_num_queries: Any
) -> None:
    post = factories.post(place.sections[0], held_by=place.office)
    for weeks in range(0, 5 * rows, 5):
        wave = _closed(place, weeks)
        for code in CODES[:rows]:
            _reply(place, wave, code, owner=post, due_on=TODAY)
    client.force_login(place.office)

    with django_assert_num_queries(13):
        client.get(reverse("surveys:voice_list") + f"?tab={tab}")
