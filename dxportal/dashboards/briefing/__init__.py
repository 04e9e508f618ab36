"""Sheets for meetings: what is frozen, and the files that are made of it alone."""
