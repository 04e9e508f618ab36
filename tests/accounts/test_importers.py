"""Departments and people of a table in the database: planned, written once, never twice."""

import datetime as dt
import io
from pathlib import Path

import pytest
from django.utils.translation import override
from hypothesis import given
from hypothesis import strategies as st

from dxportal.accounts import hooks
from dxportal.accounts.actions.imports import apply_departments, apply_staff
from dxportal.accounts.choices import DepartmentKind, Role
from dxportal.accounts.import_plan import Choices, Outcome, Plan
from dxportal.accounts.importers import plan_departments, plan_staff
from dxportal.accounts.models import (
    Assignment,
    Department,
    DepartmentSuccession,
    Event,
    Municipality,
    Outbox,
    Post,
    RoleGrant,
    User,
)
from dxportal.shared.tabular import TableError, csv_lines, read_table
from tests import factories

pytestmark = pytest.mark.django_db

PUBLISHED = Path(__file__).parents[1] / "data" / "org_charts_published.csv"
DAY = dt.date(2026, 9, 1)
STAFF = "メールアドレス,氏名,所属,職名,役割\n"


@pytest.fixture
def town() -> Municipality:
    return factories.municipality(staircase=False)


def table_of(content: bytes | str):
    """A table out of text."""
    data = content.encode() if isinstance(content, str) else content
    return read_table(io.BytesIO(data), "表.csv")


def organised(town: Municipality, content: bytes | str, *, as_of: dt.date = DAY, **choices) -> Plan:
    """Departments planned and applied."""
    plan = plan_departments(table_of(content), town, Choices(as_of=as_of, **choices))
    apply_departments(plan, municipality=town, as_of=as_of, by=None)
    return plan


def staffed(town: Municipality, content: bytes | str, *, as_of: dt.date = DAY) -> Plan:
    """People planned and applied."""
    plan = plan_staff(table_of(content), town, Choices(as_of=as_of))
    apply_staff(plan, municipality=town, as_of=as_of, by=None)
    return plan


def counts(plan: Plan) -> tuple[int, int, int, int]:
    """Created, changed, unchanged, rejected."""
    return (*(plan.outcomes[outcome] for outcome in Outcome), plan.rejected)


def standing(town: Municipality) -> list[str]:
    """Names of the departments that stand on the staircases."""
    return list(town.departments.sections().in_order().values_list("name", flat=True))


# Departments ------------------------------------------------------------------------------------
def test_published_file_asks_which_municipality(town):
    plan = organised(town, PUBLISHED.read_bytes())
    assert plan.asks_origin
    assert sum(plan.origins.values()) == 74
    assert not Department.objects.exists()


def test_published_file_with_all_puts_each_municipality_at_the_top(town):
    plan = organised(town, PUBLISHED.read_bytes(), all_origins=True)
    made, changed, same, rejected = counts(plan)
    assert (changed, same, rejected) == (0, 0, 0)
    assert Department.objects.count() == made
    assert Department.objects.filter(parent=None).count() == len(plan.origins)
    again = organised(town, PUBLISHED.read_bytes(), all_origins=True)
    assert counts(again) == (0, 0, made, 0)


def test_a_town_without_bureaus_lets_its_sections_stand_not_their_teams(town):
    organised(town, PUBLISHED.read_bytes(), origin="南富良野町")
    assert standing(town) == ["総務課", "企画課", "保健福祉課", "産業課", "建設課"]
    team = Department.objects.get(name="財政係")
    assert (team.parent.name, team.bureau, team.kind) == ("総務課", None, DepartmentKind.TEAM)


def test_bureaus_without_sections_stand_themselves(town):
    organised(town, PUBLISHED.read_bytes(), origin="大崎市")
    assert len(standing(town)) == 5
    organised(town, "部,課\n総務部,総務課\n")
    assert "総務部" not in standing(town)
    assert Department.objects.get(name="総務課").bureau.name == "総務部"
    assert {d.code for d in Department.objects.filter(name="総務課")} == {"総務部/総務課"}


def test_the_first_import_begins_with_the_fiscal_year_and_later_ones_with_the_day(town):
    organised(town, "所属コード,所属名\n1,総務課\n")
    organised(town, "所属コード,所属名\n1,総務課\n2,企画課\n")
    days = dict(Department.objects.values_list("code", "valid_from"))
    assert days == {"1": dt.date(2026, 4, 1), "2": DAY}


