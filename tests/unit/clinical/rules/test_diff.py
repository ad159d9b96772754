"""What differs between two rule sets: told in the words of an edition's page, with nothing left out."""

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
    """A definition as JSON has it."""
    content: dict[str, Any] = json.loads(to_json(rules))
    return content


def plain_rule(**changes: Any) -> dict[str, Any]:
    """A rule as JSON has it."""
    rule: dict[str, Any] = plain(definition(item(**changes)))["items"][0]
    return rule


def between(before: Definition, after: Definition) -> RuleSetDiff:
    """What differs between two definitions."""
    return diff_rule_sets(plain(before), plain(after))


def marked(pieces: tuple[Piece, ...]) -> str:
    """Removed words in square brackets, added ones in braces."""
    return "".join(MARKS[piece.kind].format(piece.words) for piece in pieces)


def said(entry: EntryChange) -> str:
    """An entry with what it is of."""
    return f"{entry.lead}: {marked(entry.pieces)}" if entry.lead else marked(entry.pieces)


def told(fields: tuple[FieldChange, ...]) -> dict[str, list[str]]:
    """The marked words of each entry by label."""
    return {field.label: [said(entry) for entry in field.entries] for field in fields}


def rule_told(before: dict[str, Any], after: dict[str, Any]) -> dict[str, list[str]]:
    """What is told of two wordings of one rule."""
    return told(diff_rules(plain_rule(**before), plain_rule(**after)))


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
def test_a_change_is_told_under_its_label(changes: dict[str, Any], label: str, words: str) -> None:
    assert rule_told({}, changes) == {label: [words]}


@pytest.mark.parametrize("rule", [*shipped_rules().items, *shipped_rules().listed], ids=lambda rule: rule.link_id)
def test_what_flags_a_rule_is_told_as_on_its_page(rule: Item) -> None:
    (field,) = [each for each in diff_rules(None, plain(definition(rule))["items"][0]) if each.label == "Flagged by"]
    words = " or ".join(piece.words for piece in field.pieces if piece.words != "A medication list alone")
    assert words.casefold() == trigger_words(rule).casefold()


def test_a_rule_is_told_in_the_order_of_its_page() -> None:
    labels = [field.label for field in diff_rules(None, plain_rule(follow_ups=(follow_up("agent"),)))]
    assert labels == [
        *("Severity", "Name", "Question", "Flagged by", "Severity in words", "Flag", "Why", "Next step", "Find out"),
        *("Details: Agent", "Answer holds", "Sources", "Written by", "Checked by", "Next review", "Link id"),
    ]


def test_a_rule_that_did_not_change_has_nothing_to_tell() -> None:
    assert diff_rules(plain_rule(), plain_rule()) == ()


def test_nothing_is_told_of_a_rule_that_never_was() -> None:
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
            id="of another region",
        ),
        pytest.param(
            (source(title="A", identifier="B. C"),),
            (source(title="A. B", identifier="C"),),
            ['{"identifier": "[B. ]C", "kind": "opinion", "title": "A{. B}"}'],
            id="the same words in other fields",
        ),
    ],
)
def test_sources_are_told_one_by_one(before: Any, after: Any, words: list[str]) -> None:
    assert rule_told({"sources": before}, {"sources": after}) == {"Sources": words}


def test_reasons_are_told_by_their_codes() -> None:
    before, after = (choice("one"), choice("two")), (choice("one", label="Another one"), choice("three"))
    assert rule_told({"not_applicable_reasons": before}, {"not_applicable_reasons": after}) == {
        "Not applicable": ["Reason one: [One]{Another one}", "Reason two: [Two]", "Reason three: {Three}"]
    }


def test_an_added_detail_is_told_with_its_choices() -> None:
    after = follow_up(
        "urine-screen", FollowUpKind.ONE, choices=(choice("none", label="None done"), choice("negative"))
    )
    assert rule_told({}, {"follow_ups": (after,)}) == {
        "Details: Urine screen": [
            "Asked as: {Urine screen}",
            "Short name: {Urine screen}",
            "Kind: {One choice}",
            "Choice none: {None done}",
            "Choice negative: {Negative}",
            "Code: {urine-screen}",
        ]
    }


