"""An OpenStack service, built for real by this repository's own Dockerfiles:
service_test.py FORGE_ANALYZE ENGINE_ROOT OUTER_IMAGES

Only the outer images are other ones: Debian in the place of Ubuntu (scripts/get-distribution). Steps have the host's
network; source, packages and wheels come from the registries that the machine is set up for. Takes some ten minutes.
Ends with `N passed, N failed`, or with 77 where no engine can be started.
"""
import hashlib
import io
import json
import os
import pathlib
import re
import shutil
import ssl
import sys
import tarfile
import tempfile

import engine as engines
import running
import stand_ins

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
SERVICE, RELEASE = "placement", "2025.2"
TARGET = f"{SERVICE}-{RELEASE.replace('.', '-')}"
EXTRAS = f'{SERVICE}:\n  pip_packages: ["PyMySQL", "python-memcached"]\n'
# A request to the whole API, on a database of its own.
ASK = """
from oslo_config import cfg
from placement import conf, deploy
import webob
config = cfg.ConfigOpts()
conf.register_opts(config)
config.set_override("auth_strategy", "noauth2", group="api")
config.set_override("connection", "sqlite:////tmp/placement.db", group="placement_database")
config.set_override("sync_on_startup", True, group="placement_database")
config([], default_config_files=[])
headers = {"X-Auth-Token": "admin", "OpenStack-API-Version": "placement 1.2"}
answer = webob.Request.blank("/resource_classes", headers=headers).get_response(deploy.loadapp(config))
print(answer.status_int, "VCPU" in answer.text)
"""


def main():
    if len(sys.argv) != 4:
        sys.exit(__doc__)
    program, root, outer = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    work = pathlib.Path(tempfile.mkdtemp(prefix="fe-", dir="/tmp"))
    try:
        with engines.Engine(root, work / "engine") as engine:
            forge = Forge(program, outer, work, engine)
            sys.exit(running.run(forge, (it_runs, a_patch, builds_from_scratch_are_equal)))
    except engines.Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    finally:
        shutil.rmtree(work, ignore_errors=True)


class Forge:
    """This repository's forge, cut down to one service and release, with its source from the package index."""

    def __init__(self, program, outer, work, engine):
        self.program, self.work, self.engine, self.root = program, work, engine, work / "forge"
        for name in (f"images/{SERVICE}", "images/python-base", "images/venv-builder", f"releases/{RELEASE}",
                     f"overrides/{RELEASE}"):
            shutil.copytree(REPOSITORY / name, self.root / name)
        ref = re.search(rf"^{SERVICE}: .*\n", (self.root / f"releases/{RELEASE}/source-refs.yaml").read_text(), re.M)[0]
        (self.root / f"releases/{RELEASE}/source-refs.yaml").write_text(ref)
        (self.root / f"releases/{RELEASE}/extra-packages.yaml").write_text(EXTRAS)
        (self.root / "forge.yaml").write_text(re.sub(
            r"upstreams:\n", f'upstreams:\n  {SERVICE}: "sdist:openstack-{SERVICE}"\n',
            (REPOSITORY / "forge.yaml").read_text()))
        (self.root / ".gitignore").write_text("build/\n")
        self.git("init", "-q")
        self.commit()
        if self.analyze("mirror", "sync", check=False).returncode:
            raise engines.Unavailable("the service's source can't be fetched")
        dockerfiles = "".join(path.read_text() for path in sorted(self.root.glob("images/*/Dockerfile")))
        self.outer = {found: "uv" if "/uv:" in found else "distribution"
                      for found in re.findall(r"(?:FROM |--from=)(\S+@sha256:\S+)", dockerfiles)}
        self.stand_ins = work / "stand-ins"
        stand_ins.write_debian(outer, self.stand_ins, certificates())

    def analyze(self, *words, check=True):
        return self.engine.run([self.program, *words], self.root, check)

    def plan(self, *words):
        return self.analyze("plan", "--offline", *words).stdout

    def git(self, *words):
        self.engine.run(["git", *running.GIT_OPTIONS, *words], self.root)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "-m", "A change")

    def build(self, *options):
        """Builds the service into an archive of its own; answers with the Build and the archive."""
        plan = self.plan("--format", "bake")
        self.analyze("source", "export", "--offline")
        archive = self.work / f"{len(list(self.work.glob('*.tar')))}.tar"
        (self.work / "plan.json").write_text(plan)
        (self.work / "stand-ins.json").write_text(stand_ins.override(
            json.loads(plan), self.outer, self.stand_ins, network="host",
            output=lambda name: [f"type=oci,dest={archive},rewrite-timestamp=true"
                                 if name == TARGET else "type=cacheonly"]))
        options = ["--allow", "network.host", "--allow", f"fs={self.work}", *options]
        files = [self.work / "plan.json", self.work / "stand-ins.json"]
        return self.engine.bake(self.root, files, options=options), archive

    def in_image(self, archive, *command):
        """What a command prints that runs in the service's image without a network."""
        self.engine.run(["docker", "load", "-q", "-i", archive], self.root)
        tag = json.loads(self.plan("--format", "bake"))["target"][TARGET]["tags"][0]
        run = ["docker", "run", "--rm", "--pull=never", "--network=none", tag]
        return self.engine.run([*run, *command], self.root).stdout


