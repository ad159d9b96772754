"""Which entries only mention an opioid; every other entry counts as current."""

from __future__ import annotations

import csv
import json
from calendar import monthrange
from collections.abc import Iterator, Mapping
from datetime import date, timedelta
from itertools import product

import pytest
import time_machine
from hypothesis import given, settings
from hypothesis import strategies as st

from screening.clinical.medications.cues import CueKind, from_json, phrase_tokens
from screening.clinical.medications.mention_forms import FORMS, NOT_ON_A_CURRENT_LIST, Assertion
from screening.clinical.medications.reader import ListedMedicine, MedicationList, MentionStatus
from screening.clinical.text.json_errors import DefinitionError
from tests.paths import DATA
from tests.rules import shipped_cues, shipped_recogniser

ON = date(2026, 11, 29)
ENTRIES = DATA / "medication_entries.tsv"


REASONS = {
    Assertion.ALLERGY: "Listed as an allergy or intolerance",
    Assertion.DENIAL: "Reported as not taken",
    Assertion.END: "Ended more than 14 days ago",
}


def read(entry: str, on: date = ON) -> MedicationList:
    return shipped_recogniser().read(entry, on)


def status(found: MedicationList) -> str:
    """Return ``current``, ``mentioned`` or ``none`` for the opioids in a list."""
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
    """Yield how the reading of an entry differs from the expected one."""
    found = read(row["entry"].replace("\\n", "\n"))
    named = found.current_opioids if row["status"] == "current" else found.opioids
    if status(found) != row["status"]:
        yield f"{status(found)}, not {row['status']}"
    if {each.ingredient for each in named} != {name for name in row["ingredients"].split(", ") if name}:
        yield f"names {sorted(each.ingredient for each in named)}"
    if row["interval"] and {each.interval for each in named} != {row["interval"]}:
        yield f"has the interval {sorted(each.interval or '' for each in named)}"


def test_every_entry_is_read_as_expected() -> None:
    misread = {row["entry"]: list(differences(row)) for row in rows()}
    assert {entry: how for entry, how in misread.items() if how} == {}


def examples(forms: Mapping[Assertion, Mapping[str, str]]) -> list[tuple[Assertion, str]]:
    return [(assertion, example) for assertion, listed in forms.items() for example in listed]


@pytest.mark.parametrize(("assertion", "example"), examples(FORMS) + examples(NOT_ON_A_CURRENT_LIST))
def test_the_example_of_each_form_is_a_mention(assertion: Assertion, example: str) -> None:
    found = {each.ingredient: each for each in read(example).opioids}["codeine"]
    assert found.status is MentionStatus.MENTIONED
    assert REASONS[assertion] in found.why


@pytest.mark.parametrize("heading", ["Current medications", "Home meds:", "Drug history"])
@pytest.mark.parametrize("example", [example for _, example in examples(NOT_ON_A_CURRENT_LIST)])
def test_on_a_current_list_a_reaction_none_or_a_last_dose_is_no_mention(heading: str, example: str) -> None:
    assert status(read(f"{heading}\n{example}")) == "current"


@pytest.mark.parametrize(("assertion", "example"), examples(FORMS) + examples(NOT_ON_A_CURRENT_LIST))
@pytest.mark.parametrize(
    "after", [". Clinic confirms dose.", "; helps at night", ". Doubtful.", "\nactually uses it"]
)
def test_a_sentence_after_a_mention_must_be_explained_too(assertion: Assertion, example: str, after: str) -> None:
    found = {each.ingredient for each in read(f"{example}{after}").current_opioids}
    assert "codeine" in found


@pytest.mark.parametrize(
    "heading",
    ["Allergies (none)", "0 allergies", "[ ] Allergies", "Allergies and current medications", "Allergy meds"],
)
def test_a_heading_that_is_not_only_about_allergies_heads_no_allergies(heading: str) -> None:
    assert status(read(f"{heading}\nOxycodone")) == "current"


