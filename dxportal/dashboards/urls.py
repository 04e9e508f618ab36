"""The site map of dashboards."""

from django.urls import path, re_path

from dxportal.dashboards.views import (
    briefings,
    confirmations,
    criteria,
    dashboard,
    department_lists,
    departments,
    exploring,
    figures,
    gap,
    open_picture,
    painpoints,
    peers,
    plain_japanese,
    procedure,
    promoters,
    setup,
    setup_organisation,
    setup_people,
    setup_survey,
    shared_pictures,
    value,
)

app_name = "dashboards"

urlpatterns = [
    path("dashboard/", dashboard.dashboard, name="dashboard"),
    path("dashboard/explore/", exploring.explore, name="explore"),
    path("dashboard/explore/<slug:name>.csv", exploring.explore_export, name="explore_export"),
    path("dashboard/rules/", figures.rule_list, name="rule_list"),
    path("dashboard/figures/<slug:name>/", figures.figure_detail, name="figure_detail"),
    path("stages/<slug:axis>/<int:step>/", figures.stage_detail, name="stage_detail"),
    path("departments/", department_lists.department_list, name="department_list"),
    re_path(
        r"^departments/export\.(?P<kind>xlsx|csv)$",
        department_lists.department_export,
        name="department_export",
    ),
    path("departments/<int:pk>/", departments.department_detail, name="department_detail"),
    path("departments/<int:pk>/assess/", departments.department_assess, name="department_assess"),
    path(
        "departments/<int:pk>/unchanged/",
        confirmations.department_unchanged,
        name="department_unchanged",
    ),
    path(
        "departments/<int:pk>/unchanged/<int:event>/undo/",
        confirmations.department_unchanged_undo,
        name="department_unchanged_undo",
    ),
    path("gap/", gap.gap, name="gap"),
    path(
        "departments/<int:pk>/criteria/<str:code>/",
        criteria.criterion_detail,
        name="criterion_detail",
    ),
    path(
        "departments/<int:pk>/criteria/<str:code>/confirm/",
        criteria.criterion_confirm,
        name="criterion_confirm",
    ),
    path(
        "departments/<int:pk>/criteria/<str:code>/figure/",
        criteria.criterion_reading,
        name="criterion_reading",
    ),
    # setting up
    path("settings/steps/", procedure.procedure, name="procedure"),
    path("settings/steps/<int:pk>/undo/", procedure.procedure_undo, name="procedure_undo"),
    path("setup/", setup.setup, name="setup"),
    path("setup/end/", setup.setup_end, name="setup_end"),
    path("setup/dismiss/", setup.setup_dismiss, name="setup_dismiss"),
    path("setup/municipality/", setup_organisation.setup_municipality, name="setup_municipality"),
    path("setup/departments/", setup_organisation.setup_departments, name="setup_departments"),
    path("setup/staircase/", setup_organisation.setup_staircase, name="setup_staircase"),
    path("setup/people/", setup_people.setup_people, name="setup_people"),
    path("setup/survey/", setup_survey.setup_survey, name="setup_survey"),
    path("setup/<slug:step>/skip/", setup.setup_skip, name="setup_skip"),
    path("setup/<slug:step>/hand-over/", setup.setup_hand_over, name="setup_hand_over"),
    # a picture that others look at without signing in
    path("settings/shared/", shared_pictures.shared_picture_list, name="shared_picture_list"),
    path(
        "settings/shared/new/", shared_pictures.shared_picture_create, name="shared_picture_create"
    ),
    path(
        "settings/shared/<int:pk>/renew/",
        shared_pictures.shared_picture_renew,
        name="shared_picture_renew",
    ),
    path(
        "settings/shared/<int:pk>/withdraw/",
        shared_pictures.shared_picture_withdraw,
        name="shared_picture_withdraw",
    ),
    path("shared/<str:token>/", open_picture.shared_picture, name="shared_picture"),
    path("shared/<str:token>.svg", open_picture.shared_picture_svg, name="shared_picture_svg"),
    path("shared/<str:token>.json", open_picture.shared_picture_json, name="shared_picture_json"),
    path("painpoints/", painpoints.painpoint_list, name="painpoint_list"),
    path("peers/", peers.peer_list, name="peer_list"),
    path("peers/sizes/", peers.peer_bands, name="peer_bands"),
    path("peers/municipalities.csv", peers.peer_export, name="peer_export"),
    path("value/", value.value, name="value"),
    re_path(r"^value/export\.(?P<kind>xlsx|csv)$", value.value_export, name="value_export"),
    # sheets for meetings
    path("briefings/", briefings.briefing_list, name="briefing_list"),
    path("briefings/new/", briefings.briefing_create, name="briefing_create"),
    path("briefings/export/", briefings.briefing_export, name="briefing_export"),
    path("briefings/<uuid:pk>/", briefings.briefing_detail, name="briefing_detail"),
    re_path(
        r"^briefings/(?P<pk>[0-9a-f-]{36})/file\.(?P<kind>pdf|pptx|xlsx|csv)$",
        briefings.briefing_file,
        name="briefing_file",
    ),
    re_path(
        r"^briefings/(?P<pk>[0-9a-f-]{36})/make/(?P<kind>pdf|pptx|xlsx|csv)/$",
        briefings.briefing_make,
        name="briefing_make",
    ),
    re_path(
        r"^briefings/(?P<pk>[0-9a-f-]{36})/progress/(?P<kind>pdf|pptx|xlsx|csv)/$",
        briefings.briefing_progress,
        name="briefing_progress",
    ),
    path("help/plain-japanese/", plain_japanese.plain_japanese, name="plain_japanese"),
    path("promoters/", promoters.promoter_list, name="promoter_list"),
]
