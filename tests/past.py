"""Past screenings, drafts to hold against them, and a second judge of what would change: one record at a time."""

from __future__ import annotations

import json
from collections import Counter
from datetime import UTC, datetime, timedelta
from typing import Any, NamedTuple

from django.utils import timezone

from screening.accounts.permissions import Role
from screening.clinical.evaluation.evaluate import evaluate
from screening.clinical.medications.lexicon import Lexicon
from screening.clinical.medications.reader import NO_LIST, MedicationList, Recogniser
from screening.clinical.report.impact import Impact
from screening.clinical.rules.definition import Definition, from_json, to_json
from screening.drafts import actions as draft_actions
from screening.drafts.impact.run import ImpactDraft, ImpactRun
from screening.medications import actions as medication_actions
from screening.models import ListOfMedicines, LocalName, RuleSet, Screening, Void
from tests.drafts import acting
from tests.factories import PatientFactory, ScreeningFactory, UserFactory
from tests.rules import shipped_cues, shipped_rules


def drafted(rules: Definition) -> RuleSet:
    """The open draft with these rules; another one gives way."""
    return draft_actions.load_rules(rules, by=None, at=datetime.now(UTC), replace=True)


def without(*link_ids: str, rules: Definition | None = None) -> Definition:
    """The shipped rules, or those that are given, without some of them and the cases about them."""
    plain = json.loads(to_json(rules or shipped_rules()))
    plain["items"] = [each for each in plain["items"] if each["link_id"] not in link_ids]
    plain["cases"] = [each for each in plain["cases"] if not {*each["answers"], *each["flagged"]} & set(link_ids)]
    plain["listed"] = [each for each in plain["listed"] if each["link_id"] not in link_ids]
    return from_json(json.dumps(plain))


def screened(record_number: str = "DEMO-0001", days_ago: float = 1, /, **options: Any) -> Screening:
    """A screening of a patient so many days ago; every question is answered no, unless said otherwise."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return ScreeningFactory(patient=PatientFactory(record_number=record_number), at=at, **options)


def add_local_name(name: str = "Zorbelan", ingredient: str = "oxycodone") -> None:
    """Let lists be read by one name more from now on."""
    editor = UserFactory(role=Role.EDITOR)
    medication_actions.add_local_name(name=name, ingredient=ingredient, note="House label", **acting(editor))


def look_at(rule_set: RuleSet, days: int = 365) -> tuple[Impact, ImpactRun]:
    """The counts of a look, and the look."""
    look, impact = ImpactRun.back(ImpactDraft.of(rule_set, timezone.localdate()), days), Impact()
    for step in look.steps():
        step.count_in(impact)
    return impact, look


def impact_of(rule_set: RuleSet, days: int = 365) -> Impact:
    """The counts of a look."""
    return look_at(rule_set, days)[0]


# The second judge ---------------------------------------------------------------------------------------------


class Judged(NamedTuple):
    """What would change, counted without any help of the code under test."""

    compared: int
    outcomes: Counter[tuple[str, str]]
    rules: Counter[tuple[str, str]]
    patients: Counter[str]


def judged(rules: Definition, lexicon: Lexicon | None, days: int = 365) -> Judged:
    """Read every record whole, read its list anew where the names are others, evaluate it with all details."""
    since = (timezone.localtime() - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    found = Judged(0, Counter(), Counter(), Counter())
    latest: dict[str, Screening] = {}
    for screening in Screening.objects.order_by("pk").filter(screened_at__gte=since):
        is_void = Void.objects.filter(screening=screening).exists()
        if not is_void and not Screening.objects.filter(supersedes=screening).exists():
            latest[screening.record_number_key] = screening
    for screening in latest.values():
        _judge(screening, rules, lexicon, found)
    return found._replace(compared=len(latest))


def _judge(screening: Screening, rules: Definition, lexicon: Lexicon | None, found: Judged) -> None:
    record, listed = Screening.objects.complete().get(uuid=screening.uuid).record(), _list(screening, lexicon)
    asked = {link_id: each for link_id, each in record.answers.items() if link_id in {i.link_id for i in rules.items}}
    then, now = record.evaluation, evaluate(rules, asked, record.screened_at.date(), listed)
    flagged = [{each.link_id for each in of.findings if each.status == "flagged"} for of in (then, now)]
    open_questions = [{each.link_id for each in of.findings if each.is_open} for of in (then, now)]
    differences = {
        "newly-flagged": flagged[1] - flagged[0],
        "no-longer-flagged": flagged[0] - flagged[1],
        "newly-open": open_questions[1] - open_questions[0],
        "no-longer-open": open_questions[0] - open_questions[1],
    }
    if then.outcome != now.outcome or any(differences.values()):
        found.outcomes[then.outcome.value, now.outcome.value] += 1
    for kind, link_ids in differences.items():
        found.patients[kind] += bool(link_ids)
        found.rules.update((kind, link_id) for link_id in link_ids)


def _list(screening: Screening, lexicon: Lexicon | None) -> MedicationList:
    kept = ListOfMedicines.objects.filter(screening=screening).first()
    if kept is None or lexicon is None:
        return NO_LIST
    local = LocalName.objects.known_to(lexicon)
    return Recogniser(lexicon, shipped_cues(), local).read(kept.text, screening.screened_at_local.date())


def as_judged(impact: Impact) -> Judged:
    """The counts of a look, told as the second judge tells them."""
    outcomes = {(then.value, now.value): count for (then, now), count in impact.outcomes.items()}
    rules = {(kind.value, rule): count for kind, counts in impact.rules.items() for rule, count in counts.items()}
    patients = {kind.value: count for kind, count in impact.patients.items()}
    return Judged(impact.compared, +Counter(outcomes), +Counter(rules), +Counter(patients))
