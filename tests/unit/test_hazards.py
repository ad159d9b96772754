"""The hazard log is complete, its ratings follow the matrix, and the tests that it names exist (``docs/safety``)."""

from __future__ import annotations

import ast
import re
from dataclasses import dataclass
from functools import cache

import pytest

from tests.paths import PROJECT

LOG = PROJECT / "docs" / "safety" / "hazards.md"
NO_CONTROL = "No control in the software"
SEVERITIES = ("minor", "significant", "considerable", "major", "catastrophic")
MATRIX = {
    "very high": (3, 4, 4, 5, 5),
    "high": (2, 3, 3, 4, 5),
    "medium": (2, 2, 3, 3, 4),
    "low": (1, 2, 2, 3, 4),
    "very low": (1, 1, 2, 2, 3),
}
PARTS = ("Cause", "Effect", "Initial risk", "Controls", "Residual risk")
HEADING = re.compile(r"^### (H-\d+) (.+)$", re.MULTILINE)
PART = re.compile(r"^\*\*([A-Z][a-z ]+):\*\*\s*(.*?)\s*(?=^\*\*[A-Z][a-z ]+:\*\*|\Z)", re.MULTILINE | re.DOTALL)
RATING = re.compile(r"severity ([a-z]+), likelihood ([a-z ]+), risk (\d)\.")
CONTROL = re.compile(r"^- .*(?:\n  .*)*", re.MULTILINE)
NAMED_TEST = re.compile(r"`(tests/[^`]*::[^`]*)`")
ROW = re.compile(r"^\| \[(H-\d+)\]\(#([^)]*)\) \| (.+?) \| (\d) \| (\d) \|$", re.MULTILINE)


@dataclass(frozen=True)
class Rating:
    """A severity, a likelihood and the risk that is stated for them."""

    severity: str
    likelihood: str
    risk: int

    @property
    def follows_the_matrix(self) -> bool:
        return MATRIX[self.likelihood][SEVERITIES.index(self.severity)] == self.risk


@dataclass(frozen=True)
class Hazard:
    """One section of the log."""

    number: str
    title: str
    parts: dict[str, str]

    @property
    def controls(self) -> list[str]:
        return CONTROL.findall(self.parts["Controls"])

    def rating(self, part: str) -> Rating:
        found = RATING.match(" ".join(self.parts[part].split()))
        assert found, f"{self.number}, {part}: no rating"
        severity, likelihood, risk = found.groups()
        return Rating(severity, likelihood, int(risk))


def hazards_of(log: str) -> list[Hazard]:
    """Read the sections of a log."""
    _, *found = HEADING.split(log)
    return [
        Hazard(number, title, dict(PART.findall(text)))
        for number, title, text in zip(found[::3], found[1::3], found[2::3], strict=True)
    ]


def named_tests(log: str) -> list[str]:
    """The tests that a log names, as ``path::name``."""
    return NAMED_TEST.findall(log)


@cache
def names_of_tests(path: str) -> frozenset[str]:
    """The tests of a file, those of a class as ``Class::name``; none if there is no such file.

    A parametrised test counts once, under the name of its function.
    """
    file = PROJECT / path
    if not file.is_file() or not file.name.startswith("test_") or file.suffix != ".py":
        return frozenset()
    module = ast.parse(file.read_text(encoding="utf-8"))
    classes = [node for node in module.body if isinstance(node, ast.ClassDef)]
    return frozenset(
        prefix + node.name
        for prefix, body in (("", module.body), *((f"{each.name}::", each.body) for each in classes))
        for node in body
        if isinstance(node, ast.FunctionDef | ast.AsyncFunctionDef) and node.name.startswith("test_")
    )


def missing_tests(log: str) -> list[str]:
    """The tests that a log names and that do not exist."""
    named = (each.partition("::") for each in named_tests(log))
    return [f"{path}::{name}" for path, _, name in named if name not in names_of_tests(path)]


def anchor(heading: str) -> str:
    """The address of a heading in rendered Markdown."""
    return re.sub(r"[^\w -]", "", heading.lower()).replace(" ", "-")


TEXT = LOG.read_text(encoding="utf-8")
HAZARDS = hazards_of(TEXT)
ROWS = ROW.findall(TEXT)
each_hazard = pytest.mark.parametrize("hazard", HAZARDS, ids=lambda hazard: hazard.number)
each_rating = pytest.mark.parametrize("part", ["Initial risk", "Residual risk"])


