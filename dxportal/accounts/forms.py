"""What people type into the pages of accounts."""

from __future__ import annotations

from collections.abc import Mapping
from datetime import date, datetime, time, timedelta
from typing import TYPE_CHECKING, Any, cast

from django import forms
from django.core.exceptions import ValidationError
from django.core.validators import MaxValueValidator, MinValueValidator
from django.http import HttpRequest, QueryDict
from django.utils import timezone
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import (
    DEPARTMENT_ROLES,
    CalendarStyle,
    DepartmentKind,
    Employment,
    Role,
    SizeBand,
)
from dxportal.accounts.department_cells import MOST_WITHOUT_ACCOUNT
from dxportal.accounts.models import Department, Post, User
from dxportal.accounts.models.department import DepartmentQuerySet
from dxportal.accounts.models.event import EventQuerySet
from dxportal.accounts.models.user import UserQuerySet
from dxportal.shared.outgoing import AddressRefused, check_address, words_of

if TYPE_CHECKING:
    _DepartmentField = forms.ModelChoiceField[Department]
else:
    _DepartmentField = forms.ModelChoiceField


class SignInForm(forms.Form):
    """E-mail and password, and whether others use the PC too."""

    email = forms.CharField(
        label=_("e-mail"),
        max_length=254,
        widget=forms.EmailInput(attrs={"autocomplete": "username", "spellcheck": "false"}),
    )
    password = forms.CharField(
        label=_("Password"),
        max_length=1000,
        strip=False,
        widget=forms.PasswordInput(attrs={"autocomplete": "current-password"}),
    )
    shared_pc = forms.BooleanField(
        label=_("Others use this PC too"),
        required=False,
        help_text=_("You are signed out when the browser closes, and after you send a survey."),
    )


class DepartmentChoice(_DepartmentField):
    """A department, told apart by its bureau: 総務課 exists more than once."""

    def __init__(self, **kwargs: Any) -> None:
        """Start empty; the form says which departments there are."""
        super().__init__(queryset=Department.objects.none(), **kwargs)

    def label_from_instance(self, obj: Department) -> str:
        """Bureau and name."""
        return f"{obj.bureau} {obj}" if obj.bureau else str(obj)


class DayInput(forms.DateInput):
    """A day, by the browser's own calendar."""

    input_type = "date"

    def __init__(self) -> None:
        """ISO text is what such a field reads and writes."""
        super().__init__(format="%Y-%m-%d")


class SearchForm(forms.Form):
    """One line of search; anything unreadable searches nothing."""

    q = forms.CharField(required=False, max_length=80)

    def apply(self, people: UserQuerySet) -> UserQuerySet:
        """People that match."""
        return people.search(self.cleaned_data["q"]) if self.is_valid() else people


class PersonForm(forms.Form):
    """A person's account."""

    name = forms.CharField(label=_("name"), max_length=80)
    email = forms.EmailField(label=_("e-mail"), max_length=254)
    department = DepartmentChoice(label=_("department"), required=False)
    employment = forms.ChoiceField(label=_("employment"), choices=Employment.choices)
    is_active = forms.BooleanField(
        label=_("active"),
        required=False,
        help_text=_("Without the tick the person is signed out at once and cannot sign in."),
    )

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        viewer: User,
        today: date,
        person: User | None = None,
    ) -> None:
        """Offer today's departments; nobody can disable themselves, and a new account is active."""
        names = ("name", "email", "department", "employment", "is_active")
        initial = {name: getattr(person, name) for name in names} if person else {}
        super().__init__(data, initial=initial)
        choices = department_choices(viewer, today)
        if person is not None and person.department_id is not None:
            choices |= Department.objects.filter(pk=person.department_id)
        offer(self, "department", choices)
        if person is None or person == viewer:
            del self.fields["is_active"]


