"""The application's settings, with the static files in the folder of the run and a fast password hasher."""

import os
from pathlib import Path

from ldn_screen.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["BENCHMARK_STATIC"])
SECOND_FACTOR_REQUIRED = False  # its people sign in without one
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 uses 100 MB per hash
REQUIRE_DURABLE_DATABASE = False  # the PostgreSQL of the tests is not durable, to be faster
