"""How long it takes to hold a draft against past screenings, and how much memory this process takes at its peak."""

from __future__ import annotations

import json
import resource
import time
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from screening import actions
from screening.clinical.definition import from_json
from screening.clinical.impact import Impact
from screening.clock import local_now
from screening.impact import Draft, Look
from screening.models import LocalName, RuleSet, User
from screening.permissions import Role

DAYS = 365
KIBIBYTES_IN_A_MEGABYTE = 1_000_000 / 1024
FURTHER = ("hypersensitivity", "severe-renal-impairment")


def main(names: str) -> dict[str, float]:
    """Hold the draft against the screenings of a year; with ``other`` names every list is read again."""
    rule_set = RuleSet.objects.draft() or two_more()
    if names == "other" and not LocalName.objects.exists():
        add_name()
    start, impact, total = time.perf_counter(), Impact(), 0
    for step in Look.back(Draft.of(rule_set, local_now().date()), DAYS).steps():
        step.count_in(impact)
        total = step.total
    return {
        "screenings": total,
        "patients": impact.looked_at,
        "seconds": time.perf_counter() - start,
        "megabytes": resource.getrusage(resource.RUSAGE_SELF).ru_maxrss / KIBIBYTES_IN_A_MEGABYTE,
    }


def two_more() -> RuleSet:
    """A draft with the shipped rules and two further ones."""
    folder = Path(settings.BASE_DIR, "fixtures")
    plain = json.loads((folder / "ldn_rules.json").read_text())
    for each in json.loads((folder / "further_rules.json").read_text())["rules"]:
        if each["item"]["link_id"] in FURTHER:
            plain["items"].append(each["item"])
            plain["cases"] += each["cases"]
    return actions.load_rules(from_json(json.dumps(plain)), by=None, at=timezone.now())


def add_name() -> None:
    """Let lists be read by a name more than they were."""
    name = {"name": "Zorbelan", "ingredient": "oxycodone", "note": "For a benchmark"}
    person = User.objects.order_by("pk")[0]
    actions.add_local_name(**name, by=person, role=Role.EDITOR, at=timezone.now())
