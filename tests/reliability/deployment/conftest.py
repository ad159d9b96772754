"""The guide is followed by ``./test reliability`` only: it needs nginx and OpenSSL, and takes minutes."""

from __future__ import annotations

from pathlib import Path

import pytest

QUICK = 1
"""How often a run of all tests makes each fault of ``tests/reliability``."""


def pytest_collection_modifyitems(config: pytest.Config, items: list[pytest.Item]) -> None:
    """Deselect these tests in a run of all tests; they are not reported as skipped."""
    if int(config.getoption("reliability_rounds", QUICK)) > QUICK:
        return
    here = Path(__file__).parent
    left_out = [item for item in items if here in item.path.parents]
    if left_out:
        config.hook.pytest_deselected(items=left_out)
        items[:] = [item for item in items if item not in left_out]
