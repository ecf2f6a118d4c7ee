#!/usr/bin/env python3
"""Builds wheels from our exports and from full clones of the same commits, and compares them byte by byte.

Of each repository: the newest tags that are versions, a few tags and commits by chance, the head of a branch, and a
patch on top that changes a file and adds two (one beside the package's modules that is no Python, one in a folder without
`__init__.py`). In the clone the patch is in the index, as `git apply --index` leaves it: what is committed on top would
have another version, and a commit that nobody else has. Every --python builds each pair; give several for several
versions of pbr and setuptools. No network: the build's requirements are those of that Python.

With --uv the wheel is `uv build --wheel`'s, which asks the build backend for it and nothing else. Without, it is pip's,
which as every installer asks for the metadata first. From setuptools 70.1 on that is made in a folder of its own, into
which only pbr writes pbr.json, and pbr only with git: there, a wheel of ours may lack that one file (`but pbr.json`).

A pair is `equal` (the files are the same to the last byte), `differs` (and how), or `unbuilt` (the clone can't be
built either). Exit code 1 where one differs, or our export alone can't be built.

    pbr_wheels.py build/bin/forge-analyze --uv venv/bin/uv --repo keystone=keystone.git --python pbr7/bin/python
"""
import argparse
import json
import os
import pathlib
import random
import re
import shutil
import subprocess
import sys
import tempfile
import zipfile

ENVIRONMENT = {**os.environ, "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C.UTF-8",
               "PIP_DISABLE_PIP_VERSION_CHECK": "1", "PIP_NO_INPUT": "1"}
for variable in ("PBR_VERSION", "OSLO_PACKAGE_VERSION", "SOURCE_DATE_EPOCH"):
    ENVIRONMENT.pop(variable, None)


def run(*command, folder=None, check=True, **more):
    words = [str(word) for word in command]
    done = subprocess.run(words, cwd=folder, capture_output=True, env={**ENVIRONMENT, **more}, check=False)
    if check and done.returncode:
        sys.exit(f"`{' '.join(words[:6])}` ends with {done.returncode}: {done.stderr.decode('utf-8', 'replace')[-2000:]}")
    return done


def git(repository, *words):
    return run("git", "-C", repository, *words).stdout.decode("utf-8", "replace").splitlines()


def refs_of(repository, chooser, count):
    """Some refs of every kind: [(name for people, ref)]."""
    tags = git(repository, "tag", "--sort=-creatordate")
    versions = [tag for tag in tags if re.fullmatch(r"\d+\.\d+\.\d+", tag)]
    others = [tag for tag in tags if tag not in versions]
    recent = git(repository, "rev-list", "--max-count=4000", "--all")
    heads = git(repository, "for-each-ref", "--format=%(refname:short)", "refs/heads")
    chosen = versions[:2] + chooser.sample(versions[2:30], min(1, len(versions[2:30])))
    chosen += chooser.sample(others[:30], min(1, len(others[:30]))) + chooser.sample(heads, min(1, len(heads)))
    chosen += chooser.sample(recent, min(2, len(recent)))
    return list(dict.fromkeys(chosen))[:count]


def patch_in(clone):
    """Changes the clone's index; the patch."""
    package = next(pathlib.Path(name).parent for name in sorted(git(clone, "ls-files"), key=lambda n: (n.count("/"), n))
                   if name.endswith("/__init__.py") and not name.startswith(("tests/", "doc/", "tools/", "releasenotes/")))
    (clone / package / "added by a patch.ini").write_text("[added]\nby = patch\n")
    (clone / package / "no_package").mkdir()
    (clone / package / "no_package" / "added.py").write_text("ADDED = True\n")
    with open(clone / package / "__init__.py", "a", encoding="utf-8") as module:
        module.write("\n# changed by a patch\n")
    git(clone, "add", "-A")
    return run("git", "-C", clone, "diff", "--cached", "--binary", "HEAD").stdout


def build(options, python, tree, out, epoch):
    """The wheel, or the last words of what failed."""
    command = [python, "-m", "pip", "wheel", "-q", "--no-deps", "--no-build-isolation", "--no-index", "-w", out, tree]
    if options.uv:
        command = [options.uv, "build", "-q", "--wheel", "--offline", "--no-build-isolation", "--python", python, "-o", out,
                   tree]
    done = run(*command, check=False, SOURCE_DATE_EPOCH=epoch)
    wheels = list(out.glob("*.whl"))
    return (wheels[0], "") if wheels else (None, done.stderr.decode("utf-8", "replace").strip()[-1500:])


