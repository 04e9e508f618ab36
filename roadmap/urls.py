"""The site map of roadmap."""

from django.urls import path, re_path

from dxportal.accounts.views import imports
from roadmap.views import exports, handovers, initiatives, reorganisations, status, words

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
    # reorganisations and handing over
    path(
        "settings/reorganisation/", reorganisations.reorganisation_list, name="reorganisation_list"
    ),
    path(
        "settings/reorganisation/new/",
        reorganisations.reorganisation_create,
        name="reorganisation_create",
    ),
    re_path(
        r"^settings/reorganisation/template\.(?P<kind>xlsx|csv)$",
        reorganisations.reorganisation_template,
        name="reorganisation_template",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/",
        reorganisations.reorganisation_detail,
        name="reorganisation_detail",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/changes/new/<slug:kind>/",
        reorganisations.reorganisation_change_create,
        name="reorganisation_change_create",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/changes/<slug:change>/remove/",
        reorganisations.reorganisation_change_remove,
        name="reorganisation_change_remove",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/changes/<slug:change>/raise/",
        reorganisations.reorganisation_change_raise,
        name="reorganisation_change_raise",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/day/",
        reorganisations.reorganisation_day,
        name="reorganisation_day",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/owners/",
        reorganisations.reorganisation_owners,
        name="reorganisation_owners",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/confirm/",
        reorganisations.reorganisation_confirm,
        name="reorganisation_confirm",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/discard/",
        reorganisations.reorganisation_discard,
        name="reorganisation_discard",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/copy/",
        reorganisations.reorganisation_copy,
        name="reorganisation_copy",
    ),
    path(
        "settings/reorganisation/<uuid:pk>/undo/",
        reorganisations.reorganisation_undo,
        name="reorganisation_undo",
    ),
    path("posts/handover/", handovers.handover_list, name="handover_list"),
    path("posts/<int:pk>/handover/", handovers.handover_detail, name="handover_detail"),
    path("posts/<int:pk>/handover/note/", handovers.handover_note, name="handover_note"),
    path("posts/<int:pk>/handover/take/", handovers.handover_take, name="handover_take"),
]
