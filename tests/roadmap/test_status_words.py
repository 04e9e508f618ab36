"""The mapping screen: the municipality's own words and what they mean."""

import datetime as dt
import json
import re

import pytest
from django.test import Client
from django.utils import timezone
from pytest_django import DjangoAssertNumQueries

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.actions.words import map_status_word
from roadmap.choices import CHOOSABLE_PHASES, Channel, Phase, Progress
from roadmap.content.status_words import SETS
from roadmap.models import StatusWord, Update
from roadmap.rollups import roll_up
from roadmap.shown_words import shown_words
from tests import factories
from tests.roadmap.board import HTMX, Town, signed_in, town

pytestmark = pytest.mark.django_db

PAGE = "/settings/status-words/"
PAGE_QUERIES = 7


def word(place: Town, text: str, *, shown: bool = False, **meaning: str) -> StatusWord:
    """A word of the municipality."""
    return StatusWord.objects.create(
        municipality=place.municipality, word=text, shown=shown, **meaning
    )


@pytest.mark.parametrize("number", [1, 3])
def test_words_cost_the_same_for_any_number(
    number: int, django_assert_num_queries: DjangoAssertNumQueries
) -> None:
    place = town()
    for index in range(number):
        word(place, f"言葉{index}")
    client = signed_in(place.office)
    with django_assert_num_queries(PAGE_QUERIES):
        html = client.get(PAGE).content.decode()
    assert html.count('<tr id="status-word-') == number


def test_unmapped_words_come_first_with_their_uses() -> None:
    place = town()
    word(place, "A", progress=Progress.AHEAD)
    word(place, "実施済")
    word(place, "検討中")
    for _number in range(2):
        initiative = factories.initiative(place.municipality)
        Update.objects.create(
            initiative=initiative,
            phase=Phase.IDEA,
            note="検討中",
            channel=Channel.IMPORT,
            reported_on=dt.date(2026, 9, 1),
        )
    rows = signed_in(place.office).get(PAGE).context["rows"]
    assert [(row.word.word, row.uses) for row in rows] == [("検討中", 2), ("実施済", 0), ("A", 0)]


def test_all_words_are_saved_in_one_form() -> None:
    place = town()
    one, two = word(place, "C"), word(place, "実施済")
    data = {
        f"phase-{one.pk}": "",
        f"progress-{one.pk}": "late",
        f"phase-{two.pk}": "live",
        f"progress-{two.pk}": "",
    }
    response = signed_in(place.office).post(PAGE, data)
    assert response.status_code == 302
    one.refresh_from_db()
    two.refresh_from_db()
    assert (one.phase, one.progress) == ("", "late")
    assert (two.phase, two.progress) == ("live", "")
    assert Event.objects.filter(action="status_word.mapped").count() == 2


def test_saving_the_same_meaning_writes_no_history() -> None:
    place = town()
    one = word(place, "C", progress=Progress.LATE)
    assert not map_status_word(one, by=place.office, phase="", progress=Progress.LATE)
    assert not Event.objects.filter(action="status_word.mapped").exists()


@pytest.mark.parametrize("phase", ["established", "checking", "done"])
def test_words_never_mean_what_nobody_may_choose(phase: str) -> None:
    place = town()
    one = word(place, "完了")
    response = signed_in(place.office).post(PAGE, {f"phase-{one.pk}": phase})
    one.refresh_from_db()
    assert response.status_code == 422
    assert one.phase == ""


def test_words_of_another_municipality_stay_out_of_reach() -> None:
    place, elsewhere = town(), town("別の市")
    word(place, "ここの言葉")
    theirs = word(elsewhere, "よその言葉")
    client = signed_in(place.office)
    assert "よその言葉" not in client.get(PAGE).content.decode()
    client.post(PAGE, {f"progress-{theirs.pk}": "late"})
    theirs.refresh_from_db()
    assert theirs.progress == ""


def test_no_word_yet_says_where_they_come_from() -> None:
    place = town()
    html = signed_in(place.office).get(PAGE).content.decode()
    assert 'class="empty"' in html


