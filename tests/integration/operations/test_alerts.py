"""The alerts for Prometheus ask for metrics, views and labels that the application has."""

from __future__ import annotations

import re
from typing import Any

import promql_parser
import pytest
import yaml
from django.test import Client
from django.urls import reverse
from prometheus_client.parser import text_string_to_metric_families

from screening.models import Edition
from tests.pages import CLEAR_FORM, send
from tests.paths import PROJECT

pytestmark = pytest.mark.django_db

OF_PROMETHEUS = {"up"}
"""Metrics that Prometheus makes itself."""


def selectors() -> list[tuple[str, set[str]]]:
    """Return each metric that an alert uses with the names of its labels, from the parsed expressions."""
    groups = yaml.safe_load((PROJECT / "deploy" / "prometheus" / "alerts.yml").read_text())["groups"]
    texts = [promql_parser.parse(rule["expr"]).prettify() for group in groups for rule in group["rules"]]
    found = [each for text in texts for each in re.findall(r"\b(ldn_\w+|up)\b(?:\{([^}]*)\})?", text)]
    return [(name, set(re.findall(r"(\w+)\s*(?:=~|!~|!=|=)", labels))) for name, labels in found]


@pytest.fixture
def samples(client: Client, edition: Edition) -> dict[str, set[str]]:
    """The labels of each sample that /metrics has after a screening was recorded."""
    send(client, CLEAR_FORM)
    client.get("/readyz")
    text = Client().get("/metrics").content.decode()
    each = [sample for family in text_string_to_metric_families(text) for sample in family.samples]
    return {sample.name: set(sample.labels) for sample in each}


def test_every_metric_and_label_of_an_alert_is_one_of_the_application(samples: dict[str, Any]) -> None:
    used = [(name, labels) for name, labels in selectors() if name not in OF_PROMETHEUS]
    assert len({name for name, _ in used}) == 5
    assert [name for name, labels in used if name not in samples or not labels <= samples[name]] == []


def test_every_view_of_an_alert_exists() -> None:
    text = (PROJECT / "deploy" / "prometheus" / "alerts.yml").read_text()
    named = set(re.findall(r'view!?="([^"]+)"', text))
    assert named
    assert all(reverse(name) for name in named)
