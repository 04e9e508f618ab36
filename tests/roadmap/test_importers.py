"""Initiatives of a table in the database: created once, kept whole, never twice."""

import datetime as dt
import io
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from dxportal.accounts.import_plan import Choices, Outcome
from dxportal.accounts.models import DepartmentSuccession, Event, Municipality
from dxportal.shared.tabular import csv_lines, read_table
from roadmap.actions.imports import apply_initiatives
from roadmap.actions.updates import report
from roadmap.choices import Phase, Progress
from roadmap.importers import InitiativePlan, plan_initiatives
from roadmap.models import (
    DirtyMark,
    Initiative,
    InitiativeDepartment,
    StatusWord,
    Update,
    ValueEntry,
)
from tests import factories

pytestmark = pytest.mark.django_db

PUBLISHED = Path(__file__).parents[1] / "data" / "initiatives_published.csv"
DAY = dt.date(2026, 9, 1)


@pytest.fixture
def town() -> Municipality:
    return factories.municipality(staircase=False)


def imported(
    town: Municipality, content: bytes | str, *, name: str = "表.csv", **choices
) -> InitiativePlan:
    """Plan and apply; the plan tells what happened."""
    data = content.encode() if isinstance(content, str) else content
    chosen = Choices(as_of=DAY, **choices)
    plan = plan_initiatives(read_table(io.BytesIO(data), name), town, chosen)
    apply_initiatives(plan, municipality=town, as_of=DAY, by=None)
    return plan


def counts(plan: InitiativePlan) -> tuple[int, int, int, int]:
    """Created, changed, unchanged, rejected."""
    return (*(plan.outcomes[outcome] for outcome in Outcome), plan.rejected)


def test_published_file_asks_which_municipality(town):
    plan = imported(town, PUBLISHED.read_bytes())
    assert plan.asks_origin
    assert len(plan.origins) == 26
    assert not Initiative.objects.exists()


def test_published_file_comes_in_whole_and_only_once(town):
    first = imported(town, PUBLISHED.read_bytes(), all_origins=True)
    assert counts(first) == (45, 0, 0, 0)
    assert Initiative.objects.filter(origin="浜松市").count() == 13
    events = Event.objects.count()

    second = imported(town, PUBLISHED.read_bytes(), all_origins=True)

    assert counts(second) == (0, 0, 45, 0)
    assert Event.objects.count() == events
    assert Update.objects.count() == 45


def test_one_municipality_of_the_published_file_comes_without_a_tag(town):
    plan = imported(town, PUBLISHED.read_bytes(), origin="大船渡市")
    assert counts(plan) == (2, 0, 0, 0)
    assert set(Initiative.objects.values_list("origin", flat=True)) == {""}
    assert any("大船渡市" in str(note) for note in plan.notes)


def test_nothing_of_a_row_is_lost(town):
    imported(
        town,
        "取組名,担当課,目的,責任者,備考,独自の列,進捗\n"
        "窓口の電子化,どこかの課,待たせない,謎の長,急ぐ,青,みちなかば\n",
    )
    made = Initiative.objects.get()
    assert made.purpose == "待たせない"
    assert made.extra == {
        "担当課": "どこかの課",
        "責任者": "謎の長",
        "備考": "急ぐ",
        "独自の列": "青",
    }
    update = made.updates.get()
    assert (update.note, update.is_report, update.phase) == ("みちなかば", False, Phase.IDEA)
    word = StatusWord.objects.get()
    assert (word.word, word.phase, word.progress) == ("みちなかば", "", "")


def test_only_the_title_is_required(town):
    plan = imported(town, "取組名,担当課\n紙をなくす,\n,総務課\n")
    assert counts(plan) == (1, 0, 0, 1)
    (problem,) = plan.problems
    assert (problem.row, problem.column) == (3, "取組名")


def test_a_missing_title_column_imports_nothing(town):
    with override("ja"):
        plan = imported(town, "担当課,年度\n総務課,令和6年度\n")
    assert plan.is_broken
    assert not Initiative.objects.exists()


