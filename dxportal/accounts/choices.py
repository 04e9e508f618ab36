"""The words of people and organisation: roles, kinds of department, channels of messages."""

from django.db import models
from django.utils.translation import gettext_lazy as _
from django.utils.translation import pgettext_lazy


class Role(models.TextChoices):
    """What a person may do; EMPLOYEE is everybody with an account in a municipality."""

    EMPLOYEE = "employee", _("Employee")
    PROMOTER = "promoter", _("DX promoter")
    HEAD = "head", _("Head of department")
    DX_OFFICE = "dx_office", _("DX office")
    CDO = "cdo", _("CDO")
    AUDITOR = "auditor", _("Auditor (read only)")
    ADMIN = "admin", _("Administrator")
    HOST = "host", _("Host of the installation")


#: Roles that are held for one department.
DEPARTMENT_ROLES = (Role.HEAD, Role.PROMOTER)


class ChosenBy(models.TextChoices):
    """How a promoter came to be one."""

    VOLUNTEERED = "volunteered", _("Volunteered")
    RECOMMENDED = "recommended", _("Recommended")
    APPOINTED = "appointed", _("Appointed")
    ROTATION = "rotation", _("By turns")
    OTHER = "other", pgettext_lazy("how chosen", "Another way")


class DepartmentKind(models.TextChoices):
    """Place in the tree; the title (部, 局, 課, 室 …) is the municipality's own."""

    BUREAU = "bureau", _("Bureau")
    SECTION = "section", _("Section")
    TEAM = "team", _("Team")


class CalendarStyle(models.TextChoices):
    WAREKI = "wareki", _("Japanese era")
    SEIREKI = "seireki", _("Western calendar")
    BOTH = "both", _("Both")


class SizeBand(models.TextChoices):
    """Population cuts of MIC's similar-municipality groups (domain 1.3)."""

    DESIGNATED = "designated", _("Designated city")
    WARD = "ward", _("Special ward")
    CITY_150K = "city_150k", _("City, 150,000 and over")
    CITY_100K = "city_100k", _("City, 100,000 to 150,000")
    CITY_50K = "city_50k", _("City, 50,000 to 100,000")
    CITY_SMALL = "city_small", _("City, under 50,000")
    TOWN_20K = "town_20k", _("Town or village, 20,000 and over")
    TOWN_15K = "town_15k", _("Town or village, 15,000 to 20,000")
    TOWN_10K = "town_10k", _("Town or village, 10,000 to 15,000")
    TOWN_5K = "town_5k", _("Town or village, 5,000 to 10,000")
    TOWN_SMALL = "town_small", _("Town or village, under 5,000")


class Employment(models.TextChoices):
    REGULAR = "regular", _("Regular staff")
    FISCAL_YEAR = "fiscal_year", _("Staff appointed by fiscal year")
    OTHER = "other", pgettext_lazy("employment", "Other")


class MessageChannel(models.TextChoices):
    EMAIL = "email", _("E-mail")
    IN_APP = "in_app", _("In the portal")
    WEBHOOK = "webhook", _("Webhook")


class ImportKind(models.TextChoices):
    DEPARTMENTS = "departments", _("Departments")
    STAFF = "staff", _("Staff")
    INITIATIVES = "initiatives", _("Initiatives")
    READINGS = "readings", _("Figures of criteria")


class ImportState(models.TextChoices):
    """Life of one uploaded file."""

    UPLOADED = "uploaded", _("Uploaded")
    READING = "reading", _("Being read")
    PREVIEW = "preview", _("Ready to check")
    APPLYING = "applying", _("Being imported")
    DONE = "done", _("Imported")
    FAILED = "failed", _("Not imported")
