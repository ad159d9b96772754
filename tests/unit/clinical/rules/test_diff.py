"""Diffs of rule sets: under the labels of an edition's page, complete, and as shown on a page."""

from __future__ import annotations

import json
from collections.abc import Callable, Iterator
from copy import deepcopy
from datetime import date
from decimal import Decimal
from typing import Any

import pytest
from django.template.loader import render_to_string
from hypothesis import assume, given
from hypothesis import strategies as st
from lxml import html

from screening.clinical.rules.definition import (
    AnswerCode,
    Definition,
    Feeds,
    FollowUpKind,
    Interval,
    Item,
    Listed,
    Outcome,
    Severity,
    SourceKind,
    from_json,
    to_json,
)
from screening.clinical.rules.diff import (
    EntryChange,
    FieldChange,
    RuleSetDiff,
    diff_cases,
    diff_rule_sets,
    diff_rules,
    diff_texts,
)
from screening.clinical.rules.text_diff import Piece
from screening.clinical.text.json_errors import DefinitionError
from screening.templatetags.screening_tags import marked as marked_on_page
from screening.templatetags.screening_tags import trigger_words
from tests.rules import changed_rules, rules_with_two_more, shipped_rules
from tests.unit.builders import (
    allowing_not_applicable,
    case,
    choice,
    definition,
    follow_up,
    interval_kind,
    interval_start,
    item,
    listed_item,
    source,
)

MARKS = {"same": "{}", "removed": "[{}]", "added": "{{{}}}"}


def plain(rules: Definition) -> dict[str, Any]:
    """A definition as plain JSON values."""
    content: dict[str, Any] = json.loads(to_json(rules))
    return content


def plain_rule(**changes: Any) -> dict[str, Any]:
    """A rule as plain JSON values."""
    rule: dict[str, Any] = plain(definition(item(**changes)))["items"][0]
    return rule


def between(before: Definition, after: Definition) -> RuleSetDiff:
    """The diff of two definitions."""
    return diff_rule_sets(plain(before), plain(after))


def marked(pieces: tuple[Piece, ...]) -> str:
    """Removed words in square brackets, added ones in braces."""
    return "".join(MARKS[piece.kind].format(piece.words) for piece in pieces)


def entry_text(entry: EntryChange) -> str:
    """The marked words of an entry after its lead."""
    return f"{entry.lead}: {marked(entry.pieces)}" if entry.lead else marked(entry.pieces)


def by_label(fields: tuple[FieldChange, ...]) -> dict[str, list[str]]:
    """The marked words of each entry, by label."""
    return {field.label: [entry_text(entry) for entry in field.entries] for field in fields}


def rule_changes(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    """The diff of two versions of one rule, by label."""
    return by_label(diff_rules(plain_rule(**before), plain_rule(**after)))


# The fields of a rule -----------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "label", "words"),
    [
        ({"name": "second rule"}, "Name", "[first]{second} rule"),
        ({"question": "Is there first rule now?"}, "Question", "Is there first rule{ now}?"),
        ({"help": "Think of tablets."}, "Explained", "{Think of tablets.}"),
        ({"severity": Severity.AVOID}, "Severity", "[Contraindicated]{Avoid}"),
        ({"severity_words": "Avoid"}, "Severity in words", "[Contraindicated]{Avoid}"),
        ({"finding": "There is a first rule"}, "Flag", "There is {a }first rule"),
        ({"why": "Why first rule counts."}, "Why", "Why first rule [matters]{counts}."),
        ({"next_step": "Act on first rule at once."}, "Next step", "Act on first rule{ at once}."),
        ({"find_out": "Ask about a first rule."}, "Find out", "Ask about {a }first rule."),
        ({"holds_days": 1}, "Answer holds", "[Ask again at every screening]{1 day}"),
        ({"holds_days": 30}, "Answer holds", "[Ask again at every screening]{30 days}"),
        ({"authored_by": "Another author"}, "Written by", "[An]{Another} author"),
        ({"checked_by": "Sample Reviewer"}, "Checked by", "[nobody yet]{Sample Reviewer}"),
        ({"next_review": date(2028, 11, 1)}, "Next review", "1 November [2027]{2028}"),
        ({"listed": Listed.OPIOID}, "Flagged by", "{An opioid in a medication list, counted as current}"),
        ({"sources": (source(title="That rule set"),)}, "Sources", "Opinion. [This]{That} rule set."),
    ],
)
def test_a_change_is_shown_under_its_label(changes: dict[str, Any], label: str, words: str) -> None:
    assert rule_changes({}, changes) == {label: [words]}


