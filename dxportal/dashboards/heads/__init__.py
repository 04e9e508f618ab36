"""A head's page: what is missing, due, ahead, and what changed since the last round."""
