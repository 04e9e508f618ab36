"""「変わりなし」 appends, and taking it back appends what stood before; nothing is ever changed."""

import datetime as dt

import pytest
from django.conf import settings
from django.test import Client
from django.urls import reverse
from django.utils import timezone

from dxportal.accounts.choices import Role
from dxportal.accounts.models import Department, Event, User
from dxportal.shared.fiscal import add_months
from roadmap.actions.assessments import Claim, confirm_criteria, renewable
from roadmap.actions.evidence import DepartmentEnded
from roadmap.actions.renewals import RENEWED, TAKEN_BACK, TakenBack, renew, take_back_renewal
from roadmap.choices import CriterionSource
from roadmap.models import Assessment, Criterion, DirtyMark, EvidenceRequest
from tests import factories

pytestmark = pytest.mark.django_db

TODAY = timezone.localdate()
PAST = add_months(TODAY, -13)
RECENT = add_months(TODAY, -2)


@pytest.fixture
def own() -> Department:
    """A section."""
    return factories.department(factories.municipality(), "市民課")


@pytest.fixture
def head(own: Department) -> User:
    """Its head."""
    return factories.user(own.municipality, role=Role.HEAD, of=own)


def _criterion(own: Department, code: str) -> Criterion:
    return Criterion.objects.get(stage__municipality=own.municipality, code=code)


def _confirm(own: Department, head: User, code: str, level: int, on: dt.date) -> Assessment:
    claim = {_criterion(own, code).pk: Claim(level, "台帳")}
    return confirm_criteria(own, claims=claim, by=head, on=on)[0]


def _latest(own: Department, code: str, on: dt.date = TODAY) -> Assessment:
    rows = Assessment.objects.filter(department=own, criterion__code=code)
    return rows.latest_on(on).get()


def test_renewing_confirms_everything_at_its_level(own: Department, head: User) -> None:
    _confirm(own, head, "T1-1", 3, PAST)
    _confirm(own, head, "T1-5", 1, RECENT)

    event = renew(own, by=head, on=TODAY)

    assert event is not None
    assert (event.action, len(event.after["confirmations"])) == (RENEWED, 2)
    for code, level in (("T1-1", 3), ("T1-5", 1)):
        row = _latest(own, code)
        assert (row.level, row.evidence, row.confirmed_on) == (level, "台帳", TODAY)
        assert row.expires_on == add_months(TODAY, 12)
    assert Assessment.objects.count() == 4
    assert DirtyMark.objects.filter(scope_id=own.pk).exists()


def test_one_criterion_alone_can_be_renewed(own: Department, head: User) -> None:
    one = _confirm(own, head, "T1-1", 3, PAST)
    _confirm(own, head, "T1-2", 2, PAST)

    renew(own, by=head, on=TODAY, only=[one.criterion_id])

    assert _latest(own, "T1-1").confirmed_on == TODAY
    assert _latest(own, "T1-2").confirmed_on == PAST


def test_nothing_is_renewed_twice(own: Department, head: User) -> None:
    _confirm(own, head, "T1-1", 3, RECENT)
    renew(own, by=head, on=TODAY)

    assert renew(own, by=head, on=TODAY) is None
    assert Assessment.objects.count() == 2


@pytest.mark.parametrize("change", [{"retired": True}, {"source": CriterionSource.SURVEY}])
def test_what_heads_no_longer_say_is_left_alone(
    own: Department, head: User, change: dict[str, object]
) -> None:
    _confirm(own, head, "T1-1", 3, PAST)
    Criterion.objects.filter(pk=_criterion(own, "T1-1").pk).update(**change)

    assert renew(own, by=head, on=TODAY) is None


@pytest.mark.parametrize("asks_back", [True, False])
def test_no_change_does_not_answer_what_the_office_asks(
    own: Department, head: User, asks_back: bool
) -> None:
    row = _confirm(own, head, "T1-1", 3, RECENT)
    EvidenceRequest.objects.create(
        department=own,
        criterion=row.criterion,
        assessment=row if asks_back else None,
        text="一覧の写しを",
        due_on=TODAY,
        asked_by=head,
        asked_on=RECENT,
    )

    assert renewable(own, TODAY) == {}
    assert renew(own, by=head, on=TODAY) is None
    assert EvidenceRequest.objects.get().answered_on is None


