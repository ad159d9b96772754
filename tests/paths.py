"""Paths of files that tests read."""

from pathlib import Path

TESTS = Path(__file__).parent
PROJECT = TESTS.parent
DATA = TESTS / "data"
GOLDEN = TESTS / "golden"
SCENARIOS = TESTS / "scenarios"
FIXTURES = PROJECT / "fixtures"
