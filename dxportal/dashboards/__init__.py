"""The roof: pages that need both apps; no models."""
