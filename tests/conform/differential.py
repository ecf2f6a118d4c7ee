#!/usr/bin/env python3
"""Compares `conform` with pypa/packaging (26 or newer, importable) on generated rows.

usage: differential.py CONFORM [--rows N per kind] [--seed S]

Prints how many rows of each kind agree, how many differ for a known reason, and each that differs for none.
Exit 1 if there is one of the last.
"""

import argparse
import collections
import json
import random
import re
import subprocess
import sys
import tempfile

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import canonicalize_name
from packaging.version import InvalidVersion, Version

ENVIRONMENTS = {
    name: {
        "os_name": os_name,
        "sys_platform": platform,
        "platform_machine": machine,
        "platform_python_implementation": implementation,
        "platform_release": "",
        "platform_system": system,
        "platform_version": "",
        "python_version": ".".join(python.split(".")[:2]),
        "python_full_version": python,
        "implementation_name": implementation.lower(),
        "implementation_version": python,
    }
    for name, os_name, platform, machine, implementation, system, python in [
        ("linux", "posix", "linux", "x86_64", "CPython", "Linux", "3.12.3"),
        ("old", "posix", "linux", "aarch64", "CPython", "Linux", "3.9.21"),
        ("windows", "nt", "win32", "AMD64", "CPython", "Windows", "3.13.0rc2"),
        ("pypy", "posix", "darwin", "arm64", "PyPy", "Darwin", "3.10.14"),
    ]
}
VERSION_VARIABLES = ["python_version", "python_full_version", "implementation_version"]
TEXT_VARIABLES = ["os_name", "sys_platform", "platform_machine", "platform_python_implementation", "platform_system",
                  "platform_version", "implementation_name", "os.name", "sys.platform", "platform.version",
                  "platform.machine", "platform.python_implementation", "python_implementation"]
OPERATORS = ["==", "!=", "<", "<=", ">", ">=", "~=", "==="]


