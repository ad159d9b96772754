"""The rows of one screening that the application recorded, written again and again under fresh ids."""

from __future__ import annotations

import os
from functools import cache
from typing import Any, NamedTuple
from uuid import UUID, uuid4

from django.db import models, transaction

from screening.models import Answer, AuditEvent, Screening

Columns = dict[str, Any]


class Sample(NamedTuple):
    """The columns of the sample's rows, less those that are each row's own."""

    screening: Columns
    answers: list[Columns]
    event: Columns


def write_screening() -> UUID:
    """Insert a screening, its answers and its audit event in one transaction."""
    sample, uuid = _sample(), uuid4()
    with transaction.atomic():
        screening = Screening(**sample.screening, uuid=uuid, submission=uuid4())
        screening.save(force_insert=True)
        Answer.objects.bulk_create(Answer(**columns, screening=screening) for columns in sample.answers)
        write_event(uuid)
    return uuid


def write_event(uuid: UUID) -> None:
    """Insert one audit event."""
    AuditEvent(**_sample().event, subject=str(uuid)).save(force_insert=True)


@cache
def _sample() -> Sample:
    """Read once a process."""
    screening = Screening.objects.get(uuid=os.environ["BENCHMARK_SAMPLE"])
    event = AuditEvent.objects.filter(subject=str(screening.uuid)).earliest("pk")
    return Sample(
        _columns(screening, "uuid", "submission"),
        [_columns(answer, "screening_id") for answer in Answer.objects.filter(screening=screening)],
        _columns(event, "subject"),
    )


def _columns(row: models.Model, *own: str) -> Columns:
    fields = [field for field in row._meta.concrete_fields if not field.primary_key]
    return {field.attname: getattr(row, field.attname) for field in fields if field.attname not in own}
