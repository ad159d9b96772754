"""Which entries of a list only mention an opioid, and that every other one counts."""

from __future__ import annotations

import csv
import json
from calendar import monthrange
from collections.abc import Iterator
from datetime import date, timedelta
from itertools import product

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.clinical.medications.cues import CueKind, from_json, phrase_tokens
from screening.clinical.medications.mention_forms import FORMS, Assertion
from screening.clinical.medications.reader import ListedMedicine, MedicationList, MentionStatus
from screening.clinical.text.json_errors import DefinitionError
from tests.paths import DATA
from tests.rules import shipped_cues, shipped_recogniser

ON = date(2026, 11, 29)
ENTRIES = DATA / "medication_entries.tsv"


BEGINNINGS = {
    Assertion.ALLERGY: "Named as an allergy or intolerance",
    Assertion.DENIAL: "Said not to be taken",
    Assertion.END: "Ended more than 14 days ago",
}


def read(entry: str, on: date = ON) -> MedicationList:
    return shipped_recogniser().read(entry, on)


def status(found: MedicationList) -> str:
    """Whether a list names an opioid in use, only mentions one, or neither."""
    if found.current_opioids:
        return "current"
    return "mentioned" if found.opioids else "none"


def only(entry: str) -> ListedMedicine:
    (found,) = read(entry).found
    return found


# Entries of every kind ----------------------------------------------------------------------------------------


def rows() -> Iterator[dict[str, str]]:
    with ENTRIES.open(encoding="utf-8", newline="") as lines:
        yield from csv.DictReader(lines, delimiter="\t", quoting=csv.QUOTE_NONE)


def differences(row: dict[str, str]) -> Iterator[str]:
    """In what an entry is read otherwise than it is meant."""
    found = read(row["entry"].replace("\\n", "\n"))
    named = found.current_opioids if row["status"] == "current" else found.opioids
    if status(found) != row["status"]:
        yield f"{status(found)}, not {row['status']}"
    if {each.ingredient for each in named} != {name for name in row["ingredients"].split(", ") if name}:
        yield f"names {sorted(each.ingredient for each in named)}"
    if row["interval"] and {each.interval for each in named} != {row["interval"]}:
        yield f"has the interval {sorted(each.interval or '' for each in named)}"


def test_every_entry_is_read_as_it_is_meant() -> None:
    read_otherwise = {row["entry"]: list(differences(row)) for row in rows()}
    assert {entry: how for entry, how in read_otherwise.items() if how} == {}


@pytest.mark.parametrize(
    ("assertion", "example"), [(assertion, example) for assertion, forms in FORMS.items() for example in forms]
)
def test_the_example_of_a_form_is_a_mention(assertion: Assertion, example: str) -> None:
    found = {each.ingredient: each for each in read(example).opioids}["codeine"]
    assert found.status is MentionStatus.MENTIONED
    assert BEGINNINGS[assertion] in found.why


# What the words say -------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "because"),
    [
        ("Allergies: codeine (rash)", "Named as an allergy or intolerance (“allergies”)."),
        ("Allergies\nCodeine", "Listed under “allergies”."),
        ("denies use of codeine", "Said not to be taken (“denies use of”)."),
        ("Codeine stopped March 2024", "Ended more than 14 days ago (“stopped march 2024”)."),
        ("Codeine stopped", "It counts: “stopped” does not clearly say that it is not taken."),
        ("Codeine stopped 20 Nov 2026", "“20 nov 2026” may be less than 15 days ago or to come, so it counts."),
        ("Codeine - no alcohol", "It counts: “no” does not explain “alcohol”."),
        ("Past medications\nCodeine", "Listed under “past medications” without an end date, so it counts."),
        ("his wife's codeine", "“wife's” may mean another person’s medicine. It counts until that is known."),
        ("plan to start codeine", "“plan to” may mean that it is not taken yet. It counts until that is known."),
        (
            "Do you take codeine?",
            "“do you take” may be a question that the list asks. It counts until that is known.",
        ),
    ],
)
def test_it_is_said_which_words_make_a_mention_or_a_doubt(entry: str, because: str) -> None:
    assert only(entry).why.endswith(because)


def test_a_plain_entry_raises_no_doubt() -> None:
    assert only("codeine 30 mg qds").why == "“codeine” is an opioid."


def test_a_stop_date_does_not_end_a_depot_and_is_shown() -> None:
    found = only("Sublocade stopped March 2023")
    assert found.status is MentionStatus.CURRENT
    assert "counts whatever is said of it (“stopped march 2023”)" in found.why


@pytest.mark.parametrize("entry", ["denies Sublocade", "Buvidal - not taking", "buprenorphine ER last dose 3/2025"])
def test_a_depot_counts_whatever_is_said_of_it(entry: str) -> None:
    assert status(read(entry)) == "current"


@pytest.mark.parametrize(
    ("entry", "not_read"),
    [
        ("Codeine stopped 2019. Принимает снова", (1,)),
        ("Tramadol 50 mg утром", ()),
        ("Naltrexone 3 mg на ночь", ()),
    ],
)
def test_a_line_in_another_script_is_read_where_it_names_what_counts(entry: str, not_read: tuple[int, ...]) -> None:
    assert read(entry).not_read == not_read


@pytest.mark.parametrize("days", range(40))
def test_an_end_counts_for_fourteen_days(days: int) -> None:
    end = ON - timedelta(days=days)
    assert status(read(f"Tramadol stopped {end.isoformat()}")) == ("current" if days <= 14 else "mentioned")