class RoleForm(forms.Form):
    """A role to be given."""

    role = forms.ChoiceField(label=_("role"))
    department = DepartmentChoice(
        label=_("department"),
        required=False,
        help_text=_("Needed for heads and promoters, and for nobody else."),
    )
    valid_from = forms.DateField(label=_("from"), widget=DayInput())
    valid_to = forms.DateField(label=_("until (exclusive)"), required=False, widget=DayInput())
    how = forms.CharField(
        label=_("how chosen"),
        required=False,
        max_length=120,
        help_text=_("For example: by transfer order, by open call."),
    )

    def __init__(self, data: Mapping[str, Any] | None, *, viewer: User, today: date) -> None:
        """Everybody is an employee, and a host belongs to no municipality: neither is given."""
        super().__init__(data, initial={"valid_from": today})
        given = [role for role in Role if role not in (Role.EMPLOYEE, Role.HOST)]
        role = cast(forms.ChoiceField, self.fields["role"])
        role.choices = [(item.value, item.label) for item in given]
        offer(self, "department", department_choices(viewer, today))

    def clean(self) -> dict[str, Any]:
        """The rules that the database keeps too, as sentences beside the field."""
        data = super().clean() or self.cleaned_data
        if "role" in data:
            data["role"] = Role(data["role"])
            department = data.get("department")
            if data["role"] in DEPARTMENT_ROLES and department is None:
                self.add_error("department", _("Choose the department for this role."))
            elif data["role"] not in DEPARTMENT_ROLES:
                data["department"] = None
        check_period(self, data)
        return data


class EndForm(forms.Form):
    """The day on which something ends."""

    on = forms.DateField(label=_("ends on"), widget=DayInput())


class PostForm(forms.Form):
    """A post."""

    department = DepartmentChoice(label=_("department"))
    name = forms.CharField(label=_("post"), max_length=80)
    is_head = forms.BooleanField(label=_("head of the department"), required=False)

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        viewer: User,
        today: date,
        post: Post | None = None,
        department: Department | None = None,
    ) -> None:
        """A post stays in its department."""
        initial: dict[str, Any] = {"department": department}
        if post is not None:
            initial = {"name": post.name, "is_head": post.is_head}
        super().__init__(data, initial=initial)
        if post is None:
            offer(self, "department", department_choices(viewer, today))
        else:
            del self.fields["department"]


class AssignmentForm(forms.Form):
    """Who takes a post."""

    email = forms.EmailField(
        label=_("e-mail of the person"), max_length=254, widget=forms.EmailInput()
    )
    valid_from = forms.DateField(label=_("from"), widget=DayInput())
    valid_to = forms.DateField(label=_("until (exclusive)"), required=False, widget=DayInput())

    def __init__(self, data: Mapping[str, Any] | None, *, viewer: User, today: date) -> None:
        """Only people of the viewer's municipality are found."""
        super().__init__(data, initial={"valid_from": today})
        self.viewer = viewer

    def clean(self) -> dict[str, Any]:
        """Find the person; the same sentence for nobody and for somebody elsewhere."""
        data = super().clean() or self.cleaned_data
        email = data.pop("email", None)
        if email:
            people = User.objects.visible_to(self.viewer)
            data["person"] = people.filter(email=email.strip().lower(), is_active=True).first()
            if data["person"] is None:
                self.add_error("email", _("Nobody here has this e-mail."))
        check_period(self, data)
        return data


class DepartmentForm(forms.Form):
    """One department."""

    name = forms.CharField(label=_("name"), max_length=120)
    code = forms.CharField(label=_("code"), max_length=60)
    kind = forms.ChoiceField(label=_("kind"), choices=DepartmentKind.choices)
    parent = DepartmentChoice(label=_("department above"), required=False)
    stands = forms.BooleanField(
        label=_("stands on the staircases"),
        required=False,
        help_text=_("As a rule sections do, and bureaus without sections."),
    )
    without_account = forms.IntegerField(
        label=_("Staff without an account"),
        required=False,
        min_value=0,
        max_value=MOST_WITHOUT_ACCOUNT,
        help_text=_("How many there are; they answer surveys with printed tickets or on paper."),
    )
    valid_from = forms.DateField(label=_("from"), widget=DayInput())
    valid_to = forms.DateField(label=_("until (exclusive)"), required=False, widget=DayInput())

    def __init__(
        self,
        data: Mapping[str, Any] | None,
        *,
        viewer: User,
        today: date,
        department: Department | None = None,
    ) -> None:
        """Offer today's departments as the one above."""
        initial: dict[str, Any] = {"valid_from": today, "kind": DepartmentKind.SECTION}
        if department is not None:
            initial = {name: getattr(department, name) for name in self.base_fields}
        super().__init__(data, initial=initial)
        choices = department_choices(viewer, today)
        if department is not None:
            if department.parent_id is not None:
                choices |= Department.objects.filter(pk=department.parent_id)
            choices = choices.exclude(pk=department.pk)
        offer(self, "parent", choices)

    def clean(self) -> dict[str, Any]:
        """The period must not be empty; a number that is left open stays as it is."""
        data = super().clean() or self.cleaned_data
        if data.get("without_account") is None:
            data.pop("without_account", None)
        check_period(self, data)
        return data


