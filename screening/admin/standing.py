"""How a draft stands after a change, in a sentence or two."""

from __future__ import annotations

from django.contrib import messages

from screening.clinical.wording import counted

from .state import DraftState

NAMED = 3
"""How many cases are told one by one."""


def how_it_stands(state: DraftState) -> tuple[int, str]:
    """How the cases fare and what else is to be mended, with the level at which that is told."""
    faults = [str(fault) for each in state.case_results for fault in each.faults]
    cases = sum(bool(each.faults) for each in state.case_results)
    others = len(state.faults) - len(faults)
    told = [_of_cases(cases, faults)] if cases else []
    if others:
        told.append(f"{counted(others, 'thing is', 'things are')} to be mended: the draft’s page says which.")
    if told:
        return messages.WARNING, " ".join(told)
    return messages.SUCCESS, "Every case gives the result that it expects."


def _of_cases(count: int, faults: list[str]) -> str:
    first = "; ".join(faults[:NAMED])
    more = f"; and {len(faults) - NAMED} more" if len(faults) > NAMED else ""
    return f"{counted(count, 'case is', 'cases are')} not as expected: {first}{more}."
