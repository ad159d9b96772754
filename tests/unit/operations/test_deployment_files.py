"""The files with which an installation is set up: images, services, proxy and alerts, without starting any."""

from __future__ import annotations

import configparser
import os
import re
import subprocess
import sys
from pathlib import Path
from typing import Any

import promql_parser
import pytest
import yaml

from tests.paths import PROJECT

PROGRAMS = Path(sys.executable).parent
DEPLOY = PROJECT / "deploy"
SYSTEMD = DEPLOY / "systemd"
SERVICES = sorted(SYSTEMD.glob("*.service"))
SCRIPTS = sorted((DEPLOY / "bin").iterdir())


def output_of(*command: str | Path) -> str:
    """Run a linter and return what it says."""
    done = subprocess.run(command, cwd=PROJECT, capture_output=True, text=True, check=False)
    return "" if done.returncode == 0 else done.stdout + done.stderr


def read_yaml(path: Path) -> Any:
    return yaml.safe_load(path.read_text(encoding="utf-8"))


def unit(path: Path) -> configparser.ConfigParser:
    """Return a unit file."""
    found = configparser.ConfigParser(interpolation=None, delimiters="=", comment_prefixes="#")
    found.optionxform = str  # type: ignore[assignment, method-assign]
    found.read_string(path.read_text(encoding="utf-8"))
    return found


def test_the_linter_of_images_has_no_objection() -> None:
    assert output_of(PROGRAMS / "hadolint", "Dockerfile") == ""


def test_the_compose_file_is_valid() -> None:
    schema = "vendor.compose-spec"
    assert output_of(PROGRAMS / "check-jsonschema", "--builtin-schema", schema, "compose.yaml") == ""


def test_every_container_is_without_rights() -> None:
    for name, service in read_yaml(PROJECT / "compose.yaml")["services"].items():
        assert service["read_only"] is True, name
        assert service["cap_drop"] == ["ALL"], name
        assert service["security_opt"] == ["no-new-privileges:true"], name


def test_no_container_runs_as_root() -> None:
    for name, service in read_yaml(PROJECT / "compose.yaml")["services"].items():
        assert service.get("user", "root") != "root" or service["image"] == "ldn-screen", name
    users = re.findall(r"^USER (.*)$", (PROJECT / "Dockerfile").read_text(), re.MULTILINE)
    assert users == ["10001:10001"]


def test_the_image_and_the_service_start_the_same_server() -> None:
    in_image = re.search(r"^CMD (\[\"granian.*?\])", (PROJECT / "Dockerfile").read_text(), re.MULTILINE | re.DOTALL)
    assert in_image is not None
    of_image = yaml.safe_load(in_image[1].replace("\\\n", ""))
    _, *of_service = unit(SYSTEMD / "ldn-screen.service")["Service"]["ExecStart"].split()
    assert ["127.0.0.1" if part == "0.0.0.0" else part for part in of_image[1:]] == of_service


@pytest.mark.parametrize("path", SERVICES, ids=lambda path: path.name)
def test_every_service_is_confined(path: Path) -> None:
    service = unit(path)["Service"]
    assert service["NoNewPrivileges"] == "yes"
    assert service["ProtectSystem"] == "strict"
    assert service["ProtectHome"] == "yes"
    assert service["PrivateTmp"] == "yes"


def test_every_service_but_the_web_processes_has_a_timer() -> None:
    timers = {path.stem for path in SYSTEMD.glob("*.timer")}
    assert {path.stem for path in SERVICES} == timers | {"ldn-screen"}


def test_the_guide_starts_the_service_and_every_timer() -> None:
    guide = (PROJECT / "docs" / "deploy.md").read_text(encoding="utf-8")
    (names,) = re.findall(r"^systemctl enable --now (.*)$", guide, re.MULTILINE)
    assert set(names.split()) == {"ldn-screen.service"} | {path.name for path in SYSTEMD.glob("*.timer")}


@pytest.mark.parametrize("script", SCRIPTS, ids=lambda path: path.name)
def test_scripts_can_be_run_and_parse(script: Path) -> None:
    assert os.access(script, os.X_OK)
    assert output_of("/bin/sh", "-n", script) == ""


def test_the_files_name_files_of_the_release() -> None:
    named = re.compile(r"/opt/ldn-screen/((?:deploy|fixtures|requirements|ldn_screen)/[\w./-]*\w)")
    texts = [PROJECT / "docs/deploy.md", PROJECT / "docs/operating.md", *filter(Path.is_file, DEPLOY.rglob("*"))]
    found = {path for each in texts for path in named.findall(each.read_text(encoding="utf-8"))}
    assert len(found) >= 6
    assert sorted(path for path in found if not (PROJECT / path).exists()) == []


def test_the_limit_of_the_proxy_is_that_of_the_application() -> None:
    from ldn_screen import settings

    (megabytes,) = re.findall(r"client_max_body_size (\d+)m;", (DEPLOY / "nginx" / "proxy.conf").read_text())
    assert int(megabytes) * 1024 * 1024 == settings.DATA_UPLOAD_MAX_MEMORY_SIZE


def expressions() -> dict[str, str]:
    """Return the expression of each alert."""
    groups = read_yaml(DEPLOY / "prometheus" / "alerts.yml")["groups"]
    return {rule["alert"]: rule["expr"] for group in groups for rule in group["rules"]}


def metrics_in(expression: str) -> set[str]:
    """Return the names of the metrics that an expression uses, after parsing it."""
    text = promql_parser.parse(expression).prettify()
    without_labels = re.sub(r"\{[^}]*\}", "", text)
    return set(re.findall(r"\b(?:ldn_\w+|up)\b", without_labels))


@pytest.mark.parametrize("alert", expressions())
def test_every_alert_can_be_parsed_and_says_what_to_do(alert: str) -> None:
    assert metrics_in(expressions()[alert])
    groups = read_yaml(DEPLOY / "prometheus" / "alerts.yml")["groups"]
    (rule,) = (rule for group in groups for rule in group["rules"] if rule["alert"] == alert)
    assert {"summary", "action"} == rule["annotations"].keys()
    assert rule["labels"]["severity"] in {"critical", "warning", "info"}
