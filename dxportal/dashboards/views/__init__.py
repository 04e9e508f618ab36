"""Doorways: one function a page."""
