"""The words around a name on a list that say whether it is taken: cues of allergy, of negation and of an end.

All of it is folded text. Cues in English, and the commonest in French, Spanish, German and Polish.
"""

from __future__ import annotations

import re
from collections.abc import Iterator
from datetime import date
from typing import NamedTuple

from .past_dates import DATE, latest_end

HARD_BREAK = (
    r"[;\n]|[.!?](?=\s|$)(?<!\bapprox\.)(?<!\bincl\.)(?<!\bi\.e\.)(?<!\be\.g\.)(?<!\bno\.)(?<!\betc\.)(?<!\bd/c\.)"
)
NOW = (
    r"\b(?:meds?|medications?|medicines|currently|current|takes?|taking|taken|now|rx|prescribed|but|on|uses|using|started|"
    r"continues?|continued|instead|switched|changed|restart\w*|resum\w*|prend|traitement|toma|tomando|tratamiento|"
    r"nimmt|medikation|przyjmuje|leki|aktualnie|actualmente|actuellement|aktuell)\b"
)
RESET = re.compile(f"{HARD_BREAK}|{NOW}")
"""Where what was said before ends: a sentence, or a word of what is taken now."""

TURN = re.compile(
    r"\b(?:now|currently|switched|changed to|replaced|instead|but|restarted)\b|[;\n]"
    r"|(?<!\bret)(?<!\btab)(?<!\bcap)(?<!\bsupp)[.](?=\s+(?!stop|disc|ended|end|last|d/c|weaned|off|finish|complet|ceased|quit))"
)
AGAIN = re.compile(
    r"\b(?:restart\w*|resum\w*|again|back on|re-?commenced|still|present|ongoing|current(?:ly)?|continu\w+|intermittent\w*)\b"
)

# Allergy ------------------------------------------------------------------------------------------------------

ALLERGY_PARTS = (
    *("llerg", "alerg", "toleran", "tolerat", "sensitiv", "adverse", "adr", "side eff", "kda", "nausea", "vomit", "naphyla", "react", "uczul", "unvertr"),
    *("nadwraz", "can't", "cannot", "unable", "all", "algs", "alg ", "alg:", "rxn", "nk", "rash", "hives", "urticaria", "itch", "prurit", "swell", "dema", "spasm", "nietol"),
)
"""One of these stands in whatever speaks of an allergy."""

NO_ALLERGY = re.compile(
    r"\bno(?:t| known)?(?: known)?(?: drug| medication| other| food)* (?:allerg\w*|intoleranc\w*|adrs?|reactions?)"
    r"|\bno (?:side effects?|reactions?|problems?|issues?|adverse effects?)\b"
    r"|\bnkd?a\b|\ballerg\w* ?[:\-–]? ?(?:none|nil|nka|nkda|no known|denie[sd]|unknown|negative)\b"
    r"|\b(?:for|seasonal|hay ?fever|environmental|food|pet|pollen)(?: and| seasonal| nasal| indoor| outdoor)* allerg\w*"
    r"|\ballerg\w* (?:relief|tabs?|tablets?|pills?|meds?|shots?|sprays?|season|drops?|nasal|formula|clinic|sinus|"
    r"symptoms|plus|eye|caps?|capsules?|liquid|medicine|rhinitis)\b"
)
ALL_BUT = re.compile(
    r"\b(?:nkd?a|no (?:known |other )?(?:drug |medication )?allerg\w*)[\s,;:]*(?:except|other than|apart from|but|besides|save)\b"
)
_NAMED_ALLERGY = (
    r"(?:(?:drug|medication|medicine|med) )?(?:allerg(?:y|ies|ic|ique|iques|ie|ia|ias|ico|ica|isch|isches|ien|iczny|"
    r"iczna)|intoleran(?:t|ce|ces|cia|cias|z|zen)|(?:hyper)?sensitivit(?:y|ies)|hypersensitive|sensitive|"
    r"adverse (?:drug )?(?:reactions?|effects?|events?)|side effects? (?:to|with|from|on)|adrs?|anaphyla\w+|reaction|reacts?|uczulen\w+|alerg\w+|"
    r"unvertraglichkeit\w*|nadwrazliwosc|nietolerancja)\b"
    r"(?: ?\(?(?:known|reported|documented)\)?)?"
    r"(?: (?:to|of|with|from|a|al|la|au|aux|gegen|auf|na|by|after))?"
    r"(?: (?:the )?(?:drugs?|medications?|medicines?|meds?)\b)?(?: ?/ ?(?:intolerances?|adverse reactions?|adrs?))?"
)
_ABBREVIATED_ALLERGY = r"(?:allx|kda|algs?|allrgs?|all|rxns?|allergen)\b(?= ?[:=])"
_CANNOT_TAKE = (
    r"(?:can't|cannot|can not|couldn't|could not|unable to|doesn't|does not|didn't|did not) (?:tolerate|take)\b"
    r"(?: (?:any|opioids?|opiates?|narcotics?|pain meds?))*"
)
ALLERGY = re.compile(rf"\b(?:{_ABBREVIATED_ALLERGY}|{_CANNOT_TAKE}|{_NAMED_ALLERGY})")
_REACTION = (
    r"anaphyla\w+|angio-?o?edema|rash|hives|urticaria|itch\w*|prurit\w*|swelling|swells?|swelled|bronchospasm|"
    r"allerg\w+|intoleran\w+|hypersensitiv\w*|uczulen\w*|adverse reaction|cannot tolerate|can't tolerate|"
    r"unable to tolerate|not tolerated|did not tolerate|didn't tolerate|alerg\w+"
)
REACTION_AFTER = re.compile(
    rf"[\s\-–—:=(,/|>]*(?:(?:causes?|caused|causing|gives?|gave|makes?|made|gets?|got|severe|mild|bad|known|with|"
    rf"has|had|an?|the|him|her|them|me|is|was|pt|patient|documented|reported|true|history of|->|→)\b[\s\-–:(]*)"
    rf"{{0,4}}(?P<cue>{_REACTION})\b(?! to\b)"
)
LISTED_REACTION_AFTER = re.compile(r"\s*:\s*(?P<cue>nausea|vomiting|n/v|hives|rash|itching|anaphylaxis|swelling)\b")
INTOLERANCE_AFTER = re.compile(
    r"(?P<between>[^.;\n@]{0,40}?)\b(?P<cue>allergy|intoleran(?:ce|t)|not tolerated|(?:stopped|discontinued) due to "
    r"(?:rash|itch\w*|hives|nausea|vomiting|allergy|anaphylaxis|side effects))\b(?! ?(?:to\b|:|relief|tab|pill|med))"
)
SIDE_EFFECT = re.compile(
    r"\b(?:nausea|vomit\w*|n/v|n&v|gi upset|upset stomach|stomach upset|confus\w*|hallucinat\w*|dizz\w*|sick|"
    rf"constipat\w*|drowsy|drowsiness|sedat\w*|{_REACTION}|resp(?:iratory)? (?:depression|arrest))\b"
)