@pytest.mark.parametrize(
    "role", [Role.EMPLOYEE, Role.PROMOTER, Role.HEAD, Role.CDO, Role.AUDITOR, Role.ADMIN]
)
def test_words_are_for_the_office_only(role: Role) -> None:
    place = town()
    client = signed_in(factories.user(place.municipality, role=role, of=place.section))
    assert client.get(PAGE).status_code == 403
    assert client.post(PAGE, {}).status_code == 403


def test_mapping_a_word_gives_imported_initiatives_their_status() -> None:
    place = town()
    late = word(place, "C")
    waiting, reported = (factories.initiative(place.municipality) for _ in range(2))
    for initiative in (waiting, reported):
        Update.objects.create(
            initiative=initiative,
            phase=Phase.IDEA,
            note="C",
            channel=Channel.IMPORT,
            is_report=False,
            reported_on=dt.date(2026, 9, 1),
        )
    Update.objects.create(
        initiative=reported,
        phase=Phase.BUILDING,
        progress=Progress.ON_TRACK,
        reported_on=dt.date(2026, 9, 2),
    )
    client = signed_in(place.office)
    answer = client.post(
        PAGE, {f"phase-{late.pk}": "", f"progress-{late.pk}": Progress.LATE}, follow=True
    )
    assert "1件" in answer.content.decode()
    newest = waiting.updates.latest("id")
    assert (newest.progress, newest.channel, newest.is_report) == ("late", "import", True)
    assert newest.reported_on == dt.date(2026, 9, 1)
    assert reported.updates.latest("id").progress == Progress.ON_TRACK, "a report is never undone"


# Words that stand for ours ------------------------------------------------------------------------
def shown(place: Town, text: str, **meaning: str) -> StatusWord:
    """A word that the screens say."""
    return word(place, text, shown=True, **meaning)


def sent(words: list[StatusWord], **changes: str) -> dict[str, str]:
    """The form of these words as it stands, with changes; a change to "" takes a tick away."""
    data: dict[str, str] = {}
    for one in words:
        data |= {f"row-{one.pk}": "1", f"phase-{one.pk}": one.phase}
        data |= {f"progress-{one.pk}": one.progress, f"shown-{one.pk}": "1" * one.shown}
    return {name: value for name, value in (data | changes).items() if value or "show" not in name}


def undo_of(client: Client) -> str:
    """Where the toast of the next page leads back."""
    html = client.get(PAGE).content.decode()
    found = re.search(r'action="(/settings/status-words/undo/\w+/)"', html)
    assert found, "no way back"
    return found[1]


def test_every_screen_says_the_word_that_is_shown() -> None:
    place = town()
    shown(place, "B 計画どおり", progress=Progress.ON_TRACK)
    shown(place, "本稼働", phase=Phase.LIVE)
    initiative = factories.initiative(
        place.municipality,
        "窓口の申請書を電子化",
        lead=place.section,
        phase=Phase.LIVE,
        reported_on=timezone.localdate(),
    )
    client = signed_in(place.head)
    detail, page = initiative.get_absolute_url(), "/initiatives/"
    for address in (detail, page):
        html = client.get(address).content.decode()
        assert html.count("B 計画どおり") >= 2 - (address == page), address
        assert "本稼働" in html
        assert ">予定どおり<" not in html
        assert ">運用開始<" not in html
    saved = client.post(f"{detail}status/", {"progress": "on_track", "phase": "trial"})
    assert saved.status_code == 302
    client.post(f"{detail}status/", {"phase": "live"})
    html = client.get(detail).content.decode()
    assert "本稼働" in html[html.index('id="history"') :]
    reader = signed_in(factories.user(place.municipality, role=Role.AUDITOR))
    assert "B 計画どおり" in reader.get(page).content.decode()
    assert "本稼働" in signed_in(place.office).get("/initiatives/new/").content.decode()


def test_toast_says_the_municipalitys_words() -> None:
    place = town()
    shown(place, "C 遅れている", progress=Progress.LATE)
    initiative = factories.initiative(
        place.municipality, lead=place.section, reported_on=timezone.localdate()
    )
    response = signed_in(place.head).post(
        f"/initiatives/{initiative.pk}/status/", {"progress": "late"}, headers=HTMX
    )
    assert "C 遅れている" in json.loads(response["HX-Trigger"])["toast"]["message"]


