"""How long one evaluation of the shipped rules takes, in microseconds, for several sets of answers."""

from __future__ import annotations

import timeit
from collections.abc import Mapping
from datetime import timedelta
from pathlib import Path

from django.conf import settings
from django.utils import timezone

from screening.clinical.definition import AnswerCode, Definition, from_json
from screening.clinical.details import Details
from screening.clinical.evaluation import Answer, evaluate

LOOPS, REPEATS = 2_000, 15
TODAY = timezone.now().date()
OPIOID: Details = {
    "agent": "Tramadol 50 mg, as needed",
    "kind": ("short-acting",),
    "last-dose": TODAY - timedelta(days=4),
    "urine-screen": "none",
}


def main() -> dict[str, list[float]]:
    """Microseconds of one evaluation, by what was answered; one figure a repeat."""
    definition = from_json(Path(settings.BASE_DIR, "fixtures", "ldn_rules.json").read_bytes())
    return {words: microseconds(definition, answers) for words, answers in _answers(definition).items()}


def microseconds(definition: Definition, answers: Mapping[str, Answer]) -> list[float]:
    """Time one evaluation, several times over."""
    times = timeit.repeat(lambda: evaluate(definition, answers, TODAY), number=LOOPS, repeat=REPEATS)
    return [seconds / LOOPS * 1_000_000 for seconds in times]


def _answers(definition: Definition) -> dict[str, dict[str, Answer]]:
    def all_of(given: Answer) -> dict[str, Answer]:
        return {item.link_id: given for item in definition.items}

    no = all_of(Answer(AnswerCode.NO))
    return {
        "four times no": no,
        "four times not known": all_of(Answer(AnswerCode.UNKNOWN, "asked-unknown")),
        "four times yes, no details": all_of(Answer(AnswerCode.YES)),
        "opioid yes with all details, else no": no | {"opioid-use": Answer(AnswerCode.YES, details=OPIOID)},
    }