# Negation -----------------------------------------------------------------------------------------------------

NEGATING_WORDS = frozenset(
    "n no nil not never non without w o sans sin kein keine keinen keiner ohne bez pas nie avoid avoids avoided avoiding "
    "jamais nunca denies denied denying deny negative neg declines declined declining refuses refused refusing don doesn didn isn none "
    "contraindicated niega neguje ne".split()
)
"""One of these words stands in whatever negates."""

NEGATION = re.compile(
    r"\b(?:denie[sd]|denying|neg(?:ative)?(?= for\b|:)|declin(?:es|ed|ing)|refus(?:es|ed|ing)|"
    r"(?:is |are |was )?(?:not|isn't|never)(?: currently| presently| now| actively| been)*"
    r"(?: (?:taking|taken|took|take|on|using|used|use|uses|prescribed|receiving|received|had|tried|given|been on|started|"
    r"touched|needed|abused))(?! (?:it |them )?(?:regularly|daily|every ?day|as|often|much|enough|all|consistently|well))|"
    r"(?:does|do|did)(?:n't| not)(?: currently)? (?:take|use|want|have|receive|prescribe|give|start|tolerate)"
    r"(?! (?:it |them )?(?:regularly|daily|every ?day|as|often|much|enough|all|consistently))|"
    r"don't (?:take|use|give|want)|(?:did(?:n't| not)|never|has(?:n't| not)|have(?:n't| not)) "
    r"(?:fill(?:ed)?|pick(?:ed)? up|collect(?:ed)?)|"
    r"no (?:current|known|recent|prior|past|previous|other|regular)?(?: or (?:current|past|prior|recent))? ?"
    r"(?:use|history|hx|h/o|evidence|intake|record|consumption|exposure)(?: of| to)?(?: or use of)?|"
    r"ne prend (?:pas|plus)(?: de| d')?|jamais(?: (?:pris|eu))?(?: de| d')?|nunca (?:ha )?(?:tomado|toma)|no toma|niega|nimmt kein\w*|nie przyjmuje|nie bierze|neguje|nie (?:ma )?stosuje)\b"
    r"(?: (?:ever|any|currently|current|taking|using|use of|having|taken|being|on|needing|requiring|recent)\b)*"
)
NO = re.compile(
    r"(?:\b(?:no|nil|without|w/o|sans|sin|keine?n?|ohne|bez|pas de|never|avoid(?:s|ed|ing)?|non|not)[\s:]+"
    r"|\b(?:non|no)-)"
    r"(?:(?:more |any |other |current |regular |prescription |prescribed |strong |oral |iv |opioids?|opiates?|narcotics?|"
    r"pain ?killers?|pain meds?|@|otc |over the counter |long-acting |home |prn |rescue |new |\(|e\.?g\.?|i\.?e\.?|such as|like|including|incl\.?|or|and|nor|/|,|use of|de|d'|"
    r"any of|the|added|extra|products? (?:with|containing)|containing)[\s,]*){0,6}$"
)
NO_BUT_NOT_NEGATED = re.compile(r"\b(?:no more(?: than)?|not more|no longer|not only|not just|no other)\b")
IRREGULARLY = re.compile(r"[^,;.\n]{0,12}\b(?:regularly|daily|every ?day|as (?:prescribed|often|directed)|consistently|any ?more than|more than|yet)\b")
_DOSE = r"(?:[\s\-–—:=(,|/]*(?:\d[\d.,/]*(?:mg|mcg|ug|g|ml)?|mg|mcg|ug|g|ml|tabs?|tablets?|caps?|capsules?|patch|prn|po|oral|er|ir|sr)\b)*"
SAID_NO_AFTER = re.compile(
    rf"(?:{_DOSE}[\s\-–—:=(,|/]*(?:(?:pt|patient|he|she|they|is|was|currently|has|been|:)\b[\s:]*){{0,4}}"
    r"(?P<cue>not (?:currently |presently |now |actively )?(?:taking|on|using|prescribed|taken|used|given|started)\b"
    r"(?! (?:it )?(?:regularly|daily|every|as|often|much|enough|all|consistently))"
    r"|never (?:taken|used|started|took|tried|filled|had|been)\b|denie[sd]\b|declined\b|refused\b"
    r"|but (?:did(?:n't| not)|never|has(?:n't| not)) (?:want|need|take|taken|fill|filled|use|used|start|started)\b)"
    r"|\s*\?\s*(?P<answer>no?\b)"
    r"|[\s\-–—:=(,|/]*(?:use|uses|taking)?[\s:]*(?P<no>never\b|none\b|nil\b|negative\b|neg\b|contraindicated\b|"
    r"avoid(?:ed)?\b|no\b(?! longer| more| relief| change| benefit| side| problem| issue| refill| help| effect| known|\.? ?\d)))"
)
DOSED_AFTER = re.compile(
    r"[^,;.\n]{0,25}?\d[\d.,/]* ?(?:mg|mcg|ug|g|ml|tabs?|caps?)\b[^;\n]{0,40}?\b(?:po|bid|tid|qid|od|bd|tds|qds|daily|prn|"
    r"q\d+h?|every|once|twice|tabs?|tablets?|caps?|patch|nocte|mane|qhs|hs|take|as needed)\b"
)
"""A strength with how it is taken: somebody takes it, whatever stands before."""

