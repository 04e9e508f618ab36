"""Free texts as written: two named readers, a log of every opening, themes in one click."""

import datetime as dt
import re
import threading

import pytest
from django.core.exceptions import PermissionDenied
from django.db import connection
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event, Outbox, RoleGrant
from roadmap.actions.themes import merge_theme
from surveys.actions.reading import note_reading
from surveys.actions.theming import restore_texts, sort_texts, text_counts
from surveys.codebook import Book
from surveys.models import RawVoice, VoiceTheme
from surveys.texts import wave_voices
from tests import factories
from tests.surveys.readers import NOTHING, PAPER, PHONE, browser, closed

pytestmark = pytest.mark.django_db
HTMX = {"HX-Request": "true"}
EVIL = (
    "<script>window.hit=1</script><img src=x onerror='window.hit=1'>"
    "<b hx-get='/x' hx-trigger='load'>あ</b>"
)


@pytest.fixture(autouse=True)
def key_dir(tmp_path, settings):
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"


def click(client, read, voice, theme, **data):
    """One chip or select, as a browser without scripts posts it."""
    seen = data.pop("seen", "")
    pk = theme if isinstance(theme, str) else theme.pk
    return client.post(read.url("text_theme", voice.pk), {"theme": pk, "seen": seen, **data})


# Who may ------------------------------------------------------------------------------------------
def test_only_the_two_named_readers_open_the_texts():
    read = closed()
    town = read.place.municipality
    others = {
        role: factories.user(town, role=role, of=read.place.sections[0], name=f"{role}の人")
        for role in (Role.DX_OFFICE, Role.CDO, Role.ADMIN, Role.AUDITOR, Role.HEAD, Role.EMPLOYEE)
    }

    for reader in read.readers:
        page = browser(reader).get(read.url())
        assert page.status_code == 200
        assert PAPER in page.content.decode()
    for name, person in others.items():
        for url in (read.url(), read.url("wording_list"), read.url("wording_create")):
            page = browser(person).get(url)
            text = page.content.decode()
            assert (page.status_code, PAPER in text) == (403, False), (name, url)
            assert all(reader.name in text for reader in read.readers), name
    stranger = factories.user(factories.municipality("隣市"), role=Role.DX_OFFICE)
    assert browser(stranger).get(read.url()).status_code == 404


def test_a_reader_who_became_a_head_reads_no_longer():
    read = closed()
    section = read.place.sections[0]
    RoleGrant.objects.create(
        user=read.first, role=Role.HEAD, department=section, valid_from=dt.date(2026, 1, 1)
    )

    for name in ("text_list", "wording_list", "wording_create"):
        page = browser(read.first).get(read.url(name))
        assert (page.status_code, PAPER in page.content.decode()) == (403, False)
    with pytest.raises(PermissionDenied):
        sort_texts(read.wave, [read.voice().pk], read.theme("paper"), by=read.first)
    assert not wave_voices(read.wave, read.first).for_reader
    assert browser(read.second).get(read.url()).status_code == 200


