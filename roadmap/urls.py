"""The site map of roadmap."""

from django.urls import path, re_path

from dxportal.accounts.views import imports
from roadmap.views import bulk, effort, exports, initiatives, status, status_links, words

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
    # status: words, many rows at once, links of reminders, what updating costs
    path("settings/status-words/add/", words.status_word_add, name="status_word_add"),
    path(
        "settings/status-words/<int:pk>/remove/",
        words.status_word_remove,
        name="status_word_remove",
    ),
    path("settings/status-words/sets/<slug:code>/", words.status_word_set, name="status_word_set"),
    path(
        "settings/status-words/undo/<slug:batch>/", words.status_word_undo, name="status_word_undo"
    ),
    path("initiatives/bulk/", bulk.initiative_bulk, name="initiative_bulk"),
    path(
        "initiatives/bulk/undo/<slug:batch>/",
        bulk.initiative_bulk_undo,
        name="initiative_bulk_undo",
    ),
    path("initiatives/effort/", effort.initiative_effort, name="initiative_effort"),
    path("u/<str:token>/", status_links.status_link, name="status_link"),
    path(
        "u/<str:token>/undo/<int:update_pk>/",
        status_links.status_link_undo,
        name="status_link_undo",
    ),
]
