"""How Hypothesis runs: a slow machine is no failure, and CI tries the same examples each time."""

import os

from hypothesis import settings

settings.register_profile("unit", deadline=None, derandomize=os.environ.get("CI") == "true")
settings.load_profile("unit")