def test_the_log_has_at_least_thirty_hazards() -> None:
    assert len(HAZARDS) >= 30


def test_the_hazards_are_numbered_without_a_gap_or_a_repetition() -> None:
    assert [each.number for each in HAZARDS] == [f"H-{number:02}" for number in range(1, len(HAZARDS) + 1)]


def test_the_table_lists_every_hazard_with_its_title_in_order() -> None:
    assert [(number, title) for number, _, title, *_ in ROWS] == [(each.number, each.title) for each in HAZARDS]


def test_each_row_of_the_table_links_to_its_hazard() -> None:
    assert [link for _, link, *_ in ROWS] == [anchor(f"{each.number} {each.title}") for each in HAZARDS]


def test_the_table_has_the_risks_of_the_sections() -> None:
    assert [(int(initial), int(residual)) for *_, initial, residual in ROWS] == [
        (each.rating("Initial risk").risk, each.rating("Residual risk").risk) for each in HAZARDS
    ]


@each_hazard
def test_a_hazard_has_every_part(hazard: Hazard) -> None:
    assert [part for part in PARTS if not hazard.parts.get(part)] == []


@each_hazard
@each_rating
def test_a_rating_uses_the_fixed_scales(hazard: Hazard, part: str) -> None:
    rating = hazard.rating(part)
    assert rating.severity in SEVERITIES
    assert rating.likelihood in MATRIX


@each_hazard
@each_rating
def test_a_rating_is_the_value_of_the_matrix(hazard: Hazard, part: str) -> None:
    assert hazard.rating(part).follows_the_matrix


def test_a_rating_that_differs_from_the_matrix_is_found() -> None:
    assert not Rating("major", "low", 2).follows_the_matrix


@pytest.mark.parametrize("likelihood", MATRIX)
def test_the_matrix_of_the_log_is_the_one_that_is_checked(likelihood: str) -> None:
    row = " | ".join(map(str, MATRIX[likelihood]))
    assert f"| {likelihood} | {row} |" in TEXT


@each_hazard
def test_controls_never_make_a_hazard_worse(hazard: Hazard) -> None:
    assert hazard.rating("Residual risk").risk <= hazard.rating("Initial risk").risk


@each_hazard
def test_a_hazard_says_why_its_residual_risk_is_what_it_is(hazard: Hazard) -> None:
    assert RATING.sub("", " ".join(hazard.parts["Residual risk"].split())).strip()


@each_hazard
def test_every_control_names_a_test_or_says_that_there_is_none(hazard: Hazard) -> None:
    assert hazard.controls
    assert [each for each in hazard.controls if not NAMED_TEST.search(each) and NO_CONTROL not in each] == []


@each_hazard
def test_a_hazard_names_tests_only_below_its_controls(hazard: Hazard) -> None:
    whole = "\n".join(hazard.parts.values())
    assert named_tests(whole) == [name for each in hazard.controls for name in named_tests(each)]


def test_the_log_names_many_tests() -> None:
    assert len(named_tests(TEXT)) > 100


def test_every_named_test_exists() -> None:
    assert missing_tests(TEXT) == []


@pytest.mark.parametrize(
    "name",
    [
        "tests/unit/test_hazards.py::test_nobody_wrote_this",
        "tests/unit/test_hazards.py::missing_tests",
        "tests/unit/test_hazards.py::test_nobody_wrote_this[a case]",
        "tests/unit/test_nowhere.py::test_every_named_test_exists",
        "tests/paths.py::test_every_named_test_exists",
        "tests/unit::test_every_named_test_exists",
    ],
)
def test_a_name_of_no_test_is_found_to_be_missing(name: str) -> None:
    assert missing_tests(f"- A control.\n  `{name}`") == [name]


@pytest.mark.parametrize(
    "name",
    ["test_every_named_test_exists", "test_a_rating_is_the_value_of_the_matrix"],
    ids=["plain", "parametrised"],
)
def test_a_test_is_found_whether_parametrised_or_not(name: str) -> None:
    assert missing_tests(f"`tests/unit/test_hazards.py::{name}`") == []


def test_each_hazard_that_is_read_ends_where_the_next_one_begins() -> None:
    log = "### H-01 One\n\n**Cause:** A.\n\n### H-02 Two\n\n**Cause:** B\nand C.\n"
    assert hazards_of(log) == [Hazard("H-01", "One", {"Cause": "A."}), Hazard("H-02", "Two", {"Cause": "B\nand C."})]
