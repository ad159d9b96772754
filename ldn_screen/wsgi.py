"""The WSGI application."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_screen.settings")

application = get_wsgi_application()

gc.collect()
gc.freeze()  # excludes loaded modules from collections, which would delay a request by up to 90 ms