def test_departments_are_found_by_name_code_and_path(town):
    bureau = factories.department(town, "総務部", kind="bureau", code="01")
    first = factories.department(town, "総務課", parent=bureau, code="0101")
    other = factories.department(town, "教育部", kind="bureau", code="02")
    factories.department(town, "総務課", parent=other, code="0201")
    third = factories.department(town, "企画課", code="03")
    plan = imported(
        town,
        "取組名,担当課\nA,企画課\nB,0101\nC,総務部　総務課\nD,総務課\n"
        "E,企画課、0101\nF,企画課・謎課\n",
    )
    leads = dict(
        InitiativeDepartment.objects.filter(role="lead").values_list(
            "initiative__title", "department_id"
        )
    )
    assert leads == {"A": third.pk, "B": first.pk, "C": first.pk, "E": third.pk, "F": third.pk}
    partners = InitiativeDepartment.objects.filter(role="partner")
    assert list(partners.values_list("initiative__title", "department_id")) == [("E", first.pk)]
    assert Initiative.objects.get(title="D").extra == {"担当課": "総務課"}
    assert Initiative.objects.get(title="F").extra == {"担当課": "企画課・謎課"}
    assert sum("総務課" in str(note) for note in plan.notes) == 1


def test_a_department_that_ended_is_refused_and_its_successor_named(town):
    old = factories.department(town, "電算課", code="9", valid_to=dt.date(2026, 4, 1))
    new = factories.department(town, "情報政策課", code="10")
    DepartmentSuccession.objects.create(predecessor=old, successor=new, on=dt.date(2026, 4, 1))
    plan = imported(town, "取組名,担当課\nA,電算課\nB,情報政策課\n")
    assert counts(plan) == (1, 0, 0, 1)
    with override("en"):
        text = str(plan.problems[0])
    assert "2026-03-31" in text
    assert "情報政策課" in text
    assert list(Initiative.objects.values_list("title", flat=True)) == ["B"]


def test_the_municipalitys_own_words_are_read_whatever_their_width(town):
    StatusWord.objects.create(municipality=town, word="Ａ", phase="", progress=Progress.AHEAD)
    imported(town, "取組名,進捗,フェーズ\n窓口,A,試行中\n")
    update = Update.objects.get()
    assert (update.progress, update.phase, update.is_report) == ("ahead", "trial", True)
    assert Initiative.objects.get().extra == {"進捗": "A"}


def test_mapping_a_word_later_reports_on_the_next_import(town):
    table = "取組名,進捗\n窓口,みちなかば\n"
    imported(town, table)
    StatusWord.objects.update(progress=Progress.ON_TRACK, phase=Phase.BUILDING)
    plan = imported(town, table)
    assert counts(plan) == (0, 1, 0, 0)
    assert Update.objects.order_by("-id").first().progress == Progress.ON_TRACK
    assert counts(imported(town, table)) == (0, 0, 1, 0)


def test_what_was_reported_since_stays_when_the_same_file_comes_again(town):
    table = "取組名,進捗\n窓口,予定どおり\n"
    imported(town, table)
    report(Initiative.objects.get(), by=None, progress=Progress.LATE)
    assert counts(imported(town, table)) == (0, 0, 1, 0)
    assert Update.objects.order_by("-id").first().progress == Progress.LATE


def test_what_ended_with_a_stop_outlives_the_next_file_and_ends_with_going_on(town):
    imported(town, "取組名,フェーズ,備考\n窓口,中止,統合\n")
    made = Initiative.objects.get()
    assert made.updates.get().ended is None
    report(made, by=None, phase=Phase.STOPPED, ended="紙の回覧", freed=(60, 90))
    imported(town, "取組名,フェーズ,進捗\n窓口,中止,対象外\n")
    assert Update.objects.latest("id").ended == "紙の回覧"
    assert ValueEntry.objects.in_force().count() == 1
    imported(town, "取組名,フェーズ\n窓口,試行中\n")
    assert (Update.objects.latest("id").phase, Update.objects.latest("id").ended) == ("trial", None)
    assert not ValueEntry.objects.in_force().exists()


