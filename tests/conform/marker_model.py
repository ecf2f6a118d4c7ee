"""What a marker comes to, on packaging's own syntax tree, with each of uv's deviations on or off.

With all of them on it says what the engine must answer for every marker; with all of them off it must say what packaging
does. So a difference is explained by the deviations that bring it about, and by nothing else.
"""

import operator
import re

from packaging._parser import Variable
from packaging.specifiers import InvalidSpecifier, Specifier
from packaging.utils import canonicalize_name, InvalidName
from packaging.version import InvalidVersion, Version

RAISES = "raises"
ABSENT = None  # uv warns and goes on as if the clause were not there

# name: what the standard (the dependency specifiers specification) says; what packaging does; what uv does.
DEVIATIONS = {
    "no variable, or two": (
        "a comparison has a variable on one side at least",
        "looks a literal up as if it were a variable and fails, or compares with the other variable's name",
        "leaves the clause out with a warning"),
    "extra with another operator": (
        "says nothing about `in` or an order of extras; they are names to compare",
        "compares the texts",
        "leaves the clause out with a warning"),
    "extra that is no name": (
        "extras are names, and no extra active is not the same as an extra of an empty name",
        "has the empty text for no extra, so `extra == ''` is true",
        "never finds it among the active ones"),
    "versions in a list": (
        "`in` on a version is undefined (it was a text comparison)",
        "asks whether the text is part of the other",
        "reads the literal as versions between blanks, and leaves the clause out if one is none"),
    "no version": (
        "falls back to Python's comparison of texts where a side is no version",
        "compares texts with == and !=, takes an order for false, and fails for `~=`",
        "leaves the clause out with a warning"),
    "glued operator": (
        "an operator ends where the quote begins",
        "reads `== '=3.9'` as `===3.9`",
        "leaves the clause out, `=3.9` being no version"),
    "literal on the left": (
        "compares left to right",
        "asks whether the literal is in the range that the variable's value makes, which is not the mirror image for "
        "pre-releases, `~=`, `===` and `.*`",
        "mirrors the operator"),
    "platform_release is text": (
        "platform_release is no version everywhere (`6.8.0-31-generic`)",
        "compares versions where the literal is one",
        "always compares texts"),
    "order of texts": (
        "falls back to Python's order of texts",
        "takes < and > for false, <= and >= for ==",
        "the engine orders texts; uv 0.11.28 and 0.13.9, when run, answer as packaging does"),
    "~= and === on texts": (
        "`~=` on texts is an error, `===` is for versions",
        "fails",
        "leaves `~=` out with a warning; refuses `===` in any marker, where the engine takes it for `==`"),
}

VERSION_VARIABLES = {"python_version", "python_full_version", "implementation_version"}
MIRRORED = {"<": ">", "<=": ">=", ">": "<", ">=": "<="}
TEXT_ORDER = {"==": operator.eq, "===": operator.eq, "!=": operator.ne, "<": operator.lt, "<=": operator.le,
              ">": operator.gt, ">=": operator.ge, "in": lambda a, b: a in b, "not in": lambda a, b: a not in b}
PACKAGING_TEXT = {"==": operator.eq, "!=": operator.ne, "<": lambda a, b: False, "<=": operator.eq, ">": lambda a, b: False,
                  ">=": operator.eq, "in": lambda a, b: a in b, "not in": lambda a, b: a not in b}


def version_or_none(text):
    try:
        return Version(text)
    except InvalidVersion:
        return None


def words(text):
    """Between white space as Rust has it, which is not Python's: U+001C to U+001F are none."""
    return [word for word in re.split("[\t-\r \x85\xa0\u1680\u2000-\u200a\u2028\u2029\u202f\u205f\u3000]+", text) if word]


def specifier_or_none(op, text):
    try:
        made = Specifier(op + text)
    except InvalidSpecifier:
        return None
    return made


def packaging_clause(left, op, right, as_version):
    if as_version and (specifier := specifier_or_none(op, right)):
        return specifier.contains(left, prereleases=True)
    return PACKAGING_TEXT[op](left, right) if op in PACKAGING_TEXT else RAISES


