"""Make a database ready: tables, an edition, accounts, and one recorded screening."""

from __future__ import annotations

import json
from importlib import import_module
from pathlib import Path
from typing import Any

from django.conf import settings
from django.contrib.auth import BACKEND_SESSION_KEY, HASH_SESSION_KEY, SESSION_KEY
from django.core.management import call_command
from django.utils import timezone

from benchmarks.inside import recording, samples
from screening import actions
from screening.clinical.definition import from_json
from screening.models import User
from screening.permissions import Role
from screening.shipped import shipped_lexicon


def main(further_rules: str) -> dict[str, object]:
    """Prepare the database that the settings name, with so many rules beside the shipped ones.

    Returns what the rest of the run has to know of it.
    """
    call_command("migrate", verbosity=0)
    publish(int(further_rules))
    make_accounts()
    clear, opioid = samples.forms()
    client = recording.clinician()
    result = recording.send(client, recording.fill(client, opioid, "DEMO-SAMPLE")) if further_rules == "0" else ""
    return {
        "usernames": samples.USERNAMES,
        "password": samples.PASSWORD,
        "floor_cookies": [floor_cookie(username) for username in samples.USERNAMES],
        "forms": [clear, opioid],
        "result": result,
    }


def publish(further_rules: int) -> None:
    """Publish the shipped rules and so many more as the first edition."""
    plain = json.loads(Path(settings.BASE_DIR, "fixtures", "ldn_rules.json").read_text())
    add_rules(plain, further_rules)
    draft = actions.load_rules(from_json(json.dumps(plain)), by=None, at=timezone.now())
    actions.publish(draft, by=None, at=timezone.now(), change_note="For a benchmark", lexicon=shipped_lexicon())


def add_rules(plain: dict[str, Any], further_rules: int) -> None:
    """Copy rules under other link ids, each with the case of a yes that every rule must have."""
    shipped = list(plain["items"])
    for number in range(further_rules):
        original = shipped[number % len(shipped)]
        link_id = f"{original['link_id']}-{number}"
        yes = {"words": link_id, "answers": {link_id: "yes"}, "otherwise": "no", "flagged": [link_id]}
        plain["items"].append({**original, "link_id": link_id})
        plain["cases"].append({**yes, "outcome": "contraindication_flagged"})


def make_accounts() -> None:
    """Make a clinician of everyone who will sign in."""
    for username in samples.USERNAMES:
        actions.make_account(
            username=username,
            password=samples.PASSWORD,
            role=Role.CLINICIAN,
            first_name="Sample",
            last_name=username.title(),
        )


def floor_cookie(username: str) -> dict[str, str]:
    """The cookie of someone who is signed in by Django's own backend, which is the floor's."""
    user = User.objects.get(username=username)
    session = import_module(settings.SESSION_ENGINE).SessionStore()
    session[SESSION_KEY] = str(user.pk)
    session[BACKEND_SESSION_KEY] = "django.contrib.auth.backends.ModelBackend"
    session[HASH_SESSION_KEY] = user.get_session_auth_hash()
    session.save()
    return {settings.SESSION_COOKIE_NAME: session.session_key}
