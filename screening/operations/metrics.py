"""The figures of ``/metrics``: what the processes have counted, and what the database says now."""

from __future__ import annotations

import os
from collections.abc import Iterator

from django.db import DatabaseError, InterfaceError
from django.db.models import Count, Min
from django.utils import timezone
from prometheus_client import REGISTRY, CollectorRegistry, generate_latest
from prometheus_client.core import GaugeMetricFamily
from prometheus_client.multiprocess import MultiProcessCollector
from prometheus_client.registry import Collector

from ldn_screen.release import release
from screening.audit.models import AuditEvent, Seal
from screening.drafts.models import RuleSet
from screening.screenings.models import WorklistEntry


def exposition() -> bytes:
    """Return all figures in the text format of Prometheus.

    With several web processes the counts of all are read from the files in ``PROMETHEUS_MULTIPROC_DIR``.
    """
    now = CollectorRegistry()
    now.register(DatabaseFigures())
    if "PROMETHEUS_MULTIPROC_DIR" not in os.environ:
        return generate_latest(REGISTRY) + generate_latest(now)
    MultiProcessCollector(now)
    return generate_latest(now)


class DatabaseFigures(Collector):
    """Figures that are read from the database when they are asked for; without them while it is away."""

    def collect(self) -> Iterator[GaugeMetricFamily]:
        """Yield the figures."""
        installed = GaugeMetricFamily("ldn_release_info", "The release that runs.", labels=["version"])
        installed.add_metric([release()], 1)
        yield installed
        try:
            figures = list(_figures())
        except (DatabaseError, InterfaceError):
            figures = []
        yield GaugeMetricFamily("ldn_database_up", "Whether the database answers.", float(bool(figures)))
        yield from figures


def _figures() -> Iterator[GaugeMetricFamily]:
    now = timezone.now()
    waiting = WorklistEntry.objects.waiting(timezone.localdate()).count()
    yield GaugeMetricFamily("ldn_open_decisions", "Screenings that wait for a decision.", waiting)
    proposed = RuleSet.objects.filter(is_open=True, proposed_at__isnull=False).count()
    yield GaugeMetricFamily("ldn_proposed_drafts", "Drafts that wait for an approver.", proposed)
    seal = Seal.objects.order_by("-number").values_list("last_event", "sealed_at").first()
    unsealed = AuditEvent.objects.filter(pk__gt=seal[0] if seal else 0).aggregate(count=Count("pk"), oldest=Min("at"))
    yield GaugeMetricFamily("ldn_unsealed_events", "Audit events that are in no seal yet.", unsealed["count"])
    ages = {"ldn_seal_age_seconds": seal and seal[1], "ldn_oldest_unsealed_event_age_seconds": unsealed["oldest"]}
    for name, at in ages.items():
        if at is not None:
            yield GaugeMetricFamily(name, "Seconds since then; absent if there is none.", (now - at).total_seconds())
