#!/usr/bin/env python3
"""Compares the versions that forge-analyze gives to commits with those of pbr's own get_version in full clones.

From each repository --count commits are taken: tags (pre-releases, ends of life and other names that are no version
among them), heads of branches, merges, commits below a `Sem-Ver:` footer, the first ones, and any. pbr is asked with
the `version` of the commit's setup.cfg, as a build does. Where it refuses to build we may say what we like: counted.
Exit code 1 where any version differs.

    pbr_versions.py build/bin/forge-analyze --python venv/bin/python --repo keystone.git --repo nova.git --seed 7
"""
import argparse
import json
import os
import pathlib
import random
import subprocess
import sys
import tempfile

ENVIRONMENT = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C.UTF-8"}
for name in ("PBR_VERSION", "OSLO_PACKAGE_VERSION"):
    ENVIRONMENT.pop(name, None)

PEER = r'''
import configparser, json, pathlib, subprocess, sys
from pbr.packaging import get_version

def pre_version(commit):
    shown = subprocess.run(["git", "show", commit + ":setup.cfg"], capture_output=True, text=True, errors="replace")
    parser = configparser.ConfigParser(interpolation=None, strict=False)
    try:
        parser.read_string(shown.stdout)
    except configparser.Error:
        return None
    return parser.get("metadata", "version", fallback=None)

for line in sys.stdin:
    commit = line.strip()
    pathlib.Path(".git/HEAD").write_text(commit + "\n")
    try:
        answer = get_version("no-such-name", pre_version(commit))
    except Exception as error:
        answer = None
        print(commit, error, file=sys.stderr)
    print(json.dumps(answer), flush=True)
'''


def git(repository, *words):
    done = subprocess.run(["git", "-C", str(repository), *words], capture_output=True, env=ENVIRONMENT, check=True)
    return done.stdout.decode("utf-8", "replace").splitlines()


def some(chooser, things, count):
    things = sorted(set(things))
    return chooser.sample(things, min(count, len(things)))


def sample(repository, count, chooser):
    """Commits of every kind, a part of `count` of each."""
    part = max(1, count // 6)
    tags = git(repository, "for-each-ref", "--format=%(refname:short) %(*objectname)%(objectname)", "refs/tags")
    by_tag = {name: rest[:40] for name, rest in (line.rsplit(" ", 1) for line in tags)}
    odd = {name: commit for name, commit in by_tag.items() if not name.replace(".", "").isdigit()}
    heads = [line.split()[0] for line in git(repository, "for-each-ref", "--format=%(objectname)", "refs/heads")]
    every = git(repository, "rev-list", "--all")
    raised = git(repository, "rev-list", "--all", "-i", "--grep=^sem-ver:")
    below = [line for commit in some(chooser, raised, part)
             for line in git(repository, "rev-list", "--all", "--ancestry-path", f"^{commit}")[-20:]]
    chosen = (some(chooser, by_tag.values(), part) + some(chooser, odd.values(), part) + some(chooser, heads, part)
              + some(chooser, git(repository, "rev-list", "--all", "--merges"), part) + some(chooser, below, part)
              + some(chooser, every[-200:], part // 2))
    # What peels to something else than a commit has no version.
    known = set(every)
    chosen = [commit for commit in dict.fromkeys(chosen) if commit in known]
    rest = [commit for commit in some(chooser, every, count) if commit not in chosen]
    return chosen + rest[:max(0, count - len(chosen))]


def pbr_versions(repository, commits, python, folder):
    clone = folder / "clone"
    subprocess.run(["git", "clone", "-q", "--shared", "--no-checkout", str(repository), str(clone)], env=ENVIRONMENT,
                   check=True)
    done = subprocess.run([python, "-c", PEER], input="".join(f"{commit}\n" for commit in commits), cwd=clone, text=True,
                          stdout=subprocess.PIPE, stderr=subprocess.DEVNULL, env=ENVIRONMENT, check=True)
    return [json.loads(line) for line in done.stdout.splitlines()]


def our_versions(binary, repository, commits, folder):
    releases = [f"{1000 + i // 2}.{1 + i % 2}" for i in range(len(commits))]
    for release, commit in zip(releases, commits):
        (folder / "releases" / release).mkdir(parents=True)
        (folder / "releases" / release / "source-refs.yaml").write_text(f'subject: "{commit}"\n')
    (folder / "forge.yaml").write_text(f"upstreams: {json.dumps({'subject': str(repository)})}\n")
    command = [binary, "refs", "-C", str(folder), "--format", "json"]
    done = subprocess.run(command, capture_output=True, text=True, env=ENVIRONMENT, check=False)
    if done.returncode > 1:
        sys.exit(done.stderr)
    versions = {row["release"]: row["version"] for row in json.loads(done.stdout)["refs"]}
    return [versions[release] for release in releases]


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("forge_analyze", type=os.path.abspath)
    parser.add_argument("--python", default=sys.executable, help="one that has pbr")
    parser.add_argument("--repo", action="append", required=True, type=pathlib.Path, help="a full clone or mirror")
    parser.add_argument("--count", type=int, default=60, help="commits of each repository")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    options.python = os.path.abspath(options.python)
    chooser = random.Random(options.seed)
    totals = {"equal": 0, "pbr refuses": 0, "differ": 0}
    for repository in options.repo:
        repository = repository.resolve()
        commits = sample(repository, options.count, chooser)
        with tempfile.TemporaryDirectory(prefix="pbr-versions-") as name:
            theirs = pbr_versions(repository, commits, options.python, pathlib.Path(name))
            ours = our_versions(options.forge_analyze, repository, commits, pathlib.Path(name))
        counts = dict.fromkeys(totals, 0)
        for commit, expected, got in zip(commits, theirs, ours):
            verdict = "pbr refuses" if expected is None else "equal" if expected == got else "differ"
            counts[verdict] += 1
            if verdict == "differ":
                print(f"  {commit}: pbr {expected}, forge-analyze {got}")
        print(f"{repository}: {counts}", flush=True)
        for verdict, number in counts.items():
            totals[verdict] += number
    print(f"all: {totals}")
    return 1 if totals["differ"] or not totals["equal"] else 0


if __name__ == "__main__":
    sys.exit(main())
