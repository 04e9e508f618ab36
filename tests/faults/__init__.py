"""What a crash may cost: time, never a number."""