def test_levels_dates_and_predecessors_are_read(town):
    organised(
        town,
        "所属コード,所属名,上位所属コード,有効開始日,有効終了日,旧所属コード\n"
        "1,総務部,,令和2年4月1日,,\n"
        "11,電算課,1,R2.4.1,令和8年3月31日,\n"
        "12,情報政策課,1,2026/4/1,,11\n",
    )
    old, new = Department.objects.get(code="11"), Department.objects.get(code="12")
    assert (old.valid_from, old.valid_to) == (dt.date(2020, 4, 1), dt.date(2026, 4, 1))
    link = DepartmentSuccession.objects.get()
    assert (link.predecessor, link.successor, link.on) == (old, new, dt.date(2026, 4, 1))
    assert standing(town) == ["電算課", "情報政策課"]


def test_renaming_a_department_by_its_code_is_a_change_with_history(town):
    organised(town, "所属コード,所属名\n1,総務課\n")
    plan = organised(town, "所属コード,所属名\n1,総務企画課\n")
    assert counts(plan) == (0, 1, 0, 0)
    event = Event.objects.filter(action="department.edited").get()
    assert (event.before["name"], event.after["name"]) == ("総務課", "総務企画課")


def test_a_code_given_later_takes_the_place_of_the_derived_one(town):
    organised(town, "部,課\n総務部,総務課\n")
    plan = organised(town, "所属コード,部,課\n0101,総務部,総務課\n")
    assert counts(plan) == (0, 1, 1, 0)
    assert Department.objects.get(name="総務課").code == "0101"


def test_a_duplicate_code_rejects_the_second_row_only(town):
    plan = organised(town, "所属コード,所属名\n1,総務課\n1,企画課\n2,税務課\n")
    assert counts(plan) == (2, 0, 0, 1)
    problem = plan.problems[0]
    assert (problem.row, problem.column) == (3, "所属コード")
    assert set(Department.objects.values_list("name", flat=True)) == {"総務課", "税務課"}


def test_a_department_that_ended_takes_no_children_and_does_not_come_back_unseen(town):
    organised(town, "所属コード,所属名,有効開始日,有効終了日\n1,電算課,R2.4.1,R8.3.31\n", as_of=DAY)
    plan = organised(town, "所属コード,所属名,上位所属コード\n1,電算課,\n2,第一係,1\n")
    assert plan.outcomes == {}
    assert [problem.row for problem in plan.problems] == [2, 3]
    with override("en"):
        assert "2026-03-31" in str(plan.problems[0])


def test_staff_without_an_account_change_only_where_the_file_tells(town):
    head = "所属コード,所属名,アカウントのない職員数\n"
    organised(town, head + "01,清掃事務所,6\n02,総務課,\n")
    assert dict(town.departments.values_list("code", "without_account")) == {"01": 6, "02": 0}

    assert counts(organised(town, "所属コード,所属名\n01,清掃事務所\n02,総務課\n"))[:3] == (0, 0, 2)
    assert counts(organised(town, head + "01,清掃事務所,\n02,総務課,3\n"))[:3] == (0, 1, 1)

    assert dict(town.departments.values_list("code", "without_account")) == {"01": 6, "02": 3}
    event = Event.objects.filter(action="department.edited").get()
    assert (event.before, event.after) == ({"without_account": 0}, {"without_account": 3})


def test_what_is_not_in_the_file_stays_and_is_named(town):
    organised(town, "部,課\n総務部,総務課\n教育部,学務課\n")
    plan = organised(town, "部,課\n総務部,総務課\n")
    assert Department.objects.count() == 4
    assert any("学務課" in str(note) for note in plan.notes)


def test_a_missing_name_column_imports_nothing(town):
    plan = organised(town, "電話,内線\n1,2\n")
    assert plan.is_broken
    assert not Department.objects.exists()


def test_departments_tell_who_asked_that_the_organisation_changed(town, monkeypatch):
    told: list[int] = []
    monkeypatch.setattr(hooks, "organisation_changed", [told.append])
    organised(town, "部,課\n総務部,総務課\n")
    organised(town, "部,課\n総務部,総務課\n")
    assert told == [town.pk]


names = st.sampled_from(["総務部", "教育部", "総務課", "学務課", "庶務係", "窓口係", ""])


@given(st.lists(st.tuples(names, names, names), max_size=8))
def test_a_second_import_of_wide_columns_changes_nothing(rows):
    town = factories.municipality(staircase=False)
    data = b"".join(csv_lines(("部", "課", "係"), rows))
    try:
        first = organised(town, data)
    except TableError:
        return
    second = organised(town, data)
    assert counts(second) == (0, 0, sum(first.outcomes.values()), first.rejected)


# People -----------------------------------------------------------------------------------------
@pytest.fixture
def section(town) -> Department:
    return factories.department(town, "市民課")