def test_taking_back_appends_what_stood_before(own: Department, head: User) -> None:
    before = _confirm(own, head, "T1-1", 3, RECENT)
    event = renew(own, by=head, on=TODAY)
    assert event is not None

    taken = take_back_renewal(own, event, by=head, on=TODAY)

    row = _latest(own, "T1-1")
    assert taken == TakenBack(1, 0)
    assert (row.level, row.evidence, row.expires_on) == (3, "台帳", before.expires_on)
    assert Assessment.objects.count() == 3
    assert Event.objects.get(action=TAKEN_BACK).before["renewal"] == event.pk


def test_what_had_expired_ends_with_the_day_again(own: Department, head: User) -> None:
    _confirm(own, head, "T1-1", 3, PAST)
    event = renew(own, by=head, on=TODAY)
    assert event is not None

    take_back_renewal(own, event, by=head, on=TODAY)

    assert _latest(own, "T1-1").expires_on == TODAY + dt.timedelta(days=1)


def test_it_can_be_renewed_again_after_taking_back(own: Department, head: User) -> None:
    _confirm(own, head, "T1-1", 3, RECENT)
    event = renew(own, by=head, on=TODAY)
    assert event is not None
    take_back_renewal(own, event, by=head, on=TODAY)

    assert renew(own, by=head, on=TODAY) is not None
    assert _latest(own, "T1-1").expires_on == add_months(TODAY, 12)


def test_taking_back_twice_does_nothing_more(own: Department, head: User) -> None:
    _confirm(own, head, "T1-1", 3, RECENT)
    event = renew(own, by=head, on=TODAY)
    assert event is not None

    assert take_back_renewal(own, event, by=head, on=TODAY).count == 1
    assert take_back_renewal(own, event, by=head, on=TODAY).count == 0
    assert Assessment.objects.count() == 3


def test_what_was_confirmed_since_stays(own: Department, head: User) -> None:
    _confirm(own, head, "T1-1", 3, RECENT)
    _confirm(own, head, "T1-2", 2, RECENT)
    event = renew(own, by=head, on=TODAY)
    assert event is not None
    _confirm(own, head, "T1-1", 1, TODAY)

    assert take_back_renewal(own, event, by=head, on=TODAY).count == 1
    assert _latest(own, "T1-1").level == 1


def _ask_about(row: Assessment, by: User) -> EvidenceRequest:
    return EvidenceRequest.objects.create(
        department=row.department,
        criterion=row.criterion,
        assessment=row,
        text="一覧の写しを",
        due_on=TODAY + dt.timedelta(days=7),
        asked_by=by,
        asked_on=TODAY,
    )


def test_taking_back_does_not_answer_what_was_asked_back(own: Department, head: User) -> None:
    _confirm(own, head, "T1-1", 3, RECENT)
    _confirm(own, head, "T1-2", 2, RECENT)
    event = renew(own, by=head, on=TODAY)
    assert event is not None
    asked = _ask_about(_latest(own, "T1-1"), head)

    taken = take_back_renewal(own, event, by=head, on=TODAY)

    assert taken == TakenBack(1, 1)
    assert _latest(own, "T1-1") == asked.assessment
    assert _latest(own, "T1-2").expires_on < add_months(TODAY, 12)


def test_the_page_says_what_stays_because_it_is_asked_about(own: Department, head: User) -> None:
    _confirm(own, head, "T1-1", 3, RECENT)
    _confirm(own, head, "T1-2", 2, RECENT)
    event = renew(own, by=head, on=TODAY)
    assert event is not None
    _ask_about(_latest(own, "T1-1"), head)
    client = Client()
    client.cookies[settings.LANGUAGE_COOKIE_NAME] = "en"
    client.force_login(head)
    url = reverse("dashboards:department_unchanged_undo", args=[own.pk, event.pk])

    first, again = (_said(client, url) for _ in range(2))

    stays = "1 criterion stays as it is, because the DX office asks about it."
    assert first == f"Taken back: 1 criterion stands as before. {stays}"
    assert again == stays


def _said(client: Client, url: str) -> str:
    response = client.post(url, follow=True)
    return " ".join(str(message) for message in response.context["messages"])


def test_nothing_is_confirmed_for_a_department_that_has_ended(own: Department, head: User) -> None:
    one = _confirm(own, head, "T1-1", 3, RECENT)
    event = renew(own, by=head, on=TODAY)
    assert event is not None
    Department.objects.filter(pk=own.pk).update(valid_to=TODAY)

    for press in (
        lambda: confirm_criteria(own, {one.criterion_id: Claim(1, "")}, by=head, on=TODAY),
        lambda: renew(own, by=head, on=TODAY),
        lambda: take_back_renewal(own, event, by=head, on=TODAY),
    ):
        with pytest.raises(DepartmentEnded):
            press()

    assert Assessment.objects.count() == 2
