"""The shared app: template tags, commands and checks of the installation."""

from django.apps import AppConfig


class SharedConfig(AppConfig):
    """No models."""

    name = "dxportal.shared"
    label = "shared"

    def ready(self) -> None:
        """Let `check` look at the database role and at the key folder."""
        from dxportal.shared import checks  # noqa: F401
