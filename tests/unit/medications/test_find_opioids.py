"""Opioids found by machine: one entry a line in, one JSON object a line out."""

from __future__ import annotations

import io
import json
from collections.abc import Iterable
from pathlib import Path
from typing import Any

import pytest
from django.core.management import CommandError, call_command


def answers(path: Path, **options: Any) -> list[dict[str, Any]]:
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


def test_each_line_is_answered_in_order(entries: Path) -> None:
    found = answers(write(entries, ["lisinopril 10 mg", "", "Percocet 5/325", "allergic to codeine"]))
    assert [each["text"] for each in found] == ["lisinopril 10 mg", "", "Percocet 5/325", "allergic to codeine"]
    assert [[one["ingredient"] for one in each["found"]] for each in found] == [[], [], ["oxycodone"], ["codeine"]]


def test_an_answer_has_exactly_the_agreed_names(entries: Path) -> None:
    (answer,) = answers(write(entries, ["1) Percocet 5/325"]))
    assert answer == {
        "text": "1) Percocet 5/325",
        "found": [
            {
                "ingredient": "oxycodone",
                "term": "Percocet",
                "span": [3, 11],
                "group": "agonist",
                "status": "current",
                "why": "“Percocet” is a product with oxycodone.",
            }
        ],
    }


def test_a_line_is_a_list_of_its_own(entries: Path) -> None:
    found = answers(write(entries, ["Allergies:", "codeine 30 mg"]))
    assert [one["status"] for one in found[1]["found"]] == ["current"]


def test_an_antagonist_alone_is_not_told(entries: Path) -> None:
    assert answers(write(entries, ["naltrexone 50 mg"])) == [{"text": "naltrexone 50 mg", "found": []}]


def test_line_ends_and_bytes_of_any_kind_lose_no_line(entries: Path) -> None:
    entries.write_bytes(b"\xef\xbb\xbfcodeine\r\nmorphine \xff\xfe\nlast")
    assert [each["text"] for each in answers(entries)] == ["codeine", "morphine \ufffd\ufffd", "last"]


def test_a_span_is_a_place_in_the_text_whatever_stands_before_it(entries: Path) -> None:
    signs = ["\v", "\f", "\x85", "\u2028", "\r"]
    told = answers(write(entries, [f"water{sign}codeine 30 mg" for sign in signs]))
    assert len(told) == len(signs)
    for answer in told:
        (found,) = answer["found"]
        assert answer["text"][slice(*found["span"])] == "codeine"


def test_a_summary_counts(entries: Path) -> None:
    lines = ["codeine", "Percocet", "allergic to codeine", "water", ""]
    assert printed(write(entries, lines), summary=True).splitlines() == [
        "5 entries",
        "2 name an opioid that counts as current",
        "1 only mention one (allergy, negation, ended)",
        "       1  codeine",
        "       1  oxycodone",
    ]


def test_a_line_in_a_script_that_is_not_read_is_marked(entries: Path) -> None:
    lines = ["Эналаприл 5 мг", "阿司匹林 100mg", "アムロジピン", "아스피린", "أسبرين", "אקמול", "ยา"]
    assert answers(write(entries, lines)) == [{"text": line, "found": [], "not_read": True} for line in lines]


def test_a_line_that_is_read_has_no_such_mark(entries: Path) -> None:
    lines = ["Кодеин 30 мг", "吗啡片 10mg", "оxyсоdonе 5 mg", "β-blocker, 50 µg", "aspirin", ""]
    assert [set(answer) for answer in answers(write(entries, lines))] == [{"text", "found"}] * len(lines)


def test_a_name_in_another_script_has_its_place_in_the_line(entries: Path) -> None:
    (answer,) = answers(write(entries, ["1) Трамал 50 мг"]))
    (found,) = answer["found"]
    assert (found["ingredient"], found["term"], found["span"]) == ("tramadol", "Трамал", [3, 9])
    assert found["why"] == "“Трамал” is a product with tramadol."


def test_a_summary_counts_what_is_not_read(entries: Path) -> None:
    lines = ["Эналаприл 5 мг", "阿司匹林", "Кодеин 30 мг", "aspirin"]
    assert printed(write(entries, lines), summary=True).splitlines() == [
        "4 entries",
        "1 name an opioid that counts as current",
        "0 only mention one (allergy, negation, ended)",
        "2 are not read: not in Latin letters, or longer than 20,000 letters",
        "       1  codeine",
    ]


def test_standard_input_is_read(monkeypatch: pytest.MonkeyPatch) -> None:
    monkeypatch.setattr("sys.stdin", io.TextIOWrapper(io.BytesIO("codéine\n".encode())))
    out = io.StringIO()
    call_command("find_opioids", stdout=out)
    assert json.loads(out.getvalue())["found"][0]["ingredient"] == "codeine"


def test_a_file_that_is_not_there_is_said_in_a_sentence(tmp_path: Path) -> None:
    with pytest.raises(CommandError, match="cannot be read: No such file"):
        call_command("find_opioids", str(tmp_path / "nothing.txt"))


def test_an_entry_of_more_letters_than_a_list_may_have_is_not_read(entries: Path) -> None:
    (answer,) = answers(write(entries, ["oxycodone " * 200_000]))
    assert (answer["found"], answer["not_read"]) == ([], True)
