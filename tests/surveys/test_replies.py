"""Replying to themes, and the page that everybody reads."""

import datetime as dt
from pathlib import Path
from typing import Any

import pytest
from django.core.exceptions import ValidationError
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Assignment, Event, Outbox, Post
from roadmap.choices import ReplyState
from roadmap.models import Theme
from surveys import replying
from surveys.actions import waves
from surveys.actions.replies import ReplyConflict, Words, keep_reply, reply, undo_reply
from surveys.models import Commitment, Wave
from tests import factories
from tests.surveys import towns
from tests.surveys.boxes import own_key_dir
from tests.surveys.towns import answer, close, open_wave, pain, town

DAY = dt.date(2026, 9, 20)
LATER = dt.date(2027, 3, 31)
ONE = dt.timedelta(days=1)

pytestmark = pytest.mark.django_db


@pytest.fixture(autouse=True)
def keys(tmp_path: Path, settings: Any) -> None:
    """A key folder of this test's own."""
    own_key_dir(settings, tmp_path)


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


def _post(place: towns.Town) -> Post:
    """The head of the first section; the same one however often it is asked for."""
    section = place.sections[0]
    found = Post.objects.filter(department=section, is_head=True).first()
    if found is None:
        found = factories.post(section, is_head=True, held_by=place.staff[section.pk][0])
    return found


def _reply(closed: tuple[towns.Town, Wave], **fields: Any) -> Commitment:
    place, wave = closed
    theme, version = fields.pop("theme", _theme(place)), fields.pop("version", None)
    by, on = fields.pop("by", place.office), fields.pop("on", DAY)
    words = {
        "state": ReplyState.DO,
        "sentence": "電子決裁にします",
        "owner": _post(place),
        "due_on": LATER,
        **fields,
    }
    return reply(wave, theme, Words(**words), by=by, on=on, version=version)


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

    assert conflict.value.theirs is not None
    assert conflict.value.theirs.sentence == "電子決裁にします"
    assert Commitment.objects.get().version == 1


def test_the_same_reply_again_writes_nothing(closed: tuple[towns.Town, Wave]) -> None:
    _reply(closed)
    _reply(closed, version=1)

    assert Commitment.objects.get().version == 1
    assert Event.objects.filter(action="theme.replied").count() == 1


@pytest.mark.parametrize(
    ("fields", "wrong"),
    [
        ({"state": "maybe"}, {"state"}),
        ({"sentence": "  "}, {"sentence"}),
        ({"owner": None}, {"owner"}),
        ({"due_on": None}, {"due_on"}),
        ({"due_on": DAY - ONE}, {"due_on"}),
        ({"due_on": DAY.replace(year=2226)}, {"due_on"}),
        ({"sentence": "", "owner": None, "due_on": None}, {"sentence", "owner", "due_on"}),
        ({"state": "cannot", "sentence": "", "owner": None}, {"sentence"}),
        ({"state": "cannot", "due_on": None}, {"due_on"}),
        ({"state": "looking", "sentence": " "}, {"sentence"}),
        ({"state": "looking", "due_on": None}, {"due_on"}),
        ({"state": "looking", "due_on": DAY - ONE, "owner": None}, {"due_on"}),
    ],
)
def test_each_reply_needs_its_own_fields(
    closed: tuple[towns.Town, Wave], fields: dict[str, Any], wrong: set[str]
) -> None:
    with pytest.raises(ValidationError) as refused:
        _reply(closed, **fields)

    assert set(refused.value.message_dict) == wrong
    assert not Commitment.objects.exists()


@pytest.mark.parametrize(
    "fields",
    [
        {"due_on": DAY},
        {"state": "cannot", "owner": None, "due_on": DAY},
        {"state": "looking", "owner": None, "due_on": DAY + ONE},
    ],
)
def test_what_is_needed_is_enough(closed: tuple[towns.Town, Wave], fields: dict[str, Any]) -> None:
    assert _reply(closed, **fields).version == 1


