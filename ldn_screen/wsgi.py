"""The WSGI application."""

import gc
import os

from django.conf import settings
from django.core.wsgi import get_wsgi_application

from ldn_screen.bodies import with_known_length
from screening.web import database_watch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_screen.settings")

os.environ.setdefault("PGOPTIONS", settings.WEB_PGOPTIONS)  # read by libpq when it connects
database_watch.start()

application = with_known_length(get_wsgi_application(), most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

gc.collect()
gc.freeze()  # excludes loaded modules from collections, which would delay a request by up to 90 ms
