"""``python -m benchmarks.inside PROGRAM``: prepare a database, run a module, print the result of its ``main``."""

import json
import logging
import sys
from importlib import import_module

import django
from django.conf import settings
from django.core.management import call_command

if __name__ == "__main__":
    django.setup()
    logging.disable(logging.WARNING)  # every form with errors logs one
    call_command("migrate", verbosity=0)
    if not settings.STATIC_ROOT.exists():
        call_command("collectstatic", interactive=False, verbosity=0)
    print(json.dumps(import_module(f"benchmarks.{sys.argv[1]}").main(*sys.argv[2:])))
