#!/usr/bin/env python3
"""Compares `forge-analyze closure` with `uv pip compile` for every service, release and platform of a forge.

The upstreams of FORGE have to be there already (`forge-analyze mirror sync`). uv is asked for what the image installs,
under the same constraints: the component's release on the index with the image's extras and packages, or with --trees
its exported source tree, which uv has to build. Both must name the same packages and versions; each difference is printed.

--rounds N also measures, a run of the program for each install, how long both take: cold (empty caches; what is there
of the component itself, ours in the mirror and uv's on the index, differs), warm, and offline (warm, with --offline).
Exit code: 0 without a difference, 1 with one, 2 if it could not be tried.
"""

import argparse
import json
import os
import pathlib
import re
import resource
import statistics
import subprocess
import sys
import tempfile
import time

# Ubuntu noble has glibc 2.39.
UV_PLATFORMS = {"linux/amd64": "x86_64-manylinux_2_39", "linux/arm64": "aarch64-manylinux_2_39"}


class Failed(Exception):
    """Something could not be tried."""


def run(command, environment=None):
    words = [str(word) for word in command]
    done = subprocess.run(words, capture_output=True, text=True, env={**os.environ, **(environment or {})}, check=False)
    if done.returncode != 0:
        raise Failed(f"`{' '.join(words)}` ends with {done.returncode}:\n{done.stdout[-1500:]}{done.stderr[-3000:]}")
    return done.stdout


class Install:
    """A service of a release on a platform."""

    def __init__(self, target, platform):
        self.release = target["release"]
        self.component = target["image"]
        self.platform = platform
        self.extras = [extra for extra in target["args"].get("PIP_EXTRAS", "").split(",") if extra]
        self.packages = target["args"].get("PIP_PACKAGES", "").split()
        self.tree = next(context["value"] for context in target["contexts"] if context["name"] == target["image"])

    def __str__(self):
        return f"{self.release} {self.component} {self.platform}"


class Ours:
    name = "forge-analyze closure"

    def __init__(self, options):
        cache = pathlib.Path(os.environ.get("XDG_CACHE_HOME") or pathlib.Path.home() / ".cache")
        # Named in any case, so that an empty cache still has the mirrors.
        mirror = options.mirror or cache / "forge-analyze/mirrors"
        self.base = [options.binary, "-C", options.forge, "--mirror", mirror]

    def ask(self, *arguments):
        return run([self.base[0], *arguments, *self.base[1:]])

    def installs(self):
        plan = json.loads(self.ask("plan", "--format", "json"))
        services = [target for target in plan["targets"] if target["kind"] == "service"]
        return [Install(target, platform) for target in services for platform in UV_PLATFORMS]

    def compile(self, install, cold=None, offline=False):
        command = [self.base[0], "closure", *self.base[1:], "--release", install.release, "--component", install.component,
                   "--platform", install.platform, "--format", "json", *(["--offline"] if offline else [])]
        return run(command, {"XDG_CACHE_HOME": str(cold)} if cold else None)

    def prepare(self, install):
        self.compile(install)

    @staticmethod
    def packages(output):
        return {normal(package["name"]): package["version"] for package in json.loads(output)["packages"]}


class Uv:
    name = "uv pip compile"

    def __init__(self, options, folder, ours):
        self.options = options
        self.folder = folder
        self.ours = ours
        self.cache = options.uv_cache or folder / "uv"
        self.exported = False

    def prepare(self, install):
        """Its input files, and a warm cache."""
        self.ours.ask("constraints", "--release", install.release, "-o", self.constraints(install))
        source = next(package for package in json.loads(self.ours.compile(install))["packages"] if package["from"] == "source")
        extras = f"[{','.join(install.extras)}]" if install.extras else ""
        if self.options.trees:
            if not self.exported:
                self.ours.ask("source", "export")
            self.exported = True
            root = f"{source['name']}{extras} @ {(self.options.forge / install.tree).resolve().as_uri()}"
        else:
            root = f"{source['name']}{extras}=={source['version']}"
        self.input(install).write_text("".join(f"{line}\n" for line in [root, *install.packages]))
        self.compile(install)

    def input(self, install):
        return self.folder / f"{install.release}-{install.component}.in"

    def constraints(self, install):
        return self.folder / f"{install.release}.txt"

    def compile(self, install, cold=None, offline=False):
        command = [self.options.uv, "pip", "compile", "--quiet", "--no-config", "--no-header", "--no-annotate", "--no-python-downloads",
                   "--cache-dir", cold or self.cache, "--python-version", "3.12", "--python-platform", UV_PLATFORMS[install.platform],
                   "--constraint", self.constraints(install), "--build-constraint", self.constraints(install), self.input(install)]
        return run(command + (["--python", self.options.python] if self.options.python else []) + (["--offline"] if offline else []))

    @staticmethod
    def packages(output):
        packages = {}
        for line in output.splitlines():
            name, _, version = line.partition(" @ ") if " @ " in line else line.partition("==")
            packages[normal(name.partition("[")[0])] = version if "://" not in version else None  # built from its tree
        return packages


