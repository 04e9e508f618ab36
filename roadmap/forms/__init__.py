"""Forms of the roadmap: what is typed, checked and turned into values."""
