"""Confirming criteria: evidence, 「変わりなし」, audit and mark."""

import datetime as dt

import pytest
from django.core.exceptions import ValidationError

from dxportal.accounts.models import Department, Event, User
from dxportal.shared.fiscal import add_months
from roadmap.actions.assessments import Claim, confirm_criteria, confirm_unchanged
from roadmap.models import Assessment, Criterion, DirtyMark
from tests import factories

pytestmark = pytest.mark.django_db
DAY = dt.date(2026, 9, 1)


@pytest.fixture
def section() -> Department:
    return factories.department(factories.municipality())


@pytest.fixture
def head(section: Department) -> User:
    return factories.user(section.municipality, role="head", of=section)


def criterion(section: Department, code: str) -> Criterion:
    found: Criterion = Criterion.objects.get(stage__municipality=section.municipality, code=code)
    return found


def test_confirming_appends_audits_and_marks(section: Department, head: User) -> None:
    one = criterion(section, "T1-1")
    confirm_criteria(section, {one.pk: Claim(3, "文書管理規程")}, by=head, on=DAY)
    confirm_criteria(section, {one.pk: Claim(2, "")}, by=head, on=DAY)
    assert list(Assessment.objects.order_by("id").values_list("level", flat=True)) == [3, 2]
    event = Event.objects.filter(action="criterion.confirmed").latest("id")
    assert (event.before["level"], event.after["level"]) == (3, 2)
    assert DirtyMark.objects.filter(scope="department", scope_id=section.pk).count() == 2


def test_confirmation_holds_for_twelve_months(section: Department, head: User) -> None:
    one = criterion(section, "T1-1")
    rows = confirm_criteria(section, {one.pk: Claim(1, "")}, by=head, on=dt.date(2028, 2, 29))
    assert rows[0].expires_on == dt.date(2029, 2, 28)


def test_firm_without_evidence_is_refused_and_nothing_is_written(
    section: Department, head: User
) -> None:
    one, other = criterion(section, "T1-1"), criterion(section, "T1-2")
    claims = {one.pk: Claim(3, " "), other.pk: Claim(1, "")}
    with pytest.raises(ValidationError) as refused:
        confirm_criteria(section, claims, by=head, on=DAY)
    assert list(refused.value.message_dict) == [str(one.pk)]
    assert not Assessment.objects.exists()


@pytest.mark.parametrize("code", ["T1-3", "C1-1", "C3-3"])
def test_measured_criterion_cannot_be_typed(section: Department, head: User, code: str) -> None:
    measured = criterion(section, code)
    with pytest.raises(ValidationError):
        confirm_criteria(section, {measured.pk: Claim(3, "根拠")}, by=head, on=DAY)


def test_criterion_of_another_municipality_is_refused(section: Department, head: User) -> None:
    foreign = criterion(factories.department(factories.municipality("よそ市")), "T1-1")
    with pytest.raises(ValidationError):
        confirm_criteria(section, {foreign.pk: Claim(1, "")}, by=head, on=DAY)


def test_unchanged_renews_what_was_answered_and_only_that(section: Department, head: User) -> None:
    one, other = criterion(section, "T1-1"), criterion(section, "T1-2")
    earlier = dt.date(2025, 9, 1)
    confirm_criteria(
        section, {one.pk: Claim(3, "台帳"), other.pk: Claim(1, "")}, by=head, on=earlier
    )
    rows = confirm_unchanged(section, by=head, on=DAY, except_for=frozenset({other.pk}))
    assert [(r.criterion_id, r.level, r.evidence) for r in rows] == [(one.pk, 3, "台帳")]
    assert rows[0].expires_on == add_months(DAY, 12)
    assert confirm_unchanged(section, by=head, on=DAY, except_for=frozenset({other.pk})) == []
