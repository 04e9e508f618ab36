"""The site map of roadmap."""

from django.urls import path, re_path

from dxportal.accounts.views import imports
from roadmap.views import (
    dependencies,
    exports,
    indicators,
    initiatives,
    milestones,
    status,
    words,
)

app_name = "roadmap"

urlpatterns = [
    path("initiatives/", initiatives.initiative_list, name="initiative_list"),
    path("initiatives/new/", initiatives.initiative_create, name="initiative_create"),
    path(
        "initiatives/import/",
        imports.import_upload,
        {"kind": "initiatives"},
        name="initiative_import",
    ),
    path(
        "initiatives/import/template.csv",
        imports.import_template,
        {"kind": "initiatives"},
        name="initiative_import_template",
    ),
    re_path(
        r"^initiatives/export\.(?P<kind>xlsx|csv)$",
        exports.initiative_export,
        name="initiative_export",
    ),
    path("initiatives/<int:pk>/", initiatives.initiative_detail, name="initiative_detail"),
    path("initiatives/<int:pk>/edit/", initiatives.initiative_edit, name="initiative_edit"),
    path("initiatives/<int:pk>/status/", status.initiative_status, name="initiative_status"),
    path(
        "initiatives/<int:pk>/undo/<int:update_pk>/",
        status.initiative_undo,
        name="initiative_undo",
    ),
    path("settings/status-words/", words.status_word_list, name="status_word_list"),
    # parts: milestones, dependencies, indicators
    path(
        "initiatives/<int:pk>/milestones/",
        milestones.milestone_create,
        name="milestone_create",
    ),
    path(
        "initiatives/<int:pk>/milestones/<int:part_pk>/",
        milestones.milestone_edit,
        name="milestone_edit",
    ),
    path(
        "initiatives/<int:pk>/milestones/<int:part_pk>/done/",
        milestones.milestone_done,
        name="milestone_done",
    ),
    path(
        "initiatives/<int:pk>/milestones/<int:part_pk>/remove/",
        milestones.milestone_remove,
        name="milestone_remove",
    ),
    path(
        "initiatives/<int:pk>/milestones/restore/<int:event_pk>/",
        milestones.milestone_restore,
        name="milestone_restore",
    ),
    path(
        "initiatives/<int:pk>/dependencies/<slug:side>/new/",
        dependencies.dependency_create,
        name="dependency_create",
    ),
    path(
        "initiatives/<int:pk>/dependencies/<int:part_pk>/remove/",
        dependencies.dependency_remove,
        name="dependency_remove",
    ),
    path(
        "initiatives/<int:pk>/dependencies/restore/<int:event_pk>/",
        dependencies.dependency_restore,
        name="dependency_restore",
    ),
    path(
        "initiatives/<int:pk>/indicators/new/",
        indicators.indicator_create,
        name="indicator_create",
    ),
    path(
        "initiatives/<int:pk>/indicators/<int:part_pk>/",
        indicators.indicator_edit,
        name="indicator_edit",
    ),
    path(
        "initiatives/<int:pk>/indicators/<int:part_pk>/measure/",
        indicators.indicator_measure,
        name="indicator_measure",
    ),
    path(
        "initiatives/<int:pk>/indicators/<int:part_pk>/remove/",
        indicators.indicator_remove,
        name="indicator_remove",
    ),
    path(
        "initiatives/<int:pk>/indicators/restore/<int:event_pk>/",
        indicators.indicator_restore,
        name="indicator_restore",
    ),
    path(
        "initiatives/<int:pk>/measurements/<int:part_pk>/remove/",
        indicators.measurement_remove,
        name="measurement_remove",
    ),
    path(
        "initiatives/<int:pk>/measurements/restore/<int:event_pk>/",
        indicators.measurement_restore,
        name="measurement_restore",
    ),
]
