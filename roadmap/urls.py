"""The site map of roadmap."""

from django.urls import path, re_path

from dxportal.accounts.views import imports
from roadmap.views import exports, initiatives, moves, saved_views, status, words

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
    # views of the list
    path("initiatives/views/", saved_views.saved_view_list, name="saved_view_list"),
    path("initiatives/views/<int:pk>/", saved_views.saved_view_edit, name="saved_view_edit"),
    path(
        "initiatives/views/<int:pk>/delete/",
        saved_views.saved_view_delete,
        name="saved_view_delete",
    ),
    path(
        "initiatives/views/<int:pk>/restore/",
        saved_views.saved_view_restore,
        name="saved_view_restore",
    ),
    path(
        "initiatives/<int:pk>/move/<str:which>/<str:to>/<int:version>/",
        moves.initiative_move,
        name="initiative_move",
    ),
]
