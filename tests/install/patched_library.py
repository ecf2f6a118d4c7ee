#!/usr/bin/env python3
"""Installs a service with a patched library as this repository's keystone image does, and looks at what is installed.

The forge, its upstreams and the index (a folder with two wheels) are made here. forge-analyze plans and exports; then
the words of the Dockerfile's own RUN are run, with its mounts filled from the plan's contexts, by uv or, where there is
none, by pip. No network, no container. The index has a stand-in for pbr which, as pbr, takes the version from PKG-INFO
and the files from SOURCES.txt. Exit code 77 stands for "skipped".

    patched_library.py build/bin/forge-analyze
"""
import json
import os
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile
import textwrap

SOURCE = pathlib.Path(__file__).resolve().parents[2]
ENVIRONMENT = {**{name: value for name, value in os.environ.items() if not name.startswith(("UV_", "PIP_", "GIT_"))},
               "GIT_CONFIG_NOSYSTEM": "1", "GIT_CONFIG_GLOBAL": os.devnull, "LC_ALL": "C.UTF-8",
               "GIT_AUTHOR_NAME": "A", "GIT_AUTHOR_EMAIL": "a@example.org", "GIT_AUTHOR_DATE": "1758110400 +0000",
               "GIT_COMMITTER_NAME": "A", "GIT_COMMITTER_EMAIL": "a@example.org",
               "GIT_COMMITTER_DATE": "1758110400 +0000", "PIP_CONFIG_FILE": os.devnull}

# pbr.build, as far as it goes here.
BACKEND = '''
import os, pathlib, re, zipfile

def build_wheel(folder, config_settings=None, metadata_directory=None):
    known = pathlib.Path("PKG-INFO").read_text()
    name, version = (re.search(rf"^{key}: (.*)$", known, re.M).group(1) for key in ("Name", "Version"))
    package = name.replace(".", "_")
    info = f"{package}-{version}.dist-info"
    requires = pathlib.Path("requirements.txt")
    needs = requires.read_text().split() if requires.exists() else []
    metadata = "".join([known, *(f"Requires-Dist: {need}\\n" for need in needs)])
    listed = pathlib.Path(name + ".egg-info", "SOURCES.txt").read_text().splitlines()
    files = {path: pathlib.Path(path).read_text() for path in listed if path.startswith(package + "/")}
    files[info + "/METADATA"] = metadata
    files[info + "/WHEEL"] = "Wheel-Version: 1.0\\nGenerator: test\\nRoot-Is-Purelib: true\\nTag: py3-none-any\\n"
    files[info + "/RECORD"] = "".join(f"{path},,\\n" for path in [*files, info + "/RECORD"])
    wheel = f"{package}-{version}-py3-none-any.whl"
    with zipfile.ZipFile(os.path.join(folder, wheel), "w") as archive:
        for path, text in files.items():
            archive.writestr(path, text)
    return wheel
'''

# What of uv's words pip has too.
PIP_AS_UV = '''#!/bin/sh
shift 2
for word; do
  shift
  case $word in
    --no-cache) set -- "$@" --no-cache-dir ;;
    --python) skip=python ;;
    --build-constraint) skip=file ;;
    *) case $skip in
         python) python=$word ;;
         file) ;;
         *) set -- "$@" "$word" ;;
       esac
       skip= ;;
  esac
done
exec python3 -m pip --python "$python" install -q "$@"
'''


def run(*command, folder=None, environment=None, codes=(0,)):
    done = subprocess.run([str(word) for word in command], cwd=folder, capture_output=True, text=True, check=False,
                          env=environment or ENVIRONMENT)
    if done.returncode not in codes:
        sys.exit(f"`{' '.join(str(word) for word in command)[:300]}` ends with {done.returncode}:\n"
                 f"{done.stdout[-2000:]}{done.stderr[-3000:]}")
    return done.stdout


def write(folder, files):
    for name, text in files.items():
        (folder / name).parent.mkdir(parents=True, exist_ok=True)
        (folder / name).write_text(textwrap.dedent(text))


