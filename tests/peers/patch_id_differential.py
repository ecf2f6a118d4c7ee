#!/usr/bin/env python3
"""Compares our patch-ids with `git patch-id --stable` over commits of a repository, and our diffs with git's.

Three questions for each of the newest --commits commits that are no merges: does our reader give git's id for git's
text (as --unified, --stat and a changing number of context lines make it differ)? Does it for our own diff? Has our
diff the id of git's? The first two must always be so: exit code 1 where one is not. The third depends on which of
several equally short diffs is taken and is counted, with the commits that differ and why.

    patch_id_differential.py build/bin/conform --repo nova.git --commits 5000
"""
import argparse
import collections
import os
import subprocess
import sys

ENVIRONMENT = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C"}
FORMS = [["-U3"], ["-U0"], ["-U7", "--stat", "-p"], ["-U3", "--binary"], ["-U3", "-w"]]


def run(command, text=b""):
    return subprocess.run(command, input=text, stdout=subprocess.PIPE, env=ENVIRONMENT, check=True).stdout


def ids_of(output):
    """[(commit, id)] as printed."""
    return [tuple(reversed(line.split())) for line in output.decode().splitlines()]


def git_ids(text):
    return ids_of(run(["git", "patch-id", "--stable"], text))


def our_ids(conform, text):
    return ids_of(run([conform, "patch-ids"], text))


def git_diffs(repository, commits, form):
    command = ["git", "-C", repository, "diff-tree", "--stdin", "--root", "-r", "-p", "-M", "--full-index"]
    return run([*command, "--pretty=format:commit %H", *form], commits)


def changes_in(text):
    """The diff of each commit, from a text in which lines `commit …` begin them."""
    changes = {}
    for part in text.split(b"\ncommit ") if text else []:
        head, _, rest = part.removeprefix(b"commit ").partition(b"\n")
        changes[head[:40].decode()] = rest.strip(b"\n")
    return changes


def files_in(diff):
    return [line for line in diff.splitlines() if line.startswith(b"diff --git ")]


def reason(git_diff, our_diff):
    if not our_diff:
        return "no diff of ours"
    if files_in(git_diff) != files_in(our_diff):
        return "other files or renames"
    if b"Binary files" in git_diff or b"GIT binary patch" in git_diff:
        return "binary"
    if sorted(git_diff.splitlines()) == sorted(our_diff.splitlines()):
        return "order of lines"
    return "other hunks"


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("conform")
    parser.add_argument("--repo", required=True)
    parser.add_argument("--commits", type=int, default=2000)
    parser.add_argument("--show", type=int, default=10, help="commits named for each reason")
    options = parser.parse_args()
    commits = run(["git", "-C", options.repo, "rev-list", "--all", "--no-merges", f"--max-count={options.commits}"])
    failed = False
    for form in FORMS:
        text = git_diffs(options.repo, commits, form)
        expected, found = git_ids(text), our_ids(options.conform, text)
        failed |= expected != found
        same = sum(a == b for a, b in zip(expected, found))
        print(f"git's diffs {' '.join(form)}: {same} of {len(expected)} ids are git's")
    theirs = git_diffs(options.repo, commits, ["-U3"])
    ours = run([options.conform, "diffs", "--repo", options.repo], commits)
    failed |= git_ids(ours) != our_ids(options.conform, ours)
    expected, found = dict(git_ids(theirs)), dict(git_ids(ours))
    differing = [commit for commit in expected if expected[commit] != found.get(commit)]
    print(f"our diffs: {len(expected) - len(differing)} of {len(expected)} have the id of git's")
    their_diffs, our_diffs = changes_in(theirs), changes_in(ours)
    reasons = collections.defaultdict(list)
    for commit in differing:
        reasons[reason(their_diffs[commit], our_diffs.get(commit, b""))].append(commit)
    for why, which in sorted(reasons.items()):
        print(f"  {why}: {len(which)}: {' '.join(commit[:12] for commit in which[:options.show])}")
    return 1 if failed else 0


if __name__ == "__main__":
    sys.exit(main())