# History ------------------------------------------------------------------------------------------------------

_END = (
    r"last(?= (?:in |on |about |around )?[\d'])|last(?= ?$)|removed|used up|ran out|none since|nil since|"
    r"last (?:refill|fill|script|filled up)|gone since|stop(?:ped|ping| date| taking| using)?|discontinued?|discontinuation|d/?c'?e?d?|dc'd|dcd|ceased|finished|completed?|"
    r"completion|ended|end(?:ing)?(?: date)?|weaned(?: off)?|tapered(?: off)?|came off|come off|coming off|got off|"
    r"taken off|off(?: of)?|quit|last (?:taken|took|dose|used?|needed|had|given|time|rx|prescription|patch|tab|tablet|"
    r"injection|administered)|until|till|thru|through|clean|abstinent|sober|opioid-free|withdrawn|arrete\w*|stoppe\w*|"
    r"jusqu'?en?|suspendid\w*|retirad\w*|dejo|hasta|finalizad\w*|abgesetzt|beendet|bis|eingestellt|ausgeschlichen|"
    r"odstawion\w*|zakonczon\w*|do|zaprzestano|termine\w*"
)
_TOOK = (
    r"took|had|gave(?: me| him| her| pt)?|needed|required|tried on|used to (?:take|use|be on|have)|used|was (?:on|taking|given|using|prescribed)|were on|received|given|tried|"
    r"previously(?: (?:on|took|taking|used|prescribed|treated with|taken|given))?|formerly(?: (?:on|took|used))?|"
    r"prior(?: use of)?|past(?: use(?: of)?)?|history of|hx(?: of)?|h/o|former|ex|treated with|short course of|course of|"
    r"a pris|tomo|tomaba|antes|fruher|frueher|bral|brala|przyjmowal\w*|dawniej"
)
END = re.compile(rf"\b(?:{_END})\b")
GIVEN = re.compile(r"\b(?:used|taken|tried|given|had|x ?1|once|single dose|one dose|one-off|stat|during|intraop\w*)\b")
TOOK = re.compile(rf"\b(?:{_TOOK})\b")
END_WORD = re.compile(rf"\b(?:{_END}|used to|previous\w*|former\w*|history of|hx|past)\b")
SINCE = re.compile(r"\b(?:since|seit|depuis|desde|od|started|start|from)\b")

