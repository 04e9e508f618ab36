"""A wording is written by one reader, agreed to by the other, and only then shown to everybody."""

import datetime as dt

import pytest
from django.core.exceptions import PermissionDenied
from django.db import IntegrityError, transaction
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.actions.themes import merge_theme
from surveys.actions.purging import purge_voices
from surveys.actions.theming import sort_texts
from surveys.actions.voices import (
    WordingRefused,
    approve_wording,
    delete_wording,
    propose_wording,
    take_back_wording,
)
from surveys.models import PublishedVoice, RawVoice, TextThemeCount
from surveys.texts import wave_voices
from tests import factories
from tests.surveys.readers import PAPER, PHONE, browser, closed

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 11, 20)
WORDING = "決裁のたびに紙を持って移動する時間が負担だという声が複数ありました"


@pytest.fixture(autouse=True)
def key_dir(tmp_path, settings):
    """A key folder of this test's own."""
    settings.KEY_DIR = tmp_path / "keys"


@pytest.fixture
def read():
    """Two readers and twelve texts about paper."""
    return closed()


def propose(read, text=WORDING, **fields):
    fields = {"by": read.first, "on": DAY, **fields}
    return propose_wording(read.wave, read.theme("paper"), text, **fields)


def shown(read, user=None):
    """Wordings that somebody sees."""
    told = wave_voices(read.wave, user or read.place.staff[read.place.sections[0].pk][0])
    return [text for theme in told.themes for text in theme.wordings]


# Two people ---------------------------------------------------------------------------------------
def test_a_wording_is_shown_after_the_other_reader_agreed_and_not_before(read):
    row = propose(read)
    assert shown(read) == []

    approve_wording(row, by=read.second, on=DAY, seen=WORDING)

    assert shown(read) == [WORDING]
    row.refresh_from_db()
    assert (row.proposed_by, row.approved_by) == (read.first, read.second)


def test_nobody_agrees_to_the_own_wording_by_the_action_or_by_sql(read):
    row = propose(read)
    with pytest.raises(WordingRefused):
        approve_wording(row, by=read.first, on=DAY, seen=WORDING)
    own = {"approved_by": read.first, "approved_on": DAY}
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedVoice.objects.filter(pk=row.pk).update(**own)
    with pytest.raises(IntegrityError), transaction.atomic():
        PublishedVoice.objects.filter(pk=row.pk).update(approved_by=read.second)


def test_only_readers_propose_approve_and_withdraw(read):
    office = factories.user(read.place.municipality, role=Role.DX_OFFICE)
    row = propose(read)
    for act in (
        lambda: propose(read, by=office),
        lambda: approve_wording(row, by=office, on=DAY, seen=WORDING),
        lambda: take_back_wording(row, by=office),
        lambda: delete_wording(row, by=office),
    ):
        with pytest.raises(PermissionDenied):
            act()
    assert shown(read) == []


def test_one_reader_alone_publishes_no_wording_and_the_page_says_so():
    alone = closed(readers=1)
    with pytest.raises(WordingRefused):
        propose(alone)
    client = browser(alone.first)
    page = client.get(alone.url("wording_list")).content.decode()
    assert alone.url("wording_create") not in page
    assert "読む人が1人" in page or "one reader" in page
    sent = {"theme": alone.theme("paper").pk, "text": WORDING}
    assert client.post(alone.url("wording_create"), sent).status_code == 422
    assert not PublishedVoice.objects.exists()
    assert wave_voices(alone.wave, alone.first).no_wordings


# Back and forth -----------------------------------------------------------------------------------
def test_sent_back_changed_proposed_again_and_approved(read):
    row = propose(read)
    take_back_wording(row, by=read.second)
    with pytest.raises(WordingRefused):
        approve_wording(row, by=read.second, on=DAY, seen=WORDING)
    row.refresh_from_db()
    propose(read, "紙での決裁に時間がかかっています", by=read.second, draft=row)
    approve_wording(row, by=read.first, on=DAY, seen="紙での決裁に時間がかかっています")

    assert shown(read) == ["紙での決裁に時間がかかっています"]
    verbs = Event.objects.filter(action__startswith="wording.").order_by("id")
    assert [event.action for event in verbs] == [
        "wording.proposed",
        "wording.returned",
        "wording.proposed",
        "wording.approved",
    ]