def test_an_initiative_stands_for_the_sentence_of_a_promise(
    closed: tuple[towns.Town, Wave],
) -> None:
    initiative = factories.initiative(closed[0].municipality, "電子決裁の導入")

    made = _reply(closed, sentence="", initiative=initiative)

    assert "電子決裁の導入" in made.sentence
    with pytest.raises(ValidationError):
        _reply(closed, state="cannot", sentence="", initiative=initiative, version=1)


def test_a_date_that_has_passed_may_stay_but_not_be_chosen(
    closed: tuple[towns.Town, Wave],
) -> None:
    _reply(closed)
    much_later = LATER + 9 * ONE

    kept = _reply(closed, sentence="電子決裁に一本化します", version=1, on=much_later)
    with pytest.raises(ValidationError):
        _reply(closed, due_on=LATER + ONE, version=2, on=much_later)

    assert (kept.version, kept.due_on) == (2, LATER)


def test_things_of_another_municipality_are_refused(closed: tuple[towns.Town, Wave]) -> None:
    elsewhere = factories.municipality("隣市")
    post = factories.post(factories.department(elsewhere))

    for fields in (
        {"theme": Theme.objects.filter(municipality=elsewhere).first()},
        {"initiative": factories.initiative(elsewhere)},
        {"owner": post},
    ):
        with pytest.raises(ValidationError):
            _reply(closed, **fields)

    assert not Commitment.objects.exists()


def test_an_open_wave_has_nothing_to_reply_to() -> None:
    place = town([6])
    wave = open_wave(place)

    with pytest.raises(ValidationError):
        _reply((place, wave))


def test_an_intake_is_replied_to_like_a_pain_survey_and_a_pulse_is_not() -> None:
    place = town([30])
    intake, pulse = open_wave(place, "intake", label="9月"), open_wave(place, "pulse")
    for person in place.everybody:
        answer(intake, person, {"Q1": "phone"})

    made = _reply((place, close(intake)), theme=_theme(place, "phone"))

    assert made.version == 1
    with pytest.raises(ValidationError):
        _reply((place, close(pulse)))


def test_the_holder_of_the_post_is_told_once(closed: tuple[towns.Town, Wave]) -> None:
    place, _wave = closed
    holder = Assignment.objects.get(post=_post(place)).user
    other = factories.post(place.sections[0], "係長", held_by=place.everybody[4])

    _reply(closed)
    _reply(closed, sentence="電子決裁に一本化します", version=1)
    _reply(closed, owner=other, version=2)
    _reply(closed, version=3)

    told = Outbox.objects.filter(channel="in_app", key__startswith="reply-")
    assert sorted(told.values_list("recipient", flat=True)) == sorted([holder.pk, other_of(other)])
    assert "電子決裁" in told[0].body


def other_of(post: Post) -> int:
    """Who holds a post."""
    return Assignment.objects.get(post=post).user_id


# Undo ---------------------------------------------------------------------------------------------
def test_the_last_change_is_taken_back_field_by_field(closed: tuple[towns.Town, Wave]) -> None:
    place, _wave = closed
    initiative = factories.initiative(place.municipality)
    _reply(closed, initiative=initiative)
    changed = _reply(closed, state="cannot", sentence="無理", owner=None, due_on=DAY, version=1)

    back = undo_reply(changed, version=2, by=place.office, on=DAY)

    assert back is not None
    row = Commitment.objects.get()
    assert (row.state, row.sentence) == ("do", "電子決裁にします")
    assert (row.initiative, row.owner, row.due_on) == (initiative, _post(place), LATER)
    assert row.version == 3
    with pytest.raises(ValidationError):  # one step only
        undo_reply(row, version=3, by=place.office, on=DAY)
    event = Event.objects.get(action="theme.reply_undone")
    assert (event.before["state"], event.after["state"]) == ("cannot", "do")


def test_undoing_the_first_reply_puts_the_theme_back_into_the_queue(
    closed: tuple[towns.Town, Wave],
) -> None:
    row = _reply(closed)

    assert undo_reply(row, version=1, by=closed[0].office, on=DAY) is None

    assert not Commitment.objects.exists()
    assert Event.objects.get(action="theme.reply_undone").before["sentence"] == "電子決裁にします"