def test_words_of_another_municipality_are_never_said() -> None:
    place, elsewhere = town(), town("別の市")
    shown(elsewhere, "よその言葉", progress=Progress.ON_TRACK)
    factories.initiative(place.municipality, reported_on=timezone.localdate())
    assert "よその言葉" not in signed_in(place.office).get("/initiatives/").content.decode()


def test_newly_shown_word_takes_the_place_of_the_old_one() -> None:
    place = town()
    old = shown(place, "順調", progress=Progress.ON_TRACK)
    new = word(place, "B", progress=Progress.ON_TRACK)
    client = signed_in(place.office)
    assert client.post(PAGE, sent([old, new], **{f"shown-{new.pk}": "1"})).status_code == 302
    assert shown_words(place.municipality.pk).progress(Progress.ON_TRACK) == "B"
    client.post(undo_of(client))
    assert shown_words(place.municipality.pk).progress(Progress.ON_TRACK) == "順調"


def test_two_new_words_for_one_meaning_are_refused_by_name() -> None:
    place = town()
    words = [word(place, text, progress=Progress.LATE) for text in ("C", "遅れ気味")]
    changes = {f"shown-{one.pk}": "1" for one in words}
    response = signed_in(place.office).post(PAGE, sent(words, **changes))
    html = response.content.decode()
    assert response.status_code == 422
    assert "「C」" in html
    assert "「遅れ気味」" in html
    assert not StatusWord.objects.filter(shown=True).exists()


@pytest.mark.parametrize("meaning", [{}, {"phase": "live", "progress": "on_track"}])
def test_word_of_no_or_two_meanings_cannot_be_shown(meaning: dict[str, str]) -> None:
    place = town()
    one = word(place, "実施中", **meaning)
    response = signed_in(place.office).post(PAGE, sent([one], **{f"shown-{one.pk}": "1"}))
    assert response.status_code == 422
    assert "実施中" in response.content.decode()


def test_new_meaning_of_a_shown_word_moves_what_it_stands_for() -> None:
    place = town()
    one = shown(place, "A", progress=Progress.AHEAD)
    two = shown(place, "B", progress=Progress.ON_TRACK)
    swap = {f"progress-{one.pk}": "on_track", f"progress-{two.pk}": "ahead"}
    assert signed_in(place.office).post(PAGE, sent([one, two], **swap)).status_code == 302
    words = shown_words(place.municipality.pk)
    assert (words.progress(Progress.ON_TRACK), words.progress(Progress.AHEAD)) == ("A", "B")


def test_word_is_added_by_hand_once() -> None:
    place = town()
    client = signed_in(place.office)
    data = {"word": "順調", "progress": "on_track", "shown": "on"}
    assert client.post(f"{PAGE}add/", data).status_code == 302
    undo = undo_of(client)
    assert shown_words(place.municipality.pk).progress(Progress.ON_TRACK) == "順調"
    assert client.post(f"{PAGE}add/", data).status_code == 422
    assert client.post(f"{PAGE}add/", {"word": "完了", "phase": "established"}).status_code == 422
    client.post(undo)
    assert not StatusWord.objects.exists()


def test_unused_word_is_removed_and_brought_back_and_a_used_one_stays() -> None:
    place = town()
    spare, used = shown(place, "順調", progress=Progress.ON_TRACK), word(place, "実施済")
    Update.objects.create(
        initiative=factories.initiative(place.municipality),
        phase=Phase.IDEA,
        note="実施済",
        channel=Channel.IMPORT,
        reported_on=dt.date(2026, 9, 1),
    )
    client = signed_in(place.office)
    client.post(f"{PAGE}{spare.pk}/remove/")
    client.post(f"{PAGE}{used.pk}/remove/")
    assert list(StatusWord.objects.values_list("word", flat=True)) == ["実施済"]
    client.get(PAGE)
    client.post(f"{PAGE}{spare.pk}/remove/")
    batch = Event.objects.get(action="status_word.removed").after["batch"]
    client.post(f"{PAGE}undo/{batch}/")
    assert shown_words(place.municipality.pk).progress(Progress.ON_TRACK) == "順調"


