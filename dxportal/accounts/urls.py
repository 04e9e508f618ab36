"""The site map of accounts."""

from django.urls import path

from dxportal.accounts.views import (
    channels,
    events,
    import_cells,
    imports,
    notices,
    organisation,
    people,
    posts,
    roles,
    sign_in,
)

app_name = "accounts"

urlpatterns = [
    path("accounts/sign-in/", sign_in.sign_in, name="sign_in"),
    path("accounts/sign-out/", sign_in.sign_out, name="sign_out"),
    path("accounts/password/", sign_in.password_change, name="password_change"),
    path("accounts/notices/", notices.notice_list, name="notice_list"),
    path("accounts/notices/read/", notices.notice_read_all, name="notice_read_all"),
    path("accounts/notices/<int:pk>/open/", notices.notice_open, name="notice_open"),
    path("accounts/people/", people.people_list, name="people_list"),
    path("accounts/people/new/", people.person_create, name="person_create"),
    path("accounts/people/<int:pk>/", people.person_edit, name="person_edit"),
    path("accounts/people/<int:pk>/roles/", roles.person_roles, name="person_roles"),
    path(
        "accounts/people/<int:pk>/password/",
        people.person_reset_password,
        name="person_reset_password",
    ),
    path("accounts/roles/", roles.role_table, name="role_table"),
    path("accounts/roles/<int:pk>/end/", roles.role_end, name="role_end"),
    path("accounts/posts/", posts.post_list, name="post_list"),
    path("accounts/posts/new/", posts.post_create, name="post_create"),
    path("accounts/posts/<int:pk>/", posts.post_edit, name="post_edit"),
    path("accounts/posts/<int:pk>/assign/", posts.assignment_create, name="assignment_create"),
    path("accounts/assignments/<int:pk>/end/", posts.assignment_end, name="assignment_end"),
    path("accounts/departments/", organisation.department_list, name="department_list"),
    path("accounts/departments/new/", organisation.department_create, name="department_create"),
    path("accounts/departments/<int:pk>/", organisation.department_edit, name="department_edit"),
    path("accounts/events/", events.event_list, name="event_list"),
    path("accounts/events/export.csv", events.event_export, name="event_export"),
    path("accounts/installation/", organisation.installation, name="installation"),
    path(
        "departments/import/",
        imports.import_upload,
        {"kind": "departments"},
        name="department_import",
    ),
    path(
        "departments/import/template.csv",
        imports.import_template,
        {"kind": "departments"},
        name="department_import_template",
    ),
    path("accounts/people/import/", imports.import_upload, {"kind": "staff"}, name="staff_import"),
    path(
        "accounts/people/import/template.csv",
        imports.import_template,
        {"kind": "staff"},
        name="staff_import_template",
    ),
    path("imports/<uuid:pk>/", imports.import_detail, name="import_detail"),
    path("imports/<uuid:pk>/progress/", imports.import_progress, name="import_progress"),
    path("imports/<uuid:pk>/columns/", imports.import_columns, name="import_columns"),
    path("imports/<uuid:pk>/confirm/", imports.import_confirm, name="import_confirm"),
    path("imports/<uuid:pk>/rejected.csv", imports.import_rejected, name="import_rejected"),
    path("imports/<uuid:pk>/choices/", import_cells.import_choices, name="import_choices"),
    path("imports/<uuid:pk>/cells.csv", import_cells.import_cells, name="import_cells"),
    path("imports/<uuid:pk>/undo/", import_cells.import_undo, name="import_undo"),
    path("settings/municipality/", organisation.municipality_edit, name="municipality_edit"),
    # channels of messages
    path("settings/channels/", channels.channel_list, name="channel_list"),
    path("settings/channels/secret/", channels.webhook_secret, name="webhook_secret"),
    path("settings/channels/<slug:channel>/try/", channels.channel_try, name="channel_try"),
]
