"""The application's own settings, with the collected files in the run's folder and nothing else changed."""

import os
from pathlib import Path

from ldn_screen.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["BENCHMARK_STATIC"])
