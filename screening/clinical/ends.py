"""The end of a medicine as a list tells it: which words tell one, and the day that they leave open."""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from .cues import parts_of, words_of
from .past_dates import DATE, latest_end

_END = (
    r"last(?= (?:in |on |about |around )?[\d'])|last(?= ?$)|removed|used up|ran out|none since|nil since|"
    r"last (?:refill|fill|script|filled up)|gone since|stop(?:ped|ping)?(?: date| taking| using)?|discontinued?|"
    r"discontinuation|d/?c'?e?d?|dc'd|dcd|ceased|finished|completed?|"
    r"completion|ended|end(?:ing)?(?: date)?|weaned(?: off)?|tapered(?: off)?|came off|come off|coming off|got off|"
    r"taken off|off(?: of)?|quit|last (?:taken|took|dose|used?|needed|had|given|time|rx|prescription|patch|tab|"
    r"tablet|"
    r"injection|administered)|until|till|thru|through|clean|abstinent|sober|opioid-free|withdrawn|arrete\w*|"
    r"stoppe\w*|"
    r"jusqu'?en?|suspendid\w*|retirad\w*|dejo|hasta|finalizad\w*|abgesetzt|beendet|bis|eingestellt|ausgeschlichen|"
    r"odstawion\w*|zakonczon\w*|do|zaprzestano|termine\w*"
)
_TOOK = (
    r"took|had|gave(?: me| him| her| pt)?|needed|required|tried on|used to (?:take|use|be on|have)|used|"
    r"was (?:on|taking|given|using|prescribed)|were on|received|given|tried|"
    r"previously(?: (?:on|took|taking|used|prescribed|treated with|taken|given))?|formerly(?: (?:on|took|used))?|"
    r"prior(?: use of)?|past(?: use(?: of)?)?|history of|hx(?: of)?|h/o|former|ex|treated with|short course of|"
    r"course of|"
    r"a pris|tomo|tomaba|antes|fruher|frueher|bral|brala|przyjmowal\w*|dawniej"
)
END = re.compile(rf"\b(?:{_END})\b")
GIVEN = re.compile(
    r"\b(?:used|taken|tried|given|had|x ?1|once|single dose|one dose|one-off|stat|during|intraop\w*|"
    r"in (?:hospital|labou?r|theatre|recovery|icu|ed|er|a&e))\b"
)
TOOK = re.compile(rf"\b(?:{_TOOK})\b")
END_WORD = re.compile(rf"\b(?:{_END}|used to|previous\w*|former\w*|history of|hx|past)\b")
SINCE = re.compile(r"\b(?:since|seit|depuis|desde|od|started|start|from)\b")

HISTORY_PARTS = parts_of(
    *("stop", "disc", "d/c", "dc", "ceas", "finish", "complet", "end", "wean", "taper", "off", "quit", "last", "til"),
    *("thr", "clean", "abstin", "sober", "free", "withdr", "arret", "jusqu", "suspend", "retir", "dejo", "hasta"),
    *(
        "finaliz",
        "abges",
        "bis",
        "einges",
        "ausges",
        "odstaw",
        "zakon",
        "do ",
        "zaprz",
        "termin",
        "took",
        "had",
        "used",
    ),
    *(
        "was",
        "were",
        "received",
        "given",
        "tried",
        "previous",
        "former",
        "prior",
        "past",
        "history",
        "hx",
        "h/o",
        "ex",
    ),
    *("treated", "course", "pris", "tomo", "toma", "antes", "fruh", "brala", "bral", "przyjm", "dawn", "19", "20"),
)
"""One of these stands in whatever tells of an end."""

_PIECE = re.compile(r"[a-z]+(?:['./-][a-z]+)*|\d+(?:[.,/]\d+)*|[^\s\w]")
_SIG = words_of(
    """
    one two three four five six all last past previous film films strip strips wafer wafers lozenge lozenges
    linctus x5 history ml/day commenced mg mgs mcg mcgs ug microgram micrograms g gram grams ml mls l hr hrs
    hour hours hourly h tab tabs tablet tablets cap caps capsule capsules pill pills patch patches pump pumps
    syrup liquid solution elixir drop drops spray injection injections inj po p.o pr iv im sc sl top oral orally
    by mouth bid b.i.d tid t.i.d qid q.i.d od bd tds qds qd qhs hs nocte mane prn p.r.n daily nightly weekly
    monthly once twice times x a an the per day days week every each at bedtime night morning for pain cough
    back as needed required with food take takes took taken er sr xr cr la mr ir hcl sulfate sulphate phosphate
    hydrochloride apap acetaminophen paracetamol was were is been has have had he she pt patient they which and
    or use used using dose in hospital hosp after post post-op postop op following surgery operation fracture
    dental extraction procedure pca wk wks mos mths yr yrs years ret retard issued supplied dispensed qty
    quantity disp c-section delivery knee hip shoulder ankle wrist birth accident mva only briefly short course
    until supply maintenance therapy treatment program programme previously status inactive then since start
    started date ordered written filled long term low high extended release immediate some few couple of to due
    side effects because it self gp dr on around about during early late mid between from en w medication
    medicine forte plus xl emergency department ed a&e ward recovery shot shots script scripts refill refills rx
    detoxed detox quit tapering taper labor labour colonoscopy endoscopy appendectomy tonsillectomy hysterectomy
    cholecystectomy arthroscopy section renal kidney colic stone stones root canal wisdom tooth teeth broken
    fractured leg arm rib ribs x1 single intraop intraoperatively perioperatively epidural spinal nerve block
    when
    """
)
"""Words that stand between a name and what is said of its end: strength, form, how it was taken and what for."""