def test_nobody_else_sorts_or_notes():
    read = closed()
    office = factories.user(read.place.municipality, role=Role.DX_OFFICE)
    voice = read.voice()

    posts = [
        ("text_theme", (voice.pk,), {"theme": read.theme("paper").pk}),
        ("text_move", (), {"text": voice.pk, "into": read.theme("paper").pk}),
        ("text_undo", ("abc",), {}),
    ]
    for name, args, data in posts:
        assert browser(office).post(read.url(name, *args), data).status_code == 403
    for act in (
        lambda: sort_texts(read.wave, [voice.pk], read.theme("paper"), by=office),
        lambda: restore_texts(read.wave, {voice.pk: None}, by=office),
        lambda: note_reading(read.wave, by=office, texts=1),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert not VoiceTheme.objects.exists()


def test_a_round_without_readers_is_read_by_nobody():
    read = closed(readers=0)
    page = browser(read.place.office).get(read.url())

    assert page.status_code == 403
    assert PAPER not in page.content.decode()


def test_before_the_results_readers_see_as_little_as_everybody():
    read = closed(shown_in=dt.timedelta(days=1))
    client = browser(read.first)
    page = client.get(read.url())
    refused = click(client, read, read.voice(), read.theme("paper"))

    assert (page.status_code, refused.status_code) == (200, 409)
    assert PAPER not in page.content.decode()
    assert not VoiceTheme.objects.exists()
    assert not Event.objects.filter(action="texts.read").exists()


# What is shown ------------------------------------------------------------------------------------
def test_every_opening_is_noted_with_the_number_and_nothing_is_kept():
    read = closed((PAPER,) * 25)
    client = browser(read.first)
    page = client.get(read.url())
    client.get(read.url() + "?page=2")
    client.get(read.url() + "?q=ありえない")

    events = Event.objects.filter(action="texts.read").order_by("id")
    assert [event.after for event in events] == [{"texts": 20}, {"texts": 5}, {"texts": 0}]
    assert {event.actor_id for event in events} == {read.first.pk}
    assert {event.object_id for event in events} == {str(read.wave.pk)}
    assert "押印" not in str([(e.before, e.after, e.object_label) for e in events])
    assert page.headers["Cache-Control"] == "no-store"
    assert page.headers["Referrer-Policy"] == "no-referrer"


def test_the_day_of_removal_is_told():
    read = closed()
    RawVoice.objects.update(purge_on=timezone.localdate() + dt.timedelta(days=12))
    page = browser(read.first).get(read.url(), headers={"Accept-Language": "en"}).content.decode()

    assert "12" in page
    assert "Removed in 12 days" in page or "あと12日" in page


@pytest.mark.parametrize(
    ("query", "found"),
    [
        ("ハンコ", 0),
        ("オウイン", 0),
        ("押印", 6),
        ("ｼｮﾙｲ", 0),
        ("書類　別の階", 6),
        ("でんわ", 1),
        ("デンワ", 1),
    ],
)
def test_searching_folds_width_case_and_kana(query, found):
    texts = (PAPER,) * 6 + (PHONE.replace("電話", "ﾃﾞﾝﾜ"),) + (NOTHING,) * 4
    read = closed(texts)
    page = browser(read.first).get(read.url(), {"q": query}).content.decode()

    assert page.count('class="card text-row"') == found


def test_the_unsorted_and_one_theme_are_queues():
    read = closed((PAPER,) * 6 + (PHONE,) * 5)
    merge_theme(read.theme("paper"), read.theme("approvals"), by=read.first)
    papers = list(RawVoice.objects.filter(body=PAPER).values_list("pk", flat=True))
    sort_texts(read.wave, papers[:4], read.theme("paper"), by=read.first)
    client = browser(read.second)

    def rows(show):
        return (
            client.get(read.url(), {"show": show}).content.decode().count('class="card text-row"')
        )

    assert rows("unsorted") == 7
    assert rows(read.theme("approvals").pk) == 4
    assert rows(read.theme("phone").pk) == 0
    assert rows("nonsense") == 11


def test_how_many_texts_the_words_caught_is_shown():
    read = closed((PAPER,) * 9 + (NOTHING,) * 3)
    assert "75%" in browser(read.first).get(read.url()).content.decode()


def test_texts_are_escaped_and_out_of_reach_of_htmx():
    read = closed((EVIL,) + (PAPER,) * 11)
    page = browser(read.first).get(read.url()).content.decode()

    assert "<script>window" not in page
    assert "<b hx-get" not in page
    assert "&lt;script&gt;window.hit=1" in page


@pytest.mark.parametrize("texts", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_texts(texts, django_assert_num_queries):
    read = closed()
    keep = list(RawVoice.objects.values_list("pk", flat=True)[:texts])
    RawVoice.objects.exclude(pk__in=keep).delete()
    sort_texts(read.wave, keep, read.theme("paper"), by=read.second)
    client = browser(read.first)
    client.get(read.url())
    with django_assert_num_queries(19):
        page = client.get(read.url())
    assert page.content.decode().count('class="card text-row"') == texts


# Sorting ------------------------------------------------------------------------------------------
def test_a_chip_sorts_in_one_click_and_the_way_back_restores():
    read = closed()
    client, voice = browser(read.first), read.voice()
    page = client.get(read.url()).content.decode()
    assert f'name="theme" value="{read.theme("paper").pk}"' in page

    response = click(client, read, voice, read.theme("paper"), next=read.url() + "?show=unsorted")

    assert response.status_code == 302
    assert response.url == f"{read.url()}?show=unsorted#text-{voice.pk}"
    assert VoiceTheme.objects.get().theme == read.theme("paper")
    event = Event.objects.filter(action="texts.sorted").get()
    assert event.after == {"texts": 1}
    assert event.object_id == str(read.wave.pk)
    token = next(iter(client.session["texts_undo"]))
    client.post(read.url("text_undo", token))
    assert not VoiceTheme.objects.exists()
    client.post(read.url("text_undo", token))
    assert not VoiceTheme.objects.exists()


def test_the_row_that_htmx_gets_is_the_row_of_a_fresh_page():
    read = closed((PAPER,) * 11)
    client, voice = browser(read.first), read.voice()
    swapped = client.post(
        read.url("text_theme", voice.pk),
        {"theme": read.theme("paper").pk, "seen": "", "next": read.url()},
        headers=HTMX,
    )
    fresh = client.get(read.url())

    def row(response):
        text = response.content.decode()
        found = re.search(rf'<article[^>]*id="text-{voice.pk}".*?</article>', text, re.S)[0]
        found = re.sub(r'name="csrfmiddlewaretoken" value="[^"]*"', "", found)
        found = re.sub(r' tabindex="-1" autofocus data-announce="[^"]*"', "", found)
        return re.sub(r"\s+", " ", found)

    assert swapped.status_code == 200
    assert row(swapped) == row(fresh)
    assert 'id="text-tabs"' in swapped.content.decode()
    assert '<span class="n">10</span>' in swapped.content.decode()


def test_another_theme_is_chosen_from_the_list_and_taken_away():
    read = closed()
    client, voice = browser(read.first), read.voice()
    click(client, read, voice, "other", other=read.theme("phone").pk)
    assert VoiceTheme.objects.get().theme == read.theme("phone")

    click(client, read, voice, "none", seen=read.theme("phone").pk)
    assert not VoiceTheme.objects.exists()


@pytest.mark.parametrize("theme", ["", "other", "999999", "abc", "-1", "9" * 5000])
def test_what_is_no_theme_is_refused_with_a_sentence(theme):
    read = closed()
    voice = read.voice()
    response = click(browser(read.first), read, voice, theme)
    swapped = browser(read.first).post(
        read.url("text_theme", voice.pk), {"theme": theme}, headers=HTMX
    )

    assert response.status_code == 302
    assert swapped.status_code == 422
    assert not VoiceTheme.objects.exists()


def test_a_theme_of_another_municipality_is_none_here():
    read = closed()
    foreign = factories.municipality("隣市").themes.first()
    click(browser(read.first), read, read.voice(), foreign)
    assert not VoiceTheme.objects.exists()


def test_a_theme_that_was_merged_meanwhile_is_followed_and_said():
    read = closed()
    voice, paper = read.voice(), read.theme("paper")
    merge_theme(paper, read.theme("approvals"), by=read.second)
    browser_of_first = browser(read.first)

    page = browser_of_first.post(
        read.url("text_theme", voice.pk), {"theme": paper.pk, "seen": ""}, follow=True
    ).content.decode()

    assert VoiceTheme.objects.get().theme == read.theme("approvals")
    assert str(read.theme("approvals")) in page
    assert str(paper) in page
    filed = sort_texts(read.wave, [voice.pk], paper, by=read.first)
    assert (filed.asked, filed.theme) == (paper, read.theme("approvals"))


def test_the_last_of_two_readers_decides_and_learns_what_the_other_chose():
    read = closed()
    voice = read.voice()
    sort_texts(read.wave, [voice.pk], read.theme("phone"), by=read.second)

    page = (
        browser(read.first)
        .post(
            read.url("text_theme", voice.pk),
            {"theme": read.theme("paper").pk, "seen": ""},
            follow=True,
        )
        .content.decode()
    )

    assert VoiceTheme.objects.get().theme == read.theme("paper")
    assert read.second.name in page
    toast = page.split("data-toast-text")[1].split("</p>")[0]
    assert str(read.theme("phone")) in toast
    assert read.second.name in toast


@pytest.mark.parametrize(("seen", "chosen"), [("phone", "paper"), (None, "phone")])
def test_nothing_is_said_where_the_other_choice_was_seen_or_is_the_same(seen, chosen):
    read = closed()
    voice = read.voice()
    sort_texts(read.wave, [voice.pk], read.theme("phone"), by=read.second)
    filed = sort_texts(
        read.wave,
        [voice.pk],
        read.theme(chosen),
        by=read.first,
        seen=read.theme(seen).pk if seen else None,
        check_seen=True,
    )
    assert filed.other is None


@pytest.mark.django_db(transaction=True)
def test_two_readers_at_the_same_moment_both_succeed():
    read = closed()
    voice = read.voice()
    start, done = threading.Barrier(2), []

    def choose(reader, code):
        theme = read.theme(code)
        start.wait()
        done.append(sort_texts(read.wave, [voice.pk], theme, by=reader, check_seen=True))
        connection.close()

    pairs = [(read.first, "paper"), (read.second, "phone")]
    threads = [threading.Thread(target=choose, args=pair) for pair in pairs]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert len(done) == 2
    assert VoiceTheme.objects.get().theme == done[1].theme
    assert [filed.other is not None for filed in done] == [False, True]


def test_a_text_that_was_removed_meanwhile_is_said_and_no_error():
    read = closed()
    voice = read.voice()
    RawVoice.objects.all().delete()
    client = browser(read.first)
    plain = client.post(
        read.url("text_theme", voice.pk), {"theme": read.theme("paper").pk}, follow=True
    )
    swapped = client.post(
        read.url("text_theme", voice.pk), {"theme": read.theme("paper").pk}, headers=HTMX
    )

    assert (plain.status_code, swapped.status_code) == (200, 200)
    assert swapped.content == b""
    assert "toast" in swapped.headers["HX-Trigger"]


def test_ticked_texts_are_moved_together_and_back():
    read = closed((PAPER,) * 6 + (PHONE,) * 6)
    first, second = read.voice(), read.voice(PHONE)
    sort_texts(read.wave, [first.pk], read.theme("paper"), by=read.first)
    client = browser(read.first)

    client.post(
        read.url("text_move"),
        {"text": [first.pk, second.pk], "into": read.theme("approvals").pk},
    )
    assert set(VoiceTheme.objects.values_list("theme__code", flat=True)) == {"approvals"}
    assert VoiceTheme.objects.count() == 2

    token = next(iter(client.session["texts_undo"]))
    client.post(read.url("text_undo", token))
    assert VoiceTheme.objects.get().theme == read.theme("paper")


@pytest.mark.parametrize("data", [{}, {"text": "x"}, {"text": "x", "into": "1"}])
def test_moving_nothing_is_said(data):
    read = closed()
    response = browser(read.first).post(read.url("text_move"), data, follow=True)
    assert response.status_code == 200
    assert not VoiceTheme.objects.exists()


def test_texts_of_another_wave_are_not_moved():
    read, other = closed(), closed(name="隣市")
    sort_texts(read.wave, [other.voice().pk], read.theme("paper"), by=read.first)
    assert not VoiceTheme.objects.exists()


# Counts -------------------------------------------------------------------------------------------
def test_counts_follow_a_merge_and_its_undoing():
    read = closed((PAPER,) * 6 + (PHONE,) * 6)
    for body, code in ((PAPER, "paper"), (PHONE, "phone")):
        rows = RawVoice.objects.filter(body=body).values_list("pk", flat=True)
        sort_texts(read.wave, rows, read.theme(code), by=read.first)
    paper, phone = read.theme("paper"), read.theme("phone")
    town = read.place.municipality

    assert text_counts(read.wave, Book(town.pk)) == {paper.pk: 6, phone.pk: 6}
    merge_theme(paper, phone, by=read.first)
    assert text_counts(read.wave, Book(town.pk)) == {phone.pk: 12}


def test_no_text_leaves_by_an_export_or_another_page():
    read = closed()
    office = browser(read.place.office)
    stranger = browser(factories.user(read.place.municipality, role=Role.ADMIN))
    names = ["surveys:survey_list", "surveys:voice_list", "accounts:event_list"]
    for client in (office, stranger):
        client.get(read.url())
        for name in (*names, "accounts:event_export"):
            response = client.get(reverse(name))
            body = b"".join(response.streaming_content) if response.streaming else response.content
            assert "書類を運んで" not in body.decode("utf-8", "replace")


def test_readers_are_told_once_when_there_is_something_to_read():
    read = closed()
    told = Outbox.objects.filter(key=f"wave-{read.wave.pk}-texts", channel="in_app")

    assert {row.recipient for row in told} == set(read.readers)
    assert {row.path for row in told} == {read.url()}
    assert not any("押印" in row.body for row in told)


def test_nobody_is_told_where_nothing_may_be_read():
    closed((PAPER,) * 9)

    assert not RawVoice.objects.exists()
    assert not Outbox.objects.filter(key__endswith="-texts").exists()