@pytest.mark.parametrize("rule", [*shipped_rules().items, *shipped_rules().listed], ids=lambda rule: rule.link_id)
def test_what_flags_a_rule_has_the_words_of_its_page(rule: Item) -> None:
    (field,) = [each for each in diff_rules(None, plain(definition(rule))["items"][0]) if each.label == "Flagged by"]
    words = " or ".join(piece.words for piece in field.pieces if piece.words != "A medication list alone")
    assert words.casefold() == trigger_words(rule).casefold()


def test_the_fields_of_a_rule_are_in_the_order_of_its_page() -> None:
    labels = [field.label for field in diff_rules(None, plain_rule(follow_ups=(follow_up("agent"),)))]
    assert labels == [
        *("Severity", "Name", "Question", "Flagged by", "Severity in words", "Flag", "Why", "Next step", "Find out"),
        *("Details: Agent", "Answer holds", "Sources", "Written by", "Checked by", "Next review", "Link id"),
    ]


def test_an_unchanged_rule_has_no_changes() -> None:
    assert diff_rules(plain_rule(), plain_rule()) == ()


def test_a_rule_that_never_existed_has_no_changes() -> None:
    assert diff_rules(None, None) == ()


# Lists of a rule ----------------------------------------------------------------------------------------------

FIRST, SECOND, THIRD = (source(title=title, kind=SourceKind.LITERATURE) for title in ("One", "Two", "Three"))


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        pytest.param((FIRST,), (FIRST, SECOND), ["{Literature. Two.}"], id="added"),
        pytest.param((FIRST, SECOND), (SECOND,), ["[Literature. One.]"], id="removed"),
        pytest.param(
            (FIRST, SECOND, THIRD), (SECOND, THIRD, FIRST), ["Moved from 1 to 3: Literature. One."], id="moved"
        ),
        pytest.param(
            (source(region="US", kind=SourceKind.LABEL, title="Naltrexone tablets 50 mg"),),
            (source(region="EU", kind=SourceKind.LABEL_OTHER_REGION, title="Naltrexone tablets 50 mg"),),
            ["Label{ of another region}, [US]{EU}. Naltrexone tablets 50 mg."],
            id="label of another region",
        ),
        pytest.param(
            (source(title="A", identifier="B. C"),),
            (source(title="A. B", identifier="C"),),
            ['{"identifier": "[B. ]C", "kind": "opinion", "title": "A{. B}"}'],
            id="the same words in other fields",
        ),
    ],
)
def test_sources_are_compared_one_by_one(before: Any, after: Any, words: list[str]) -> None:
    assert rule_changes({"sources": before}, {"sources": after}) == {"Sources": words}


def test_reasons_are_compared_by_code() -> None:
    before, after = (choice("one"), choice("two")), (choice("one", label="Another one"), choice("three"))
    assert rule_changes({"not_applicable_reasons": before}, {"not_applicable_reasons": after}) == {
        "Not applicable": ["Reason one: [One]{Another one}", "Reason two: [Two]", "Reason three: {Three}"]
    }


def test_an_added_follow_up_is_shown_with_its_choices() -> None:
    after = follow_up(
        "urine-screen", FollowUpKind.ONE, choices=(choice("none", label="None done"), choice("negative"))
    )
    assert rule_changes({}, {"follow_ups": (after,)}) == {
        "Details: Urine screen": [
            "Asked as: {Urine screen}",
            "Short name: {Urine screen}",
            "Kind: {One choice}",
            "Choice none: {None done}",
            "Choice negative: {Negative}",
            "Code: {urine-screen}",
        ]
    }


def test_a_removed_follow_up_is_shown() -> None:
    words = rule_changes({"follow_ups": (follow_up("agent"),)}, {})["Details: Agent"]
    assert words == ["Asked as: [Agent]", "Short name: [Agent]", "Kind: [Text]", "Code: [agent]"]


NUMBER = follow_up("number", FollowUpKind.NUMBER, minimum=Decimal(0), maximum=Decimal(30), unit="mg")


