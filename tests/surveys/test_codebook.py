"""Themes and their words: naming, merging, splitting, and taking each of them back."""

import threading
import time

import pytest
from django.db import close_old_connections, connection, transaction
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Event
from roadmap.actions.initiatives import InitiativeFields
from roadmap.actions.themes import (
    ThemeRefused,
    follow_locked,
    merge_theme,
    rename_theme,
    split_theme,
    unmerge_theme,
)
from roadmap.forms.initiatives import InitiativeForm
from roadmap.models import Stage, Theme
from surveys.actions.codebook import add_term, ensure_terms, remove_term, undo_change
from surveys.codebook import CHANGES, Book
from surveys.content.terms import TERMS
from surveys.models import ThemeTerm
from tests import factories
from tests.surveys.readers import browser

pytestmark = pytest.mark.django_db


@pytest.fixture
def town():
    """A municipality with the default themes and words."""
    place = factories.municipality()
    ensure_terms(place)
    return place


@pytest.fixture
def office(town):
    """Somebody who runs surveys."""
    return factories.user(town, role=Role.DX_OFFICE, name="佐藤")


def theme(town, code="paper"):
    return Theme.objects.get(municipality=town, code=code)


def newest():
    return Event.objects.order_by("-id").first()


# Words --------------------------------------------------------------------------------------------
def test_default_words_come_once_and_what_was_removed_stays_removed(town):
    assert ThemeTerm.objects.count() == sum(map(len, TERMS.values()))
    ThemeTerm.objects.filter(theme=theme(town)).delete()

    assert not ensure_terms(town)
    assert not ThemeTerm.objects.filter(theme=theme(town)).exists()
    assert Event.objects.filter(action="theme_terms.copied").count() == 1


def test_a_municipality_without_themes_gets_no_words_yet():
    bare = factories.municipality("隣市", staircase=False)

    assert not ensure_terms(bare)
    assert not Event.objects.filter(action="theme_terms.copied").exists()


def test_a_word_points_to_one_theme_whatever_its_width(town, office):
    assert add_term(theme(town), "ゴム印", by=office)
    assert not add_term(theme(town), "ゴム印", by=office)
    with pytest.raises(ThemeRefused, match="ごむ印"):
        add_term(theme(town, "phone"), "ごむ印", by=office)
    for short in ("印", " ", "　"):
        with pytest.raises(ThemeRefused):
            add_term(theme(town), short, by=office)
    assert Event.objects.filter(action="theme_term.added").count() == 1


def test_a_word_is_removed_and_brought_back(town, office):
    remove_term(ThemeTerm.objects.get(term="押印"), by=office)
    assert not ThemeTerm.objects.filter(term="押印").exists()

    undo_change(newest(), by=office)

    assert ThemeTerm.objects.get(term="押印").theme == theme(town)


# Names --------------------------------------------------------------------------------------------
def test_renaming_is_taken_back_unless_it_was_renamed_again(town, office):
    before = theme(town).label
    rename_theme(theme(town), label="紙とハンコ", label_en="Paper", by=office)
    first = newest()
    undo_change(first, by=office)
    assert theme(town).label == before

    rename_theme(theme(town), label="ハンコ", label_en="", by=office)
    with pytest.raises(ThemeRefused):
        undo_change(first, by=office)
    assert theme(town).label == "ハンコ"


def test_the_same_name_writes_nothing_and_a_taken_or_empty_one_is_refused(town, office):
    row = theme(town)
    assert not rename_theme(row, label=row.label, label_en=row.label_en, by=office)
    for label in ("", "  ", theme(town, "phone").label):
        with pytest.raises(ThemeRefused):
            rename_theme(row, label=label, label_en="", by=office)
    assert not Event.objects.filter(action="theme.renamed").exists()


# Merging ------------------------------------------------------------------------------------------
def test_merging_follows_chains_and_refuses_rings(town, office):
    paper, approvals, rules = (theme(town, code) for code in ("paper", "approvals", "rules"))
    merge_theme(paper, approvals, by=office)
    assert merge_theme(rules, paper, by=office) == approvals

    for source, into in ((approvals, paper), (approvals, rules), (approvals, approvals)):
        with pytest.raises(ThemeRefused):
            merge_theme(source, into, by=office)
    with pytest.raises(ThemeRefused):
        merge_theme(paper, rules, by=office)
    book = Book(town.pk)
    assert {book.stands_for(row.pk) for row in (paper, approvals, rules)} == {approvals}


def test_a_merge_is_taken_back_and_words_were_never_moved(town, office):
    paper, approvals = theme(town), theme(town, "approvals")
    merge_theme(paper, approvals, by=office)
    entries = {entry.theme: entry for entry in Book(town.pk).entries()}
    assert paper not in entries
    assert {"押印", "決裁"} <= {term.term for term in entries[approvals].terms}
    assert entries[approvals].merged == [paper]

    undo_change(newest(), by=office)

    assert theme(town).merged_into is None
    assert {row.term for row in theme(town).terms.all()} == set(TERMS["paper"])


def test_what_takes_the_rest_and_themes_of_others_are_not_merged(town, office):
    stranger = theme(factories.municipality("隣市"))
    with pytest.raises(ThemeRefused):
        merge_theme(theme(town, "other"), theme(town), by=office)
    with pytest.raises(ThemeRefused):
        merge_theme(theme(town), stranger, by=office)
    with pytest.raises(ThemeRefused):
        unmerge_theme(theme(town), by=office)


