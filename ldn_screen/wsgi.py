"""What the web server starts."""

import gc
import os

from django.core.wsgi import get_wsgi_application

os.environ.setdefault("DJANGO_SETTINGS_MODULE", "ldn_screen.settings")

application = get_wsgi_application()

gc.collect()
gc.freeze()  # what is loaded stays; looking through it again would hold up a request for up to 90 ms