def test_a_removed_detail_is_told() -> None:
    words = rule_told({"follow_ups": (follow_up("agent"),)}, {})["Details: Agent"]
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
def test_a_changed_detail_is_told_by_its_parts(before: Any, after: dict[str, Any], words: list[str]) -> None:
    changed = {field: getattr(before, field) for field in before.__dataclass_fields__} | after
    (entries,) = rule_told({"follow_ups": (before,)}, {"follow_ups": (type(before)(**changed),)}).values()
    assert entries == words


def test_details_in_another_order_are_told() -> None:
    one, other = follow_up("one"), follow_up("other")
    assert rule_told({"follow_ups": (one, other)}, {"follow_ups": (other, one)}) == {
        "Details: One": ["Moved from 1 to 2"]
    }


# Rules --------------------------------------------------------------------------------------------------------

ONE, TWO, THREE = item("one"), item("two"), item("three")
CHANGED = item("two", why="Otherwise.")


@pytest.mark.parametrize(
    ("before", "after", "headings"),
    [
        pytest.param((ONE,), (ONE, TWO), {"two": ("added", "Added, as question 2")}, id="added"),
        pytest.param((ONE, TWO), (ONE,), {"two": ("removed", "No longer asked")}, id="removed"),
        pytest.param((ONE, TWO), (ONE, CHANGED), {"two": ("changed", "Changed")}, id="changed"),
        pytest.param(
            (ONE, TWO, THREE), (ONE, THREE), {"two": ("removed", "No longer asked")}, id="others keep order"
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
def test_a_heading_says_what_became_of_a_rule(before: Any, after: Any, headings: dict[str, tuple[str, str]]) -> None:
    changes = between(definition(*before, cases=()), definition(*after, cases=())).rules
    assert {each.link_id: (each.state, each.heading) for each in changes} == headings


def test_rules_that_a_list_raises_are_told_like_those_that_are_asked() -> None:
    before = definition(item(), cases=(), listed=tuple(map(listed_item, ("gone", "first", "same"))))
    after = definition(item(), cases=(), listed=tuple(map(listed_item, ("same", "new", "first"))))
    assert [(each.link_id, each.heading) for each in between(before, after).rules] == [
        ("gone", "No longer raised by a medication list"),
        ("new", "Added, raised by a medication list alone"),
        ("first", "Moved from place 2 to 3 of the rules that are not asked"),
    ]


def test_a_rule_that_others_pass_may_keep_its_number() -> None:
    (gone, moved, new) = between(
        definition(ONE, TWO, THREE, cases=()), definition(THREE, TWO, item("four"), cases=())
    ).rules
    assert (gone.link_id, new.link_id) == ("one", "four")
    assert (moved.link_id, moved.heading) == ("two", "Moved among the others, still question 2")


@pytest.mark.parametrize("forth", [True, False])
def test_a_rule_that_is_asked_no_longer_but_raised_by_a_list_is_told(forth: bool) -> None:
    asked, raised = definition(ONE, TWO, cases=()), definition(ONE, cases=(), listed=(TWO,))
    (change,) = between(asked, raised).rules if forth else between(raised, asked).rules
    expected = "No longer asked, raised by a medication list alone" if forth else "Now asked, as question 2"
    assert (change.state, change.heading) == ("moved", expected)


def test_a_rule_that_came_or_went_is_told_whole_its_name_in_the_heading() -> None:
    (gone, new) = between(definition(ONE, cases=()), definition(TWO, cases=())).rules
    assert (gone.name, new.name) == ("one", "two")
    assert "Name" not in {field.label for field in (*gone.fields, *new.fields)}
    assert {piece.kind for field in gone.fields for piece in field.pieces} == {"removed"}
    assert {piece.kind for field in new.fields for piece in field.pieces} == {"added"}


def test_the_rules_that_did_not_change_are_named() -> None:
    assert between(definition(ONE, TWO), definition(ONE, CHANGED)).unchanged == ("one",)


@pytest.mark.parametrize(
    ("severity", "shape"), [("avoid", "avoid"), ("grave", "blank"), ("", "blank"), ([], "blank")]
)
def test_a_rule_has_the_shape_of_its_severity_or_none(severity: Any, shape: str) -> None:
    (change,) = diff_rule_sets({}, {"items": [plain_rule() | {"severity": severity}]}).rules
    assert change.severity == shape


def test_the_change_of_an_edition_as_people_read_it() -> None:
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


# The whole set ------------------------------------------------------------------------------------------------


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
            {"not_covered": ("What was not asked or told",)},
            "What this screen does not cover",
            ["What was not asked{ or told}"],
        ),
        ({"counselling": ()}, "If LDN is prescribed, tell the patient", ["[What to tell the patient]"]),
        ({"indications": ("Fatigue", "Chronic pain")}, "Indications", ["{Fatigue}"]),
        ({"lexicon": "0a" * 32}, "Names of medicines", ["[none]{0a0a 0a0a 0a0a}"]),
    ],
)
def test_a_text_of_the_whole_set_is_told_under_its_label(
    changes: dict[str, Any], label: str, words: list[str]
) -> None:
    before, after = plain(definition()), plain(definition(**changes))
    assert told(diff_texts(before, after)) == {label: words}
    assert diff_rule_sets(before, after).texts == diff_texts(before, after)


