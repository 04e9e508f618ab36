"""Sentences of Django that we say more plainly: collected here, so that our catalogue wins."""

from django.utils.translation import gettext_lazy as _

WORDS = (_("This field is required."),)
