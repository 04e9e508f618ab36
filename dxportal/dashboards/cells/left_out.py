"""What 「変わりなし」 left out: criteria about which something is asked want an own answer."""

from __future__ import annotations

from datetime import date

from django.utils.translation import gettext as _
from django.utils.translation import pgettext

from dxportal.accounts.models import Department
from roadmap.models import EvidenceRequest


def left_out_words(department: Department, day: date) -> str:
    """A sentence that names them, with a space in front; empty where there are none."""
    rows = EvidenceRequest.objects.filter(department=department).open_on(day)
    codes = list(rows.order_by("criterion__code").values_list("criterion__code", flat=True))
    if not codes:
        return ""
    names = pgettext("between reasons", ", ").join(codes)
    return _(" Left out, because the DX office asks about them: %(codes)s.") % {"codes": names}
