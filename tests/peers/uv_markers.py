#!/usr/bin/env python3
"""Compares the engine's verdicts on generated markers with those of a real uv (in PATH, or --uv).

usage: uv_markers.py CONFORM [--uv UV] [--rows N] [--seed S]

Each marker stands behind a package of its own in a requirements file; the packages that `uv pip compile` keeps, from a folder
of empty wheels and without an index, are those whose marker it takes for true. packaging must be importable (names of extras).
Prints each marker on which they differ; exit 1 if there is one. What uv refuses or the engine does is counted.
"""

import argparse
import json
import pathlib
import re
import subprocess
import sys
import tempfile
import zipfile

sys.path.insert(0, str(pathlib.Path(__file__).parent.parent / "conform"))
from rows import Rows  # noqa: E402

PYTHON = "3.12.3"
ENVIRONMENT = {"os_name": "posix", "sys_platform": "linux", "platform_machine": "x86_64", "platform_release": "",
               "platform_python_implementation": "CPython", "platform_system": "Linux", "platform_version": "",
               "python_version": "3.12", "python_full_version": PYTHON, "implementation_name": "cpython",
               "implementation_version": PYTHON}
CHUNK = 250


def make_wheels(folder):
    for number in range(CHUNK):
        info = f"pk{number}-1.0.dist-info/"
        with zipfile.ZipFile(folder / f"pk{number}-1.0-py3-none-any.whl", "w") as wheel:
            wheel.writestr(info + "METADATA", f"Metadata-Version: 2.1\nName: pk{number}\nVersion: 1.0\n")
            wheel.writestr(info + "WHEEL", "Wheel-Version: 1.0\nGenerator: x\nRoot-Is-Purelib: true\nTag: py3-none-any\n")
            wheel.writestr(info + "RECORD", "")


def uv_kept(options, folder, markers):
    """Numbers of the markers that uv takes for true, or None where it refuses the file."""
    requirements = folder / "requirements.in"
    requirements.write_text("".join(f"pk{number} ; {marker}\n" for number, marker in enumerate(markers)))
    command = [options.uv, "pip", "compile", "--quiet", "--no-python-downloads", "--no-index", "--no-header", "--no-annotate", "--find-links",
               str(folder), "--python-version", PYTHON, "--python-platform", "x86_64-unknown-linux-gnu", str(requirements)]
    done = subprocess.run(command, capture_output=True, text=True)
    if done.returncode != 0:
        return None
    return {int(number) for number in re.findall(r"^pk(\d+)==", done.stdout, re.M)}


def verdicts_of_uv(options, folder, markers):
    """None for a marker that uv refuses: found by halving."""
    kept = uv_kept(options, folder, markers)
    if kept is not None:
        return [number in kept for number in range(len(markers))]
    if len(markers) == 1:
        return [None]
    half = len(markers) // 2
    return verdicts_of_uv(options, folder, markers[:half]) + verdicts_of_uv(options, folder, markers[half:])


def verdicts_of_engine(options, folder, markers):
    environments = folder / "environments.json"
    environments.write_text(json.dumps({"target": ENVIRONMENT}))
    rows = "".join(json.dumps({"marker": marker, "environment": "target", "extra": None}) + "\n" for marker in markers)
    output = subprocess.run([options.conform, "markers", "--environments", str(environments)], input=rows, check=True,
                            capture_output=True, text=True).stdout
    return [json.loads(line).get("verdict") for line in output.splitlines()]


def main():
    arguments = argparse.ArgumentParser()
    arguments.add_argument("conform")
    arguments.add_argument("--uv", default="uv")
    arguments.add_argument("--rows", type=int, default=2500)
    arguments.add_argument("--seed", type=int, default=1)
    options = arguments.parse_args()
    rows = Rows(f"{options.seed} uv")
    agreed = refused_by_uv = refused_by_engine = differ = 0
    with tempfile.TemporaryDirectory() as name:
        folder = pathlib.Path(name)
        make_wheels(folder)
        for _ in range(options.rows // CHUNK):
            markers = [marker for marker in (rows.marker() for _ in range(CHUNK))
                       if "===" not in marker]  # uv refuses that operator in markers
            for marker, uv, ours in zip(markers, verdicts_of_uv(options, folder, markers),
                                        verdicts_of_engine(options, folder, markers)):
                if uv == ours:
                    agreed += 1
                elif uv is None:
                    refused_by_uv += 1
                    print(f"uv refuses     {marker}")
                elif ours is None:
                    refused_by_engine += 1
                    print(f"engine refuses {marker}")
                else:
                    differ += 1
                    print(f"uv {uv}, engine {ours}: {marker}")
    print(f"{agreed} agree, {differ} differ, {refused_by_uv} refused by uv only, {refused_by_engine} by the engine only")
    return 1 if differ or refused_by_uv or refused_by_engine else 0


if __name__ == "__main__":
    sys.exit(main())
