"""What ./check says about known vulnerabilities."""

from __future__ import annotations

import json
import subprocess
from pathlib import Path

import pytest

from ldn_screen import audit_packages, bootstrap
from ldn_screen.audit_packages import NOT_AUDITED, verdict
from tests.unit.test_requirements import pins

SOUND = {"name": "django", "version": "5.2.19", "vulns": []}
VULNERABLE = {
    "name": "example",
    "version": "1.0",
    "vulns": [
        {"id": "PYSEC-2026-1", "fix_versions": ["1.1", "2.0"], "aliases": []},
        {"id": "PYSEC-2026-2", "fix_versions": [], "aliases": []},
    ],
}
SKIPPED = {"name": "other", "skip_reason": "Dependency not found"}


def report(*packages: object) -> str:
    return json.dumps({"dependencies": packages, "fixes": []})


def test_a_package_with_a_known_vulnerability_fails_the_check_and_names_the_version_that_fixes_it() -> None:
    assert verdict(report(SOUND, VULNERABLE, SKIPPED)) == (
        "example 1.0: PYSEC-2026-1, fixed in 1.1, 2.0\nexample 1.0: PYSEC-2026-2, fixed in no version yet",
        1,
    )


def test_without_vulnerabilities_the_number_of_audited_packages_is_shown() -> None:
    assert verdict(report(SOUND)) == ("Known vulnerabilities: none in 1 of 1 packages.", 0)


def test_packages_that_could_not_be_looked_up_are_named() -> None:
    sentence, code = verdict(report(SOUND, SKIPPED))
    assert (code, sentence) == (
        0,
        "Known vulnerabilities: none in 1 of 2 packages. Not known to the service: other.",
    )


@pytest.mark.parametrize("answer", ["", "not JSON", "{}", report(), report(SKIPPED, SKIPPED)])
def test_a_service_that_cannot_be_reached_never_looks_like_a_result(answer: str) -> None:
    assert verdict(answer) == (NOT_AUDITED, 0)


def test_every_locked_package_is_audited(monkeypatch: pytest.MonkeyPatch) -> None:
    started: list[list[str]] = []

    def run_quietly(command: list[str]) -> subprocess.CompletedProcess[str]:
        started.append(command)
        return subprocess.CompletedProcess(command, 1, report(VULNERABLE), "")

    monkeypatch.setattr(audit_packages, "run_quietly", run_quietly)
    assert audit_packages.main() == 1
    assert str(bootstrap.REQUIREMENTS / "dev.txt") in started[0]
    assert pins("runtime").items() <= pins("dev").items()


def test_the_bill_of_materials_names_every_package_of_an_installation_with_its_hashes(tmp_path: Path) -> None:
    path = tmp_path / "sbom.json"
    assert bootstrap.write_sbom(str(path)) == 0
    bill = json.loads(path.read_text())
    assert bill["bomFormat"] == "CycloneDX"
    assert bill["metadata"]["component"]["name"] == "ldn-screen"
    assert {each["name"]: each["version"] for each in bill["components"]} == pins("runtime")
    assert all(each["externalReferences"][0]["hashes"] for each in bill["components"])
