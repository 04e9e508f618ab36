"""Where staff, heads and declarations differ."""
