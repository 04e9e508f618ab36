"""The site map of dashboards."""

from django.urls import path, re_path

from dxportal.dashboards.views import (
    dashboard,
    departments,
    painpoints,
    peers,
    plain_japanese,
    promoters,
    value,
)

app_name = "dashboards"

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("departments/", departments.department_list, name="department_list"),
    path("departments/<int:pk>/", departments.department_detail, name="department_detail"),
    path("departments/<int:pk>/assess/", departments.department_assess, name="department_assess"),
    path(
        "departments/<int:pk>/unchanged/",
        departments.department_unchanged,
        name="department_unchanged",
    ),
    path("painpoints/", painpoints.painpoint_list, name="painpoint_list"),
    path("peers/", peers.peer_list, name="peer_list"),
    path("peers/sizes/", peers.peer_bands, name="peer_bands"),
    path("peers/municipalities.csv", peers.peer_export, name="peer_export"),
    path("value/", value.value, name="value"),
    re_path(r"^value/export\.(?P<kind>xlsx|csv)$", value.value_export, name="value_export"),
    path("help/plain-japanese/", plain_japanese.plain_japanese, name="plain_japanese"),
    path("promoters/", promoters.promoter_list, name="promoter_list"),
]
