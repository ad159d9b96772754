"""The application's own settings; the collected files lie in the folder of the run, and passwords cost little."""

import os
from pathlib import Path

from ldn_screen.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["BENCHMARK_STATIC"])
PASSWORD_HASHERS = ["django.contrib.auth.hashers.MD5PasswordHasher"]  # Argon2 takes 100 MB each time