def certificates():
    """The machine's, for its registries may be behind a proxy with one of its own."""
    paths = (os.environ.get("SSL_CERT_FILE"), ssl.get_default_verify_paths().cafile,
             "/etc/ssl/certs/ca-certificates.crt")
    return next(path for path in paths if path and os.path.exists(path))


def it_runs(forge):
    forge.first, archive = forge.build()
    version = json.loads(forge.plan("--format", "json"))["sources"][0]["version"]
    running.equal(forge.in_image(archive, f"{SERVICE}-manage", "--version").strip(), version, "version")
    running.equal(forge.in_image(archive, "python3", "-c", ASK).strip(), "200 True", "the API's answer")
    pinned = pins((forge.root / f"build/constraints/{RELEASE}/upper-constraints.txt").read_text())
    versions = "import importlib.metadata as m; [print(d.name + '===' + d.version) for d in m.distributions()]"
    installed = pins(forge.in_image(archive, "python3", "-c", versions))
    other = {name: version for name, version in installed.items() if not version <= pinned.get(name, version)}
    running.equal(other, {}, "versions that are not those of the constraints")
    assert sum(name in pinned for name in installed) > 40, f"only {sorted(installed)} are installed"


def pins(text):
    """The versions by name; several where markers choose."""
    out = {}
    for name, version in re.findall(r"^([\w.-]+)===([^;\s]+)", text, re.M):
        out.setdefault(re.sub(r"[-_.]+", "-", name).lower(), set()).add(version)
    return out


def builds_from_scratch_are_equal(forge):
    """Of the forge as it is by now, patch and all."""
    again, archive = forge.build("--no-cache")
    running.equal(differences(forge.archive, archive), [], "what differs in a second build")
    running.equal(again.digests[TARGET], forge.last.digests[TARGET], "digest of a second build")


def differences(*archives):
    """Files of the images' layers that are not the same in both."""
    first, second = (entries(archive) for archive in archives)
    return sorted(name for name in first.keys() | second.keys() if first.get(name) != second.get(name))


def entries(archive):
    with tarfile.open(archive) as image:
        def blob(digest):
            return image.extractfile("blobs/" + digest.replace(":", "/")).read()
        manifest = json.loads(blob(json.load(image.extractfile("index.json"))["manifests"][0]["digest"]))
        out = {}
        for number, layer in enumerate(manifest["layers"]):
            with tarfile.open(fileobj=io.BytesIO(blob(layer["digest"]))) as files:
                for entry in files:
                    content = hashlib.sha256(files.extractfile(entry).read()).hexdigest() if entry.isfile() else ""
                    out[f"{number}:{entry.name}"] = (entry.mode, entry.uid, entry.gid, entry.mtime, entry.linkname, content)
        return out


def a_patch(forge):
    """Of the service: the bases stay as they are, and what the plan says is what runs."""
    path = f"{SERVICE}/__init__.py"
    old = (forge.root / f"build/src/{SERVICE}-{RELEASE}" / path).read_text().splitlines()
    patches = forge.root / f"patches/{SERVICE}/{RELEASE}"
    patches.mkdir(parents=True)
    hunk = "".join(f" {line}\n" for line in old[-3:]) + "+PATCHED = True\n"
    start, length = max(len(old) - 2, min(len(old), 1)), len(old[-3:])
    (patches / "0001-say-that-it-is-patched.patch").write_text(
        "From: Tests <tests@example.org>\nDate: Thu, 2 Jan 2025 00:00:00 +0000\nSubject: [PATCH] Say that it is patched\n\n"
        f"---\ndiff --git a/{path} b/{path}\n--- a/{path}\n+++ b/{path}\n@@ -{start},{length} +{max(start, 1)},{length + 1} @@\n{hunk}")
    forge.commit()
    plan = json.loads(forge.plan("--since", "HEAD~1", "--format", "json"))
    states = {target["id"]: target["state"] for target in plan["targets"]}
    running.equal(states, {TARGET: "planned", "python-base": "unchanged", "venv-builder": "unchanged"}, "the plan")
    forge.last, archive = forge.build()
    forge.archive = archive
    ran = sorted(step for step in forge.last.done)
    assert ran and all("from=placement" in step or "--from=build" in step for step in ran), f"{ran} ran"
    said = f"import {SERVICE}; print({SERVICE}.PATCHED)"
    running.equal(forge.in_image(archive, "python3", "-c", said).strip(), "True", "the patch in the image")


main()
