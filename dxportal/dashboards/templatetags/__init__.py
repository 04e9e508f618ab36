"""Tags of the pages of dashboards."""
