"""The site map of roadmap."""

from django.urls import path, re_path

from dxportal.accounts.views import imports
from roadmap.views import (
    disclosure,
    exports,
    history,
    initiatives,
    launch_plan,
    removal,
    status,
    tags,
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
    # fields: history, removal, five lines, tags, disclosure
    path("initiatives/<int:pk>/history/", history.initiative_history, name="initiative_history"),
    path(
        "initiatives/<int:pk>/history/<int:event_pk>/set-back/",
        history.initiative_set_back,
        name="initiative_set_back",
    ),
    path(
        "initiatives/<int:pk>/launch-plan/",
        launch_plan.initiative_launch_plan,
        name="initiative_launch_plan",
    ),
    path("initiatives/<int:pk>/remove/", removal.initiative_remove, name="initiative_remove"),
    path(
        "initiatives/<int:pk>/bring-back/",
        removal.initiative_bring_back,
        name="initiative_bring_back",
    ),
    path("initiatives/public.csv", disclosure.disclosure_export, name="disclosure_export"),
    path("settings/removed-initiatives/", removal.removed_list, name="removed_list"),
    path("settings/disclosure/", disclosure.disclosure_list, name="disclosure_list"),
    path("settings/tags/", tags.tag_list, name="tag_list"),
    path("settings/tags/bundle/", tags.tag_bundle, name="tag_bundle"),
    path("settings/tags/<int:pk>/", tags.tag_edit, name="tag_edit"),
    path("settings/tags/<int:pk>/move/", tags.tag_move, name="tag_move"),
    path("settings/tags/<int:pk>/end/", tags.tag_end, name="tag_end"),
    path("settings/tags/<int:pk>/restore/", tags.tag_restore, name="tag_restore"),
]
