"""The first page: decided by the role, not by a menu."""

from django.http import HttpRequest, HttpResponse
from django.shortcuts import redirect
from django.utils import timezone
from django.views.decorators.http import require_safe

from dxportal.accounts.access import Permission, can, signed_in
from dxportal.dashboards.heads.own import own_departments
from roadmap.setting_up import progress_of

#: Permission → first page, the first that fits.
FIRST_PAGES = (
    (Permission.SEE_INSTALLATION, "accounts:installation"),
    (Permission.MANAGE_PEOPLE, "accounts:people_list"),
    (Permission.SEE_CULTURE_NAMES, "dashboards:dashboard"),
    (Permission.SEE_RESULTS, "dashboards:dashboard"),
    (Permission.UPDATE_OWN_INITIATIVES, "roadmap:initiative_list"),
)


@require_safe
def home(request: HttpRequest) -> HttpResponse:
    """The DX office and the CDO see the staircase, heads their department, staff the replies.

    Whoever manages people lands in the set-up until it is finished or put off.
    """
    user = signed_in(request)
    if can(user, Permission.MANAGE_PEOPLE) and progress_of(user).open:
        return redirect("dashboards:setup")
    if not can(user, Permission.SEE_CULTURE_NAMES):
        own = own_departments(user, timezone.localdate())
        if own:
            return redirect("dashboards:department_detail", own[0].pk)
    for permission, name in FIRST_PAGES:
        if can(user, permission):
            return redirect(name)
    return redirect("surveys:survey_list")
