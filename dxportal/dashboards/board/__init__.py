"""The CDO's page: from a moment and a viewer to panels, figures and what they open to."""
