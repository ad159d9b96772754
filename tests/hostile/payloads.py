"""Hostile values. Each holds a marker, a word that occurs nowhere else, by which it is found again."""

from __future__ import annotations

from collections.abc import Callable
from random import Random

Payload = Callable[[Random, str], str]

MARKS = "mk0"
"""The beginning of every marker."""
BIDI_CONTROLS = "\u061c\u200e\u200f\u202a\u202b\u202c\u202d\u202e\u2066\u2067\u2068\u2069"
LENGTHS = (
    60,
    61,
    100,
    101,
    150,
    151,
    200,
    201,
    254,
    400,
    401,
    500,
    501,
    1000,
    1001,
    4000,
    4001,
    20_000,
    20_001,
    100_000,
)
MASS_ASSIGNMENT = (
    "is_superuser",
    "is_staff",
    "is_active",
    "is_demo",
    "user",
    "user_id",
    "groups",
    "roles",
    "role",
    "password",
    "username",
    "id",
    "pk",
    "uuid",
    "key",
    "screened_by",
    "screened_by_id",
    "screened_at",
    "decided_by",
    "by",
    "by_id",
    "edition",
    "edition_id",
    "outcome",
    "status",
    "published_at",
    "published_by",
    "proposed_at",
    "is_open",
    "revision",
    "rule_set",
    "sha256",
    "supersedes",
    "is_void",
    "created_by",
    "actor",
    "_method",
    "next",
    "__proto__",
    "class",
)
BORDERS = (
    "0",
    "-1",
    "1e999",
    "NaN",
    "Infinity",
    "-0",
    "0x10",
    "1_000",
    "٣",
    "９",
    "½",
    "99999999999999999999",
    "2147483648",
    "9223372036854775808",
    "0.0000001",
    "4,5",
    "4.5.1",
    "31 Feb 2026",
    "29 Feb 2025",
    "1 Jan 0001",
    "31 Dec 9999",
    "1 Jan 10000",
    "1900-01-01",
    "1899-12-31",
    "2026-13-45",
    "0000-00-00",
    "24:00",
    "2026-11-30T23:59:60",
    "1961-00",
    "",
    " ",
    "\u3000",
    "null",
    "None",
    "undefined",
    "true",
    "[]",
    "{}",
    "on",
)


def markup(rng: Random, mark: str) -> str:
    """Elements and event handlers."""
    return rng.choice(
        [
            f"<script>{mark}</script>",
            f"<img src=x onerror={mark}>",
            f"<svg/onload={mark}()>",
            f"<{mark}>",
            f"</textarea><script>{mark}</script>",
            f"</title></style></script><script>{mark}</script>",
            f"<!--{mark}--><iframe srcdoc='<script>{mark}</script>'>",
            f"<a href=javascript:{mark}()>x</a>",
            f"<style>@import url(//{mark}.example)</style>",
            f"<base href=//{mark}.example/><form action=//{mark}.example>",
            f"&lt;script&gt;{mark}&lt;/script&gt; &#60;{mark}&#62;",
            f"<SCRIPT\n>{mark}</SCRIPT >",
            f"]]><![CDATA[<{mark}>",
        ]
    )


def attributes(rng: Random, mark: str) -> str:
    """Breaking out of an attribute."""
    quote = rng.choice(['"', "'", "`", "”", "&quot;", "&#39;"])
    return f"{mark}{quote} on{mark}={quote}x{quote} autofocus onfocus={mark} {quote}><{mark} {quote}"


def addresses(rng: Random, mark: str) -> str:
    """Addresses that run something or lead elsewhere."""
    return rng.choice(
        [
            f"javascript:{mark}()",
            f"data:text/html,<script>{mark}</script>",
            f"//{mark}.example",
            f"https://{mark}.example/",
            f"\\\\{mark}.example\\x",
            f"/\\{mark}.example",
            f"http:{mark}.example",
            f"../../../etc/{mark}",
            f"..\\..\\{mark}",
            f"/etc/passwd\0{mark}",
            f"file:///{mark}",
            f"{mark}%00.txt",
            f"%2e%2e%2f{mark}",
        ],
    )


def templates(rng: Random, mark: str) -> str:
    """The syntax of template languages, of typst and of format strings."""
    return rng.choice(
        [
            f"{{{{ {mark} }}}}",
            f"{{% include '{mark}' %}}",
            "{{ 7*7 }}" + mark,
            f"${{{mark}}}",
            f"#{{{mark}}}",
            f"%({mark})s",
            f"{{0.{mark}}}",
            f'#read("/etc/{mark}")',
            f'#eval("{mark}")',
            f"*{mark}* _x_ $ a $ `b`",
            f"@{mark} <{mark}>",
            f'#import "{mark}.typ": *',
            f"\\u{{202e}}{mark}",
            f"= {mark}\n== x\n- y",
            f"$({mark})",
            f"`{mark}`",
            f"%n%s%x{mark}",
        ],
    )


