"""The ASGI entry point; the product is served by WSGI, this is for operators who must use ASGI."""

import os

from django.core.asgi import get_asgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "dxportal.settings")

application = get_asgi_application()
