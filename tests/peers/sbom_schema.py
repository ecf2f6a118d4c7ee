#!/usr/bin/env python3
"""Documents of `forge-analyze sbom` against CycloneDX's own schema, and their purls against packageurl.

    tests/peers/sbom_schema.py PROGRAM --venv FOLDER [-C FORGE [OPTION...]]

Without -C the small forge is taken, as it is and with its mistakes, with an index and without. The schema and what
reads it come from the Python package index into FOLDER; exit code 77 where that can't be reached.
"""

import argparse
import json
import os
import pathlib
import shutil
import subprocess
import sys
import tempfile

SKIPPED = 77
PACKAGES = ["cyclonedx-python-lib==11.*", "jsonschema[format]", "referencing", "packageurl-python"]
SMALL_FORGE = pathlib.Path(__file__).resolve().parents[2] / "examples" / "small-forge"


def enter_venv(folder):
    """Goes on as the venv's Python, made first where it is missing."""
    python = folder / "bin" / "python"
    mark = folder / "complete"
    if not mark.exists():
        if subprocess.run([sys.executable, "-m", "venv", folder], stdout=subprocess.DEVNULL).returncode != 0:
            print("SKIPPED: Python's venv is not installed")
            sys.exit(SKIPPED)
        done = subprocess.run([python, "-m", "pip", "--quiet", "--disable-pip-version-check", "install", "--retries=1",
                               "--timeout=10", *PACKAGES])
        if done.returncode != 0:
            print("SKIPPED: the Python package index can't be reached, so there is no schema to validate against")
            sys.exit(SKIPPED)
        mark.touch()
    if pathlib.Path(sys.prefix) != folder:
        os.execv(python, [python, *sys.argv])


def validator():
    import cyclonedx.schema
    import jsonschema
    from referencing import Registry, Resource

    folder = pathlib.Path(cyclonedx.schema.__file__).parent / "_res"
    # A schema calls the others by their published names, relative to its own.
    registry = Registry()
    for name in ["spdx", "jsf-0.82", "cryptography-defs"]:
        path = folder / f"{name}.SNAPSHOT.schema.json"
        if path.exists():
            resource = Resource.from_contents(json.loads(path.read_text()))
            for called in [f"{name}.schema.json", f"{name}.SNAPSHOT.schema.json"]:
                registry = registry.with_resource(f"http://cyclonedx.org/schema/{called}", resource)
    schema = json.loads((folder / "bom-1.6.SNAPSHOT.schema.json").read_text())
    return jsonschema.Draft7Validator(schema, registry=registry, format_checker=jsonschema.FormatChecker())


def problems(document, schema):
    from packageurl import PackageURL

    found = [f"{error.json_path}: {error.message[:200]}" for error in schema.iter_errors(document)]
    components = [document["metadata"]["component"], *document["components"]]
    refs = [component["bom-ref"] for component in components]
    found += [f"bom-ref twice: {ref}" for ref in {ref for ref in refs if refs.count(ref) > 1}]
    for component in components:
        if "purl" in component and PackageURL.from_string(component["purl"]).to_string() != component["purl"]:
            found.append(f"not in its canonical form: {component['purl']}")
    for dependency in document["dependencies"]:
        for ref in [dependency["ref"], *dependency.get("dependsOn", [])]:
            if ref not in refs:
                found.append(f"dependency of nothing: {ref}")
    return found


def examine(program, forge, options, schema):
    with tempfile.TemporaryDirectory() as out:
        run = subprocess.run([program, "sbom", "-C", forge, "-q", "-o", out, *options], capture_output=True, text=True)
        paths = sorted(pathlib.Path(out).glob("*.cdx.json"))
        if run.returncode not in (0, 1) or not paths:
            print(f"no documents: exit code {run.returncode}\n{run.stderr}")
            return 1
        bad = 0
        for path in paths:
            found = problems(json.loads(path.read_text()), schema)
            bad += bool(found)
            for line in found[:10]:
                print(f"{path.name}: {line}")
        print(f"{forge} {' '.join(options)}: {len(paths)} documents, {bad} not valid")
        return bad


def small_forges(folder):
    """The example, and the example with its mistakes."""
    good, bad = folder / "good", folder / "bad"
    shutil.copytree(SMALL_FORGE, good)
    subprocess.run([good / "make-upstreams", good / "upstream"], check=True)
    shutil.copytree(good, bad)
    shutil.copytree(SMALL_FORGE / "candidate", bad, dirs_exist_ok=True)
    return good, bad


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("program")
    parser.add_argument("--venv", type=pathlib.Path, required=True)
    parser.add_argument("-C", dest="forge")
    arguments, options = parser.parse_known_args()
    enter_venv(arguments.venv.absolute())
    schema = validator()
    if arguments.forge:
        sys.exit(1 if examine(arguments.program, arguments.forge, options, schema) else 0)
    with tempfile.TemporaryDirectory() as folder:
        good, bad = small_forges(pathlib.Path(folder))
        failed = examine(arguments.program, good, options, schema)
        failed += examine(arguments.program, bad, options, schema)
        mirrored = ["--offline", "--mirror", str(good / "upstream"), "--upstream", "https://github.com/Small/{component}"]
        failed += examine(arguments.program, good, mirrored, schema)
        shutil.rmtree(good / "upstream")
        shutil.rmtree(good / "index")
        failed += examine(arguments.program, good, ["--offline"], schema)
    sys.exit(1 if failed else 0)


main()