class MunicipalityForm(forms.Form):
    """What a municipality says of itself."""

    name = forms.CharField(label=_("name"), max_length=60)
    size_band = forms.ChoiceField(label=_("size"), choices=SizeBand.choices)
    calendar_style = forms.ChoiceField(
        label=_("calendar"), choices=CalendarStyle.choices, help_text=_("How dates are written.")
    )
    report_channel = forms.CharField(
        label=_("contact points for whistle-blowing and harassment"),
        max_length=200,
        required=False,
        help_text=_(
            "Shown beside every free text of a survey, for example:"
            " General Affairs, extension 1234."
        ),
    )
    report_url = forms.URLField(
        label=_("their page"),
        max_length=300,
        required=False,
        assume_scheme="https",
        help_text=_("An address inside your network is fine."),
    )


class EventFilterForm(forms.Form):
    """Which events: of a person, of an object, of a day."""

    person = forms.CharField(label=_("person"), required=False, max_length=80)
    day = forms.DateField(
        label=_("day"),
        required=False,
        widget=DayInput(),
        validators=[MinValueValidator(date(1900, 1, 1)), MaxValueValidator(date(2999, 12, 31))],
    )
    kind = forms.CharField(required=False, max_length=40, widget=forms.HiddenInput())
    number = forms.CharField(required=False, max_length=64, widget=forms.HiddenInput())
    before = forms.IntegerField(
        required=False, min_value=1, max_value=2**63 - 1, widget=forms.HiddenInput()
    )

    @property
    def by_number(self) -> bool:
        """Whether one object is asked for by its number."""
        return bool(self.cleaned_data.get("kind") and self.cleaned_data.get("number"))

    def apply(self, events: EventQuerySet) -> EventQuerySet:
        """Newest first; nothing where the filter cannot be read."""
        if not self.is_valid():
            return events.none()
        wish = self.cleaned_data
        if self.by_number:
            events = events.about(wish["kind"], wish["number"])
        if wish["person"]:
            events = events.by_person(wish["person"])
        if wish["day"]:
            start = timezone.make_aware(datetime.combine(wish["day"], time.min))
            events = events.between(start, start + timedelta(days=1))
        return events.newest(wish["before"])


def posted(request: HttpRequest) -> QueryDict | None:
    """What was posted, even if nothing; None for a page that was only asked for."""
    return request.POST if request.method == "POST" else None


def department_choices(viewer: User, today: date) -> DepartmentQuerySet:
    """Today's departments of the viewer's municipality, in order, with their bureaus."""
    here = Department.objects.visible_to(viewer)
    return here.on(today).select_related("bureau").in_order()


def offer(form: forms.Form, name: str, departments: DepartmentQuerySet) -> None:
    """Say which departments a field offers."""
    cast(DepartmentChoice, form.fields[name]).queryset = departments


def check_period(form: forms.Form, data: Mapping[str, Any]) -> None:
    """An end, where there is one, comes after the beginning."""
    start, end = data.get("valid_from"), data.get("valid_to")
    if start and end and end <= start:
        form.add_error("valid_to", _("The end must come after the beginning."))


class WebhookForm(forms.Form):
    """Where messages also go."""

    url = forms.CharField(
        label=_("Address"),
        max_length=500,
        widget=forms.URLInput(attrs={"placeholder": "https://chat.city.example/hooks/dxportal"}),
        help_text=_("Of a gateway of your own, beginning with https:// or http://."),
    )
    active = forms.BooleanField(label=_("Send messages there"), required=False, initial=True)

    def clean_url(self) -> str:
        """An address that may be called; whether it answers is tried, not guessed."""
        url = str(self.cleaned_data["url"]).strip()
        try:
            check_address(url)
        except AddressRefused as refused:
            raise ValidationError(words_of(refused.code)) from None
        return url