@pytest.mark.django_db(transaction=True)
def test_two_merges_against_each_other_leave_one():
    """Both wait for the same rows; whoever comes second finds the ring and is refused."""
    place = factories.municipality()
    by = factories.user(place, role=Role.DX_OFFICE)
    paper, phone = theme(place), theme(place, "phone")
    start, told = threading.Barrier(2), []

    def merge(source, into):
        start.wait()
        try:
            merge_theme(source, into, by=by)
            told.append("merged")
        except ThemeRefused:
            told.append("refused")
        finally:
            close_old_connections()
            connection.close()

    threads = [
        threading.Thread(target=merge, args=pair) for pair in ((paper, phone), (phone, paper))
    ]
    for thread in threads:
        thread.start()
    for thread in threads:
        thread.join(20)

    assert sorted(told) == ["merged", "refused"]
    assert Theme.objects.filter(municipality=place, merged_into__isnull=False).count() == 1


@pytest.mark.django_db(transaction=True)
def test_filing_under_a_theme_waits_for_its_merge_and_follows_it():
    place = factories.municipality()
    by = factories.user(place, role=Role.DX_OFFICE)
    paper, phone = theme(place), theme(place, "phone")
    found, merged = [], threading.Event()

    def file():
        merged.wait(20)
        with transaction.atomic():
            found.append(follow_locked(paper))
        connection.close()

    thread = threading.Thread(target=file)
    thread.start()
    with transaction.atomic():
        merge_theme(paper, phone, by=by)
        merged.set()
        time.sleep(0.3)
        assert found == []
    thread.join(20)

    assert found == [phone]


def test_a_new_initiative_is_offered_no_merged_theme_and_an_old_one_keeps_its_own(town, office):
    paper, approvals = theme(town), theme(town, "approvals")
    merge_theme(paper, approvals, by=office)

    day, stages = timezone.localdate(), list(Stage.objects.visible_to(office))

    def offered(form):
        return {int(value) for value, _label in form.fields["themes"].choices}

    new = InitiativeForm(user=office, day=day, stages=stages)
    held = InitiativeFields(title="電子決裁", themes=(paper.pk,))
    old = InitiativeForm(user=office, day=day, stages=stages, current=held)
    assert paper.pk not in offered(new)
    assert approvals.pk in offered(new)
    assert paper.pk in offered(old)


# Splitting ----------------------------------------------------------------------------------------
def test_a_split_theme_stands_after_its_origin_and_is_merged_back(town, office):
    paper = theme(town)
    made = split_theme(paper, label="ハンコだけ", label_en="Seals", by=office)
    again = split_theme(paper, label="回覧だけ", label_en="", by=office)

    assert (made.code, again.code) == ("own_1", "own_2")
    labels = [entry.theme.label for entry in Book(town.pk).entries()]
    place = labels.index(paper.label)
    assert labels[place : place + 3] == [paper.label, "ハンコだけ", "回覧だけ"]

    undo_change(Event.objects.get(action="theme.split", object_id=str(made.pk)), by=office)
    assert Book(town.pk).stands_for(made.pk) == paper


# The page -----------------------------------------------------------------------------------------
def test_every_change_has_a_way_back_on_the_page(town, office):
    client = browser(office)
    url = reverse("surveys:theme_list")
    paper, phone = theme(town), theme(town, "phone")
    client.post(reverse("surveys:theme_edit", args=[paper.pk]), {"label": "紙", "label_en": ""})
    client.post(reverse("surveys:term_add", args=[paper.pk]), {"term": "ゴム印"})
    client.post(
        f"{reverse('surveys:theme_merge')}?theme={paper.pk}&theme={phone.pk}", {"keep": phone.pk}
    )

    page = client.get(url).content.decode()

    assert page.count("/surveys/themes/undo/") >= 3
    for event in Event.objects.filter(action__in=CHANGES):
        response = client.post(reverse("surveys:theme_undo", args=[event.pk]), follow=True)
        assert response.status_code == 200
    assert theme(town).label == "紙やハンコで回覧・決裁する"
    assert theme(town).merged_into is None
    assert not ThemeTerm.objects.filter(term="ゴム印").exists()


def test_forms_say_what_is_wrong(town, office):
    client = browser(office)
    paper = theme(town)
    taken = {"label": theme(town, "phone").label}
    assert client.post(reverse("surveys:theme_edit", args=[paper.pk]), taken).status_code == 422
    assert client.post(reverse("surveys:theme_split", args=[paper.pk]), taken).status_code == 422
    assert client.get(reverse("surveys:theme_merge")).status_code == 302
    two = f"{reverse('surveys:theme_merge')}?theme={paper.pk}&theme={theme(town, 'phone').pk}"
    assert client.get(two).status_code == 200
    assert client.post(two, {}).status_code == 422


def test_words_are_escaped_on_the_page(town, office):
    add_term(theme(town), "<script>alert(1)</script>", by=office)

    page = browser(office).get(reverse("surveys:theme_list")).content.decode()

    assert "<script>alert" not in page
    assert "&lt;script&gt;alert" in page


def test_only_who_runs_surveys_and_nobody_elsewhere(town, office):
    staff = factories.user(town)
    stranger = factories.user(factories.municipality("隣市"), role=Role.DX_OFFICE)
    url = reverse("surveys:theme_edit", args=[theme(town).pk])

    assert browser(staff).get(url).status_code == 403
    assert browser(stranger).get(url).status_code == 404
    assert browser(stranger).post(url, {"label": "x"}).status_code == 404


@pytest.mark.parametrize("more", [1, 3])
def test_the_page_costs_the_same_for_one_and_three_changes(
    town, office, more, django_assert_num_queries
):
    client = browser(office)
    for number in range(more):
        add_term(theme(town), f"ことば{number}", by=office)
    client.get(reverse("surveys:theme_list"))
    with django_assert_num_queries(13):
        client.get(reverse("surveys:theme_list"))
