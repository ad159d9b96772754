"""The words around a name on a list that say whether it is taken: cues of allergy and of negation.

All of it is folded text. Cues in English, and the commonest in French, Spanish, German and Polish.
"""

from __future__ import annotations

import re


def words_of(text: str) -> frozenset[str]:
    """The words of a text as a set."""
    return frozenset(text.split())


def parts_of(*parts: str) -> re.Pattern[str]:
    """A search for any of these parts of words: a quick look before a thorough one."""
    return re.compile("|".join(map(re.escape, parts)))


HARD_BREAK = (
    r"[;\n]|[.!?](?=\s|$)(?<!\bapprox\.)(?<!\bincl\.)(?<!\bi\.e\.)(?<!\be\.g\.)(?<!\bno\.)(?<!\betc\.)(?<!\bd/c\.)"
)
NOW = (
    r"\b(?:meds?|medications?|medicines|currently|current|takes?|taking|taken|now|rx|prescribed|but|on|uses|"
    r"using|started|"
    r"continues?|continued|instead|switched|changed|restart\w*|resum\w*|prend|traitement|toma|tomando|tratamiento|"
    r"nimmt|medikation|przyjmuje|leki|aktualnie|actualmente|actuellement|aktuell)\b"
)
RESET = re.compile(f"{HARD_BREAK}|{NOW}")
RESET_IN_LIST = re.compile(f"{HARD_BREAK.replace('[;', '[')}|{NOW}|[;,.] *[a-z ]{{3,30}}:")
"""Where what was said before ends: a sentence, or a word of what is taken now."""

TURN = re.compile(
    r"\b(?:now|currently|switched|changed to|replaced|instead|but|restarted)\b|\n"
    r"|;(?!\s*(?:stop|disc|ended|d/c|weaned|finish|complet|ceased))"
    r"|(?<!\bret)(?<!\btab)(?<!\bcap)(?<!\bsupp)[.](?=\s+(?!start|commenced|issued|stop|disc|ended|end|last|d/c|"
    r"weaned|off|finish|complet|ceased|quit))"
)
AGAIN = re.compile(
    r"\b(?:restart\w*|resum\w*|again|back on|re-?commenced|still|present|ongoing|current(?:ly)?|continu\w+|"
    r"intermittent\w*)\b"
)
RESTARTED = re.compile(r"\b(?:restart\w*|resum\w*|re-?commenced|back on)\b")

# Allergy ------------------------------------------------------------------------------------------------------

ALLERGY_PARTS = parts_of(
    *(
        "llerg",
        "alerg",
        "toleran",
        "tolerat",
        "sensitiv",
        "adverse",
        "adr",
        "side eff",
        "kda",
        "nausea",
        "vomit",
        "naphyla",
        "react",
        "uczul",
        "unvertr",
    ),
    *(
        "nadwraz",
        "can't",
        "cannot",
        "unable",
        "all",
        "algs",
        "alg ",
        "alg:",
        "rxn",
        "nk",
        "rash",
        "hives",
        "urticaria",
        "itch",
        "prurit",
        "swell",
        "dema",
        "spasm",
        "nietol",
    ),
)
"""One of these stands in whatever speaks of an allergy."""

