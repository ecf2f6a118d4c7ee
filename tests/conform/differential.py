#!/usr/bin/env python3
"""Compares `conform` with pypa/packaging (26 or newer, importable) on generated rows.

usage: differential.py CONFORM [--rows N in all] [--seed S] [--kinds KIND,KIND] [--table]

A row on which both give the same answer agrees. Any other must be explained, and the explanation is checked: a verdict of a
marker must be the one that marker_model.py computes for uv's rules, and the difference must come from one of its deviations;
any other difference must go away when the feature that explanations.py names is taken out of the row. Prints the count of
each explanation, and every difference that has none. Exit 1 if there is one.
"""

import argparse
import collections
import json
import subprocess
import sys
import tempfile
import warnings

from packaging.markers import InvalidMarker, Marker
from packaging.requirements import InvalidRequirement, Requirement
from packaging.specifiers import InvalidSpecifier, SpecifierSet
from packaging.utils import InvalidName, canonicalize_name
from packaging.version import InvalidVersion, Version

from explanations import EXPLANATIONS
from marker_model import DEVIATIONS, RAISES, explain
from rows import ENVIRONMENTS, Rows

# Shares of a million rows.
SHARES = {"versions": 140, "compare": 140, "specifiers": 120, "contains": 230, "markers": 220, "names": 50, "requirements": 100}
CHUNK = 20000


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
    except (KeyError, ValueError):
        out["verdict"] = RAISES
    return out


def answer_contains(row):
    try:
        specifiers = SpecifierSet(row["specifier"])
        specifiers.contains(Version("1"), prereleases=True)  # a clause may turn out to be none only here
    except ValueError:
        return {"verdict": None, "error": "invalid-specifier"}
    try:
        version = Version(row["version"])
    except ValueError:
        return {"verdict": None, "error": "invalid-version"}
    return {"verdict": specifiers.contains(version, prereleases=True),
            "no_prereleases": specifiers.contains(version, prereleases=False)}


def answer(kind, row):
    try:
        if kind == "versions":
            return with_large_numbers_as_text(parts(Version(row["input"])))
        if kind == "names":
            return {"valid": True, "normalized": canonicalize_name(row["input"], validate=True)}
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
    except ValueError as error:  # all of packaging's own; a plain one where Python does not read so large a number
        own = (InvalidVersion, InvalidName, InvalidSpecifier, InvalidRequirement, InvalidMarker)
        assert isinstance(error, own) or "4300 digits" in str(error), error
        return {"cmp": None} if kind == "compare" else {"valid": False}


class Engine:
    def __init__(self, conform, environments_file):
        self.conform = conform
        self.environments_file = environments_file

    def answers(self, kind, rows):
        command = [self.conform, kind] + (["--environments", self.environments_file] if kind == "markers" else [])
        lines = "".join(json.dumps(row) + "\n" for row in rows)
        output = subprocess.run(command, input=lines, capture_output=True, encoding="utf-8", check=True).stdout.split("\n")[:-1]
        assert len(output) == len(rows), f"{kind}: {len(output)} answers to {len(rows)} rows"
        return [json.loads(line) for line in output]


def same(theirs, ours):
    return all(key in ours and ours[key] == value for key, value in theirs.items())


def marker_explanation(row, theirs, ours):
    """Names of deviations where only the verdict differs, and as it should; else None."""
    if not (theirs.get("valid") and ours.get("valid")) or theirs["normalized"] != ours["normalized"]:
        return None
    due, model_of_packaging, causes = explain(Marker(row["marker"]), ENVIRONMENTS[row["environment"]], row["extra"])
    if due != ours["verdict"] or model_of_packaging != theirs["verdict"]:
        return None
    return " + ".join(causes) or None


def text_explanation(engine, kind, row, theirs, ours, depth=3):
    """Names of explanations that make both sides agree once their features are gone; else None."""
    for explanation in EXPLANATIONS:
        if kind not in explanation.kinds or not explanation.fits(theirs, ours):
            continue
        new = explanation.rewrite(row)
        if new is None:
            continue
        their_new, our_new = answer(kind, new), engine.answers(kind, [new])[0]
        if same(their_new, our_new) or kind == "markers" and marker_explanation(new, their_new, our_new):
            return explanation.name
        if depth > 1 and (rest := text_explanation(engine, kind, new, their_new, our_new, depth - 1)):
            return explanation.name + " + " + rest
    return None


def compare(engine, kind, rows, counts, unexplained):
    for row, ours in zip(rows, engine.answers(kind, rows)):
        theirs = answer(kind, row)
        if same(theirs, ours):
            counts["agree"] += 1
            continue
        reason = marker_explanation(row, theirs, ours) if kind == "markers" else None
        reason = reason or text_explanation(engine, kind, row, theirs, ours)
        if reason:
            counts[reason] += 1
        else:
            unexplained.append((row, theirs, ours))


def print_table():
    for explanation in EXPLANATIONS:
        print(f"{explanation.name}\n  standard:  {explanation.standard}\n  packaging: {explanation.packaging}\n"
              f"  engine:    {explanation.engine}")
    for name, (standard, packaging, uv) in DEVIATIONS.items():
        print(f"{name}\n  standard:  {standard}\n  packaging: {packaging}\n  engine, uv: {uv}")


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("conform", nargs="?")
    arguments.add_argument("--rows", type=int, default=100000)
    arguments.add_argument("--seed", type=int, default=1)
    arguments.add_argument("--kinds", default=",".join(SHARES))
    arguments.add_argument("--table", action="store_true", help="only print what each explanation says")
    options = arguments.parse_args()
    if options.table:
        print_table()
        return 0
    warnings.simplefilter("ignore")  # of literals with backslashes, which packaging evaluates
    failures = total = 0
    with tempfile.NamedTemporaryFile("w", suffix=".json") as environments:
        json.dump(ENVIRONMENTS, environments)
        environments.flush()
        engine = Engine(options.conform, environments.name)
        kinds = options.kinds.split(",")
        for kind in kinds:
            rows = Rows(f"{options.seed} {kind}")
            counts, unexplained = collections.Counter(), []
            left = options.rows * SHARES[kind] // sum(SHARES[one] for one in kinds)
            while left > 0:
                made = [rows.row(kind) for _ in range(min(left, CHUNK))]
                compare(engine, kind, made, counts, unexplained)
                left -= len(made)
            agreed = counts.pop("agree", 0)
            total += agreed + sum(counts.values()) + len(unexplained)
            print(f"{kind}: {agreed} agree, {sum(counts.values())} differ as explained, {len(unexplained)} for no known reason",
                  flush=True)
            for reason, count in counts.most_common():
                print(f"  {count} {reason}")
            for row, theirs, ours in unexplained[:20]:
                print(f"  row {json.dumps(row)}\n    packaging {theirs}\n    engine    {ours}")
            failures += len(unexplained)
    print(f"{total} rows")
    return 1 if failures else 0


if __name__ == "__main__":
    sys.exit(main())