@pytest.mark.parametrize(
    ("before", "after", "words"),
    [
        (NUMBER, {"unit": "mg/dL"}, ["Unit: mg{/dL}"]),
        (NUMBER, {"minimum": Decimal("0.5")}, ["Lowest: [0]{0.5}"]),
        (NUMBER, {"maximum": None}, ["Highest: [30]"]),
        (NUMBER, {"help": "As measured."}, ["Explained: {As measured.}"]),
        (NUMBER, {"label": "Number of tablets"}, ["Asked as: Number{ of tablets}"]),
        (NUMBER, {"kind": FollowUpKind.TEXT}, ["Kind: [Number]{Text}"]),
        (interval_start(), {"feeds": None}, ["Used for: [The opioid-free interval: the date from which it counts]"]),
        (
            interval_kind(),
            {"choices": (choice("dated", interval=Interval(words="at least 9 days", days=9)),)},
            [
                "Choice dated: Dated. Interval: at least [10]{9} days. [10]{9} days, counted from the last dose.",
                "Choice undated: [Undated. Interval: Count in months.]",
            ],
        ),
        (
            follow_up("kind", FollowUpKind.ONE),
            {"choices": (choice("second"), choice("first", next_step="Refer.", points=2))},
            ["Choice first, moved from 1 to 2: First{. 2 points. Refer.}"],
        ),
    ],
)
def test_a_changed_follow_up_is_shown_field_by_field(before: Any, after: dict[str, Any], words: list[str]) -> None:
    changed = {field: getattr(before, field) for field in before.__dataclass_fields__} | after
    (entries,) = rule_changes({"follow_ups": (before,)}, {"follow_ups": (type(before)(**changed),)}).values()
    assert entries == words


def test_moved_follow_ups_are_shown() -> None:
    one, other = follow_up("one"), follow_up("other")
    assert rule_changes({"follow_ups": (one, other)}, {"follow_ups": (other, one)}) == {
        "Details: One": ["Moved from 1 to 2"]
    }


# Rules --------------------------------------------------------------------------------------------------------

ONE, TWO, THREE = item("one"), item("two"), item("three")
CHANGED = item("two", why="Another reason.")


@pytest.mark.parametrize(
    ("before", "after", "headings"),
    [
        pytest.param((ONE,), (ONE, TWO), {"two": ("added", "Added, as question 2")}, id="added"),
        pytest.param((ONE, TWO), (ONE,), {"two": ("removed", "No longer asked")}, id="removed"),
        pytest.param((ONE, TWO), (ONE, CHANGED), {"two": ("changed", "Changed")}, id="changed"),
        pytest.param(
            (ONE, TWO, THREE), (ONE, THREE), {"two": ("removed", "No longer asked")}, id="removed between others"
        ),
        pytest.param(
            (ONE, TWO, THREE), (THREE, ONE, TWO), {"three": ("moved", "Moved from question 3 to 1")}, id="moved"
        ),
        pytest.param(
            (ONE, THREE, TWO),
            (CHANGED, ONE, THREE),
            {"two": ("changed", "Changed, moved from question 3 to 1")},
            id="changed and moved",
        ),
    ],
)
def test_a_heading_names_the_change_of_a_rule(before: Any, after: Any, headings: dict[str, tuple[str, str]]) -> None:
    changes = between(definition(*before, cases=()), definition(*after, cases=())).rules
    assert {each.link_id: (each.state, each.heading) for each in changes} == headings


def test_rules_raised_by_a_list_have_headings_of_their_own() -> None:
    before = definition(item(), cases=(), listed=tuple(map(listed_item, ("removed", "first", "same"))))
    after = definition(item(), cases=(), listed=tuple(map(listed_item, ("same", "new", "first"))))
    assert [(each.link_id, each.heading) for each in between(before, after).rules] == [
        ("removed", "No longer raised by a medication list"),
        ("new", "Added, raised by a medication list alone"),
        ("first", "Moved from place 2 to 3 of the rules that are not asked"),
    ]


def test_a_moved_rule_may_have_the_same_number() -> None:
    (removed, moved, new) = between(
        definition(ONE, TWO, THREE, cases=()), definition(THREE, TWO, item("four"), cases=())
    ).rules
    assert (removed.link_id, new.link_id) == ("one", "four")
    assert (moved.link_id, moved.heading) == ("two", "Order changed, still question 2")