# Dates that read several ways ---------------------------------------------------------------------------------


def is_past_in_every_reading(one: int, two: int, figures: int) -> bool:
    """The second judge: two figures of a year in either century, day and month in either order, or the year first."""
    readings = [
        date(century + figures, month, day)
        for century, (day, month) in product((1900, 2000), ((one, two), (two, one)))
        if 1 <= month <= 12 and 1 <= day <= monthrange(century + figures, month)[1]
    ]
    year = 2000 + one
    if year <= ON.year + 1 and 1 <= two <= 12 and 1 <= figures <= monthrange(year, two)[1]:
        readings.append(date(year, two, figures))
    return bool(readings) and max(readings) < ON - timedelta(days=14)


@pytest.mark.parametrize("figures", range(100))
def test_an_end_date_holds_only_if_it_is_past_in_every_reading(figures: int) -> None:
    for one, two in ((1, 15), (15, 1), (11, 10), (10, 11), (12, 11), (28, 2), (5, 5), (31, 12)):
        entry = f"Oxycodone 5 mg BID, end date {one:02}/{two:02}/{figures:02}"
        expected = "mentioned" if is_past_in_every_reading(one, two, figures) else "current"
        assert status(read(entry)) == expected, entry


# Whatever else is written -------------------------------------------------------------------------------------

PHRASES = [
    phrase for each in shipped_cues().lists for phrase in each.words if "#" not in phrase and "\n" not in phrase
]
EXPLAINED_BY_NO_FORM = st.sampled_from(["zebra", "quixotic", "umbrella", "xylophone", "wardrobe"])
MENTIONS = [row["entry"] for row in rows() if row["status"] == "mentioned" and "\\n" not in row["entry"]]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PHRASES), max_size=6), EXPLAINED_BY_NO_FORM, st.data())
def test_an_entry_with_a_word_that_no_form_explains_counts(
    phrases: list[str], word: str, data: st.DataObject
) -> None:
    words = [each.rstrip(".:;?!") for each in phrases]
    words.insert(data.draw(st.integers(0, len(words))), word)
    entry = f"Tramadol 50 mg bid {' '.join(words)}"
    assert "tramadol" in {each.ingredient for each in read(entry).current_opioids}, entry


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MENTIONS), st.one_of(st.sampled_from(PHRASES), EXPLAINED_BY_NO_FORM), st.data())
def test_an_added_word_hides_no_name(entry: str, word: str, data: st.DataObject) -> None:
    words = entry.split(" ")
    places = [place for place in range(len(words) + 1) if not _is_within_a_name(entry, words, place)]
    words.insert(data.draw(st.sampled_from(places)), word)
    before, after = read(entry), read(" ".join(words))
    assert {each.ingredient for each in before.opioids} <= {each.ingredient for each in after.opioids}


ENDS = [entry for entry in MENTIONS if all(BEGINNINGS[Assertion.END] in each.why for each in read(entry).opioids)]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ENDS), EXPLAINED_BY_NO_FORM, st.data())
def test_an_end_with_a_word_that_no_form_explains_counts(entry: str, word: str, data: st.DataObject) -> None:
    words = entry.split(" ")
    places = [place for place in range(len(words) + 1) if not _is_within_a_name(entry, words, place)]
    words.insert(data.draw(st.sampled_from(places)), word)
    assert status(read(" ".join(words))) == "current", words


def _is_within_a_name(entry: str, words: list[str], place: int) -> bool:
    at = len(" ".join(words[:place]))
    return any(each.start < at < each.end for each in read(entry).found)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([row["entry"] for row in rows()]), st.datetimes())
def test_no_reading_depends_on_the_clock(entry: str, now: object) -> None:
    expected = read(entry)
    with time_machine.travel(now):  # type: ignore[arg-type]
        assert read(entry) == expected


HOSTILE = [
    "no codeine, ",
    "allergic to ",
    "stopped codeine in 2019 after surgery ",
    "codeine (",
    ", ",
    "denies ",
    "- ",
]


@pytest.mark.parametrize("part", HOSTILE)
def test_a_long_line_of_cues_is_read(part: str) -> None:
    entry = (part * 20_000)[:20_000] + " codeine"
    assert status(read(entry)) == "current"


def test_every_kind_of_cue_is_listed_in_english() -> None:
    listed = {each.kind for each in shipped_cues().lists if each.language == "en"}
    assert listed == set(CueKind)


# The cues -----------------------------------------------------------------------------------------------------


def test_a_number_of_any_length_is_one_token_of_a_phrase() -> None:
    assert phrase_tokens("every 12 hours") == phrase_tokens("every # hours") == ("every", "#", "hours")


def test_a_phrase_of_two_kinds_is_a_fault() -> None:
    lists = [{"kind": kind, "language": "en", "words": ["stopped"]} for kind in ("stopped", "denial")]
    with pytest.raises(DefinitionError, match="is listed as “stopped” and as “denial”"):
        from_json(json.dumps({"format": "ldn-screen-cues/1", "title": "Two kinds", "lists": lists}))


def test_the_longest_phrase_is_taken() -> None:
    cues = shipped_cues()
    assert cues.longest(phrase_tokens("not taking tramadol"), 0) == (2, CueKind.NOT_TAKING)
    assert cues.longest(phrase_tokens("stopped taking it"), 0) == (2, CueKind.STOPPED)
    assert cues.longest(phrase_tokens("zebra"), 0) is None