def test_what_was_changed_since_it_was_read_is_not_approved(read):
    row = propose(read)
    with pytest.raises(WordingRefused):
        approve_wording(row, by=read.second, on=DAY, seen="別の言葉")
    assert shown(read) == []


def test_a_shown_wording_is_withdrawn_and_deleted(read):
    row = propose(read)
    approve_wording(row, by=read.second, on=DAY, seen=WORDING)
    with pytest.raises(WordingRefused):
        delete_wording(row, by=read.first)

    take_back_wording(row, by=read.first)
    assert shown(read) == []
    delete_wording(row, by=read.first)

    assert not PublishedVoice.objects.exists()
    with pytest.raises(WordingRefused):
        take_back_wording(row, by=read.first)


def test_the_trail_has_no_wording_before_it_is_shown_and_never_a_raw_text(read):
    row = propose(read, "まだ出さない言葉です")
    take_back_wording(row, by=read.second)
    row.refresh_from_db()
    propose(read, WORDING, draft=row)
    before = str(list(Event.objects.values_list("object_label", "before", "after")))
    approve_wording(row, by=read.second, on=DAY, seen=WORDING)
    after = str(list(Event.objects.values_list("object_label", "before", "after")))

    assert WORDING not in before
    assert str(read.theme("paper")) not in before
    assert WORDING in after
    assert "まだ出さない" not in after
    assert "別の階" not in after


def test_a_wording_follows_a_merged_theme(read):
    merge_theme(read.theme("paper"), read.theme("approvals"), by=read.first)
    assert propose(read).theme == read.theme("approvals")


def test_an_empty_wording_and_a_foreign_theme_are_refused(read):
    foreign = factories.municipality("隣市").themes.first()
    for theme, text in ((read.theme("paper"), "  "), (foreign, WORDING)):
        with pytest.raises(WordingRefused):
            propose_wording(read.wave, theme, text, by=read.first, on=DAY)


# The pages ----------------------------------------------------------------------------------------
@pytest.mark.parametrize(
    "text",
    ["毎日、押印のためだけに階段を上り下りします", "山田課長の決裁を待つ時間が長いです"],
)
def test_copied_words_and_names_are_shown_before_they_are_proposed(read, text):
    client = browser(read.first)
    sent = {"theme": read.theme("paper").pk, "text": text}
    warned = client.post(read.url("wording_create"), sent)

    assert warned.status_code == 422
    assert 'name="sure"' in warned.content.decode()
    assert not PublishedVoice.objects.exists()
    assert client.post(read.url("wording_create"), {**sent, "sure": "on"}).status_code == 302
    assert PublishedVoice.objects.get().text == text


def test_the_tick_is_offered_only_where_there_is_something_to_look_at(read):
    client = browser(read.first)
    refused = client.post(read.url("wording_create"), {"theme": "", "text": "", "sure": ""})
    assert refused.status_code == 422
    assert 'type="checkbox" name="sure"' not in refused.content.decode()


def test_readers_agree_on_pages(read):
    first, second = browser(read.first), browser(read.second)
    form = first.get(read.url("wording_create") + f"?theme={read.theme('paper').pk}")
    assert form.status_code == 200
    sent = {"theme": read.theme("paper").pk, "text": WORDING}
    assert first.post(read.url("wording_create"), sent).status_code == 302
    row = PublishedVoice.objects.get()
    decide = read.url("wording_decide", row.pk)
    first.post(decide, {"act": "approve", "seen": WORDING})
    assert shown(read) == []
    assert 'value="approve"' not in first.get(read.url("wording_list")).content.decode()
    assert 'value="approve"' in second.get(read.url("wording_list")).content.decode()

    second.post(decide, {"act": "approve", "seen": WORDING})
    assert shown(read) == [WORDING]
    first.post(decide, {"act": "back"})
    assert first.get(read.url("wording_edit", row.pk)).status_code == 200
    first.post(decide, {"act": "nonsense"})
    first.post(decide, {"act": "delete"})
    assert not PublishedVoice.objects.exists()
    assert first.post(decide, {"act": "delete"}).status_code == 404