def differences(expected, got):
    if expected.name != got.name:
        yield f"name: {expected.name} against {got.name}"
    with zipfile.ZipFile(expected) as one, zipfile.ZipFile(got) as other:
        names = [one.namelist(), other.namelist()]
        for name in sorted(set(names[0]) ^ set(names[1])):
            yield f"{'only in the clone' if name in names[0] else 'only in ours'}: {name}"
        for name in names[0]:
            if name not in names[1] or name.endswith("/RECORD"):
                continue
            if one.read(name) != other.read(name):
                yield f"content: {name}: {one.read(name)[:120]!r} against {other.read(name)[:120]!r}"
            for what in ("date_time", "external_attr"):
                pair = getattr(one.getinfo(name), what), getattr(other.getinfo(name), what)
                if pair[0] != pair[1]:
                    yield f"{what}: {name}: {pair[0]} against {pair[1]}"
        if names[0] != names[1] and sorted(names[0]) == sorted(names[1]):
            yield "order of files"


def compare(options, folder, component, repository, ref, patched):
    """One line for each Python, whether all is well."""
    clone, forge = folder / "clone", folder / "forge"
    git(folder, "clone", "-q", "--no-checkout", repository, clone)
    git(clone, "checkout", "-q", "--detach", git(repository, "rev-parse", f"{ref}^{{commit}}")[0])
    series = forge / "patches" / component / "2025.2"
    series.mkdir(parents=True)
    (forge / "releases" / "2025.2").mkdir(parents=True)
    (forge / "releases" / "2025.2" / "source-refs.yaml").write_text(f"{component}: {json.dumps(ref)}\n")
    (forge / "forge.yaml").write_text(f"upstreams: {json.dumps({component: str(repository)})}\n")
    if patched:
        (series / "0001-added.patch").write_bytes(patch_in(clone))
    ours = folder / "ours" / component
    run(options.forge_analyze, "source", "export", "-C", forge, "--component", component, "-o", ours)
    epoch = git(clone, "log", "-1", "--format=%ct")[0]
    well = True
    for python in options.python:
        trees, wheels, words = [], [], []
        for name, tree in (("expected", clone), ("got", ours)):
            # A build leaves files behind, and the name of the folder must not matter.
            trees.append(folder / f"build-{name}" / component)
            shutil.copytree(tree, trees[-1], symlinks=True)
            (folder / name).mkdir()
            wheel, said = build(options, python, trees[-1], folder / name, epoch)
            wheels.append(wheel)
            words.append(said)
        what = []
        if wheels[0] is None:
            verdict = "unbuilt"
            what = words[0].splitlines()[-2:]
        elif wheels[1] is None:
            verdict, well, what = "FAILS", False, words[1].splitlines()[-12:]
        elif wheels[0].read_bytes() == wheels[1].read_bytes() and wheels[0].name == wheels[1].name:
            verdict = "equal"
        else:
            verdict, what = "DIFFERS", list(differences(*wheels))
            if not options.uv and len(what) == 1 and re.fullmatch(r"only in the clone: .*\.dist-info/pbr\.json", what[0]):
                verdict, what = "but pbr.json", []
            well &= not what
        label = f"{component} {ref[:20]}{' patched' if patched else ''}"
        named = wheels[0].name if wheels[0] else "-"
        print(f"{verdict:13}{label:40}{named}  [{python}]", flush=True)
        for line in what[:15]:
            print(f"          {line}")
        for name in ("expected", "got", "build-expected", "build-got"):
            shutil.rmtree(folder / name)
    return well


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("forge_analyze", type=os.path.abspath)
    parser.add_argument("--python", action="append", required=True, type=os.path.abspath)
    parser.add_argument("--uv", type=os.path.abspath, help="build with this uv instead of the Python's pip")
    parser.add_argument("--repo", action="append", required=True, metavar="NAME=GITDIR")
    parser.add_argument("--ref", action="append", default=[], help="these alone; default: by chance")
    parser.add_argument("--count", type=int, default=7, help="refs of each repository")
    parser.add_argument("--seed", type=int, default=1)
    options = parser.parse_args()
    chooser = random.Random(options.seed)
    well = True
    for given in options.repo:
        component, _, path = given.partition("=")
        repository = pathlib.Path(path).resolve()
        refs = options.ref or refs_of(repository, chooser, options.count)
        for ref, patched in [(ref, False) for ref in refs] + [(refs[0], True)]:
            with tempfile.TemporaryDirectory(prefix="pbr-wheels-") as name:
                well &= compare(options, pathlib.Path(name), component, repository, ref, patched)
    return 0 if well else 1


if __name__ == "__main__":
    sys.exit(main())
