"""The site map."""

from django.contrib.auth.decorators import login_not_required
from django.urls import include, path
from django.views.i18n import set_language

from dxportal.accounts.views import health
from dxportal.dashboards.views.about import about
from dxportal.dashboards.views.home import home
from dxportal.shared.csrf import from_anywhere_here

urlpatterns = [
    path("", home, name="home"),
    path("", include("dxportal.dashboards.urls")),
    path("", include("roadmap.urls")),
    path("", include("surveys.urls")),
    path("", include("dxportal.accounts.urls")),
    path("about/", about, name="about"),
    path("language/", login_not_required(from_anywhere_here(set_language)), name="set_language"),
    path("healthz", health.healthz, name="healthz"),
    path("readyz", health.readyz, name="readyz"),
    path("metrics", health.metrics, name="metrics"),
]

handler403 = "dxportal.shared.errors.forbidden"
handler404 = "dxportal.shared.errors.not_found"
handler500 = "dxportal.shared.errors.server_error"
