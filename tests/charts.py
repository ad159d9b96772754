"""Screenings of known record numbers."""

from __future__ import annotations

from typing import Any

from screening.models import Screening
from tests.factories import PatientFactory, ScreeningFactory


def record_in_chart(record_number: str = "DEMO-0001", /, **traits: Any) -> Screening:
    """Record a screening under a record number; ``traits`` are those of ``ScreeningFactory``."""
    return ScreeningFactory(patient=PatientFactory(record_number=record_number), **traits)


def record_two_charts() -> None:
    """Record a screening of Person A under DEMO-000A, and one of Person B under DEMO-000B."""
    for letter in "AB":
        ScreeningFactory(patient=PatientFactory(record_number=f"DEMO-000{letter}", name=f"Person {letter}"))