def test_texts_beside_the_form_are_those_of_the_theme_and_noted(read):
    sort_texts(read.wave, [read.voice().pk], read.theme("paper"), by=read.first)
    client = browser(read.first)
    page = client.get(read.url("wording_create") + f"?theme={read.theme('paper').pk}")

    assert page.content.decode().count("書類を運んで") == 1
    assert Event.objects.filter(action="texts.read").latest("id").after == {"texts": 1}


# For everybody ------------------------------------------------------------------------------------
def test_counts_are_told_until_and_after_the_texts_go():
    read = closed((PAPER,) * 9 + (PHONE,) * 4)
    for body, code in ((PAPER, "paper"), (PHONE, "phone")):
        rows = RawVoice.objects.filter(body=body).values_list("pk", flat=True)
        sort_texts(read.wave, rows, read.theme(code), by=read.first)

    def numbers():
        told = wave_voices(read.wave, read.place.office)
        return {theme.theme.code: theme.texts for theme in told.themes}

    assert numbers() == {}
    row = propose(read)
    approve_wording(row, by=read.second, on=DAY, seen=WORDING)
    day = RawVoice.objects.values_list("purge_on", flat=True).first()
    assert purge_voices(day) == 13
    assert numbers() == {"paper": None}
    assert shown(read) == [WORDING]


def test_counts_of_five_or_more_survive_the_texts():
    read = closed((PAPER,) * 9 + (PHONE,) * 4 + ("x",) * 3)
    for body, code in ((PAPER, "paper"), (PHONE, "phone")):
        rows = RawVoice.objects.filter(body=body).values_list("pk", flat=True)
        sort_texts(read.wave, rows, read.theme(code), by=read.first)

    def numbers():
        told = wave_voices(read.wave, read.place.office)
        return {theme.theme.code: theme.texts for theme in told.themes}

    live = numbers()
    purge_voices(timezone.localdate() + dt.timedelta(days=91))

    assert not RawVoice.objects.exists()
    assert live == numbers() == {"paper": 9, "other": 7}
    assert set(TextThemeCount.objects.values_list("theme__code", "n")) == {
        ("paper", 9),
        ("other", 7),
    }


def test_the_database_keeps_no_count_below_five(read):
    with pytest.raises(IntegrityError), transaction.atomic():
        TextThemeCount.objects.create(wave=read.wave, theme=read.theme("paper"), n=4)


@pytest.mark.parametrize("number", [1, 3])
def test_the_list_costs_the_same_for_one_and_three_wordings(
    read, number, django_assert_num_queries
):
    for text in range(number):
        propose(read, f"{WORDING}{text}")
    client = browser(read.first)
    client.get(read.url("wording_list"))
    with django_assert_num_queries(13):
        client.get(read.url("wording_list"))


def test_everybody_reads_agreed_wordings_with_the_results(read):
    row = propose(read)
    page = reverse("surveys:wave_results", args=[read.wave.pk])
    client = browser(read.place.office)
    assert WORDING not in client.get(page).content.decode()

    approve_wording(row, by=read.second, on=DAY, seen=WORDING)

    text = client.get(page).content.decode()
    assert WORDING in text
    assert "別の階へ" not in text
    assert read.url() in text
    other = factories.user(read.place.municipality, role=Role.DX_OFFICE)
    assert read.url() not in browser(other).get(page).content.decode()
