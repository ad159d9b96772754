"""Look up known vulnerabilities of all locked packages, and say how many could be looked up.

The exit code is 1 if a package has a known vulnerability. pip-audit itself reports “none found” even if no package
could be looked up, so its report is read here.
"""

import json
import sys
from typing import Any

from ldn_screen.bootstrap import REQUIREMENTS, run_quietly, tool

PIP_AUDIT = (
    *("--require-hashes", "--disable-pip", "--requirement", str(REQUIREMENTS / "dev.txt")),  # dev includes runtime
    *("--format", "json", "--desc", "off", "--progress-spinner", "off", "--timeout", "10"),
)
NOT_AUDITED = "Known vulnerabilities: NOT AUDITED. The vulnerability service cannot be reached from here."


def main() -> int:
    """Run pip-audit and print what it found."""
    audited = run_quietly(tool("pip_audit", *PIP_AUDIT))
    sentence, code = verdict(audited.stdout)
    print(sentence)
    return code


def verdict(report: str) -> tuple[str, int]:
    """Return what a JSON report of pip-audit says, and the exit code. The report is empty if pip-audit failed."""
    try:
        packages: list[dict[str, Any]] = json.loads(report)["dependencies"]
    except (ValueError, KeyError):
        return NOT_AUDITED, 0
    audited = [each for each in packages if "vulns" in each]
    if not audited:
        return NOT_AUDITED, 0
    found = [_line(package, each) for package in audited for each in package["vulns"]]
    if found:
        return "\n".join(found), 1
    unknown = [each["name"] for each in packages if "vulns" not in each]
    missing = f" Not known to the service: {', '.join(unknown)}." if unknown else ""
    return f"Known vulnerabilities: none in {len(audited)} of {len(packages)} packages.{missing}", 0


def _line(package: dict[str, Any], vulnerability: dict[str, Any]) -> str:
    fixed = ", ".join(vulnerability.get("fix_versions", ())) or "no version yet"
    return f"{package['name']} {package['version']}: {vulnerability['id']}, fixed in {fixed}"


if __name__ == "__main__":
    sys.exit(main())