NO_ALLERGY = re.compile(
    r"\bno(?:t| known)?(?: known)?(?: drug| medication| other| food)* (?:allerg\w*|intoleranc\w*|adrs?|reactions?)"
    r"|\bno (?:side effects?|reactions?|problems?|issues?|adverse effects?)\b"
    r"|\bnkd?a\b|\ballerg\w* ?[:\-–]? ?(?:none|nil|nka|nkda|no known|denie[sd]|unknown|negative)\b"
    r"|\b(?:for|seasonal|hay ?fever|environmental|food|pet|pollen)(?: and| seasonal| nasal| indoor|"
    r" outdoor)* allerg\w*"
    r"|\ballerg\w* (?:relief|tabs?|tablets?|pills?|meds?|shots?|sprays?|season|drops?|nasal|formula|clinic|sinus|"
    r"symptoms|plus|eye|caps?|capsules?|liquid|medicine|rhinitis)\b"
)
ALL_BUT = re.compile(
    r"\b(?:nkd?a|no (?:known |other )?(?:drug |medication )?allerg\w*)[\s,;:]*(?:except|other than|apart from|"
    r"but|besides|save)\b"
)
_NAMED_ALLERGY = (
    r"(?:(?:drug|medication|medicine|med) )?(?:allerg(?:y|ies|ic|ique|iques|ie|ia|ias|ico|ica|isch|isches|ien|iczny|"
    r"iczna)|intoleran(?:t|ce|ces|cia|cias|z|zen)|(?:hyper)?sensitivit(?:y|ies)|hypersensitive|sensitive|"
    r"adverse (?:drug )?(?:reactions?|effects?|events?)|side effects? (?:to|with|from|on)|adrs?|anaphyla\w+|"
    r"reaction|reacts?|uczulen\w+|alerg\w+|"
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

NEGATING_WORDS = words_of(
    """
    n no nil not neither nor ve never non without w o sans sin kein keine keinen keiner ohne bez pas nie avoid
    avoids avoided avoiding jamais nunca denies denied denying deny negative neg declines declined declining
    refuses refused refusing don doesn didn isn none contraindicated niega neguje ne
    """
)
"""One of these words stands in whatever negates."""

NEGATION = re.compile(
    r"\b(?:denie[sd]|denying|neg(?:ative)?(?= for\b|:)|declin(?:es|ed|ing)|refus(?:es|ed|ing)|"
    r"(?:is |are |was )?(?:not|isn't|never)(?: currently| presently| now| actively| been)*"
    r"(?: (?:taking|taken|took|take|on|using|used|use|uses|prescribed|receiving|received|had|tried|given|"
    r"been on|started|"
    r"touched|needed|abused))(?! (?:it |them )?(?:regularly|daily|every ?day|as|often|much|enough|all|"
    r"consistently|well))|"
    r"(?:does|do|did)(?:n't| not)(?: currently)? (?:take|use|want|have|receive|prescribe|give|start|tolerate)"
    r"(?! (?:it |them )?(?:regularly|daily|every ?day|as|often|much|enough|all|consistently))|"
    r"don't (?:take|use|give|want)|(?:did(?:n't| not)|never|has(?:n't| not)|have(?:n't| not)) "
    r"(?:fill(?:ed)?|pick(?:ed)? up|collect(?:ed)?)|"
    r"no (?:current|known|recent|prior|past|previous|other|regular)?(?: or (?:current|past|prior|recent))? ?"
    r"(?:use|history|hx|h/o|evidence|intake|record|consumption|exposure)(?: of| to)?(?: or use of)?|"
    r"ne prend (?:pas|plus)(?: de| d')?|jamais(?: (?:pris|eu))?(?: de| d')?|nunca (?:ha )?(?:tomado|toma)|"
    r"no toma|niega|nimmt kein\w*|nie przyjmuje|nie bierze|neguje|nie (?:ma )?stosuje)\b"
    r"(?: (?:ever|any|currently|current|taking|using|use of|having|taken|being|on|needing|requiring|recent)\b)*"
)
NO = re.compile(
    r"(?:-ve(?: for)?[\s:]+|\b(?:neither|nor|no|nil|without|w/o|sans|sin|keine?n?|ohne|bez|pas de|never|"
    r"avoid(?:s|ed|ing)?|non|not)[\s:]+"
    r"|\b(?:non|no)-)"
    r"(?:(?:more |any |other |current |regular |prescription |prescribed |strong |oral |iv |opioids?|opiates?|"
    r"narcotics?|"
    r"pain ?killers?|pain meds?|@|otc |over the counter |long-acting |home |prn |rescue |new |\(|e\.?g\.?|"
    r"i\.?e\.?|such as|like|including|incl\.?|or|and|nor|/|,|use of|de|d'|"
    r"any of|the|added|extra|products? (?:with|containing)|containing)[\s,]*){0,6}$"
)
NO_BUT_NOT_NEGATED = re.compile(r"\b(?:no more(?: than)?|not more|no longer|not only|not just|no other)\b")
IRREGULARLY = re.compile(
    r"[^,;.\n]{0,12}\b(?:regularly|daily|every ?day|as (?:prescribed|often|directed)|consistently|"
    r"any ?more than|more than|yet)\b"
)
_DOSE = (
    r"(?:[\s\-–—:=(,|/]*(?:\d[\d.,/]*(?:mg|mcg|ug|g|ml)?|mg|mcg|ug|g|ml|tabs?|tablets?|caps?|capsules?|patch|prn|po|"
    r"oral|er|ir|sr)\b)*"
)
SAID_NO_AFTER = re.compile(
    rf"(?:{_DOSE}[\s\-–—:=(,|/]*(?:(?:pt|patient|he|she|they|is|was|currently|has|been|:)\b[\s:]*){{0,4}}"
    r"(?P<cue>not (?:currently |presently |now |actively )?(?:taking|on|using|prescribed|taken|used|given|started)\b"
    r"(?! (?:it )?(?:regularly|daily|every|as|often|much|enough|all|consistently))"
    r"|never (?:taken|used|started|took|tried|filled|had|been)\b|denie[sd]\b|declined\b|refused\b"
    r"|but (?:did(?:n't| not)|never|has(?:n't| not)) (?:want|need|take|taken|took|fill|filled|use|used|start|"
    r"started)\b)"
    r"|\s*\?\s*(?P<answer>no?\b)"
    r"|[\s\-–—:=(,|/]*(?:use|uses|taking)?[\s:]*(?P<no>never\b|none\b|nil\b|negative\b|neg\b|contraindicated\b|"
    r"avoid(?:ed)?\b|no\b(?! longer| more| relief| change| benefit| side| problem| issue| refill| help| effect|"
    r" known|\.? ?\d)))"
)
DOSED_AFTER = re.compile(
    r"[^,;.\n]{0,25}?\d[\d.,/]* ?(?:mg|mcg|ug|g|ml|tabs?|caps?)\b[^;\n]{0,40}?\b(?:po|bid|tid|qid|od|bd|tds|qds|"
    r"daily|prn|"
    r"q\d+h?|every|once|twice|tabs?|tablets?|caps?|patch|nocte|mane|qhs|hs|take|as needed)\b"
)
"""A strength with how it is taken: somebody takes it, whatever stands before."""