def test_people_get_an_account_without_a_password_and_no_mail(town, section):
    plan = staffed(town, STAFF + "Taro@City.example.jp,山田太郎,市民課,主査,\n")
    assert counts(plan) == (1, 0, 0, 0)
    person = User.objects.get(email="taro@city.example.jp")
    assert (person.department, person.has_usable_password()) == (section, False)
    assert Assignment.objects.get(user=person).post.name == "主査"
    assert not RoleGrant.objects.exists()
    assert not Outbox.objects.exists()


def test_heads_and_roles_are_granted_by_import(town, section):
    staffed(
        town,
        STAFF + "a@c.jp,長,市民課,市民課長,\nb@c.jp,助,市民課,主事,推進員\nc@c.jp,事,,,事務局\n",
    )
    grants = set(RoleGrant.objects.values_list("user__email", "role", "department", "how"))
    assert grants == {
        ("a@c.jp", Role.HEAD, section.pk, "import"),
        ("b@c.jp", Role.PROMOTER, section.pk, "import"),
        ("c@c.jp", Role.DX_OFFICE, None, "import"),
    }
    assert Post.objects.get(name="市民課長").is_head


def test_a_second_import_of_people_changes_nothing(town, section):
    table = STAFF + "a@c.jp,長,市民課,課長,\nb@c.jp,助,市民課,主事,推進員\nc@c.jp,事,,,事務局\n"
    staffed(town, table)
    events = Event.objects.count()
    assert counts(staffed(town, table)) == (0, 0, 3, 0)
    assert Event.objects.count() == events


def test_moving_ends_the_old_seat_and_the_old_headship(town, section):
    other = factories.department(town, "税務課")
    staffed(town, STAFF + "a@c.jp,長,市民課,課長,\n", as_of=dt.date(2026, 4, 1))
    plan = staffed(town, STAFF + "a@c.jp,長,税務課,課長,\n")
    assert counts(plan) == (0, 1, 0, 0)
    seats = Assignment.objects.order_by("valid_from").values_list("post__department", "valid_to")
    assert list(seats) == [(section.pk, DAY), (other.pk, None)]
    heads = RoleGrant.objects.order_by("valid_from", "pk").values_list("department", "valid_to")
    assert list(heads) == [(section.pk, DAY), (other.pk, None)]


def test_an_address_of_another_municipality_is_refused_without_saying_more(town, section):
    factories.user(factories.municipality("隣の市", staircase=False), email="x@c.jp", name="隣人")
    plan = staffed(town, STAFF + "x@c.jp,誰か,市民課,主事,\ny@c.jp,次,市民課,主事,\n")
    assert counts(plan) == (1, 0, 0, 1)
    text = str(plan.problems[0])
    assert "隣" not in text
    assert plan.problems[0].column == "メールアドレス"


def test_a_department_that_ended_takes_nobody(town):
    factories.department(town, "電算課", valid_to=dt.date(2026, 4, 1))
    plan = staffed(town, STAFF + "a@c.jp,長,電算課,課長,\n")
    assert counts(plan) == (0, 0, 0, 1)
    assert not User.objects.filter(municipality=town).exists()


def test_a_role_for_a_department_needs_one(town):
    plan = staffed(town, STAFF + "a@c.jp,助,,,推進員\n")
    assert counts(plan) == (0, 0, 0, 1)


def test_empty_cells_and_missing_columns_leave_what_is_there(town, section):
    person = factories.user(town, of=section, email="a@c.jp", name="長", employment="fiscal_year")
    plan = staffed(town, "メールアドレス,氏名\na@c.jp,長\n")
    assert counts(plan) == (0, 0, 1, 0)
    person.refresh_from_db()
    assert (person.department, person.employment) == (section, "fiscal_year")


def test_an_account_that_is_switched_off_stays_off(town, section):
    factories.user(town, of=section, email="a@c.jp", name="長", is_active=False)
    plan = staffed(town, STAFF + "a@c.jp,新しい名,市民課,,\n")
    assert counts(plan) == (0, 1, 0, 0)
    assert not User.objects.get(email="a@c.jp").is_active
    assert any(note.row == 2 for note in plan.notes)


def test_people_of_a_large_file_cost_as_many_queries_as_few(
    town, section, django_assert_max_num_queries
):
    lines = "".join(f"p{number}@c.jp,職員{number},市民課,主事,\n" for number in range(400))
    staffed(town, STAFF + lines)
    with django_assert_max_num_queries(8):
        plan_staff(table_of(STAFF + lines), town, Choices(as_of=DAY))