class Rows:
    """Random rows, each a mostly valid text with now and then something wrong in it."""

    def __init__(self, seed):
        self.random = random.Random(seed)
        self.pick = self.random.choice

    def maybe(self, chance, text):
        return text if self.random.random() < chance else ""

    def number(self):
        return self.pick(["0", "1", "2", "3", "9", "10", "12", "007", "2025", "18446744073709551616",
                          "340282366920938463463374607431768211456"][: self.pick([6, 9, 9, 11])])

    def release(self):
        return ".".join(self.number() for _ in range(self.pick([1, 1, 2, 2, 3, 3, 4])))

    def suffix(self):
        separator = lambda: self.pick(["", "", "", ".", "-", "_"])
        out = self.maybe(0.3, separator() + self.pick("a b c rc alpha beta pre preview RC Alpha".split()) + separator()
                         + self.pick(["", "0", "1", "2", "10"]))
        out += self.maybe(0.25, self.pick([separator() + self.pick("post rev r POST".split()) + separator()
                                           + self.pick(["", "0", "1", "2"]), "-" + self.pick("012")]))
        return out + self.maybe(0.25, separator() + self.pick(["dev", "DEV"]) + separator() + self.pick(["", "0", "3"]))

    def local(self):
        return "+" + self.pick([".", "-", "_"]).join(self.pick(["1", "01", "10", "abc", "ABC", "a1", "ubuntu"])
                                                   for _ in range(self.pick([1, 1, 2, 3])))

    def spoiled(self, text, chance=0.05):
        if not text or self.random.random() >= chance:
            return text
        at = self.random.randrange(len(text) + 1)
        return self.pick([text[:at] + self.pick("+-_. !*,;()[]'\"a1v@#=<>~\u00e9\u017f\n\t") + text[at:],
                          text[: at - 1] + text[at:] if at else text])

    def version(self):
        return self.spoiled(self.maybe(0.03, " ") + self.maybe(0.05, self.pick("vV")) + self.maybe(0.1, self.pick(["0!", "1!"]))
                            + self.release() + self.suffix() + self.maybe(0.15, self.local()) + self.maybe(0.03, "\n"))

    def near_version(self):
        """Few distinct values, so that comparisons meet at the edges."""
        return (self.pick(["1", "1.0", "1.0.0", "1.1", "1.0.1", "2", "0.9", "1!1.0", "0", "0.0"])
                + self.pick(["", "", "a1", "a2", "rc1", "b0"]) + self.pick(["", "", "", ".post0", ".post1", ".post2"])
                + self.pick(["", "", "", ".dev0", ".dev1"]) + self.pick(["", "", "", "+1", "+abc", "+abc.2"]))

    def clause(self):
        operator = self.pick(OPERATORS)
        version = self.pick([self.near_version, self.near_version, self.version])()
        if self.random.random() < 0.8 and operator not in ("==", "!=", "==="):
            version = version.split("+")[0]
        if operator in ("==", "!=") and self.random.random() < 0.3:
            version = re.match(r"[v ]?(\d+!)?[\d.]*", version)[0].rstrip(".") + ".*"
        return operator + self.maybe(0.2, " ") + version

    def specifier(self):
        text = self.pick([",", ",", ", ", " , ", ",,"]).join(self.clause() for _ in range(self.pick([0, 1, 1, 1, 2, 3])))
        return self.spoiled(text + self.maybe(0.03, ","))

    def quoted(self, text):
        quote = self.pick("'\"")
        return quote + text + quote

    def agreed_clause(self):
        """One that packaging and uv understand alike."""
        kind = self.pick(["version", "version", "text", "extra"])
        if kind == "version":
            variable = self.pick(VERSION_VARIABLES)
            operator = self.pick(["==", "!=", "<", "<=", ">", ">="])
            literal = self.pick(["2.7", "3", "3.8", "3.9", "3.10", "3.12", "3.12.3", "3.13", "3.13.0rc1", "3.10.14"])
            if self.random.random() < 0.2:
                return variable + operator + self.quoted(literal) if operator not in ("==", "!=") else \
                    f"{variable} {operator} {self.quoted(literal.split('rc')[0] + '.*')}"
            if self.random.random() < 0.1:
                return f"{variable} ~= {self.quoted('3.' + self.pick(['8', '10', '12.1']))}"
            return self.sides(variable, operator, literal)
        if kind == "text":
            variable = self.pick(TEXT_VARIABLES)
            literal = self.pick(["linux", "win32", "posix", "x86_64", "CPython", "linux win32", "x86_64 aarch64", "Linux",
                                 "", "arm64", "pypy"])
            return self.sides(variable, self.pick(["==", "!=", " in ", " not in "]), literal)
        return self.sides("extra", self.pick(["==", "!="]), self.pick(["test", "S3", "a_b", "a.b", "LDAP"]))

    def sides(self, variable, operator, literal):
        operator = self.maybe(0.5, " ") + operator + self.maybe(0.5, " ")
        pair = [variable, self.quoted(literal)]
        if self.random.random() < 0.2:
            pair.reverse()
        return operator.join(pair)

    def marker(self, depth=0):
        out = []
        for _ in range(self.pick([1, 1, 1, 2, 2, 3])):
            nested = depth < 3 and self.random.random() < 0.2
            out.append(f"({self.maybe(.2, ' ')}{self.marker(depth + 1)})" if nested else self.agreed_clause())
            out.append(self.pick([" and ", " or ", "  and\t"]))
        return "".join(out[:-1])

    def name(self):
        return self.spoiled(self.pick(["oslo.messaging", "PyMySQL", "a", "a1", "glance_store", "a..b", "0x", "foo--bar"]))

    def requirement(self):
        blank = lambda: self.maybe(0.3, " ")
        text = blank() + self.name() + blank()
        if self.random.random() < 0.3:
            extras = (blank() + "," + blank()).join(self.pick(["test", "S3", "a_b"]) for _ in range(self.pick([0, 1, 1, 2])))
            text += "[" + blank() + extras + blank() + "]" + blank()
        if self.random.random() < 0.1:
            text += "@" + blank() + self.pick(["https://x.org/a.whl", "./x", "git+https://h/r@v1#egg=a"]) + " "
        else:
            specifier = self.specifier()
            text += f"({specifier})" if self.random.random() < 0.2 else specifier
        text += self.maybe(0.3, blank() + ";" + blank() + self.marker())
        return self.spoiled(text + blank())

    def row(self, kind):
        if kind == "versions":
            return {"input": self.version()}
        if kind == "names":
            return {"input": self.name()}
        if kind == "compare":
            near = self.random.random() < 0.5
            make = self.near_version if near else self.version
            return {"a": make(), "b": make()}
        if kind == "specifiers":
            return {"input": self.specifier()}
        if kind == "contains":
            return {"specifier": self.specifier(), "version": self.pick([self.near_version, self.near_version, self.version])()}
        if kind == "requirements":
            return {"input": self.requirement()}
        return {"marker": self.spoiled(self.marker()), "environment": self.pick(list(ENVIRONMENTS)),
                "extra": self.pick([None, None, "test", "s3", "a-b"])}


