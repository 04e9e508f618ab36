"""People with an account, and the roles they hold for a time."""

from __future__ import annotations

from datetime import date
from typing import Any, ClassVar, Self

from django.contrib.auth.base_user import AbstractBaseUser, BaseUserManager
from django.db import models
from django.utils.translation import gettext_lazy as _

from dxportal.accounts.choices import DEPARTMENT_ROLES, ChosenBy, Employment, Role
from dxportal.accounts.models.department import Department
from dxportal.accounts.models.municipality import Municipality


class UserQuerySet(models.QuerySet["User"]):
    """People as the office names them."""

    def visible_to(self, user: User) -> Self:
        """Those of the user's municipality."""
        return self.filter(municipality_id=user.municipality_id or 0)

    def search(self, text: str) -> Self:
        """Those whose name, e-mail or department contains the text."""
        if not text:
            return self
        return self.filter(
            models.Q(name__icontains=text)
            | models.Q(email__icontains=text)
            | models.Q(department__name__icontains=text)
        )

    def in_order(self) -> Self:
        """Order of the organisation chart, then by name; those without department last."""
        return self.order_by(
            models.F("department__order").asc(nulls_last=True), "department__code", "name", "pk"
        )

    def with_roles(self, day: date) -> Self:
        """With department and the roles of that day, in a fixed number of queries."""
        grants = RoleGrant.objects.on(day).select_related("department").order_by("role", "pk")
        return self.select_related("department").prefetch_related(
            models.Prefetch("grants", queryset=grants, to_attr="roles_today")
        )


class UserManager(BaseUserManager["User"].from_queryset(UserQuerySet)):  # type: ignore[misc]
    """Creates people; e-mails are compared without regard to case."""

    def create_user(self, email: str, password: str | None = None, **fields: Any) -> User:
        """Create a person; without a password the account cannot sign in by one."""
        user: User = self.model(email=email.strip().lower(), **fields)
        user.set_password(password)
        user.save(using=self._db)
        return user

    def get_by_natural_key(self, username: str | None) -> User:
        """Find by e-mail, whatever the case."""
        user: User = self.get(email=(username or "").strip().lower())
        return user


class User(AbstractBaseUser):
    """A person. There is no last sign-in: a touched row would tell when somebody answered."""

    last_login = None
    #: Roles in force today, kept by access.roles_of for the length of a request.
    _roles_today: dict[Role, set[int]] | None = None
    municipality = models.ForeignKey(
        Municipality, models.CASCADE, null=True, blank=True, related_name="users"
    )
    department = models.ForeignKey(
        Department, models.PROTECT, null=True, blank=True, related_name="members"
    )
    email = models.EmailField(_("e-mail"), unique=True)
    name = models.CharField(_("name"), max_length=80)
    employment = models.CharField(
        _("employment"), max_length=20, choices=Employment, default=Employment.REGULAR
    )
    is_active = models.BooleanField(_("active"), default=True)

    objects: ClassVar[UserManager] = UserManager()

    USERNAME_FIELD = "email"
    REQUIRED_FIELDS = ["name"]

    class Meta:
        verbose_name = _("person")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(department__isnull=True) | models.Q(municipality__isnull=False),
                name="user_department_needs_municipality",
            )
        ]
        indexes = [models.Index(fields=["municipality", "department"])]

    def __str__(self) -> str:
        return self.name


class RoleGrantQuerySet(models.QuerySet["RoleGrant"]):
    """Who may do what, and when."""

    def visible_to(self, user: User) -> Self:
        """Those of people of the user's municipality."""
        return self.filter(user__municipality_id=user.municipality_id or 0)

    def of(self, person: User) -> Self:
        """All of one person, newest first."""
        return self.filter(user=person).select_related("department").order_by("-valid_from", "-pk")

    def on(self, day: date) -> Self:
        """Those in force on that day."""
        return self.filter(valid_from__lte=day).filter(
            models.Q(valid_to__isnull=True) | models.Q(valid_to__gt=day)
        )

    def promoters(self) -> Self:
        """Promoters with their section, in the order of the organisation."""
        return (
            self.filter(role=Role.PROMOTER)
            .select_related("user__department", "department__bureau")
            .order_by("department__order", "department__code", "valid_from", "pk")
        )


class RoleGrant(models.Model):
    """(person, role, period, how chosen): never a flag, so promoters outlive their posting."""

    user = models.ForeignKey(User, models.CASCADE, related_name="grants")
    role = models.CharField(_("role"), max_length=12, choices=Role)
    department = models.ForeignKey(
        Department, models.CASCADE, null=True, blank=True, related_name="grants"
    )
    valid_from = models.DateField(_("from"))
    valid_to = models.DateField(_("until (exclusive)"), null=True, blank=True)
    how = models.CharField(_("how chosen"), max_length=120, blank=True)
    # Of promoters alone; the database has a default, so that yesterday's code can still insert.
    chosen = models.CharField(
        _("way of choosing"), max_length=12, choices=ChosenBy, blank=True, default="", db_default=""
    )
    minutes = models.PositiveSmallIntegerField(
        _("minutes a week allowed for it"), null=True, blank=True
    )

    objects = RoleGrantQuerySet.as_manager()

    class Meta:
        verbose_name = _("role")
        constraints = [
            models.CheckConstraint(
                condition=models.Q(role__in=[str(role) for role in DEPARTMENT_ROLES])
                ^ models.Q(department__isnull=True),
                name="role_grant_department_where_needed",
            ),
            models.UniqueConstraint(
                fields=["user", "role", "department", "valid_from"],
                name="role_grant_once",
                nulls_distinct=False,
            ),
            models.CheckConstraint(
                condition=models.Q(valid_to__isnull=True)
                | models.Q(valid_to__gt=models.F("valid_from")),
                name="role_grant_ends_after_it_begins",
            ),
            models.CheckConstraint(
                condition=models.Q(minutes__isnull=True) | models.Q(minutes__range=(1, 2400)),
                name="role_grant_minutes_of_a_week",
            ),
        ]

    def __str__(self) -> str:
        return f"{self.user}: {self.get_role_display()}"