def test_a_bare_name_below_allergies_is_current_if_another_list_begins_without_a_heading() -> None:
    found = read("Allergies\nPenicillin\nOxycodone\nCodeine - rash\nLisinopril 10 mg daily")
    assert [each.ingredient for each in found.current_opioids] == ["oxycodone"]


def test_the_first_line_below_allergies_is_an_allergy_whatever_follows() -> None:
    assert status(read("Allergies\nOxycodone\nLisinopril 10 mg daily")) == "mentioned"


# Explanations -------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("entry", "reason"),
    [
        ("Allergies: codeine (rash)", "Listed as an allergy or intolerance (“allergies”)."),
        ("Allergies\nCodeine", "Listed under “allergies”."),
        ("denies use of codeine", "Reported as not taken (“denies use of”)."),
        ("Codeine stopped March 2024", "Ended more than 14 days ago (“stopped march 2024”)."),
        ("Codeine stopped", "Counts as current: “stopped” does not clearly mean that it is not taken."),
        (
            "Codeine stopped 20 Nov 2026",
            "“20 nov 2026” may be less than 15 days ago or in the future: counts as current.",
        ),
        (
            "Denies codeine. Clinic confirms dose.",
            "Counts as current: “clinic confirms dose” may change what “denies” says.",
        ),
        ("Codeine - no alcohol", "Counts as current: “no” does not explain “alcohol”."),
        ("Past medications\nCodeine", "Listed under “past medications” without an end date: counts as current."),
        (
            "his wife's codeine",
            "“wife's” may mean another person’s medicine. Counts as current until this is confirmed.",
        ),
        (
            "plan to start codeine",
            "“plan to” may mean that it has not been started. Counts as current until this is confirmed.",
        ),
        (
            "Do you take codeine?",
            "“do you take” may be a question on the list. Counts as current until this is confirmed.",
        ),
    ],
)
def test_the_explanation_names_the_words_that_decide_or_raise_a_doubt(entry: str, reason: str) -> None:
    assert only(entry).why.endswith(reason)


def test_a_plain_entry_raises_no_doubt() -> None:
    assert only("codeine 30 mg qds").why == "“codeine” is an opioid."


def test_a_depot_with_a_stop_date_is_current_and_the_date_is_shown() -> None:
    found = only("Sublocade stopped March 2023")
    assert found.status is MentionStatus.CURRENT
    assert "always counts as current, despite “stopped march 2023”" in found.why


@pytest.mark.parametrize("entry", ["denies Sublocade", "Buvidal - not taking", "buprenorphine ER last dose 3/2025"])
def test_a_depot_is_always_current(entry: str) -> None:
    assert status(read(entry)) == "current"


@pytest.mark.parametrize(
    ("entry", "not_read"),
    [
        ("Принимает аспирин", (1,)),
        ("Codeine stopped 2019. Принимает снова", ()),
        ("Tramadol 50 mg утром", ()),
        ("Naltrexone 3 mg на ночь", ()),
    ],
)
def test_a_line_in_another_script_is_read_if_it_names_a_current_medicine(
    entry: str, not_read: tuple[int, ...]
) -> None:
    assert read(entry).not_read == not_read


@pytest.mark.parametrize("days", range(40))
def test_an_opioid_is_current_until_14_days_after_its_end(days: int) -> None:
    end = ON - timedelta(days=days)
    assert status(read(f"Tramadol stopped {end.isoformat()}")) == ("current" if days <= 14 else "mentioned")


# Ambiguous dates ----------------------------------------------------------------------------------------------


def is_past_in_every_reading(one: int, two: int, figures: int) -> bool:
    """Independent check: a two-digit year in either century, day and month in either order, or the year first."""
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
def test_an_end_date_is_accepted_only_if_it_is_past_in_every_reading(figures: int) -> None:
    for one, two in ((1, 15), (15, 1), (11, 10), (10, 11), (12, 11), (28, 2), (5, 5), (31, 12)):
        entry = f"Oxycodone 5 mg BID, end date {one:02}/{two:02}/{figures:02}"
        expected = "mentioned" if is_past_in_every_reading(one, two, figures) else "current"
        assert status(read(entry)) == expected, entry