@pytest.mark.parametrize("code", sorted(SETS))
def test_ready_made_set_is_shown_first_used_by_one_click_and_taken_back(code: str) -> None:
    place = town()
    mine = shown(place, "遅延あり", progress=Progress.LATE)
    waiting = factories.initiative(place.municipality)
    first = SETS[code].words[0]
    word(place, first.word)
    Update.objects.create(
        initiative=waiting,
        phase=Phase.PLANNED,
        note=first.word,
        channel=Channel.IMPORT,
        is_report=False,
        reported_on=dt.date(2026, 9, 1),
    )
    client, url = signed_in(place.office), f"{PAGE}sets/{code}/"
    html = client.get(url).content.decode()
    assert all(one.word in html for one in SETS[code].words)
    assert StatusWord.objects.count() == 2, "looking changes nothing"
    assert client.post(url).status_code == 302
    found = {row.word: (row.phase, row.progress, row.shown) for row in StatusWord.objects.all()}
    wanted = {one.word: (one.phase, one.progress, one.shown) for one in SETS[code].words}
    assert found.items() >= wanted.items()
    newest = waiting.updates.latest("id")
    assert newest.is_report
    assert (newest.phase if first.phase else newest.progress) == (first.phase or first.progress)
    assert client.post(url).status_code == 302
    batch = Event.objects.filter(action="status_word.added").latest("id").after["batch"]
    client.post(f"{PAGE}undo/{batch}/")
    assert set(StatusWord.objects.values_list("word", "shown")) == {
        (mine.word, True),
        (first.word, False),
    }
    assert waiting.updates.latest("id").undoes_id == newest.pk
    assert not waiting.updates.latest("id").is_report


def test_ready_made_sets_keep_the_rules_of_the_table() -> None:
    for made in SETS.values():
        meanings = [(one.phase, one.progress) for one in made.words if one.shown]
        assert len(meanings) == len(set(meanings)), made.code
        assert len({one.word for one in made.words}) == len(made.words), made.code
        for one in made.words:
            assert bool(one.phase) != bool(one.progress), one
            assert not one.phase or one.phase in CHOOSABLE_PHASES, one


def test_undo_leaves_what_was_changed_again_since() -> None:
    place = town()
    client = signed_in(place.office)
    client.post(f"{PAGE}add/", {"word": "順調", "progress": "on_track"})
    undo = undo_of(client)
    one = StatusWord.objects.get()
    client.post(PAGE, sent([one], **{f"progress-{one.pk}": "ahead"}))
    answer = client.post(undo, follow=True).content.decode()
    assert "順調" in answer
    assert StatusWord.objects.get().progress == Progress.AHEAD


def test_undo_is_for_the_one_who_did_it() -> None:
    place = town()
    colleague = factories.user(place.municipality, role=Role.DX_OFFICE)
    client = signed_in(place.office)
    client.post(f"{PAGE}add/", {"word": "順調", "progress": "on_track"})
    signed_in(colleague).post(undo_of(client))
    assert StatusWord.objects.exists()


def test_doubles_and_gaps_are_told() -> None:
    place = town()
    shown(place, "A", progress=Progress.AHEAD)
    word(place, "優", progress=Progress.AHEAD)
    groups = signed_in(place.office).get(PAGE).context["meanings"]
    assert [meaning.words for meaning in groups[0]["doubles"]] == [["A", "優"]]
    assert "予定どおり" in groups[0]["gaps"]
    assert groups[1]["gaps"] == []


def test_page_of_a_department_says_the_word_that_is_shown() -> None:
    place = town()
    shown(place, "C 遅れている", progress=Progress.LATE)
    today = timezone.localdate()
    factories.initiative(
        place.municipality, lead=place.section, progress=Progress.LATE, reported_on=today
    )
    roll_up(place.municipality.pk, as_of=today, full=True)
    html = signed_in(place.head).get(place.section.get_absolute_url()).content.decode()
    assert "C 遅れている" in html