_GLUE = words_of(
    """
    taking using it this all medication medicine use completely altogether in on since by about around approx
    approximately early late mid end of the circa c over more than at least nearly almost was date dated from to
    en el le la am im seit od w depuis desde year years summer winter spring autumn fall roughly some taper
    tapering course up supply script rx last zero nil xmas christmas easter thanksgiving before after day days
    only self fully then there none when because him her me dose doses tablet tablets tabs tab for good same
    """
)
_MARKS = frozenset(";-–—:=(),|/\\+*~[].><@")
_BEGINS_A_DATE = re.compile(r"[\dajfmslnoedstwpycghiv']")


class Told(NamedTuple):
    """A day that an end leaves open at the latest, and the words that tell it."""

    end: date
    words: str


def pieces(text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """The words, numbers and marks of a text, one after the other."""
    return _PIECE.finditer(text, start)


def end_after(after: str, on: date) -> Told | None:
    """An end that is told after a name, with nothing between them but how it was taken: ``5 mg prn, stopped "
    "2019``."""
    place = 0
    while piece := _PIECE.search(after, place):
        word, place = piece[0], piece.end()
        if cue := END.match(after, piece.start()):
            if told := _date_after_cue(after, cue, on):
                return Told(told.end, f"{cue[0]} {told.words}")
            place = cue.end()
        elif given := GIVEN.match(after, piece.start()):
            told = date_after(after, given.end(), on, sig=True)
            if told and not SINCE.search(after[given.end() :].partition(told.words)[0]):
                return Told(told.end, f"{given[0]} {told.words}")
        elif found := _date_at(after, piece):
            place = found.end()
        elif not _is_sig(word):
            return None
    return None


def _date_at(text: str, piece: re.Match[str]) -> re.Match[str] | None:
    return DATE.match(text, piece.start()) if _BEGINS_A_DATE.match(piece[0]) else None


_DURATION = re.compile(
    r"[\s,:(\-–x~]*(?:for |now |about |over |nearly |almost )*(?:\d{1,2}|an?|one|two|three|four|five|six|seven|"
    r"eight|nine|ten|"
    r"several|many)\+? ?(?:years?|yrs?|y|months?|mos?|mths?)\b"
)
_LASTS = re.compile(r"(?:clean|sober|abstinent|off(?: of)?|quit|opioid-free|stopped|none since)\b")
_FUNCTION_WORD = re.compile(r"\s*(?:when|after|because|due to|following|once|on account of|as|by)\b[^.;,@\d]{0,40}")
_TO = re.compile(r"\s*(?:-|–|—|to|until|till|thru|through|bis|a)\s*")


def duration_after(after: str, start: int, cue: str, on: date) -> Told | None:
    """How long it has been over: ``clean 9 years``, ``off it for 6 months``."""
    lasts = _LASTS.match(cue) and _DURATION.match(after, start)
    if not lasts:
        return None
    told = dates_in(f"{lasts[0].strip(' ,:(-–x~')} ago".removeprefix("for ").removeprefix("now "), on)
    return told[0] if told else None


def range_after(after: str, on: date) -> Told | None:
    """From when to when it was taken, right after a name: ``2018–2020``."""
    for piece in pieces(after):
        if first := _date_at(after, piece):
            to = _TO.match(after, first.end())
            last = DATE.match(after, to.end()) if to else None
            end = latest_end(last, on) if last else None
            return Told(end, after[first.start() : last.end()].strip()) if last and end else None
        if not _is_sig(piece[0]):
            return None
    return None


def _date_after_cue(after: str, cue: re.Match[str], on: date) -> Told | None:
    told = date_after(after, cue.end(), on) or duration_after(after, cue.end(), cue[0], on)
    if told is None and (why := _FUNCTION_WORD.match(after, cue.end())):
        return date_after(after, why.end(), on)
    return told


def date_after(text: str, start: int, on: date, *, sig: bool = False, others: int = 0) -> Told | None:
    """A date that follows, with nothing between but small words.

    With ``sig`` how it was taken may stand between too, and as many ``others`` as are let pass.
    """
    for piece in pieces(text, start):
        if found := _date_at(text, piece):
            return _latest(text, found, on)
        if not (piece[0] in _GLUE or piece[0] in _MARKS or (sig and _is_sig(piece[0]))):
            others -= 1
            if others < 0:
                return None
    return None


def dates_in(text: str, on: date) -> list[Told]:
    """Every date of a text."""
    return [Told(end, found[0].strip()) for found in DATE.finditer(text) if (end := latest_end(found, on))]


def _latest(text: str, found: re.Match[str], on: date) -> Told | None:
    """The later day where two dates stand side by side, as in a range."""
    told = dates_in(text[found.start() : found.end() + 14], on)
    return max(told) if told else None


def _is_sig(word: str) -> bool:
    return word in _SIG or word in _MARKS or word[0].isdigit() or _SIG.issuperset(word.split("/"))
