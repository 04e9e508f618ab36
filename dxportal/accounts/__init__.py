"""People, municipalities and the organisation; permissions; audit; messages."""
