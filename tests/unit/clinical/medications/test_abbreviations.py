"""Abbreviations match only where they mean an opioid; words of a sentence are never joined into a name."""

from __future__ import annotations

from datetime import date

import pytest

from tests.rules import shipped_recogniser

ON = date(2026, 11, 26)


def named(text: str) -> set[str]:
    """Return the opioids named in a text, current or only mentioned."""
    return {each.ingredient for each in shipped_recogniser().read(text, ON).opioids}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "Calcium with D one tab at noon",
            "B12 and D one capsule",
            "patch on for 3 days",
            "metoprolol, on for life",
        ),
        *(
            "use at end one drop",
            "ice for pain. Stop if numb",
            "code in the chart",
            "she met had the flu",
            "Ms T Jones",
        ),
        *(
            "letter sent, per Cs",
            "method one of two",
            "room A 3331",
            "M St clinic",
            "sub by pharmacist",
            "hero in films",
        ),
        *("T 3 days", "T 4 times", "9 mos", "every 4 mos.", "18 mos follow-up", "U 47700 on the label"),
    ],
)
def test_words_of_a_sentence_are_not_joined_into_a_name(text: str) -> None:
    assert named(text) == set()


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [
        ("hydro codone 10 mg", "hydrocodone"),
        ("fenta nyl 25", "fentanyl"),
        ("oxy-codone 5 mg", "oxycodone"),
        ("tape ntadol 50", "tapentadol"),
        ("Co-Gesic 5/500", "hydrocodone"),
        ("Oxy Contin 20", "oxycodone"),
        ("M Eslon 30 mg", "morphine"),
        ("A.C. & C. 8 mg", "codeine"),
        ("A.C.+ C tablets", "codeine"),
        ("A C and C tab", "codeine"),
        ("Phenaphen No. 3", "codeine"),
        ("tinct. opii 10 drops", "opium"),
    ],
)
def test_a_split_name_is_joined(text: str, ingredient: str) -> None:
    assert named(text) == {ingredient}


@pytest.mark.parametrize(
    "text",
    [
        *(
            "T4-T5 fusion",
            "L1/T2 fracture",
            "T2 lesion on MRI",
            "T1 weighted images",
            "T3 25 mcg",
            "free T4",
            "T 2 %",
        ),
        *("MST (malnutrition score) 1", "MST counselor", "meeting 14:30 MST", "perc nephrostomy", "PERC criteria"),
        *("chest perc bid", "moved to Norco in May", "Norco oxygen supply", "OC 35 mcg", "dil 180 mg", "hydro 25 mg"),
        *("bup XL 300 mg", "bup 0.5% block", "meth 2.5 mg weekly", "labs done prn", "TIA 81 mg aspirin"),
        *("MS infusion", "for MS 10 mg", "sub tabs ok", "oxy 3 L nasal", "oxy 92%", "glucose 222", "roxi 300 mg bd"),
        *(
            "Acet 2 % cream",
            "irrigant 30-37-222-526 mg",
            "0.222 mg/ml",
            "acetaminophen/CP 15-500-2 mg",
            "dil. 1:100 tid",
        ),
        *("MTD 60 mg/m2", "MST in the army", "Norco Road 12", "moved from Norco", "Calmylin #2 syrup"),
        *("MTD reached in cohort 4", "OTP sent by sms", "M30 insulin", "yoga mat", "winter blues", "fell on the mat"),
    ],
)
def test_an_abbreviation_that_means_something_else_is_not_matched(text: str) -> None:
    assert named(text) == set()


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [
        ("T3 for back pain", "codeine"),
        ("takes T4 at night", "codeine"),
        ("T2 #20", "codeine"),
        ("T3", "codeine"),
        ("oxycod/apap 10-325 for pain, skin clean", "oxycodone"),
        ("perc 10/325 med list", "oxycodone"),
        ("oxys daily, clean since June otherwise", "oxycodone"),
        ("meth 90 mg, was 100", "methadone"),
        ("done 45 mls, is collecting", "methadone"),
        ("hydro 7.5 tab", "hydrocodone"),
        ("vic 5/325 tab", "hydrocodone"),
        ("sub 12-3 mg lingual", "buprenorphine"),
        ("gets subs from a friend", "buprenorphine"),
        ("MS 30 mg IR dx cancer", "morphine"),
        ("OC 60 mg pill bid", "oxycodone"),
        ("bup 16 mg", "buprenorphine"),
        ("MST 20 bd", "morphine"),
        ("dil 4 mg", "hydromorphone"),
        ("smack every day", "diamorphine"),
    ],
)
def test_an_abbreviation_next_to_a_dose_form_or_frequency_is_matched(text: str, ingredient: str) -> None:
    assert named(text) == {ingredient}