@pytest.mark.parametrize("to_list", [True, False])
def test_a_rule_may_move_between_the_questions_and_the_rules_raised_by_a_list(to_list: bool) -> None:
    asked, raised = definition(ONE, TWO, cases=()), definition(ONE, cases=(), listed=(TWO,))
    (change,) = between(asked, raised).rules if to_list else between(raised, asked).rules
    expected = "No longer asked, raised by a medication list alone" if to_list else "Now asked, as question 2"
    assert (change.state, change.heading) == ("moved", expected)


def test_an_added_or_removed_rule_is_shown_whole_with_its_name_in_the_heading() -> None:
    (removed, new) = between(definition(ONE, cases=()), definition(TWO, cases=())).rules
    assert (removed.name, new.name) == ("one", "two")
    assert "Name" not in {field.label for field in (*removed.fields, *new.fields)}
    assert {piece.kind for field in removed.fields for piece in field.pieces} == {"removed"}
    assert {piece.kind for field in new.fields for piece in field.pieces} == {"added"}


def test_unchanged_rules_are_named() -> None:
    assert between(definition(ONE, TWO), definition(ONE, CHANGED)).unchanged == ("one",)


@pytest.mark.parametrize(
    ("severity", "shape"), [("avoid", "avoid"), ("grave", "blank"), ("", "blank"), ([], "blank")]
)
def test_a_rule_has_the_shape_of_its_severity_or_a_blank_one(severity: Any, shape: str) -> None:
    (change,) = diff_rule_sets({}, {"items": [plain_rule() | {"severity": severity}]}).rules
    assert change.severity == shape


def test_the_diff_of_two_editions() -> None:
    before = shipped_rules()
    help_text = before.by_link_id["opioid-use"].help
    after = rules_with_two_more(next_review="2028-11-01")
    changed = changed_rules(opioid_use={"help": help_text.replace("or pumps", "or implanted pumps")})
    assert [each.heading for each in between(before, after).rules] == [
        "Changed", "Added, as question 5", "Added, as question 6"
    ]  # fmt: skip
    (rule,) = between(before, changed).rules
    assert [field.label for field in rule.fields] == ["Explained"]
    assert "injections or {implanted }pumps;" in marked(rule.fields[0].pieces)


# General texts ------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("changes", "label", "words"),
    [
        ({"title": "Other rules"}, "Title", ["[Rules]{Other rules}"]),
        ({"basis": "The other basis."}, "Basis", ["The {other }basis."]),
        ({"dose_low_mg": Decimal(1)}, "Dose range", ["From: [0.5]{1} mg a day"]),
        ({"dose_high_mg": Decimal(5)}, "Dose range", ["To: [4.5]{5} mg a day"]),
        (
            {"dose_note": "The dose is outside the low range."},
            "Dose note",
            ["The [intended ]dose is outside the low range."],
        ),
        ({"not_covered": ("What was not asked", "Age")}, "What this screen does not cover", ["{Age}"]),
        (
            {"not_covered": ("What was not asked or shown",)},
            "What this screen does not cover",
            ["What was not asked{ or shown}"],
        ),
        ({"counselling": ()}, "If LDN is prescribed, tell the patient", ["[What to tell the patient]"]),
        ({"indications": ("Fatigue", "Chronic pain")}, "Indications", ["{Fatigue}"]),
        ({"lexicon": "0a" * 32}, "Names of medicines", ["[none]{0a0a 0a0a 0a0a}"]),
    ],
)
def test_a_changed_general_text_is_shown_under_its_label(
    changes: dict[str, Any], label: str, words: list[str]
) -> None:
    before, after = plain(definition()), plain(definition(**changes))
    assert by_label(diff_texts(before, after)) == {label: words}
    assert diff_rule_sets(before, after).texts == diff_texts(before, after)


def test_hashes_with_the_same_beginning_are_shown_in_full() -> None:
    before, after = (plain(definition(lexicon="0a" * 31 + end)) for end in ("0b", "0c"))
    assert by_label(diff_texts(before, after)) == {
        "Names of medicines": ['"[{}]{{{}}}"'.format("0a" * 31 + "0b", "0a" * 31 + "0c")]
    }


# Cases --------------------------------------------------------------------------------------------------------

EXAMPLE = case(words="An example.", answers={"one": AnswerCode.NO}, outcome=Outcome.CAUTION_FLAGGED, flagged=("one",))


