"""The WSGI application."""

import gc
import os
import sys

from django.conf import settings
from django.core.exceptions import ImproperlyConfigured
from django.core.wsgi import get_wsgi_application
from django.db import connection

from ldn_screen.bodies import with_known_length
from screening.web import database_watch

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_screen.settings")

metrics_folder = os.environ.get("PROMETHEUS_MULTIPROC_DIR")
if metrics_folder and not os.access(metrics_folder, os.W_OK):
    sys.exit("PROMETHEUS_MULTIPROC_DIR names no folder to which this process may write.")

os.environ.setdefault("PGOPTIONS", settings.WEB_PGOPTIONS)  # read by libpq when it connects
database_watch.start()

application = with_known_length(get_wsgi_application(), most=settings.DATA_UPLOAD_MAX_MEMORY_SIZE)

if settings.REQUIRE_DURABLE_DATABASE:
    from screening.operations import durability  # needs the models, which are loaded now

    try:
        durability.refuse_faults()
    except ImproperlyConfigured as fault:
        sys.exit(str(fault))
    finally:
        connection.close()

gc.collect()
gc.freeze()  # excludes loaded modules from collections, which would delay a request by up to 90 ms
