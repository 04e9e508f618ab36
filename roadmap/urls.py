"""The site map of roadmap."""

from django.urls import path, re_path

from dxportal.accounts.views import imports
from roadmap.views import (
    diff,
    exports,
    initiatives,
    returns,
    round_files,
    rounds,
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
    # reporting rounds
    path("rounds/", rounds.round_list, name="round_list"),
    path("rounds/new/", rounds.round_create, name="round_create"),
    path("rounds/diff/", diff.round_diff, name="round_diff"),
    re_path(
        r"^rounds/diff/export\.(?P<kind>xlsx|csv)$",
        diff.round_diff_export,
        name="round_diff_export",
    ),
    path("rounds/<int:pk>/", rounds.round_detail, name="round_detail"),
    path("rounds/<int:pk>/edit/", rounds.round_edit, name="round_edit"),
    path("rounds/<int:pk>/open/", rounds.round_open, name="round_open"),
    path("rounds/<int:pk>/drop/", rounds.round_drop, name="round_drop"),
    path("rounds/<int:pk>/missing/", rounds.round_missing, name="round_missing"),
    path("rounds/<int:pk>/tell/", rounds.round_tell, name="round_tell"),
    path("rounds/<int:pk>/close/", rounds.round_close, name="round_close"),
    re_path(
        r"^rounds/(?P<pk>[0-9]+)/report\.(?P<kind>xlsx|csv)$",
        round_files.round_file,
        name="round_file",
    ),
    path(
        "rounds/<int:pk>/returns/<int:department_pk>/",
        returns.return_detail,
        name="return_detail",
    ),
    path(
        "rounds/<int:pk>/returns/<int:department_pk>/submit/",
        returns.return_submit,
        name="return_submit",
    ),
    path(
        "rounds/<int:pk>/returns/<int:department_pk>/take-back/",
        returns.return_take_back,
        name="return_take_back",
    ),
    path(
        "rounds/<int:pk>/returns/<int:department_pk>/decide/",
        returns.return_decide,
        name="return_decide",
    ),
]