# Any other words ----------------------------------------------------------------------------------------------

PHRASES = [
    phrase for each in shipped_cues().lists for phrase in each.words if "#" not in phrase and "\n" not in phrase
]
UNKNOWN_WORDS = st.sampled_from(["zebra", "quixotic", "umbrella", "xylophone", "wardrobe"])
MENTIONS = [row["entry"] for row in rows() if row["status"] == "mentioned" and "\\n" not in row["entry"]]


@settings(max_examples=400, deadline=None)
@given(st.lists(st.sampled_from(PHRASES), max_size=6), UNKNOWN_WORDS, st.data())
def test_an_entry_with_an_unexplained_word_is_current(phrases: list[str], word: str, data: st.DataObject) -> None:
    words = [each.rstrip(".:;?!") for each in phrases]
    words.insert(data.draw(st.integers(0, len(words))), word)
    entry = f"Tramadol 50 mg bid {' '.join(words)}"
    assert "tramadol" in {each.ingredient for each in read(entry).current_opioids}, entry


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(MENTIONS), st.one_of(st.sampled_from(PHRASES), UNKNOWN_WORDS), st.data())
def test_an_added_word_hides_no_name(entry: str, word: str, data: st.DataObject) -> None:
    words = entry.split(" ")
    places = [place for place in range(len(words) + 1) if not _is_within_a_name(entry, words, place)]
    words.insert(data.draw(st.sampled_from(places)), word)
    before, after = read(entry), read(" ".join(words))
    assert {each.ingredient for each in before.opioids} <= {each.ingredient for each in after.opioids}


ENDS = [entry for entry in MENTIONS if all(REASONS[Assertion.END] in each.why for each in read(entry).opioids)]


@settings(max_examples=300, deadline=None)
@given(st.sampled_from(ENDS), UNKNOWN_WORDS, st.data())
def test_an_end_with_an_unexplained_word_is_current(entry: str, word: str, data: st.DataObject) -> None:
    words = entry.split(" ")
    places = [place for place in range(len(words) + 1) if not _is_within_a_name(entry, words, place)]
    words.insert(data.draw(st.sampled_from(places)), word)
    assert status(read(" ".join(words))) == "current", words


def _is_within_a_name(entry: str, words: list[str], place: int) -> bool:
    at = len(" ".join(words[:place]))
    return any(each.start < at < each.end for each in read(entry).found)


@settings(max_examples=50, deadline=None)
@given(st.sampled_from([row["entry"] for row in rows()]), st.datetimes())
def test_reading_does_not_depend_on_the_clock(entry: str, now: object) -> None:
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


def test_every_kind_of_cue_has_english_words() -> None:
    listed = {each.kind for each in shipped_cues().lists if each.language == "en"}
    assert listed == set(CueKind)


# The cues -----------------------------------------------------------------------------------------------------


def test_a_number_of_any_length_is_one_token_of_a_phrase() -> None:
    assert phrase_tokens("every 12 hours") == phrase_tokens("every # hours") == ("every", "#", "hours")


def test_a_phrase_with_two_kinds_is_a_fault() -> None:
    lists = [{"kind": kind, "language": "en", "words": ["stopped"]} for kind in ("stopped", "denial")]
    with pytest.raises(DefinitionError, match="is listed as “stopped” and as “denial”"):
        from_json(json.dumps({"format": "ldn-screen-cues/1", "title": "Two kinds", "lists": lists}))


def test_the_longest_phrase_wins() -> None:
    cues = shipped_cues()
    assert cues.longest_phrase(phrase_tokens("not taking tramadol"), 0) == (2, CueKind.NOT_TAKING)
    assert cues.longest_phrase(phrase_tokens("stopped taking it"), 0) == (2, CueKind.STOPPED)
    assert cues.longest_phrase(phrase_tokens("zebra"), 0) is None
