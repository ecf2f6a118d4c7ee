"""Why `conform` and packaging may differ on a text, and how to check that nothing else differs.

Each explanation says what the standard says, what packaging does and what the engine does. `rewrite` takes the feature out
of a row; None where the row does not have it. A difference counts as explained only where it is the one that `fits`, and
where both sides agree on the rewritten row.
"""

import dataclasses
import re
from typing import Callable

from packaging.utils import canonicalize_name


@dataclasses.dataclass
class Explanation:
    name: str
    standard: str
    packaging: str
    engine: str
    kinds: tuple
    rewrite: Callable
    fits: Callable


def on_texts(change):
    """A rewrite of the row's one text that may have the feature; None where nothing changes."""

    def rewrite(row):
        key = next(key for key in ("input", "marker", "specifier") if key in row)
        text = change(row[key])
        return None if text == row[key] else {**row, key: text}

    return rewrite


def on_all_texts(change):
    def rewrite(row):
        new = {key: change(value) if isinstance(value, str) and key not in ("environment", "extra") else value
               for key, value in row.items()}
        return None if new == row else new

    return rewrite


def only_packaging_takes_it(theirs, ours):
    return theirs != ours and ours in ({"valid": False}, {"cmp": None}) or ours.get("error") == "invalid-specifier"


def only_the_engine_takes_it(theirs, ours):
    return theirs in ({"valid": False}, {"cmp": None}) or theirs.get("error") is not None


def they_print_it_otherwise(theirs, ours):
    return theirs.get("valid") is True and ours.get("valid") is True


def flattened(text):
    while re.search(r"\({40}", text) and "((" in text and "))" in text:
        text = text.replace("((", "(", 1)[::-1].replace("))", ")", 1)[::-1]
    return text


EXTRA_LITERAL = re.compile(r"""(\bextra\s*(?:[=!<>~]=*|not\s+in|in)\s*)('[^']*'|"[^"]*")|('[^']*'|"[^"]*")(\s*(?:[=!<>~]=*|not\s+in|in)\s*extra\b)""")


def with_usual_extra(match):
    before, right, left, after = match.groups()
    literal = right or left
    usual = literal[0] + (canonicalize_name(literal[1:-1]).strip("-") or "x").replace(" ", "x") + literal[0]
    return before + usual if right else usual + after


EXPLANATIONS = [
    Explanation(
        "a name that ends with an underscore",
        "names start and end with an ASCII letter or digit",
        "lets a word boundary end a requirement's names, so a final `_` passes (as a name alone it does not)",
        "refuses it, as uv does",
        ("requirements",),
        on_texts(lambda text: re.sub(r"(?<=[A-Za-z0-9._-])_(?![\w.-])", "_u", text, flags=re.ASCII)),
        only_packaging_takes_it),
    Explanation(
        "`extras` and `dependency_groups`",
        "these variables are for lock files only",
        "parses them everywhere",
        "refuses them in a requirement",
        ("markers", "requirements"),
        on_texts(lambda text: re.sub(r"\b(extras|dependency_groups)\b", "os_name", text)),
        only_packaging_takes_it),
    Explanation(
        "a backslash in a marker's literal",
        "a literal's characters stand for themselves; the grammar has no escapes, and no backslash",
        "evaluates the literal as Python would, escapes and all",
        "keeps it as it stands, as uv does",
        ("markers", "requirements"),
        on_texts(lambda text: text.replace("\\", "x")),
        lambda theirs, ours: theirs != ours),
    Explanation(
        "an extra's name that is none",
        "names of extras are names",
        "prints what its normalisation makes of any text",
        "normalises names, prints anything else as it stands",
        ("markers", "requirements"),
        on_texts(lambda text: EXTRA_LITERAL.sub(with_usual_extra, text)),
        they_print_it_otherwise),
    Explanation(
        "a number of more than 4300 digits",
        "numbers have no bound",
        "Python refuses to read such a number",
        "compares digits of any number",
        ("versions", "compare", "specifiers", "contains", "requirements"),
        on_all_texts(lambda text: re.sub(r"\d{4301,}", lambda digits: digits[0][:4000], text)),
        only_the_engine_takes_it),
    Explanation(
        "a long s behind `~=`",
        "letters of a version are ASCII letters",
        "its pattern for `~=` ignores case beyond ASCII, so U+017F passes for `s`; the version is then an error",
        "refuses it",
        ("specifiers", "contains", "requirements"),
        on_texts(lambda text: text.replace("\u017f", "s")),
        only_packaging_takes_it),
    Explanation(
        "parentheses nested more than 64 deep",
        "says nothing of a depth",
        "goes on until Python's stack ends",
        "refuses it, so that no marker can exhaust the stack",
        ("markers", "requirements"),
        on_texts(flattened),
        only_packaging_takes_it),
]
