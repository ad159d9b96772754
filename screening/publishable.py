"""All that stands in the way of publishing rules."""

from __future__ import annotations

from .clinical.cases import faults_of
from .clinical.definition import Definition, Fault
from .showable import unshowable_faults


def what_stops(definition: Definition) -> tuple[Fault, ...]:
    """Every fault of the rules, every case that comes out otherwise, every text that no print could show."""
    return faults_of(definition) + unshowable_faults(definition)
