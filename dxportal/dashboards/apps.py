"""The dashboards app: composition only."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """No models."""

    name = "dxportal.dashboards"
    label = "dashboards"

    def ready(self) -> None:
        """Remind those who set up of the step that waits."""
        from dxportal.accounts import hooks
        from dxportal.dashboards.setting_up.frame import set_up_to_remember

        hooks.to_remember.append(set_up_to_remember)