def test_names_that_begin_alike_are_told_whole() -> None:
    before, after = (plain(definition(lexicon="0a" * 31 + end)) for end in ("0b", "0c"))
    assert told(diff_texts(before, after)) == {
        "Names of medicines": ['"[{}]{{{}}}"'.format("0a" * 31 + "0b", "0a" * 31 + "0c")]
    }


# Cases --------------------------------------------------------------------------------------------------------

AS_TOLD = case(words="As told.", answers={"one": AnswerCode.NO}, outcome=Outcome.CAUTION_FLAGGED, flagged=("one",))


def cases_told(before: Any, after: Any) -> list[tuple[str, str, dict[str, list[str]]]]:
    """What is told of the cases of two rule sets."""
    changes = between(definition(ONE, TWO, cases=before), definition(ONE, TWO, cases=after)).cases
    return [(each.heading, marked(each.words), told(each.fields)) for each in changes]


def test_an_added_case_is_told_whole() -> None:
    assert cases_told((), (AS_TOLD,)) == [
        (
            "Added, as case 1",
            "{As told.}",
            {
                "Answers": ["One: {No}", "Every other question: {No}"],
                "Expected": ["{Caution flagged}"],
                "Flagged": ["{one}"],
            },
        )
    ]


def test_a_case_that_is_gone_is_told() -> None:
    ((heading, words, fields),) = cases_told((AS_TOLD,), ())
    assert (heading, words, fields["Flagged"]) == ("No longer there", "[As told.]", ["[one]"])


@pytest.mark.parametrize(
    ("changes", "words", "fields"),
    [
        ({"outcome": Outcome.CANNOT_CONCLUDE}, "As told.", {"Expected": ["[Caution flagged]{Cannot conclude}"]}),
        ({"flagged": ("one", "two")}, "As told.", {"Flagged": ["{two}"]}),
        ({"otherwise": AnswerCode.UNKNOWN}, "As told.", {"Answers": ["Every other question: [No]{Not known}"]}),
        ({"answers": {"two": AnswerCode.YES}}, "As told.", {"Answers": ["One: [No]", "Two: {Yes}"]}),
        ({"words": "As told here."}, "As told{ here}.", {}),
    ],
)
def test_a_changed_case_tells_what_changed(changes: Any, words: str, fields: dict[str, list[str]]) -> None:
    after = {name: getattr(AS_TOLD, name) for name in AS_TOLD.__dataclass_fields__} | changes
    assert cases_told((AS_TOLD,), (case(**after),)) == [("Changed", words, fields)]


