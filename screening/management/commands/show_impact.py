"""What the draft would change over past screenings, in counts."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from screening.clinical.report.impact import (
    IMPACT_LABELS,
    Impact,
    ImpactKind,
    in_one_sentence,
    outcome_rows,
    remarks,
    rule_rows,
)
from screening.clinical.text.json_errors import DefinitionError
from screening.drafts.impact.forms import MOST_DAYS, SENTENCE, USUAL_DAYS
from screening.drafts.impact.run import ImpactDraft, ImpactRun
from screening.drafts.models import RuleSet


class Command(BaseCommand):
    """``show_impact [--days N]``: the counts of the draft's page. It names no patient and records nothing."""

    help = "Shows how many past results the draft would change, from what to what."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """How far back."""
        parser.add_argument("--days", type=int, default=USUAL_DAYS, help=f"days back, {USUAL_DAYS} unless said")

    def handle(self, *, days: int, **options: object) -> None:
        """Look, with a bar at a terminal, then tell."""
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(SENTENCE)
        look, impact = ImpactRun.back(_draft(), days), Impact()
        with tqdm(unit=" screenings", file=sys.stderr, disable=None) as bar:
            for step in look.steps():
                step.count_in(impact)
                bar.total = step.total
                bar.update(step.done - bar.n)
        self.stdout.write("\n".join(_told(look, impact, days)))


def _draft() -> ImpactDraft:
    rule_set = RuleSet.objects.draft()
    if rule_set is None:
        raise CommandError("No draft is open.")
    try:
        return ImpactDraft.of(rule_set, timezone.localdate())
    except DefinitionError as error:
        faults = "\n".join(f"  {fault}" for fault in error.faults)
        raise CommandError(f"The draft cannot be evaluated; {len(error.faults)} to mend:\n{faults}") from None


def _told(look: ImpactRun, impact: Impact, days: int) -> Iterator[str]:
    if not impact.compared:
        yield f"No screening of the last {days:,} days stands, so there is nothing to compare the draft with."
        return
    draft, earlier = look.draft.definition, look.editions.values()
    yield in_one_sentence(impact)
    yield from (f"{row.patients:>10,}  {row.before} → {row.after}" for row in outcome_rows(impact))
    for place, kind in enumerate(ImpactKind):
        if impact.patients[kind]:
            yield f"{impact.patients[kind]:,} with a rule {IMPACT_LABELS[kind].lower()}:"
            rows = rule_rows(impact, draft, earlier)
            yield from (f"{row.counts[place]:>10,}  {row.name}" for row in rows if row.counts[place])
    for each in remarks(draft, earlier):
        yield f"{each.label}: {', '.join(each.names)}. {each.meaning}"