class Model:
    """`on` is the set of deviations in force; `met` gathers those that some clause has to do with."""

    def __init__(self, environment, extra, on):
        self.environment = {**environment, "extra": extra or ""}
        self.extra = extra
        self.on = on
        self.met = set()

    def deviates(self, name):
        self.met.add(name)
        return name in self.on

    def value(self, side):
        return self.environment[side.value] if isinstance(side, Variable) else side.value

    def clause(self, left, op, right):
        op = op.value
        variables = [side.value for side in (left, right) if isinstance(side, Variable)]
        if len(variables) != 1:
            if self.deviates("no variable, or two"):
                return ABSENT
            if not variables:
                return RAISES if right.value not in self.environment else \
                    packaging_clause(left.value, op, self.environment[right.value], self.is_version(right.value))
            return packaging_clause(self.value(left), op, right.value, self.is_version(left.value))
        swapped = isinstance(right, Variable)
        literal = (left if swapped else right).value
        plain = lambda: packaging_clause(self.value(left), op, self.value(right), self.is_version(variables[0]))
        if variables[0] == "extra":
            return self.extra_clause(op, literal, plain)
        if variables[0] in VERSION_VARIABLES:
            return self.version_clause(op, literal, variables[0], swapped, plain)
        return self.text_clause(op, self.value(left), self.value(right), variables[0], plain)

    @staticmethod
    def is_version(variable):
        return variable in VERSION_VARIABLES or variable == "platform_release"

    def extra_clause(self, op, literal, plain):
        if op not in ("==", "!=") and self.deviates("extra with another operator"):
            return ABSENT
        if op in ("==", "!=") and literal == "" and self.extra is None and self.deviates("extra that is no name"):
            return op == "!="
        return plain()

    def version_clause(self, op, literal, variable, swapped, plain):
        value = Version(self.environment[variable])
        if op in ("in", "not in"):
            if not self.deviates("versions in a list"):
                return plain()
            versions = [version_or_none(word) if word.strip() == word else None for word in words(literal)]
            if swapped or None in versions:
                return ABSENT
            return (value in versions) == (op == "in")
        if swapped:
            if not self.deviates("literal on the left"):
                return plain()
            op = MIRRORED.get(op, op)
            if literal.strip().endswith(".*"):
                return ABSENT
            plain = lambda: packaging_clause(self.environment[variable], op, literal, True)
        if literal.startswith("=") and op in ("<", ">", "==") and specifier_or_none(op, literal):
            return ABSENT if self.deviates("glued operator") else plain()
        if specifier_or_none(op, literal) is None and self.deviates("no version"):
            return ABSENT
        return plain()

    def text_clause(self, op, left, right, variable, plain):
        if variable == "platform_release" and specifier_or_none(op, right):
            if not self.deviates("platform_release is text"):
                return plain()
        elif op in ("~=", "==="):
            if not self.deviates("~= and === on texts"):
                return plain()
        elif op in ("<", "<=", ">", ">="):
            if not self.deviates("order of texts"):
                return plain()
        return TEXT_ORDER[op](left, right) if op in TEXT_ORDER else ABSENT

    def group(self, items):
        alternatives, current, raised = [], [], False
        for item in items + ["or"]:
            if item == "or":
                made = [value for value in current if value is not ABSENT]
                if made:
                    alternatives.append(all(made))
                current = []
            elif item != "and":
                value = self.group(item) if isinstance(item, list) else self.clause(*item)
                raised = raised or value == RAISES
                current.append(value)
        if raised:
            return RAISES
        return any(alternatives) if alternatives else ABSENT

    def verdict(self, marker):
        value = self.group(marker._markers)
        return True if value is ABSENT else value


def explain(marker, environment, extra):
    """The engine's due answer, packaging's, and the deviations that bring about the difference."""
    everything = Model(environment, extra, set(DEVIATIONS))
    due = everything.verdict(marker)
    nothing = Model(environment, extra, set())
    theirs = nothing.verdict(marker)
    met = everything.met | nothing.met
    causes = [name for name in DEVIATIONS if name in met
              and Model(environment, extra, set(DEVIATIONS) - {name}).verdict(marker) != due]
    return due, theirs, causes or sorted(met)
