"""The command ``find_opioids``: one entry per line in, one JSON object per line out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command


def outputs(path: Path, **options: Any) -> list[dict[str, Any]]:
    return [json.loads(line) for line in printed(path, **options).splitlines()]


def printed(path: Path, **options: Any) -> str:
    out = io.StringIO()
    call_command("find_opioids", str(path), stdout=out, **options)
    return out.getvalue()


@pytest.fixture
def entries(tmp_path: Path) -> Path:
    return tmp_path / "entries.txt"


def write(path: Path, lines: Iterable[str]) -> Path:
    path.write_text("".join(f"{line}\n" for line in lines), encoding="utf-8")
    return path


def test_each_line_gives_one_object_in_order(entries: Path) -> None:
    found = outputs(write(entries, ["lisinopril 10 mg", "", "Percocet 5/325", "allergic to codeine"]))
    assert [each["text"] for each in found] == ["lisinopril 10 mg", "", "Percocet 5/325", "allergic to codeine"]
    assert [[one["ingredient"] for one in each["found"]] for each in found] == [[], [], ["oxycodone"], ["codeine"]]


def test_an_object_has_exactly_the_documented_keys(entries: Path) -> None:
    (output,) = outputs(write(entries, ["1) Percocet 5/325"]))
    assert output == {
        "text": "1) Percocet 5/325",
        "found": [
            {
                "ingredient": "oxycodone",
                "term": "Percocet",
                "span": [3, 11],
                "group": "agonist",
                "status": "current",
                "why": "“Percocet” contains oxycodone.",
            }
        ],
    }


def test_each_line_is_read_as_a_separate_list(entries: Path) -> None:
    found = outputs(write(entries, ["Allergies:", "codeine 30 mg"]))
    assert [one["status"] for one in found[1]["found"]] == ["current"]


def test_an_antagonist_alone_is_not_listed(entries: Path) -> None:
    assert outputs(write(entries, ["naltrexone 50 mg"])) == [{"text": "naltrexone 50 mg", "found": []}]


def test_no_line_is_lost_to_line_ends_or_invalid_bytes(entries: Path) -> None:
    entries.write_bytes(b"\xef\xbb\xbfcodeine\r\nmorphine \xff\xfe\nlast")
    assert [each["text"] for each in outputs(entries)] == ["codeine", "morphine \ufffd\ufffd", "last"]


def test_a_span_gives_offsets_in_the_text_after_any_control_character(entries: Path) -> None:
    signs = ["\v", "\f", "\x85", "\u2028", "\r"]
    written = outputs(write(entries, [f"water{sign}codeine 30 mg" for sign in signs]))
    assert len(written) == len(signs)
    for output in written:
        (found,) = output["found"]
        assert output["text"][slice(*found["span"])] == "codeine"


def test_the_summary_shows_counts(entries: Path) -> None:
    lines = ["codeine", "Percocet", "allergic to codeine", "water", ""]
    assert printed(write(entries, lines), summary=True).splitlines() == [
        "5 entries",
        "2 name an opioid that counts as current",
        "1 only mention one (allergy, denial or end)",
        "       1  codeine",
        "       1  oxycodone",
    ]


def test_a_line_in_a_script_that_is_not_read_is_marked(entries: Path) -> None:
    lines = ["Эналаприл 5 мг", "阿司匹林 100mg", "アムロジピン", "아스피린", "أسبرين", "אקמול", "ยา"]
    assert outputs(write(entries, lines)) == [{"text": line, "found": [], "not_read": True} for line in lines]


def test_a_line_that_is_read_is_not_marked(entries: Path) -> None:
    lines = ["Кодеин 30 мг", "吗啡片 10mg", "оxyсоdonе 5 mg", "β-blocker, 50 µg", "aspirin", ""]
    assert [set(output) for output in outputs(write(entries, lines))] == [{"text", "found"}] * len(lines)


def test_a_name_in_another_script_has_its_span_in_the_line(entries: Path) -> None:
    (output,) = outputs(write(entries, ["1) Трамал 50 мг"]))
    (found,) = output["found"]
    assert (found["ingredient"], found["term"], found["span"]) == ("tramadol", "Трамал", [3, 9])
    assert found["why"] == "“Трамал” contains tramadol."


def test_the_summary_counts_lines_that_are_not_read(entries: Path) -> None:
    lines = ["Эналаприл 5 мг", "阿司匹林", "Кодеин 30 мг", "aspirin"]
    assert printed(write(entries, lines), summary=True).splitlines() == [
        "4 entries",
        "1 name an opioid that counts as current",
        "0 only mention one (allergy, denial or end)",
        "2 not read: not in Latin script, or over 20,000 characters",
        "       1  codeine",
    ]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("codéine\n".encode())))
    out = io.StringIO()
    call_command("find_opioids", stdout=out)
    assert json.loads(out.getvalue())["found"][0]["ingredient"] == "codeine"


def test_a_missing_file_gives_a_clear_error(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("find_opioids", str(tmp_path / "nothing.txt"))


def test_an_entry_over_the_length_limit_is_not_read(entries: Path) -> None:
    (output,) = outputs(write(entries, ["oxycodone " * 200_000]))
    assert (output["found"], output["not_read"]) == ([], True)