def project(name, package, requirements=""):
    return {"setup.cfg": f"[metadata]\nname = {name}\n", "requirements.txt": requirements,
            "setup.py": "import setuptools\nsetuptools.setup(setup_requires=['pbr'], pbr=True)\n",
            "pyproject.toml": '[build-system]\nrequires = ["pbr>=6"]\nbuild-backend = "pbr.build"\n',
            f"{package}/__init__.py": "FROM = 'index'\n"}


def upstream(folder, files, *tags):
    write(folder, files)
    run("git", "init", "-q", folder)
    for tag in tags:
        run("git", "add", "-A", folder=folder)
        run("git", "commit", "-q", "--allow-empty", "-m", tag, folder=folder)
        run("git", "tag", "-a", "-m", tag, tag, folder=folder)


def make_index(folder):
    """pbr's stand-in, and the library as it is without the patch."""
    for name, package, version, files in (("pbr", "pbr", "7.0.0", {"pbr/build.py": BACKEND, "pbr/__init__.py": ""}),
                                          ("oslo.thing", "oslo_thing", "17.1.0", project("oslo.thing", "oslo_thing"))):
        tree = folder / "published" / name
        write(tree, {**files, "PKG-INFO": f"Metadata-Version: 2.1\nName: {name}\nVersion: {version}\n",
                     f"{name}.egg-info/SOURCES.txt": "".join(f"{path}\n" for path in files if path.startswith(package))})
        (folder / "index").mkdir(exist_ok=True)
        run(sys.executable, "-c", BACKEND + f"build_wheel({str(folder / 'index')!r})", folder=tree)


def make_forge(folder, overrides):
    """The second of two releases has a patch for the library, with a new file that is no module."""
    forge = folder / "forge"
    library = folder / "upstream" / "oslo.thing"
    upstream(library, project("oslo.thing", "oslo_thing"), "17.1.0")
    upstream(folder / "upstream" / "keystone", project("keystone", "keystone", "oslo.thing>=14\n"), "27.0.0", "28.0.0")
    make_index(folder)
    write(library, {"oslo_thing/__init__.py": "FROM = 'patch'\n", "oslo_thing/added.ini": "[added]\n"})
    run("git", "add", "-A", folder=library)
    patch = run("git", "diff", "--cached", folder=library)
    write(forge, {"forge.yaml": f"upstream: {json.dumps(str(folder / 'upstream'))}\n"})
    for release, refs in (("2025.1", 'keystone: "27.0.0"\n'), ("2025.2", 'keystone: "28.0.0"\noslo.thing: "17.1.0"\n')):
        write(forge / "releases" / release, {"source-refs.yaml": refs, "upper-constraints.txt": "oslo.thing===17.1.0\n"})
    head = "From: A <a@example.org>\nSubject: [PATCH] From the patch\n\nChange-Id: I" + "0" * 40 + "\n---\n"
    write(forge / "patches" / "oslo.thing" / "2025.2", {"0001-patch.patch": head + patch})
    if overrides:
        write(forge / "overrides" / "2025.2", {"constraints.txt": overrides})
    for image in ("keystone", "venv-builder", "python-base"):
        shutil.copytree(SOURCE / "images" / image, forge / "images" / image)
    return forge


def install_step():
    """The keystone image's words that install, and its mounts: {target: (context, path in it)}."""
    text = re.sub(r"\\\n", " ", re.sub(r"^\s*#.*\n", "", (SOURCE / "images/keystone/Dockerfile").read_text(), flags=re.M))
    words = next(line for line in text.splitlines() if line.startswith("RUN ") and "uv pip install" in line)
    mounts = {}
    for mount in re.findall(r"--mount=(\S+)", words):
        parts = dict(part.partition("=")[::2] for part in mount.split(","))
        mounts[parts["target"]] = (parts["from"], parts.get("source", "/"))
    return re.sub(r"^RUN|--mount=\S+", "", words), mounts


