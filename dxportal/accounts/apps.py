"""The accounts app; after each migration the application role gets exactly its rights."""

from django.apps import AppConfig
from django.db.models.signals import post_migrate


class AccountsConfig(AppConfig):
    """People, organisation, audit, messages."""

    name = "dxportal.accounts"
    label = "accounts"

    def ready(self) -> None:
        """Let the owner grant after migrating; say which tables can be imported."""
        from dxportal.accounts import import_kinds
        from dxportal.accounts.database_roles import grant_application_role

        post_migrate.connect(grant_application_role, sender=self)
        import_kinds.register_all()