def test_a_case_with_other_words_and_other_answers_is_another_case() -> None:
    headings = [each[0] for each in cases_told((AS_TOLD,), (case(words="Something else."),))]
    assert headings == ["No longer there", "Added, as case 1"]


def test_cases_in_another_order_are_told() -> None:
    assert cases_told((AS_TOLD, case()), (case(), AS_TOLD)) == [("Moved from case 1 to 2", "As told.", {})]


def test_a_case_alone_is_told_with_its_words() -> None:
    before, after = plain(definition(ONE, cases=(AS_TOLD, case(words="As told now."))))["cases"]
    fields = told(diff_cases(before, after, {"one": "The first"}))
    assert fields["Case"] == ["As told{ now}."]
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
        (definition(ONE, TWO, cases=()), definition(ONE, cases=()), "1 rule no longer there, 1 unchanged"),
        (
            definition(ONE, cases=()),
            definition(ONE, cases=(case(), AS_TOLD), title="Others", basis="None"),
            "1 rule unchanged; 2 texts of the whole set changed; 2 cases added",
        ),
    ],
)
def test_the_tally_counts_what_differs(before: Definition, after: Definition, tally: str) -> None:
    assert between(before, after).tally == tally


# Drafts -------------------------------------------------------------------------------------------------------

ODD = st.recursive(
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


@given(ODD, ODD)
def test_whatever_a_draft_holds_is_compared(before: Any, after: Any) -> None:
    change = diff_rule_sets(before, after)
    assert change.is_empty or change.tally
    assert shown(change)
    diff_rules(before, after)
    diff_cases(before, after, {})


@given(ODD)
def test_whatever_a_draft_holds_does_not_differ_from_itself(draft: Any) -> None:
    assert not diff_rule_sets(draft, deepcopy(draft))
    assert diff_rules(draft, deepcopy(draft)) == ()


@pytest.mark.parametrize(
    ("before", "after"),
    [
        pytest.param({}, {"help": "", "listed": None, "not_applicable_reasons": []}, id="left out and empty"),
        pytest.param({"next_review": "2027-11-01"}, {"next_review": date(2027, 11, 1)}, id="date"),
        pytest.param({"holds_days": 30}, {"holds_days": "30"}, id="number in a text"),
        pytest.param({"why": "Because."}, {"why": " Because.\n"}, id="space around"),
        pytest.param(
            {"follow_ups": [{"minimum": "0.5"}]}, {"follow_ups": [{"minimum": Decimal("0.5000")}]}, id="zeros"
        ),
        pytest.param(
            {"follow_ups": [{"choices": [{"interval": {"words": "x", "days": 3}}]}]},
            {"follow_ups": [{"choices": [{"interval": {"words": "x", "days": 3, "counted_from": "the last dose"}}]}]},
            id="what an interval counts from by itself",
        ),
    ],
)
def test_how_a_row_holds_a_value_makes_no_difference(before: dict[str, Any], after: dict[str, Any]) -> None:
    assert diff_rules(before, after) == ()


def test_a_field_that_nobody_knows_is_told_under_its_own_name() -> None:
    assert told(diff_rules({}, {"colour_of_it": ["red"]})) == {"Colour of it": ['{["red"]}']}


def test_what_is_no_rule_at_all_is_told() -> None:
    (change,) = diff_rule_sets({}, {"items": ["words"]}).rules
    assert told(change.fields)["Entry"] == ["{words}"]
    assert change.name == "a rule without a name"


def test_two_rules_with_one_link_id_are_both_told() -> None:
    after = {"items": [plain_rule(), plain_rule(why="Otherwise.")]}
    assert [each.heading for each in diff_rule_sets({"items": [plain_rule()]}, after).rules] == [
        "Added, as question 2"
    ]


# Nothing is left out ------------------------------------------------------------------------------------------

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
    cases=(AS_TOLD, case()),
    not_covered=("First", "Second", "Third"),
    counselling=("What to tell", "What to ask"),
    indications=("Pain", "Fatigue"),
    listed=(listed_item("raised"), listed_item("too")),
    lexicon="0a" * 32,
)