def case_changes(before: Any, after: Any) -> list[tuple[str, str, dict[str, list[str]]]]:
    """Heading, marked words and changes of each case that differs."""
    changes = between(definition(ONE, TWO, cases=before), definition(ONE, TWO, cases=after)).cases
    return [(each.heading, marked(each.words), by_label(each.fields)) for each in changes]


def test_an_added_case_is_shown_whole() -> None:
    assert case_changes((), (EXAMPLE,)) == [
        (
            "Added, as case 1",
            "{An example.}",
            {
                "Answers": ["One: {No}", "Every other question: {No}"],
                "Expected": ["{Caution flagged}"],
                "Flagged": ["{one}"],
            },
        )
    ]


def test_a_removed_case_is_shown() -> None:
    ((heading, words, fields),) = case_changes((EXAMPLE,), ())
    assert (heading, words, fields["Flagged"]) == ("Removed", "[An example.]", ["[one]"])


@pytest.mark.parametrize(
    ("changes", "words", "fields"),
    [
        ({"outcome": Outcome.CANNOT_CONCLUDE}, "An example.", {"Expected": ["[Caution flagged]{Cannot conclude}"]}),
        ({"flagged": ("one", "two")}, "An example.", {"Flagged": ["{two}"]}),
        ({"otherwise": AnswerCode.UNKNOWN}, "An example.", {"Answers": ["Every other question: [No]{Not known}"]}),
        ({"answers": {"two": AnswerCode.YES}}, "An example.", {"Answers": ["One: [No]", "Two: {Yes}"]}),
        ({"words": "An example here."}, "An example{ here}.", {}),
    ],
)
def test_a_changed_case_shows_what_changed(changes: Any, words: str, fields: dict[str, list[str]]) -> None:
    after = {name: getattr(EXAMPLE, name) for name in EXAMPLE.__dataclass_fields__} | changes
    assert case_changes((EXAMPLE,), (case(**after),)) == [("Changed", words, fields)]


def test_a_case_with_other_words_and_other_answers_is_another_case() -> None:
    headings = [each[0] for each in case_changes((EXAMPLE,), (case(words="Something else."),))]
    assert headings == ["Removed", "Added, as case 1"]


def test_moved_cases_are_shown() -> None:
    assert case_changes((EXAMPLE, case()), (case(), EXAMPLE)) == [("Moved from case 1 to 2", "An example.", {})]


def test_the_diff_of_a_single_case_includes_its_words() -> None:
    before, after = plain(definition(ONE, cases=(EXAMPLE, case(words="An example now."))))["cases"]
    fields = by_label(diff_cases(before, after, {"one": "The first"}))
    assert fields["Case"] == ["An example{ now}."]
    assert fields["Answers"] == ["The first: [No]"]


# The tally ----------------------------------------------------------------------------------------------------


@pytest.mark.parametrize(
    ("before", "after", "tally"),
    [
        (definition(ONE, TWO), definition(ONE, TWO), "2 rules unchanged"),
        (
            definition(ONE, TWO, cases=()),
            definition(ONE, CHANGED, THREE, cases=()),
            "1 rule changed, 1 added, 1 unchanged",
        ),
        (definition(ONE, TWO, cases=()), definition(TWO, ONE, cases=()), "1 rule moved, 1 unchanged"),
        (definition(ONE, TWO, cases=()), definition(ONE, cases=()), "1 rule removed, 1 unchanged"),
        (
            definition(ONE, cases=()),
            definition(ONE, cases=(case(), EXAMPLE), title="Others", basis="None"),
            "1 rule unchanged; 2 general texts changed; 2 cases added",
        ),
    ],
)
def test_the_tally_counts_what_differs(before: Definition, after: Definition, tally: str) -> None:
    assert between(before, after).tally == tally


# Drafts -------------------------------------------------------------------------------------------------------

ANY_DRAFT = st.recursive(
    st.none() | st.booleans() | st.integers(-5, 5) | st.floats() | st.text(max_size=5) | st.dates() | st.decimals(),
    lambda inner: (
        st.lists(inner, max_size=3)
        | st.dictionaries(
            st.sampled_from(
                [
                    *("items", "listed", "cases", "link_id", "name", "severity", "follow_ups", "choices", "interval"),
                    *("sources", "holds_days", "next_review", "answers", "flagged", "words", "dose_low_mg", "code"),
                    *("not_covered", "colour"),
                ]
            ),
            inner,
            max_size=5,
        )
    ),
    max_leaves=20,
)