def test_nothing_newer_is_undone(closed: tuple[towns.Town, Wave]) -> None:
    row = _reply(closed)
    _reply(closed, sentence="電子決裁に一本化します", version=1)

    with pytest.raises(ReplyConflict):
        undo_reply(row, version=1, by=closed[0].office, on=DAY)

    assert Commitment.objects.get().sentence == "電子決裁に一本化します"


# Done -------------------------------------------------------------------------------------------
def test_a_promise_without_an_initiative_is_marked_as_done_and_back(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    today = timezone.localdate()
    row = _reply(closed, due_on=DAY)
    args = [wave.pk, row.theme_id, 1]
    client.force_login(place.office)

    def stands() -> tuple[bool, str]:
        found = replying.said_of(place.office, wave, row.theme, timezone.now())
        assert found is not None
        return found.kept, found.again

    assert row.due_on is not None
    assert row.due_on < today
    assert stands() == (False, "late")
    link = reverse("surveys:reply_keep", args=args)
    assert link in client.get(reverse("surveys:voice_list") + "?tab=again").content.decode()
    for _twice in range(2):
        assert client.post(link).status_code == 302
    assert stands() == (True, "")
    assert Event.objects.filter(action="theme.reply_kept").count() == 1
    client.post(reverse("surveys:reply_undo", args=args))
    assert stands() == (False, "late")
    client.post(link)
    _reply(closed, sentence="範囲を広げます", due_on=DAY, version=1)
    assert stands() == (False, "late")  # what is promised anew is not done yet


def test_what_an_initiative_decides_is_not_marked_by_hand(
    closed: tuple[towns.Town, Wave],
) -> None:
    place, _wave = closed
    row = _reply(closed, initiative=factories.initiative(place.municipality))

    with pytest.raises(ValidationError):
        keep_reply(row, version=1, by=place.office)
    with pytest.raises(ReplyConflict):
        keep_reply(row, version=2, by=place.office)
    changed = _reply(closed, state="cannot", sentence="無理です", version=1)
    with pytest.raises(ValidationError):
        keep_reply(changed, version=2, by=place.office)


# The form -----------------------------------------------------------------------------------------
def _url(closed: tuple[towns.Town, Wave], code: str = "paper") -> str:
    place, wave = closed
    return reverse("surveys:reply_edit", args=[wave.pk, _theme(place, code).pk])


def test_the_office_replies_on_a_page_and_staff_read_it(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, _wave = closed
    client.force_login(place.office)
    url, day = _url(closed), timezone.localdate()

    assert client.get(url).status_code == 200
    empty = client.post(url, {"state": "do", "sentence": ""})
    words = {"state": "cannot", "sentence": "今年度は対応できません", "due_on": day.isoformat()}
    sent = client.post(url, words)

    assert empty.status_code == 422
    assert {"sentence", "owner", "due_on"} == set(empty.context["form"].errors)
    assert sent.status_code == 302
    client.get(reverse("surveys:voice_list"))  # takes the message with its undo
    client.force_login(place.everybody[1])
    page = client.get(reverse("surveys:voice_list")).content.decode()
    assert "今年度は対応できません" in page
    assert "紙やハンコで回覧・決裁する" in page
    assert url not in page


def test_a_second_office_sees_both_texts(closed: tuple[towns.Town, Wave], client: Any) -> None:
    _reply(closed)
    client.force_login(closed[0].office)

    response = client.post(
        _url(closed),
        {
            "state": "looking",
            "sentence": "調べています",
            "due_on": timezone.localdate().isoformat(),
            "version": "",
        },
    )

    assert response.status_code == 409
    assert "電子決裁にします" in response.content.decode()
    assert "調べています" in response.content.decode()


def test_the_page_tells_the_history_and_undoes_the_last_change(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    _reply(closed)
    _reply(closed, sentence="電子決裁に一本化します", version=1)
    client.force_login(place.office)
    page = client.get(_url(closed)).content.decode()
    undo = reverse("surveys:reply_undo", args=[wave.pk, _theme(place).pk, 2])

    assert undo in page
    assert "電子決裁にします" in page
    assert client.post(undo).status_code == 302
    assert Commitment.objects.get().sentence == "電子決裁にします"
    client.post(undo)  # a second click finds another version
    assert Commitment.objects.get().version == 3
    assert "/undo/" not in client.get(_url(closed)).content.decode()


def test_what_was_typed_is_there_after_an_initiative_was_made(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    client.force_login(place.office)
    typed = {"state": "looking", "sentence": "様式を集めています", "owner": _post(place).pk}

    away = client.post(_url(closed), {**typed, "make": "1"})
    form = client.get(away.url).context["form"]
    saved = client.post(away.url, {"title": "様式の統一", "themes": form["themes"].initial})
    back = client.get(saved.url)

    assert away.url == reverse("surveys:theme_initiative", args=[wave.pk, _theme(place).pk])
    began = {name: back.context["form"][name].value() for name in ("state", "sentence")}
    assert began == {"state": "do", "sentence": "様式を集めています"}
    assert str(back.context["form"]["owner"].value()) == str(_post(place).pk)
    assert not Commitment.objects.exists()


def test_an_earlier_reply_to_the_theme_is_a_beginning(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, _wave = closed
    again = open_wave(place, "intake", label="翌月")
    for person in place.everybody:
        answer(again, person, {"Q1": "paper"})
    close(again)
    earlier = _reply(closed)
    client.force_login(place.office)
    url = reverse("surveys:reply_edit", args=[again.pk, earlier.theme_id])
    link = f"?like={earlier.pk}"

    def begun(query: str) -> dict[str, Any]:
        form = client.get(url + query).context["form"]
        return {name: form[name].value() for name in ("state", "owner", "due_on", "version")}

    assert link in client.get(url).content.decode()
    assert begun("")["state"] is None
    same = {"state": "do", "owner": _post(place).pk, "due_on": LATER, "version": None}
    assert begun(link) == same
    Commitment.objects.filter(pk=earlier.pk).update(due_on=DAY)  # has passed
    assert begun(link) == {**same, "due_on": None}
    assert begun("?like=x")["state"] is None


def test_the_opening_page_of_the_next_survey_shows_three_replies(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    for code in ("paper", "phone", "meetings"):
        _reply(closed, theme=_theme(place, code), sentence=f"{code}を直します")
    begin = timezone.now()
    times: dict[str, Any] = {
        name: begin + days * ONE for name, days in (("opens_at", 0), ("closes_at", 9))
    }
    following = waves.plan_wave(
        wave.survey, label="次の回", by=place.office, publish_at=times["closes_at"], **times
    )
    waves.open_wave(following, by=place.office, now=begin)
    client.force_login(place.everybody[0])

    page = client.get(reverse("surveys:answer_start", args=[following.pk])).content.decode()

    assert all(f"{code}を直します" in page for code in ("paper", "phone", "meetings"))
    assert page.count('class="reply-line"') == 2  # the first one stands out


def test_only_the_office_replies_and_no_stranger_finds_it(
    closed: tuple[towns.Town, Wave], client: Any
) -> None:
    place, wave = closed
    _reply(closed)
    other = factories.municipality("隣市")
    undo = reverse("surveys:reply_undo", args=[wave.pk, _theme(place).pk, 1])

    client.force_login(place.everybody[0])
    assert client.get(_url(closed)).status_code == 403
    assert client.post(undo).status_code == 403
    client.force_login(factories.user(other, role=Role.DX_OFFICE))
    assert client.get(_url(closed)).status_code == 404
    assert client.post(undo).status_code == 404
    assert "紙やハンコ" not in client.get(reverse("surveys:voice_list")).content.decode()
    assert Commitment.objects.get().version == 1


def test_hard_words_are_told_once_and_then_shown_as_they_are(
    closed: tuple[towns.Town, Wave], client: Client
) -> None:
    place, _wave = closed
    client.force_login(place.office)
    due = (timezone.localdate() + 30 * ONE).isoformat()
    hard = "アジャイルなスキームで調べています。"
    words = {"state": "looking", "sentence": hard, "due_on": due}
    first = client.post(_url(closed), words)
    assert (first.status_code, Commitment.objects.exists()) == (422, False)
    assert "アジャイル" in first.content.decode()

    again = client.post(_url(closed), {**words, "plain_seen": "1"})

    assert again.status_code == 302
    assert Commitment.objects.get().sentence == hard
