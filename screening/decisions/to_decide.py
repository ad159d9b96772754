"""What a stored screening asks of the prescriber who decides on it."""

from __future__ import annotations

from collections.abc import Iterable
from datetime import date

from screening.clinical.report.to_decide import ToDecide
from screening.screenings.models import Decision, Screening


def what_to_decide(screening: Screening, made: Iterable[Decision], on: date) -> ToDecide:
    """Return what a screening asks of a prescriber on a day; ``made`` are the decisions so far, oldest first."""
    asked_again = {link_id: each.at_local.date() for each in made for link_id in each.asked_again}
    return ToDecide(record=screening.record(), asked_again=asked_again, on=on)