def test_a_changed_cell_changes_the_initiative_and_its_history(town):
    imported(town, "取組名,目的\n窓口,はやく\n")
    plan = imported(town, "取組名,目的\n窓口,待たせない\n")
    assert counts(plan) == (0, 1, 0, 0)
    made = Initiative.objects.get()
    assert (made.purpose, made.version) == ("待たせない", 2)
    event = Event.objects.filter(action="initiative.edited").get()
    assert (event.before["purpose"], event.after["purpose"]) == ("はやく", "待たせない")


def test_departments_that_come_later_become_leads_of_what_is_there(town):
    table = "取組名,担当課\n窓口,市民課\n"
    imported(town, table)
    section = factories.department(town, "市民課")
    plan = imported(town, table)
    assert counts(plan) == (0, 1, 0, 0)
    made = Initiative.objects.get()
    assert made.parts.get().department_id == section.pk
    assert made.extra == {}
    assert counts(imported(town, table)) == (0, 0, 1, 0)


def test_same_title_in_two_departments_is_two_initiatives(town):
    factories.department(town, "市民課")
    factories.department(town, "税務課")
    table = "取組名,担当課\n窓口,市民課\n窓口,税務課\n窓口,謎課\n窓口,\n窓口,\n"
    assert counts(imported(town, table)) == (5, 0, 0, 0)
    assert counts(imported(town, table)) == (0, 0, 5, 0)


def test_going_live_by_import_sets_the_day(town):
    imported(town, "取組名,フェーズ\n窓口,運用開始\n")
    assert Initiative.objects.get().launched_on == DAY


def test_posts_and_people_are_found_by_name(town):
    section = factories.department(town, "市民課")
    person = factories.user(town, of=section, name="佐藤 花子")
    post = factories.post(section, "課長")
    imported(
        town,
        "取組名,担当課,責任者,担当者,対象者,種別\n窓口,市民課,市民課長,佐藤花子,住民・職員,DX\n",
    )
    made = Initiative.objects.get()
    assert (made.accountable_post_id, made.contact_id) == (post.pk, person.pk)
    assert (made.kind, made.beneficiaries, made.extra) == ("add", ["staff", "residents"], {})


def test_marks_are_written_for_what_came_in(town):
    section = factories.department(town, "市民課")
    imported(town, "取組名,担当課\n窓口,市民課\n")
    found = set(DirtyMark.objects.values_list("scope", "scope_id"))
    assert found == {("initiative", Initiative.objects.get().pk), ("department", section.pk)}


@pytest.mark.parametrize("encoding", ["utf-8", "utf-8-sig", "cp932"])
def test_every_encoding_comes_in_alike(town, encoding):
    plan = imported(town, "取組名,目的\n髙﨑の窓口①,はやく\n".encode(encoding))
    assert counts(plan) == (1, 0, 0, 0)
    assert Initiative.objects.get().title == "髙﨑の窓口①"


def test_a_long_title_is_cut_and_kept_whole_beside(town):
    imported(town, f"取組名,目的\n{'長' * 300},はやく\n")
    made = Initiative.objects.get()
    assert len(made.title) == 200
    assert made.extra == {"取組名": "長" * 300}


def test_queries_do_not_grow_with_rows(town, django_assert_max_num_queries):
    def table(rows: int) -> io.BytesIO:
        lines = "".join(f"取組{number},課{number % 7},進捗{number % 3}\n" for number in range(rows))
        return io.BytesIO(f"取組名,担当課,進捗\n{lines}".encode())

    imported(town, table(300).getvalue())
    with django_assert_max_num_queries(12):
        plan_initiatives(read_table(table(300), "表.csv"), town, Choices(as_of=DAY))


cells = st.text(alphabet="課総務窓A1 　、", max_size=4)


@given(st.lists(st.tuples(cells, cells, cells, cells), max_size=8))
def test_a_second_import_changes_nothing(rows):
    town = factories.municipality(staircase=False)
    factories.department(town, "総務課")
    header = ("取組名", "担当課", "進捗", "独自の列")
    data = b"".join(csv_lines(header, rows))
    first = imported(town, data)
    second = imported(town, data)
    assert counts(second) == (0, 0, sum(first.outcomes.values()), first.rejected)
