#!/usr/bin/env python3
"""Compares `forge-analyze bindep` with OpenDev's bindep on generated files.

Needs the package `bindep` importable (`python3 -m venv V && V/bin/pip install bindep`, then run with V/bin/python).
Each line is given to the real parser alone, since it refuses whole files; a line that it refuses must be a finding
there, every other one must give the same active rules with the same constraints. Stops with exit code 1 at the first
difference and prints what repeats it.

    bindep_differential.py build/bin/forge-analyze --rules 20000 --seed 1
"""
import argparse
import json
import os
import random
import subprocess
import sys
import tempfile
from unittest import mock

from bindep import depends
from parsley import makeGrammar

PARSE = makeGrammar(depends.grammar, {})
PROFILES = ["nova", "build", "test", "default", "a", "b", "x.y", "x-y", ":", "-"]
ATOMS = ["dpkg", "rpm", "ubuntu", "ubuntu-noble", "redhat", ""]
TARGETS = {
    "ubuntu:noble": ("ubuntu", "24.04", "noble", "Ubuntu"),
    "ubuntu:14.04": ("ubuntu", "14.04", "trusty", "Ubuntu"),
    "debian:bookworm": ("debian", "12", "bookworm", "Debian GNU/Linux"),
    "debian:9": ("debian", "9", "stretch", "Debian GNU/Linux"),
    "rocky:9.3": ("rocky", "9.3", "Blue Onyx", "Rocky Linux"),
    "centos:7": ("centos", "7", "Core", "CentOS Linux"),
    "centos:9": ("centos", "9", "", "CentOS Stream"),
    "rhel:9.6": ("rhel", "9.6", "Plow", "Red Hat Enterprise Linux"),
    "oracle:9.4": ("oracle", "9.4", "", "Oracle Linux Server"),
    "almalinux:10": ("almalinux", "10", "", "AlmaLinux"),
    "fedora:42": ("fedora", "42", "", "Fedora Linux"),
    "opensuse:15.6": ("opensuse", "15.6", "", "openSUSE Leap"),
    "sles:15.6": ("sles", "15.6", "", "SLES"),
    "amzn:2023": ("amzn", "2023", "", "Amazon Linux"),
    "alpine:3.23": ("alpine", "3.23", "", "Alpine Linux"),
    "arch:rolling": ("arch", "", "", "Arch Linux"),
    "manjaro:rolling": ("manjaro", "", "", "Manjaro Linux"),
}


def spaces(rng, least):
    return " " * rng.choice([least, least, least, least + 1, least + 2])


def atom(rng):
    name = rng.choice(PROFILES) if rng.random() < 0.6 else "platform:" + rng.choice(ATOMS)
    return ("!" if rng.random() < 0.3 else "") + name


def item(rng):
    if rng.random() < 0.7:
        return atom(rng)
    return "(" + " ".join(atom(rng) for _ in range(rng.randrange(4))) + spaces(rng, 0) + ")"


def version(rng):
    pieces = ["".join(rng.choice("0123ab.+~:") for _ in range(rng.randrange(4))) for _ in range(rng.randrange(1, 4))]
    return rng.choice(["", "", "1:", "0:"]) + rng.choice("0129") + "-".join(pieces)


def rule(rng):
    line = rng.choice(["x1", "libpq-dev", "g++", "/usr/bin/x", "python3.12", "A_b"])
    if rng.random() < 0.8:
        line += spaces(rng, 1) + "[" + " ".join(item(rng) for _ in range(rng.randrange(5))) + "]"
    if rng.random() < 0.3:
        operators = ["<", "<=", "==", "!=", ">=", ">"]
        line += spaces(rng, 1) + ",".join(rng.choice(operators) + version(rng) for _ in range(rng.randrange(1, 3)))
    if rng.random() < 0.1:
        line += spaces(rng, 0) + "# c\t#"
    return line


def mutate(rng, line):
    for _ in range(rng.choice([1, 1, 1, 2, 3])):
        at = rng.randrange(len(line) + 1)
        kind = rng.randrange(3)
        if kind == 0:
            line = line[:at] + rng.choice(" \t[]()!#,:;<>=~-+._/*@aZ0x\x0b\x0c") + line[at:]
        elif kind == 1:
            line = line[:at] + line[at + 1:]
        else:
            other = rng.randrange(len(line) + 1)
            line = line[:at] + line[other:other + 4] + line[at:]
    return line