Path = tuple[str | int, ...]
OTHERS: dict[str, tuple[Any, Any]] = {
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
    """Where every single value of a rule set stands."""
    inner = value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    if not isinstance(value, dict | list):
        yield path
    for name, each in inner:
        yield from leaves(each, (*path, name))


def lists(value: Any, path: Path = ()) -> Iterator[Path]:
    """Where every list of a rule set stands."""
    if isinstance(value, list):
        yield path
    for name, each in (
        value.items() if isinstance(value, dict) else enumerate(value) if isinstance(value, list) else ()
    ):
        yield from lists(each, (*path, name))


def at(value: Any, path: Path) -> Any:
    """What stands at a path."""
    for step in path:
        value = value[step]
    return value


def other(path: Path, value: Any, variant: int) -> Any:
    """Another value for a leaf, of the two that there are."""
    *_, inside, name = (step for step in ("", *path) if isinstance(step, str))
    if name == "kind":
        return KINDS[inside][variant]
    if name == "flagged" or inside == "answers":
        return (("another", "yet-another") if name == "flagged" else ("yes", "unknown"))[variant]
    if name in OTHERS:
        return OTHERS[name][variant]
    return f"{value} {('Otherwise', 'Differently')[variant]}".strip()


def with_other(rules: dict[str, Any], path: Path, variant: int = 0) -> dict[str, Any]:
    """A rule set with another value at a path."""
    changed = deepcopy(rules)
    at(changed, path[:-1])[path[-1]] = other(path, at(changed, path), variant)
    return changed


def canonical(content: dict[str, Any]) -> dict[str, Any]:
    """What becomes of a rule set when it is published."""
    return plain(from_json(json.dumps(content)))


FULL_PLAIN = plain(FULL)
LEAVES = [path for path in leaves(FULL_PLAIN) if path != ("format",)]
LISTS = [path for path in lists(FULL_PLAIN) if at(FULL_PLAIN, path)]


def named(path: Path) -> str:
    """A path as the name of a test."""
    return ".".join(map(str, path))


@pytest.mark.parametrize("variant", [0, 1])
@pytest.mark.parametrize("path", LEAVES, ids=named)
def test_no_other_value_goes_untold(path: Path, variant: int) -> None:
    after = canonical(with_other(FULL_PLAIN, path, variant))
    assert bool(diff_rule_sets(FULL_PLAIN, after)) is (after != FULL_PLAIN)
    assert bool(diff_rule_sets(after, FULL_PLAIN)) is (after != FULL_PLAIN)


CHANGES_OF_LISTS: dict[str, Callable[[list[Any]], list[Any]]] = {
    "the first is gone": lambda entries: entries[1:],
    "the last is gone": lambda entries: entries[:-1],
    "all are gone": lambda entries: [],
    "one came twice": lambda entries: [*entries, entries[0]],
    "all came twice": lambda entries: entries * 2,
    "turned round": lambda entries: entries[::-1],
}


@pytest.mark.parametrize("path", LISTS, ids=named)
@pytest.mark.parametrize("name", CHANGES_OF_LISTS)
def test_no_other_list_goes_untold(path: Path, name: str) -> None:
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
def test_two_rule_sets_that_differ_never_differ_in_the_same_way_from_a_third(one: Any, another: Any) -> None:
    first, second = changed_by(one), changed_by(another)
    assert bool(diff_rule_sets(first, second)) is (first != second)
    assert (diff_rule_sets(FULL_PLAIN, first) == diff_rule_sets(FULL_PLAIN, second)) is (first == second)


# Pages --------------------------------------------------------------------------------------------------------


def shown(change: RuleSetDiff) -> str:
    """A difference as it stands on a page."""
    return render_to_string("screening/editions/diff.html", {"difference": change})


def page(change: RuleSetDiff) -> Any:
    """A difference as elements."""
    return html.fromstring(f"<main>{shown(change)}</main>")


def words(element: Any) -> str:
    """What is to be read in an element, cues for those who do not see the marks included."""
    return " ".join(element.text_content().split())


MARKUP = "<b>bold</b> & \"quoted\" 'text' {{ name }} <script>alert(1)</script>"


@pytest.mark.parametrize("field", ["name", "question", "why", "authored_by", "link_id", "severity", "<i>"])
def test_markup_shows_as_typed(field: str) -> None:
    change = diff_rule_sets({"items": [plain_rule()]}, {"items": [plain_rule() | {field: MARKUP}]})
    assert "<b>" not in shown(change)
    assert "<script>" not in shown(change)
    assert " ".join(MARKUP.split()) in words(page(change)).replace("added: ", "")


def test_added_and_removed_words_are_marked_and_said() -> None:
    article = page(between(definition(ONE, TWO, cases=()), definition(ONE, CHANGED, cases=()))).xpath("//article")[0]
    assert [words(each) for each in article.xpath(".//del")] == ["removed: Why two matters"]
    assert [words(each) for each in article.xpath(".//ins")] == ["added: Otherwise"]
    assert words(article.xpath(".//dd")[0]) == "removed: Why two matters added: Otherwise."


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
def test_a_mark_covers_no_space_around_words_unless_space_is_all(piece: Piece, shown_as: str) -> None:
    cue = f'<span class="visually-hidden">{piece.kind}: </span>'
    assert marked_on_page([piece]) == f'<span class="told-words">{shown_as.replace(f"{piece.kind}: ", cue)}</span>'


def test_the_marks_are_explained_and_counted() -> None:
    legend = words(page(between(definition(ONE), definition(ONE, title="Others"))).xpath("./p")[0])
    assert legend.startswith("Reading the marks: added: underlined words were added,")
    assert legend.endswith("1 rule unchanged; 1 text of the whole set changed.")


def test_a_page_without_difference_says_so() -> None:
    assert words(page(between(FULL, FULL))).startswith("Nothing differs.")


def test_each_card_has_a_heading_of_its_own() -> None:
    cards = page(between(FULL, definition(ONE, THREE))).xpath("//article")
    ids = [card.get("aria-labelledby") for card in cards]
    assert len(ids) == len(set(ids)) > 4
    assert all(card.xpath(f".//h3[@id='{name}']") for card, name in zip(cards, ids, strict=True))


def test_every_word_of_a_difference_is_shown() -> None:
    change = between(FULL, definition(ONE, THREE))
    text = words(page(change))
    fields = (*change.texts, *(each for rule in change.rules for each in rule.fields))
    fields = (*fields, *(each for each_case in change.cases for each in each_case.fields))
    for piece in (piece for field in fields for piece in field.pieces):
        assert " ".join(piece.words.split()) in text
    for heading in [*(rule.heading for rule in change.rules), *(each.heading for each in change.cases)]:
        assert heading in text


def test_the_unchanged_rules_stand_last() -> None:
    last = page(between(definition(ONE, TWO, THREE), definition(ONE, CHANGED, THREE))).xpath("//p")[-1]
    assert words(last) == "Unchanged: one; three."


def test_fields_stand_alone_too() -> None:
    fields = diff_rules(plain_rule(), plain_rule(why="Otherwise."))
    part = render_to_string("screening/editions/diff_fields.html", {"fields": fields})
    assert words(html.fromstring(part)) == "Why removed: Why first rule matters added: Otherwise."


def test_a_draft_of_odd_rules_is_shown() -> None:
    odd: dict[str, Any] = {"items": [{"severity": "grave"}, [], 3], "cases": [{}, "x"], "colour": {"a": [1]}}
    headings = [words(each) for each in page(diff_rule_sets({}, odd)).xpath("//h3")]
    assert headings == [*["A rule without a name"] * 3, "Texts of the whole set", "Cases"]