@pytest.mark.parametrize(
    "text",
    [
        "Tylenol 1 g tid",
        "Tylenol 3 times a day",
        "Tylenol 2 tabs",
        "Acet 3 gm daily",
        "Tylenol 1,000 mg",
        "Tyl 1-2 q6h",
        "Tylenol tabs 3 times a day",
    ],
)
def test_an_amount_is_not_part_of_a_name(text: str) -> None:
    assert named(text) == set()


@pytest.mark.parametrize(
    "text", ["Tylenol 3", "Tylenol 3 tabs", "Tylenol #2 tabs", "Tylenol No. 4 tabs", "Acet 3 prn", "Tylenol tab #3"]
)
def test_the_number_in_a_name_is_part_of_it(text: str) -> None:
    assert named(text) == {"codeine"}


@pytest.mark.parametrize(
    ("text", "ingredient"),
    [
        ("HYDROMORP TAB 4MG", "hydromorphone"),
        ("OXYCO/ACETAM TAB 5-325", "oxycodone"),
        ("ACETAMINOPH-COD TAB", "codeine"),
        ("BUPRENOR/NALOX MIS 8-2MG", "buprenorphine"),
        ("MORPHIN SULF TAB 15MG", "morphine"),
        ("MTD 80 mg via OTP", "methadone"),
        ("OTP 95 mg daily", "methadone"),
        ("MAT 12 mg daily", "unspecified opioid"),
        ("attends OTP", "unspecified opioid"),
        ("GUAIFEN/PE/HCOD/BPM", "hydrocodone"),
        ("PPA/COD/PYRIL", "codeine"),
    ],
)
def test_abbreviations_printed_by_claims_and_clinics_are_matched(text: str, ingredient: str) -> None:
    assert named(text) == {ingredient}


@pytest.mark.parametrize(
    "text", ["Norco 5/325 tab", "CVS Norco 10/325", "in Norco 10 mg, lives in Norco", "oxy daily"]
)
def test_a_look_alike_never_hides_an_opioid(text: str) -> None:
    assert named(text)


# Class words ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    "text",
    [
        *("some opiate for the back", "weekly narcotic patch", "an opioid from the pain team", "prn narcotics"),
        *("opioïde au long cours", "opioid use disorder", "opioid. Free of pain", "opioid - free sample", "on OAT"),
    ],
)
def test_a_class_word_alone_is_an_unspecified_opioid(text: str) -> None:
    assert named(text) == {"unspecified opioid"}


@pytest.mark.parametrize(
    "text",
    [
        *("opioid-naive", "non-narcotic analgesia", "opioid-free anaesthesia", "opioid sparing plan", "opiate naive"),
        *(
            "naloxegol for opioid-induced constipation",
            "opioid risk tool 4",
            "opioid antagonist",
            "narcotic count done",
        ),
        *(
            "60 morphine milligram equivalents",
            "morphine equivalents: 30",
            "opioid overdose kit",
            "Narcotics Anonymous",
        ),
    ],
)
def test_a_phrase_that_does_not_name_an_opioid_in_use_is_not_matched(text: str) -> None:
    assert named(text) == set()


@pytest.mark.parametrize("text", ["no opiates", "denies narcotic use", "allergic to opioids"])
def test_a_denied_class_word_is_still_listed(text: str) -> None:
    assert named(text) == {"unspecified opioid"}


@pytest.mark.parametrize(
    "text", ["opioid: morphine 10 mg", "methadone 50 ml supervised consumption", "MAT, Suboxone 8-2"]
)
def test_a_class_word_is_not_listed_next_to_a_name(text: str) -> None:
    assert "unspecified opioid" not in named(text)
    assert named(text)


def test_a_class_word_is_current_next_to_a_name_that_is_only_mentioned() -> None:
    found = shipped_recogniser().read("allergic to codeine; takes an opioid patch", ON)
    assert {each.ingredient for each in found.current_opioids} == {"unspecified opioid"}


def test_a_class_word_in_a_heading_is_not_listed() -> None:
    assert named("Opioids:\ncodeine 30 mg") == {"codeine"}
