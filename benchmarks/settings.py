"""The application's own settings; only the collected files lie elsewhere, in the folder of the run."""

import os
from pathlib import Path

from ldn_screen.settings import *  # noqa: F403

STATIC_ROOT = Path(os.environ["BENCHMARK_STATIC"])
