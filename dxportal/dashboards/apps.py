"""The dashboards app: composition only."""

from django.apps import AppConfig


class DashboardsConfig(AppConfig):
    """No models."""

    name = "dxportal.dashboards"
    label = "dashboards"