def parts(version):
    return {"valid": True, "normalized": str(version), "public": version.public, "base": version.base_version,
            "epoch": version.epoch, "release": list(version.release), "pre": list(version.pre) if version.pre else None,
            "post": version.post, "dev": version.dev, "local": version.local, "prerelease": version.is_prerelease,
            "postrelease": version.is_postrelease, "devrelease": version.is_devrelease}


def with_large_numbers_as_text(value):
    if isinstance(value, bool) or value is None or isinstance(value, str):
        return value
    if isinstance(value, int):
        return value if value < 2**64 else str(value)
    if isinstance(value, list):
        return [with_large_numbers_as_text(item) for item in value]
    return {key: with_large_numbers_as_text(item) for key, item in value.items()}


def clauses(specifiers):
    return sorted({str(specifier) for specifier in specifiers})


def answer_requirement(text):
    requirement = Requirement(text)
    return {"valid": True, "name": requirement.name, "normalized_name": canonicalize_name(requirement.name),
            "extras": sorted({canonicalize_name(extra) for extra in requirement.extras}),
            "clauses": clauses(requirement.specifier), "url": requirement.url,
            "marker": str(requirement.marker) if requirement.marker else None}


def answer_marker(row):
    marker = Marker(row["marker"])
    out = {"valid": True, "normalized": str(marker)}
    try:
        out["verdict"] = marker.evaluate({**ENVIRONMENTS[row["environment"]], "extra": row["extra"] or ""})
    except Exception:  # what it can't compare; the printed form still counts
        pass
    return out


def answer_contains(row):
    try:
        specifiers = SpecifierSet(row["specifier"])
    except InvalidSpecifier:
        return {"verdict": None, "error": "invalid-specifier"}
    try:
        version = Version(row["version"])
    except InvalidVersion:
        return {"verdict": None, "error": "invalid-version"}
    return {"verdict": specifiers.contains(version, prereleases=True),
            "no_prereleases": specifiers.contains(version, prereleases=False)}


def answer(kind, row):
    try:
        if kind == "versions":
            return with_large_numbers_as_text(parts(Version(row["input"])))
        if kind == "names":
            valid = re.fullmatch(r"[A-Za-z0-9]([A-Za-z0-9._-]*[A-Za-z0-9])?", row["input"])
            return {"valid": True, "normalized": canonicalize_name(row["input"])} if valid else {"valid": False}
        if kind == "compare":
            a, b = Version(row["a"]), Version(row["b"])
            return {"cmp": (a > b) - (a < b)}
        if kind == "specifiers":
            return {"valid": True, "clauses": clauses(SpecifierSet(row["input"]))}
        if kind == "contains":
            return answer_contains(row)
        if kind == "requirements":
            return answer_requirement(row["input"])
        return answer_marker(row)
    except InvalidVersion:
        return {"cmp": None} if kind == "compare" else {"valid": False}
    except (InvalidSpecifier, InvalidRequirement, InvalidMarker):
        return {"valid": False}