def installer(folder):
    """A search path with `uv`, and how it finds the index."""
    tools = folder / "tools"
    write(folder, {"uv.toml": f"no-index = true\noffline = true\nfind-links = [{json.dumps(str(folder / 'index'))}]\n"})
    more = {"UV_CONFIG_FILE": str(folder / "uv.toml"), "UV_PYTHON_DOWNLOADS": "never"}
    if shutil.which("uv") is None:
        write(tools, {"uv": PIP_AS_UV})
        (tools / "uv").chmod(0o755)
        more = {"PIP_NO_INDEX": "1", "PIP_FIND_LINKS": str(folder / "index"), "PIP_DISABLE_PIP_VERSION_CHECK": "1"}
    return {**ENVIRONMENT, **more, "PATH": f"{tools}:{os.environ['PATH']}"}


def installed(folder, forge, target):
    """Runs the image's step for that target of the plan; what the environment then says of the library."""
    words, mounts = install_step()
    root = folder / ("root-" + target["id"])
    contexts = {context["name"]: context["value"] for context in target["contexts"]}
    for place, (context, path) in mounts.items():
        source = forge / contexts[context] / path.strip("/")
        copy = shutil.copytree if source.is_dir() else shutil.copy
        (root / place.strip("/")).parent.mkdir(parents=True, exist_ok=True)
        copy(source, root / place.strip("/"))
    (root / "tmp").mkdir()
    environment = root / "var/lib/openstack"
    run(sys.executable, "-m", "venv", "--without-pip", environment)
    words = re.sub(r"/(?=src/|tmp/|upper-constraints\.txt|var/lib/openstack)", f"{root}/", words)
    run("sh", "-c", words, environment=installer(folder))
    asked = """
        import importlib.metadata, pathlib, oslo_thing
        print(importlib.metadata.version("keystone"), importlib.metadata.version("oslo.thing"), oslo_thing.FROM,
              pathlib.Path(oslo_thing.__file__).with_name("added.ini").exists())"""
    return run(environment / "bin/python", "-c", textwrap.dedent(asked)).strip()


def expect(what, got, expected):
    if got != expected:
        sys.exit(f"{what}: {got!r} instead of {expected!r}")


def check(binary, folder, overrides):
    forge = make_forge(folder, overrides)
    findings = json.loads(run(binary, "check", "-C", forge, "--offline", "--format", "json", codes=(0, 1)))["findings"]
    about = sorted(one["rule"] for one in findings if "oslo.thing" in json.dumps(one) and one["severity"] != "hint")
    expect("findings on the library", about, [])
    run(binary, "source", "export", "-C", forge)
    targets = {}
    for target in json.loads(run(binary, "plan", "-C", forge, "--offline", "--format", "json", codes=(0, 1)))["targets"]:
        targets[target["id"]] = target
    patched = targets["keystone-2025-2"]
    expect("label of the libraries", patched["labels"].get("io.c5c3.forge.libraries"), "oslo.thing=17.1.0+1")
    expect("findings of the target", [one["rule"] for one in patched.get("findings", [])], [])
    expect("with the patch", installed(folder, forge, patched), "28.0.0 17.1.0 patch True")
    expect("without", installed(folder, forge, targets["keystone-2025-1"]), "27.0.0 17.1.0 index False")


def main():
    has_pip = subprocess.run(["python3", "-m", "pip", "--version"], capture_output=True, check=False).returncode == 0
    if shutil.which("uv") is None and not has_pip:
        print("skipped: there is neither uv nor pip here")
        return 77
    for overrides in ("", "-oslo.thing\n"):
        with tempfile.TemporaryDirectory(prefix="patched-library-") as name:
            check(os.path.abspath(sys.argv[1]), pathlib.Path(name).resolve(), overrides)
    print("installed with " + ("uv" if shutil.which("uv") else "pip"))
    return 0


if __name__ == "__main__":
    sys.exit(main())