@given(ANY_DRAFT, ANY_DRAFT)
def test_any_draft_can_be_compared(before: Any, after: Any) -> None:
    change = diff_rule_sets(before, after)
    assert change.is_empty or change.tally
    assert shown(change)
    diff_rules(before, after)
    diff_cases(before, after, {})


@given(ANY_DRAFT)
def test_no_draft_differs_from_itself(draft: Any) -> None:
    assert not diff_rule_sets(draft, deepcopy(draft))
    assert diff_rules(draft, deepcopy(draft)) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {"help": "", "listed": None, "not_applicable_reasons": []}, id="missing and empty"),
        pytest.param({"next_review": "2027-11-01"}, {"next_review": date(2027, 11, 1)}, id="date"),
        pytest.param({"holds_days": 30}, {"holds_days": "30"}, id="number as text"),
        pytest.param({"why": "Because."}, {"why": " Because.\n"}, id="surrounding white space"),
        pytest.param(
            {"follow_ups": [{"minimum": "0.5"}]},
            {"follow_ups": [{"minimum": Decimal("0.5000")}]},
            id="trailing zeros",
        ),
        pytest.param(
            {"follow_ups": [{"choices": [{"interval": {"words": "x", "days": 3}}]}]},
            {"follow_ups": [{"choices": [{"interval": {"words": "x", "days": 3, "counted_from": "the last dose"}}]}]},
            id="default of counted_from",
        ),
    ],
)
def test_equal_values_of_different_types_do_not_differ(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert diff_rules(before, after) == ()


def test_an_unknown_field_is_shown_under_its_own_name() -> None:
    assert by_label(diff_rules({}, {"colour_of_it": ["red"]})) == {"Colour of it": ['{["red"]}']}


def test_a_value_that_is_not_a_rule_is_shown() -> None:
    (change,) = diff_rule_sets({}, {"items": ["words"]}).rules
    assert by_label(change.fields)["Entry"] == ["{words}"]
    assert change.name == "a rule without a name"


def test_two_rules_with_one_link_id_are_both_compared() -> None:
    after = {"items": [plain_rule(), plain_rule(why="Another reason.")]}
    assert [each.heading for each in diff_rule_sets({"items": [plain_rule()]}, after).rules] == [
        "Added, as question 2"
    ]


# Completeness -------------------------------------------------------------------------------------------------

FULL = definition(
    allowing_not_applicable(
        "one",
        help="Explained.",
        checked_by="A reviewer",
        listed=Listed.OPIOID,
        sources=(source(), source(kind=SourceKind.LABEL, region="US", identifier="1", supports="Dose")),
        follow_ups=(interval_kind(), interval_start(), NUMBER, follow_up("one", FollowUpKind.ONE)),
    ),
    item("two"),
    cases=(EXAMPLE, case()),
    not_covered=("First", "Second", "Third"),
    counselling=("What to explain", "What to ask"),
    indications=("Pain", "Fatigue"),
    listed=(listed_item("raised"), listed_item("too")),
    lexicon="0a" * 32,
)

Path = tuple[str | int, ...]
OTHER_VALUES: dict[str, tuple[Any, Any]] = {
    "link_id": ("another", "yet-another"),
    "code": ("another", "yet-another"),
    "trigger": ("found-in-list", "answered-yes"),
    "severity": ("avoid", "caution"),
    "listed": ("naltrexone", None),
    "next_review": ("2030-01-31", "2030-02-01"),
    "holds_days": (1, 2),
    "days": (100, None),
    "points": (1, 3),
    "interval": ({"words": "Count in weeks."}, {"words": "Count in days.", "days": 3}),
    "feeds": (Feeds.CHILD_PUGH, None),
    "minimum": ("1", "2.5"),
    "maximum": ("40", None),
    "dose_low_mg": ("0.1", "1"),
    "dose_high_mg": ("5", "6"),
    "outcome": ("cannot_conclude", "none_identified"),
    "otherwise": ("yes", "unknown"),
    "lexicon": ("0b" * 32, ""),
    "counted_from": ("", "the first dose"),
}
KINDS = {"sources": ("literature", "label-other-region"), "follow_ups": ("date", "one-choice")}


def leaves(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every single value of a rule set."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield path
    for name, each in inner:
        yield from leaves(each, (*path, name))


def lists(value: Any, path: Path = ()) -> Iterator[Path]:
    """The path of every list of a rule set."""
    if isinstance(value, list):
        yield path
    for name, each in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from lists(each, (*path, name))


def at(value: Any, path: Path) -> Any:
    """The value at a path."""
    for step in path:
        value = value[step]
    return value


def other(path: Path, value: Any, variant: int) -> Any:
    """One of two other values for a leaf."""
    *_, inside, name = (step for step in ("", *path) if isinstance(step, str))
    if name == "kind":
        return KINDS[inside][variant]
    if name == "flagged" or inside == "answers":
        return (("another", "yet-another") if name == "flagged" else ("yes", "unknown"))[variant]
    if name in OTHER_VALUES:
        return OTHER_VALUES[name][variant]
    return f"{value} {('One', 'Two')[variant]}".strip()


def with_other(rules: dict[str, Any], path: Path, variant: int = 0) -> dict[str, Any]:
    """A rule set with another value at a path."""
    changed = deepcopy(rules)
    at(changed, path[:-1])[path[-1]] = other(path, at(changed, path), variant)
    return changed


def canonical(content: dict[str, Any]) -> dict[str, Any]:
    """A rule set in its published form."""
    return plain(from_json(json.dumps(content)))


FULL_PLAIN = plain(FULL)
LEAVES = [path for path in leaves(FULL_PLAIN) if path != ("format",)]
LISTS = [path for path in lists(FULL_PLAIN) if at(FULL_PLAIN, path)]


def named(path: Path) -> str:
    """A path as the id of a test case."""
    return ".".join(map(str, path))


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize("path", LEAVES, ids=named)
def test_every_changed_value_is_reported(path: Path, variant: int) -> None:
    after = canonical(with_other(FULL_PLAIN, path, variant))
    assert bool(diff_rule_sets(FULL_PLAIN, after)) is (after != FULL_PLAIN)
    assert bool(diff_rule_sets(after, FULL_PLAIN)) is (after != FULL_PLAIN)


CHANGES_OF_LISTS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "first removed": lambda entries: entries[1:],
    "last removed": lambda entries: entries[:-1],
    "all removed": lambda entries: [],
    "first repeated": lambda entries: [*entries, entries[0]],
    "all repeated": lambda entries: entries * 2,
    "reversed": lambda entries: entries[::-1],
}


@pytest.mark.parametrize("path", LISTS, ids=named)
@pytest.mark.parametrize("name", CHANGES_OF_LISTS)
def test_every_changed_list_is_reported(path: Path, name: str) -> None:
    changed = deepcopy(FULL_PLAIN)
    at(changed, path[:-1])[path[-1]] = CHANGES_OF_LISTS[name](at(changed, path))
    after = canonical(changed)
    assert bool(diff_rule_sets(FULL_PLAIN, after)) is (after != FULL_PLAIN)
    assert bool(diff_rule_sets(after, FULL_PLAIN)) is (after != FULL_PLAIN)


SOME_CHANGES = st.lists(st.tuples(st.sampled_from(LEAVES), st.sampled_from([0, 1])), min_size=1, max_size=4)


def changed_by(changes: list[tuple[Path, int]]) -> dict[str, Any]:
    """The full rule set after some changes."""
    content = FULL_PLAIN
    for path, variant in changes:
        content = with_other(content, path, variant)
    try:
        return canonical(content)
    except DefinitionError:
        assume(False)
        raise


@given(SOME_CHANGES, SOME_CHANGES)
def test_different_rule_sets_have_different_diffs_from_a_third_one(one: Any, another: Any) -> None:
    first, second = changed_by(one), changed_by(another)
    assert bool(diff_rule_sets(first, second)) is (first != second)
    assert (diff_rule_sets(FULL_PLAIN, first) == diff_rule_sets(FULL_PLAIN, second)) is (first == second)


# Pages --------------------------------------------------------------------------------------------------------


def shown(change: RuleSetDiff) -> str:
    """A diff as HTML."""
    return render_to_string("screening/editions/diff.html", {"difference": change})


def page(change: RuleSetDiff) -> Any:
    """A diff as an element tree."""
    return html.fromstring(f"<main>{shown(change)}</main>")


def words(element: Any) -> str:
    """The text of an element, including the text for screen readers."""
    return " ".join(element.text_content().split())


MARKUP = "<b>bold</b> & \"quoted\" 'text' {{ name }} <script>alert(1)</script>"


@pytest.mark.parametrize("field", ["name", "question", "why", "authored_by", "link_id", "severity", "<i>"])
def test_markup_is_escaped(field: str) -> None:
    change = diff_rule_sets({"items": [plain_rule()]}, {"items": [plain_rule() | {field: MARKUP}]})
    assert "<b>" not in shown(change)
    assert "<script>" not in shown(change)
    assert " ".join(MARKUP.split()) in words(page(change)).replace("added: ", "")


def test_added_and_removed_words_are_marked_and_labelled() -> None:
    article = page(between(definition(ONE, TWO, cases=()), definition(ONE, CHANGED, cases=()))).xpath("//article")[0]
    assert [words(each) for each in article.xpath(".//del")] == ["removed: Why two matters"]
    assert [words(each) for each in article.xpath(".//ins")] == ["added: Another reason"]
    assert words(article.xpath(".//dd")[0]) == "removed: Why two matters added: Another reason."


@pytest.mark.parametrize(
    ("piece", "shown_as"),
    [
        (Piece("same", " as <b> "), " as &lt;b&gt; "),
        (Piece("added", "implanted "), "<ins>added: implanted</ins> "),
        (Piece("removed", " and so on"), " <del>removed: and so on</del>"),
        (Piece("added", "now", replaces=True), " <ins>added: now</ins>"),
        (Piece("added", "  "), "<ins>added:   </ins>"),
        (Piece("removed", "\n\n"), "<del>removed: ¶\n¶\n</del>"),
    ],
)
def test_a_mark_excludes_surrounding_space_unless_only_space_changed(piece: Piece, shown_as: str) -> None:
    cue = f'<span class="visually-hidden">{piece.kind}: </span>'
    assert marked_on_page([piece]) == f'<span class="diff-text">{shown_as.replace(f"{piece.kind}: ", cue)}</span>'


def test_the_marks_are_explained_and_the_changes_counted() -> None:
    legend = words(page(between(definition(ONE), definition(ONE, title="Others"))).xpath("./p")[0])
    assert legend.startswith("Key: added: underlined words were added,")
    assert legend.endswith("1 rule unchanged; 1 general text changed.")


def test_an_empty_diff_says_so() -> None:
    assert words(page(between(FULL, FULL))).startswith("There are no differences.")


def test_each_card_has_its_own_heading() -> None:
    cards = page(between(FULL, definition(ONE, THREE))).xpath("//article")
    ids = [card.get("aria-labelledby") for card in cards]
    assert len(ids) == len(set(ids)) > 4
    assert all(card.xpath(f".//h3[@id='{name}']") for card, name in zip(cards, ids, strict=True))


def test_every_word_of_a_diff_is_shown() -> None:
    change = between(FULL, definition(ONE, THREE))
    text = words(page(change))
    fields = (*change.texts, *(each for rule in change.rules for each in rule.fields))
    fields = (*fields, *(each for each_case in change.cases for each in each_case.fields))
    for piece in (piece for field in fields for piece in field.pieces):
        assert " ".join(piece.words.split()) in text
    for heading in [*(rule.heading for rule in change.rules), *(each.heading for each in change.cases)]:
        assert heading in text


def test_unchanged_rules_are_listed_last() -> None:
    last = page(between(definition(ONE, TWO, THREE), definition(ONE, CHANGED, THREE))).xpath("//p")[-1]
    assert words(last) == "Unchanged: one; three."


def test_the_changes_of_a_single_rule_can_be_shown() -> None:
    fields = diff_rules(plain_rule(), plain_rule(why="Another reason."))
    part = render_to_string("screening/editions/diff_fields.html", {"fields": fields})
    assert words(html.fromstring(part)) == "Why removed: Why first rule matters added: Another reason."


def test_a_draft_with_invalid_rules_is_shown() -> None:
    invalid: dict[str, Any] = {"items": [{"severity": "grave"}, [], 3], "cases": [{}, "x"], "colour": {"a": [1]}}
    headings = [words(each) for each in page(diff_rule_sets({}, invalid)).xpath("//h3")]
    assert headings == [*["A rule without a name"] * 3, "General texts", "Cases"]
