"""Show how the draft would change the results of past screenings, in counts."""

from __future__ import annotations

import sys
from argparse import ArgumentParser
from collections.abc import Iterator

from django.core.management.base import BaseCommand, CommandError
from django.utils import timezone
from tqdm import tqdm

from screening.clinical.report.impact import Impact, ImpactKind, in_one_sentence, outcome_rows, remarks, rule_rows
from screening.clinical.text.json_errors import DefinitionError
from screening.drafts.impact.forms import DAYS_ERROR, DEFAULT_DAYS, MOST_DAYS
from screening.drafts.impact.run import ImpactDraft, ImpactRun
from screening.drafts.models import RuleSet

KIND_LABELS = {
    ImpactKind.NEWLY_FLAGGED: "newly flagged",
    ImpactKind.NO_LONGER_FLAGGED: "no longer flagged",
    ImpactKind.NEWLY_OPEN: "newly unresolved",
    ImpactKind.NO_LONGER_OPEN: "no longer unresolved",
}


class Command(BaseCommand):
    """``show_impact [--days N]``: print the counts of the impact page. It names no patient and records nothing."""

    help = "Shows how many past results the draft would change, and how."

    def add_arguments(self, parser: ArgumentParser) -> None:
        """Add the period."""
        parser.add_argument("--days", type=int, default=DEFAULT_DAYS, help=f"days back (default {DEFAULT_DAYS})")

    def handle(self, *, days: int, **options: object) -> None:
        """Compare, with a progress bar in a terminal, then print the result."""
        if not 1 <= days <= MOST_DAYS:
            raise CommandError(DAYS_ERROR)
        run, impact = ImpactRun.for_days(_draft(), days), Impact()
        with tqdm(unit=" screenings", file=sys.stderr, disable=None) as bar:
            for chunk in run.chunks():
                chunk.add_to(impact)
                bar.total = chunk.total
                bar.update(chunk.done - bar.n)
        self.stdout.write("\n".join(_result_lines(run, impact, days)))


def _draft() -> ImpactDraft:
    rule_set = RuleSet.objects.draft()
    if rule_set is None:
        raise CommandError("No draft is open.")
    try:
        return ImpactDraft.from_rule_set(rule_set, timezone.localdate())
    except DefinitionError as error:
        faults = "\n".join(f"  {fault}" for fault in error.faults)
        raise CommandError(f"The draft cannot be evaluated; {len(error.faults)} to fix:\n{faults}") from None


def _result_lines(run: ImpactRun, impact: Impact, days: int) -> Iterator[str]:
    if not impact.looked_at:
        yield f"There is no current screening of the last {days:,} days to compare the draft with."
        return
    draft, earlier = run.draft.definition, run.editions.values()
    yield in_one_sentence(impact)
    yield from (f"{row.patients:>10,}  {row.before} → {row.after}" for row in outcome_rows(impact))
    for place, kind in enumerate(ImpactKind):
        if impact.patients[kind]:
            yield f"{impact.patients[kind]:,} with a rule {KIND_LABELS[kind]}:"
            rows = rule_rows(impact, draft, earlier)
            yield from (f"{row.counts[place]:>10,}  {row.name}" for row in rows if row.counts[place])
    for each in remarks(draft, earlier):
        yield f"{each.label}: {', '.join(each.names)}. {each.meaning}"