def generate(rng, count):
    lines = []
    for _ in range(count):
        line = rule(rng)
        lines.append(mutate(rng, line) if rng.random() < 0.4 else line)
    return lines


def expected_rules(lines):
    """Line number -> rule of the real parser; None where it refuses the line."""
    answer = {}
    for number, line in enumerate(lines, 1):
        try:
            rules = PARSE(line + "\n").rules()
        except Exception:  # the parser raises several kinds
            answer[number] = None
            continue
        if rules:
            answer[number] = rules[0]
    return answer


def expected_active(rules, atoms, profiles):
    real = depends.Depends.__new__(depends.Depends)  # its constructor compiles the grammar anew
    active = set("platform:" + a for a in atoms) | set(profiles or ["default"])
    rows = []
    for number, one in rules.items():
        real._rules = [one] if one else []
        if real.active_rules(active):
            constraints = ",".join(op + version_ for op, version_ in one[2])
            rows.append([one[0], constraints or None, number])
    return rows


def run(tool, path, platform, profiles):
    command = [tool, "bindep", path, "--platform", platform, "--format", "json", "--quiet"]
    for profile in profiles:
        command += ["--profile=" + profile]
    done = subprocess.run(command, capture_output=True, check=False)
    if done.returncode not in (0, 1):
        sys.exit("%s: exit code %d, %s" % (" ".join(command), done.returncode, done.stderr.decode()))
    return json.loads(done.stdout)


def compare_file(tool, path, lines, rules, rng):
    bad = sorted(number for number, one in rules.items() if one is None)
    for _ in range(4):
        atoms = rng.sample([a for a in ATOMS if a], rng.randrange(1, 4))
        profiles = rng.sample(PROFILES, rng.randrange(4))
        answer = run(tool, path, ",".join(atoms), profiles)
        got = [[p["name"], p["constraint"], p["line"]] for p in answer["packages"]]
        got_bad = sorted({f["line"] for f in answer["findings"]})
        wanted = expected_active(rules, atoms, profiles)
        if got == wanted and got_bad == bad:
            continue
        print("platform", atoms, "profiles", profiles)
        for number in sorted(set(bad) ^ set(got_bad)):
            print("line %d: refused by %s only: %r" % (number, "bindep" if number in bad else "us", lines[number - 1]))
        for row in [r for r in wanted if r not in got] + [r for r in got if r not in wanted]:
            print("active for %s only: %r: %r" % ("bindep" if row in wanted else "us", row, lines[row[2] - 1]))
        return False
    return True


def compare_platforms(tool, folder):
    path = os.path.join(folder, "empty.txt")
    open(path, "w", encoding="utf-8").close()
    same = True
    for target, (distro_id, release, codename, name) in TARGETS.items():
        distro = mock.Mock(id=lambda v=distro_id: v, version=lambda v=release: v, codename=lambda v=codename: v)
        distro.name = lambda v=name: v
        with mock.patch.object(depends, "distro", distro):
            wanted = [a[len("platform:"):] for a in depends.Depends("").platform_profiles()]
        got = run(tool, path, target, [])["platform"]
        if got != wanted:
            print("%s: bindep has %s, we have %s" % (target, wanted, got))
            same = False
    return same


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("tool", help="path of forge-analyze")
    parser.add_argument("--rules", type=int, default=20000)
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    rng = random.Random(options.seed)
    per_file = 100
    refused = 0
    with tempfile.TemporaryDirectory() as folder:
        if not compare_platforms(options.tool, folder):
            return 1
        path = os.path.join(folder, "bindep.txt")
        for number in range(0, options.rules, per_file):
            lines = generate(rng, per_file)
            end = rng.choice(["\n", "\n", "\r\n", "\r"])
            with open(path, "w", encoding="utf-8", newline="") as file:
                file.write("".join(line + end for line in lines))
            rules = expected_rules(lines)
            if not compare_file(options.tool, path, lines, rules, rng):
                print("seed %d, lines %d and on" % (options.seed, number))
                return 1
            refused += sum(one is None for one in rules.values())
    print("%d lines, %d of them refused, and %d platforms: no difference" % (options.rules, refused, len(TARGETS)))
    return 0


if __name__ == "__main__":
    sys.exit(main())
