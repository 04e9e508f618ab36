"""Messages to the reader, in the portal."""

from django.core.paginator import Paginator
from django.http import HttpRequest, HttpResponse
from django.shortcuts import get_object_or_404, redirect, render
from django.urls import reverse
from django.utils import timezone
from django.utils.http import url_has_allowed_host_and_scheme
from django.utils.translation import gettext as _
from django.views.decorators.http import require_POST, require_safe

from dxportal.accounts.access import signed_in
from dxportal.accounts.actions.messages import read_all_notices, read_notice
from dxportal.accounts.models import Outbox
from dxportal.shared.htmx import notify

PER_PAGE = 30


@require_safe
def notice_list(request: HttpRequest) -> HttpResponse:
    """Unread first."""
    notices = Outbox.objects.visible_to(signed_in(request)).for_reading()
    page = Paginator(notices, PER_PAGE).get_page(request.GET.get("page"))
    return render(request, "accounts/notice_list.html", {"page": page})


@require_POST
def notice_open(request: HttpRequest, pk: int) -> HttpResponse:
    """Mark as read and go where it leads."""
    notice = get_object_or_404(Outbox.objects.visible_to(signed_in(request)), pk=pk)
    read_notice(notice, now=timezone.now())
    local = url_has_allowed_host_and_scheme(notice.path, allowed_hosts=None)
    return redirect(notice.path if local else reverse("accounts:notice_list"))


@require_POST
def notice_read_all(request: HttpRequest) -> HttpResponse:
    """Everything has been seen."""
    read_all_notices(by=signed_in(request), now=timezone.now())
    return notify(request, redirect("accounts:notice_list"), _("All are marked as read."))