def known_reason(kind, row, theirs, ours):
    """Why a row may differ; None where it may not."""
    text = row.get("input") or row.get("marker") or row.get("specifier") or ""
    everything = " ".join(str(value) for value in row.values())
    if not everything.isascii():
        return "only ASCII is white space or a letter here"
    if kind == "requirements" and re.match(r"\s*[\w.-]*_(?![\w.-])", text) or re.search(r"_\s*[,\]]", text):
        return "packaging lets a name end with an underscore"
    if "extras" in text or "dependency_groups" in text:
        return "variables of lock files are refused here"
    if kind == "markers" and ours.get("normalized") == theirs.get("normalized"):
        for clause in re.findall(r"""(?:[\w.]+|'[^']*'|"[^"]*")\s*(?:not\s+in|in|[<>=!~]+)\s*(?:[\w.]+|'[^']*'|"[^"]*")""", text):
            reason = clause_reason(clause)
            if reason:
                return reason
    if kind in ("markers", "requirements") and re.search(r"""extra\b\s*[=!]|[=!]\s*extra\b""", text):
        return "names of extras that are none are printed as they stand"
    return None


def clause_reason(clause):
    left, operator, right = re.match(r"""([\w.]+|'[^']*'|"[^"]*")\s*(not\s+in|in|[<>=!~]+)\s*(.*)""", clause).groups()
    variables = [side for side in (left, right) if side[0] not in "'\""]
    literal = (right if right[0] in "'\"" else left)[1:-1]
    if len(variables) != 1:
        return "a comparison of two literals or two variables counts as absent, as in uv"
    if variables[0] == "extra":
        return "an extra takes == and != with a name, as in uv"
    if variables[0] not in VERSION_VARIABLES:
        return "texts are ordered as texts, as in uv" if operator.strip("=!") or operator == "===" else None
    if "in" in operator:
        return "versions `in` a list are compared as versions, as in uv"
    if left not in VERSION_VARIABLES and (operator == "~=" or literal.endswith(".*")):
        return "`~=` and `.*` with the literal on the left, as in uv"
    if left not in VERSION_VARIABLES:
        # packaging asks whether the literal is in `op variable`, which is not the mirror image for pre-releases.
        return "the literal on the left is mirrored, as in uv"
    try:
        SpecifierSet(operator + literal)
    except InvalidSpecifier:
        return "a bad version counts as absent, as in uv"
    return None


def compare(conform, kind, rows, environments_file):
    command = [conform, kind] + (["--environments", environments_file] if kind == "markers" else [])
    lines = "".join(json.dumps(row) + "\n" for row in rows)
    output = subprocess.run(command, input=lines, capture_output=True, text=True, check=True).stdout.splitlines()
    assert len(output) == len(rows), f"{kind}: {len(output)} answers to {len(rows)} rows"
    agreed, known, unknown = 0, collections.Counter(), []
    for row, line in zip(rows, output):
        ours, theirs = json.loads(line), answer(kind, row)
        if all(key in ours and ours[key] == value for key, value in theirs.items()):
            agreed += 1
        elif reason := known_reason(kind, row, theirs, ours):
            known[reason] += 1
        else:
            unknown.append((row, theirs, ours))
    return agreed, known, unknown


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("conform")
    arguments.add_argument("--rows", type=int, default=15000)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    failures = 0
    with tempfile.NamedTemporaryFile("w", suffix=".json") as environments:
        json.dump(ENVIRONMENTS, environments)
        environments.flush()
        rows = Rows(options.seed)
        for kind in ["versions", "compare", "specifiers", "contains", "markers", "names", "requirements"]:
            made = [rows.row(kind) for _ in range(options.rows)]
            agreed, known, unknown = compare(options.conform, kind, made, environments.name)
            print(f"{kind}: {agreed} agree, {sum(known.values())} differ for known reasons, {len(unknown)} for none")
            for reason, count in known.most_common():
                print(f"  {count} {reason}")
            for row, theirs, ours in unknown[:20]:
                print(f"  row {json.dumps(row)}\n    packaging {theirs}\n    engine    {ours}")
            failures += len(unknown)
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
