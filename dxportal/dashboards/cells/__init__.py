"""One criterion of one department: its state, history and what would change it."""