def normal(name):
    return re.sub(r"[-_.]+", "-", name).lower()


def differences(ours, uv):
    for name in sorted(ours.keys() | uv.keys()):
        if name not in uv:
            yield f"only in ours: {name}=={ours[name]}"
        elif name not in ours:
            yield f"only in uv's: {name}=={uv[name]}"
        elif uv[name] is not None and ours[name] != uv[name]:
            yield f"{name}: ours {ours[name]}, uv's {uv[name]}"


def compare(installs, ours, uv):
    count = 0
    for install in installs:
        uv.prepare(install)
        mine = ours.packages(ours.compile(install))
        found = list(differences(mine, uv.packages(uv.compile(install))))
        count += len(found)
        print(f"{install}: {len(mine)} packages, {f'{len(found)} differ' if found else 'the same'}", flush=True)
        for one in found:
            print(f"  {one}")
    return count


def timed(tool, install, **how):
    """Wall and processor time in ms."""
    usage = resource.getrusage(resource.RUSAGE_CHILDREN)
    begin = time.perf_counter()
    tool.compile(install, **how)
    wall = time.perf_counter() - begin
    used = resource.getrusage(resource.RUSAGE_CHILDREN)
    return wall * 1000, (used.ru_utime + used.ru_stime - usage.ru_utime - usage.ru_stime) * 1000


STATES = {"cold": lambda folder: {"cold": pathlib.Path(tempfile.mkdtemp(dir=folder))}, "warm": lambda folder: {},
          "offline": lambda folder: {"offline": True}}


def measure(installs, tools, options, folder):
    """In turns, so that a busy moment hits both."""
    print(f"medians of {options.rounds} rounds over {len(installs)} installs, in ms of one run")
    for state in options.states.split(","):
        times = {tool: [] for tool in tools}
        for _ in range(options.rounds):
            for install in installs:
                for tool in tools:
                    times[tool].append(timed(tool, install, **STATES[state](folder)))
        for kind, at in (("wall", 0), ("processor", 1)):
            medians = [statistics.median(time[at] for time in times[tool]) for tool in tools]
            words = "   ".join(f"{tool.name} {median:8.1f}" for tool, median in zip(tools, medians))
            print(f"{state:8}{kind:10}{words}   {medians[1] / medians[0]:6.1f} times faster", flush=True)


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("forge", type=pathlib.Path)
    parser.add_argument("--binary", default="build/bin/forge-analyze")
    parser.add_argument("--mirror", type=pathlib.Path, help="folder of the mirrors; default: forge-analyze's")
    parser.add_argument("--uv", default="uv")
    parser.add_argument("--uv-cache", type=pathlib.Path, help="default: a new one")
    parser.add_argument("--python", help="a Python 3.12 for what uv has to build")
    parser.add_argument("--trees", action="store_true", help="uv builds the exported source trees")
    parser.add_argument("--rounds", type=int, default=0, help="measure, so many times")
    parser.add_argument("--states", default=",".join(STATES), help="what to measure; default: %(default)s")
    parser.add_argument("--only", help="of the installs only those whose `RELEASE SERVICE PLATFORM` holds this")
    options = parser.parse_args()
    with tempfile.TemporaryDirectory(prefix="uv-closure-") as name:
        folder = pathlib.Path(name)
        ours = Ours(options)
        uv = Uv(options, folder, ours)
        installs = [install for install in ours.installs() if (options.only or "") in str(install)]
        if not installs:
            raise Failed("The forge has no such install.")
        different = compare(installs, ours, uv)
        print(f"{len(installs)} installs, {different} differences")
        if options.rounds:
            measure(installs, [ours, uv], options, folder)
    return 1 if different else 0


if __name__ == "__main__":
    try:
        sys.exit(main())
    except (Failed, OSError) as error:
        print(error, file=sys.stderr)
        sys.exit(2)