HISTORY_PARTS = (
    *("stop", "disc", "d/c", "dc", "ceas", "finish", "complet", "end", "wean", "taper", "off", "quit", "last", "til"),
    *("thr", "clean", "abstin", "sober", "free", "withdr", "arret", "jusqu", "suspend", "retir", "dejo", "hasta"),
    *("finaliz", "abges", "bis", "einges", "ausges", "odstaw", "zakon", "do ", "zaprz", "termin", "took", "had", "used"),
    *("was", "were", "received", "given", "tried", "previous", "former", "prior", "past", "history", "hx", "h/o", "ex"),
    *("treated", "course", "pris", "tomo", "toma", "antes", "fruh", "brala", "bral", "przyjm", "dawn", "19", "20"),
)
"""One of these stands in whatever tells of an end."""

_PIECE = re.compile(r"[a-z]+(?:['./-][a-z]+)*|\d+(?:[.,/]\d+)*|[^\s\w]")
_SIG = frozenset(
    "mg mgs mcg mcgs ug microgram micrograms g gram grams ml mls l hr hrs hour hours hourly h tab tabs tablet tablets cap caps "
    "capsule capsules pill pills patch patches pump pumps syrup liquid solution elixir drop drops spray injection injections "
    "inj po p.o pr iv im sc sl top oral orally by mouth bid b.i.d tid t.i.d qid q.i.d od bd tds qds qd qhs hs nocte mane prn "
    "p.r.n daily nightly weekly monthly once twice times x a an the per day days week every each at bedtime night morning for "
    "pain cough back as needed required with food take takes took taken er sr xr cr la mr ir hcl sulfate sulphate phosphate "
    "hydrochloride apap acetaminophen paracetamol was were is been has have had he she pt patient they which and or use used "
    "using dose in hospital hosp after post post-op postop op following surgery operation fracture dental extraction procedure "
    "pca pumps wk wks mos mths yr yrs years ret retard issued supplied dispensed qty quantity disp c-section delivery knee hip shoulder ankle wrist birth accident mva only briefly short course until supply maintenance "
    "therapy treatment program programme previously status inactive then since start started date ordered written filled long "
    "term low high extended release immediate some few couple of to due side effects because it self gp dr by on around about "
    "during early late mid between from en im w medication medicine use forte plus xl emergency "
    "department ed er a&e ward recovery shot shots script scripts refill refills rx detoxed detox quit tapering taper taken labor "
    "labour colonoscopy endoscopy appendectomy tonsillectomy hysterectomy cholecystectomy arthroscopy section renal kidney colic "
    "stone stones root canal wisdom tooth teeth extraction broken fractured leg arm rib ribs x1 single intraop intraoperatively "
    "perioperatively iv epidural spinal nerve block when then".split()
)
"""Words that stand between a name and what is said of its end: strength, form, how it was taken and what for."""

_GLUE = frozenset(
    "taking using it this all medication medicine use completely altogether in on since by about around approx approximately "
    "early late mid end of the circa c over more than at least nearly almost was date dated from to en el le la am im seit od w "
    "depuis desde year years summer winter spring autumn fall roughly some taper tapering course up supply script rx last zero nil "
    "xmas christmas easter thanksgiving before after day days only self fully then there none when because him her me use dose "
    "doses tablet tablets tabs tab for good same".split()
)
_MARKS = frozenset("-–—:=(),|/\\+*~[].><@")
_BEGINS_A_DATE = re.compile(r"[\dajfmslnoedstwpycghiv']")


class Told(NamedTuple):
    """A day that an end leaves open at the latest, and the words that tell it."""

    end: date
    words: str


def pieces(text: str, start: int = 0) -> Iterator[re.Match[str]]:
    """The words, numbers and marks of a text, one after the other."""
    return _PIECE.finditer(text, start)


def end_after(after: str, on: date) -> Told | None:
    """An end that is told after a name, with nothing between them but how it was taken: ``5 mg prn, stopped 2019``."""
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
    r"[\s,:(\-–x~]*(?:for |now |about |over |nearly |almost )*(?:\d{1,2}|an?|one|two|three|four|five|six|seven|eight|nine|ten|"
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