def formulas(rng: Random, mark: str) -> str:
    """Formulas of a spreadsheet program."""
    start = rng.choice(
        ["=", "+", "-", "@", "\t=", "\r=", "\n=", " =", "＝", "＋", "－", "＠", "'=", '"=', ";=", ",="]
    )
    return f"{start}cmd|' /C {mark}'!A0" if rng.random() < 0.5 else f'{start}HYPERLINK("//{mark}.example","x")'


def statements(rng: Random, mark: str) -> str:
    """SQL, and patterns of LIKE."""
    return rng.choice(
        [
            f"'; DROP TABLE screening_user; -- {mark}",
            f"' OR '1'='1' -- {mark}",
            f"{mark}') UNION SELECT NULL--",
            f"%{mark}_",
            f"\\{mark}\\",
            f"$${mark}$$",
            f"{mark}\\x00",
            f"1; SELECT pg_sleep(9) --{mark}",
            f'"{mark}"',
            f"{mark} ESCAPE '",
        ],
    )


def controls(rng: Random, mark: str) -> str:
    """Control characters, and characters that are none."""
    places = [
        *map(chr, range(32)),
        "\x7f",
        "\x85",
        "\x9b",
        "\u2028",
        "\u2029",
        "\ufffe",
        "\uffff",
        "\ufffd",
        "\U0010ffff",
    ]
    return f"{mark}{rng.choice(places)}x{rng.choice(places)}{mark}"


def directions(rng: Random, mark: str) -> str:
    """Controls that change the direction of a text, so that “no” could be read as another word."""
    control, end = rng.choice(BIDI_CONTROLS), rng.choice([*BIDI_CONTROLS, ""])
    return rng.choice(
        [f"{mark} {control}sey{end} no", f"{control}{mark}", f"{mark}{control}", f"no {control}{mark}{end} yes"]
    )


def invisible(rng: Random, mark: str) -> str:
    """Characters without a width, and letters that look like others."""
    places = "\u00ad\u034f\u115f\u180e\u200b\u200c\u200d\u2060\u2800\u3164\ufe0f\ufeff\uffa0\U000e0041\ue000"
    return rng.choice(
        [f"{mark}{rng.choice(places)}x", f"{mark} Ѕаmрlе Раtіеnt", f"{mark} ｓａｍｐｌｅ", f"{mark} ﬁ ſ İ ı ß ẞ"]
    )


def scripts(rng: Random, mark: str) -> str:
    """Other scripts, clusters of emoji, and towers of accents."""
    return rng.choice(
        [
            f"{mark} שלום",
            f"محمد {mark}",
            f"{mark} 李明 ﷽",
            f"{mark} 👩‍👩‍👧‍👦🏳️‍🌈👩🏽‍⚕️",
            mark + "e" + "\u0301\u0323\u0489" * rng.randint(1, 60),
            f"{mark} नमस्ते ไทย 한국어",
            f"{mark} 𝕊𝕒𝕞𝕡𝕝𝕖 𐍈 𒀱",
            f"{mark} Ω≈ç√∫",
        ],
    )


def lengths(rng: Random, mark: str) -> str:
    """Texts as long as a limit, and just above it."""
    length, text = (
        rng.choice(LENGTHS),
        rng.choice(["a", "x ", "é", "<b>", "oxycodone 5 mg\n", "👩‍⚕️", "(" * 20, "-", "a\n"]),
    )
    return f"{mark} {text * length}"[:length].strip() or mark


def borders(rng: Random, mark: str) -> str:
    """Numbers, dates and words at the edge of what is accepted. They have no marker."""
    return rng.choice(BORDERS)


def lists(rng: Random, mark: str) -> str:
    """Lists of medicines with something else in them."""
    lines = [
        "Percocet 5/325",
        "no opioids",
        "allergy: codeine",
        "methadone stopped 3 March",
        "oxycodone" * 50,
        "μορφίνη",
        "-" * 99,
    ]
    return "\n".join([mark, *rng.choices(lines, k=rng.randint(1, 30))])


STORABLE = (markup, attributes, addresses, templates, formulas, statements, scripts, lists)
"""Most of their values are plain texts, which forms accept."""
KINDS: tuple[Payload, ...] = (*STORABLE, controls, directions, invisible, lengths, borders)
