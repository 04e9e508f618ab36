"""What a reorganisation means: rows of a plan and the facts in, the facts afterwards out. Pure."""
