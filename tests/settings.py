"""Settings for tests, independent of the developer's environment."""

import os
from datetime import timedelta

from ldn_screen.bootstrap import without_project_variables
from tests import databases

for name in set(os.environ) - set(without_project_variables()) - {"DJANGO_SETTINGS_MODULE"}:
    del os.environ[name]

# With SECRET_KEY set, the settings do not read var/demo.env.
os.environ["SECRET_KEY"] = "a key for tests only, which no installation has: 0123456789"
os.environ["ALLOWED_HOSTS"] = "testserver,127.0.0.1,localhost"
os.environ["DATABASE_URL"] = databases.url()

from ldn_screen.settings import *  # noqa: E402, F403
from ldn_screen.settings import DATABASES, STORAGES  # noqa: E402

if databases.engine() == "sqlite":
    # A file, because with an in-memory database all threads would share one connection.
    DATABASES["default"]["TEST"] = {"NAME": databases.sqlite_file()}

PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]
STORAGES["staticfiles"] = {"BACKEND": "django.contrib.staticfiles.storage.StaticFilesStorage"}

# A thread beside a test would write while the test looks.
SEAL_EVERY = timedelta(0)

# A test database need not survive a crash. The tests of this setting turn it on.
REQUIRE_DURABLE_DATABASE = False

# The tests of second factors turn it on: others sign in with a password only.
SECOND_FACTOR_REQUIRED = False

# Tests use plain HTTP.
SECURE_SSL_REDIRECT = SESSION_COOKIE_SECURE = CSRF_COOKIE_SECURE = False
WHITENOISE_AUTOREFRESH = WHITENOISE_USE_FINDERS = True
