"""Hostile posts and queries: no failure, no hang, no live markup, and nothing stored but what was typed."""

from __future__ import annotations

import sys

import pytest

from screening.models import Screening
from tests.replays import nothing_differs, replay

from .attack import Attack
from .tally import Tally

pytestmark = pytest.mark.django_db

SEEDS = (20261130, 4711, 271828)


AT_ONCE = 500
"""After how many requests a full run shows its figures."""


@pytest.mark.parametrize("seed", SEEDS)
def test_hostile_input_is_stored_as_it_is_or_refused(
    seed: int, requests_of_a_seed: int, is_full_run: bool, tallies: list[Tally], capsys: pytest.CaptureFixture[str]
) -> None:
    attack = Attack(seed)
    tallies.append(attack.tally)
    while left := requests_of_a_seed - attack.tally.requests:
        attack.run(min(AT_ONCE, left))
        if is_full_run:
            with capsys.disabled():
                sys.stdout.write("\n".join(["", str(attack.tally), *attack.tally.faults[-20:], ""]))
                sys.stdout.flush()
    assert replay() == nothing_differs(Screening.objects.count())
    assert not attack.tally.faults, "\n".join(attack.tally.faults[:40])
