#!/usr/bin/env python3
"""action.yml, its script and the pre-commit hook: every input is used, every use is an input, and the script does with
them what it should, with a program that only notes how it was called."""

import os
import pathlib
import re
import subprocess
import sys
import tempfile

ROOT = pathlib.Path(__file__).resolve().parents[2]

try:
    import yaml
except ImportError:
    print("SKIPPED: Python's yaml is not installed")
    sys.exit(77)

failed = 0


def expect(what, holds):
    global failed
    if not holds:
        failed += 1
        print(f"FAILED: {what}")


def script(step, variables, exit_code=0):
    """What was called, the step's outputs, and its exit code."""
    with tempfile.TemporaryDirectory() as folder:
        calls, outputs = pathlib.Path(folder, "calls"), pathlib.Path(folder, "outputs")
        program = pathlib.Path(folder, "forge-analyze")
        program.write_text(f'#!/bin/sh\nfor word in "$@"; do printf "%s|" "$word" >> {calls}; done\n'
                           f"echo >> {calls}\nexit {exit_code}\n")
        program.chmod(0o755)
        environment = {"PATH": f"{folder}:{os.environ['PATH']}", "GITHUB_OUTPUT": str(outputs), "RUNNER_TEMP": folder}
        done = subprocess.run([ROOT / "scripts" / "action", step], cwd=folder, env=environment | variables)
        return (calls.read_text().splitlines() if calls.exists() else [],
                outputs.read_text() if outputs.exists() else "", done.returncode)


def main():
    text = (ROOT / "action.yml").read_text()
    action = yaml.safe_load(text)
    used = set(re.findall(r"inputs\.([a-z-]+)", text))
    expect(f"inputs are those that are used: {used ^ set(action['inputs'])}", used == set(action["inputs"]))
    for name, about in [*action["inputs"].items(), *action["outputs"].items()]:
        expect(f"`{name}` has a description", bool(about.get("description")))
    for step in action["runs"]["steps"]:
        expect("no input becomes a part of a script", "${{" not in step.get("run", ""))
        expect("each script names its shell", "run" not in step or "shell" in step)
        variables = set(step.get("env", {}))
        known = (ROOT / "scripts" / "action").read_text() + step.get("run", "")
        expect(f"the script reads {variables}", all(re.search(rf"\b{name}\b", known) for name in variables))

    calls, outputs, code = script("run", {"COMMAND": "check", "FORGE": "a b", "RELEASE": "2025.2", "FAIL_ON": "warning",
                                          "OPTIONS": "--offline -v", "BASELINE": "$(touch x)"}, 1)
    expect(f"check: {calls}", calls == ["check|-C|a b|--release|2025.2|--fail-on|warning|--baseline|$(touch x)|--offline"
                                        "|-v|--format|github|"])
    expect("the findings' exit code is an output, and the step goes on to the upload", (outputs, code) ==
           ("exit-code=1\n", 0))
    calls, outputs, _ = script("run", {"COMMAND": "check", "SARIF_FILE": "x.sarif"})
    expect(f"sarif: {calls}", len(calls) == 2 and "|--format|sarif|--output|x.sarif|" in calls[0])
    expect("the SARIF file is an output", "sarif-file=x.sarif\n" in outputs)
    calls, outputs, _ = script("run", {"COMMAND": "plan", "SINCE": "origin/main", "MIRROR": "m"})
    expect(f"plan: {calls}",
           calls == ["plan|-C|.|--mirror|m|--since|origin/main|--format|matrix|--github-output|"])
    calls, outputs, _ = script("run", {"COMMAND": "rm"})
    expect("another command is refused", calls == [] and outputs.endswith("exit-code=2\n"))
    calls, _, _ = script("sync", {"FORGE": "f"})
    expect(f"sync: {calls}", calls == ["mirror|sync|-C|f|"])

    hooks = yaml.safe_load((ROOT / ".pre-commit-hooks.yaml").read_text())
    expect("one hook, with what pre-commit needs of it",
           [set(hook) >= {"id", "name", "entry", "language"} for hook in hooks] == [True])
    files = re.compile(hooks[0]["files"])
    for path in ["releases/2025.2/source-refs.yaml", "images/nova/Dockerfile", "forge.yaml", "patches/x/2025.2/1.patch"]:
        expect(f"the hook looks at {path}", files.search(path))
    expect("the hook does not look at README.md", not files.search("README.md"))
    sys.exit(1 if failed else 0)


main()
