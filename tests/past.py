"""Past screenings, drafts to compare them with, and an independent count of what would change."""

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
    """Return an open draft with these rules; another open draft is discarded."""
    return draft_actions.load_rules(rules, by=None, at=datetime.now(UTC), replace=True)


def without(*link_ids: str, rules: Definition | None = None) -> Definition:
    """Return the shipped rules, or ``rules``, without these rules and the cases that name them."""
    plain = json.loads(to_json(rules or shipped_rules()))
    plain["items"] = [each for each in plain["items"] if each["link_id"] not in link_ids]
    plain["cases"] = [each for each in plain["cases"] if not {*each["answers"], *each["flagged"]} & set(link_ids)]
    plain["listed"] = [each for each in plain["listed"] if each["link_id"] not in link_ids]
    return from_json(json.dumps(plain))


def screened(record_number: str = "DEMO-0001", days_ago: float = 1, /, **options: Any) -> Screening:
    """Return a screening made ``days_ago`` days ago, with every question answered no unless ``options`` differ."""
    at = datetime.now(UTC) - timedelta(days=days_ago)
    return ScreeningFactory(patient=PatientFactory(record_number=record_number), at=at, **options)


def add_local_name(name: str = "Zorbelan", ingredient: str = "oxycodone") -> None:
    """Add a local medicine name, which is used for lists from now on."""
    editor = UserFactory(role=Role.EDITOR)
    medication_actions.add_local_name(name=name, ingredient=ingredient, note="Local label", **acting(editor))


def run_impact(rule_set: RuleSet, days: int = 365) -> tuple[Impact, ImpactRun]:
    """Compare a draft with past screenings; return the counts and the run."""
    run, impact = ImpactRun.for_days(ImpactDraft.from_rule_set(rule_set, timezone.localdate()), days), Impact()
    for chunk in run.chunks():
        chunk.add_to(impact)
    return impact, run


def impact_of(rule_set: RuleSet, days: int = 365) -> Impact:
    """Return the counts of a comparison."""
    return run_impact(rule_set, days)[0]


# The independent count ----------------------------------------------------------------------------------------


class ImpactCounts(NamedTuple):
    """The counts of an impact, calculated without the code under test."""

    looked_at: int
    outcomes: Counter[tuple[str, str]]
    rules: Counter[tuple[str, str]]
    patients: Counter[str]


def counted_one_by_one(rules: Definition, lexicon: Lexicon | None, days: int = 365) -> ImpactCounts:
    """Load each record in full, read its list again with the draft's names, and evaluate it with all details."""
    since = (timezone.localtime() - timedelta(days=days)).replace(hour=0, minute=0, second=0, microsecond=0)
    found = ImpactCounts(0, Counter(), Counter(), Counter())
    latest: dict[str, Screening] = {}
    for screening in Screening.objects.order_by("pk").filter(screened_at__gte=since):
        is_void = Void.objects.filter(screening=screening).exists()
        if not is_void and not Screening.objects.filter(supersedes=screening).exists():
            latest[screening.record_number_key] = screening
    for screening in latest.values():
        _count(screening, rules, lexicon, found)
    return found._replace(looked_at=len(latest))


def _count(screening: Screening, rules: Definition, lexicon: Lexicon | None, found: ImpactCounts) -> None:
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
    stored = ListOfMedicines.objects.filter(screening=screening).first()
    if stored is None or lexicon is None:
        return NO_LIST
    local = LocalName.objects.products_for(lexicon)
    return Recogniser(lexicon, shipped_cues(), local).read(stored.text, screening.screened_at_local.date())


def as_counts(impact: Impact) -> ImpactCounts:
    """Return the counts of a comparison in the form of the independent count."""
    outcomes = {(then.value, now.value): count for (then, now), count in impact.outcomes.items()}
    rules = {(kind.value, rule): count for kind, counts in impact.rules.items() for rule, count in counts.items()}
    patients = {kind.value: count for kind, count in impact.patients.items()}
    return ImpactCounts(impact.looked_at, +Counter(outcomes), +Counter(rules), +Counter(patients))
