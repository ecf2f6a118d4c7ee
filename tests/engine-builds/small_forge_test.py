"""The plans of examples/small-forge, built for real: small_forge_test.py FORGE_ANALYZE ENGINE_ROOT

The Dockerfiles are the forge's own; the outer images are stand-ins. Ends with `N passed, N failed`, or with 77 where no
engine can be started.
"""
import json
import pathlib
import re
import shutil
import subprocess
import sys
import tempfile

import engine as engines
import running
import stand_ins
from running import equal

REPOSITORY = pathlib.Path(__file__).resolve().parents[2]
EXAMPLE = REPOSITORY / "examples/small-forge"
SERVICES = {f"{name}-{release}" for name in ("almanac", "beacon", "courier") for release in ("2025-1", "2025-2")}
LIBRARY = "oslo.lantern"


def main():
    if len(sys.argv) != 3:
        sys.exit(__doc__)
    program, root = (pathlib.Path(word).resolve() for word in sys.argv[1:])
    work = pathlib.Path(tempfile.mkdtemp(prefix="fe-", dir="/tmp"))
    try:
        with engines.Engine(root, work / "engine") as engine:
            sys.exit(running.run(Forge(program, root / "bin/busybox", work, engine), TESTS))
    except engines.Unavailable as reason:
        print(f"skipped: {reason}")
        sys.exit(77)
    finally:
        shutil.rmtree(work, ignore_errors=True)


class Forge:
    def __init__(self, program, busybox, work, engine):
        self.program, self.work, self.engine = program, work, engine
        self.root, self.images = work / "forge", work / "images"
        shutil.copytree(EXAMPLE, self.root, ignore=shutil.ignore_patterns("candidate", "*.git"))
        engine.run([EXAMPLE / "make-upstreams", self.root / "upstream"], self.root)
        self.stand_ins = work / "stand-ins"
        stand_ins.write(busybox, self.stand_ins)
        dockerfiles = "".join(path.read_text() for path in sorted(self.root.glob("images/*/Dockerfile")))
        self.outer = {found: "uv" if "/uv:" in found else "distribution"
                      for found in re.findall(r"(?:FROM |--from=)(\S+@sha256:\S+)", dockerfiles)}
        self.last = self.layers_of_last = self.plan_of_last = None  # of the last build of everything
        (self.root / ".gitignore").write_text("build/\nupstream/\n")
        self.git("init", "-q")
        self.commit()

    def analyze(self, *words):
        return self.engine.run([self.program, *words, "--offline"], self.root)

    def plan(self, *words):
        return self.analyze("plan", *words).stdout

    def git(self, *words):
        self.engine.run(["git", *running.GIT_OPTIONS, *words], self.root)

    def commit(self):
        self.git("add", "-A")
        self.git("commit", "-q", "--allow-empty", "-m", "A change")

    def planned(self, since):
        """The services that have to be built after the plan `since`, and what `plan --since` of a commit adds to them:
        where a branch was at that commit isn't known."""
        (self.work / "since.json").write_text(json.dumps(since))
        exact, from_commit = (services_in(json.loads(self.plan(*words, "--format", "json")), "planned") for words in
                              (("--baseline", self.work / "since.json"), ("--since", "HEAD~1")))
        on_branches = {f"{source['component']}-{source['release'].replace('.', '-')}" for source in since["sources"]
                       if source["kind"] == "branch"} & SERVICES
        equal(from_commit, exact | on_branches, "services of plan --since")
        return exact

    def layers(self, build):
        """Of each service's image. Unlike its digest they leave out the labels."""
        def blob(name, digest):
            return json.loads((self.images / name / "blobs" / digest.replace(":", "/")).read_text())
        manifests = {name: blob(name, build.digests[name]) for name in SERVICES}
        return {name: blob(name, manifest["config"]["digest"])["rootfs"]["diff_ids"]
                for name, manifest in manifests.items()}

    def to_layout(self, name):
        """Into a folder, not into the daemon's store: what is unpacked there by several targets at once, fails at times."""
        return [f"type=oci,dest={self.images / name},tar=false" if name in SERVICES else "type=cacheonly"]

    def build(self, output=None, options=(), sources="folder"):
        """Plans, exports and builds everything."""
        plan = self.plan("--format", "bake", "--sources", sources)
        self.analyze("source", "export", "--sources", sources)
        (self.work / "plan.json").write_text(plan)
        override = stand_ins.override(json.loads(plan), self.outer, self.stand_ins, output or self.to_layout)
        (self.work / "stand-ins.json").write_text(override)
        options = ["--allow", f"fs.read={self.work}", "--allow", f"fs.write={self.work}", *options]
        return self.engine.bake(self.root, [self.work / "plan.json", self.work / "stand-ins.json"], options=options)

    def rebuild(self):
        """Commits and builds everything again; the services whose files are others now, and the targets with a step that
        ran. Both must be among those that the plan says have to be built, and these alone get another digest."""
        self.commit()
        planned, before, layers_before = self.planned(self.plan_of_last), self.last, self.layers_of_last
        self.last = build = self.build()
        self.layers_of_last = self.layers(build)
        self.plan_of_last = json.loads(self.plan("--format", "json"))
        ran = {step.partition(":")[0] for step in build.done}
        equal({name for name in SERVICES if build.digests[name] != before.digests[name]}, planned, "images, after the plan")
        assert ran & SERVICES <= planned, f"steps of {ran & SERVICES} ran, but the plan says {planned}"
        return {name for name in SERVICES if self.layers_of_last[name] != layers_before[name]}, ran

    def edit(self, path, old, new):
        text = (self.root / path).read_text()
        assert old in text, f"{path} has no {old!r}"
        (self.root / path).write_text(text.replace(old, new, 1))


def services_in(plan, state):
    return {target["id"] for target in plan["targets"] if target["state"] == state} & SERVICES


def images_hold_what_was_planned(forge):
    out = forge.work / "out"
    forge.build(output=lambda name: [f"type=local,dest={out / name}"])
    forge.last = forge.build()
    equal(set(forge.last.digests) & SERVICES, SERVICES, "images")
    forge.layers_of_last = forge.layers(forge.last)
    forge.plan_of_last = json.loads(forge.plan("--format", "json"))
    for service in sorted(SERVICES):
        name, release = service[:-7], service[-6:].replace("-", ".")
        kept = out / service / "var/lib/openstack/installed"
        equal((kept / "constraints.txt").read_text(),
              (forge.root / f"build/constraints/{release}/upper-constraints.txt").read_text(), f"{service}: constraints")
        equal((kept / "build-constraints.txt").read_text(), (kept / "constraints.txt").read_text(), "build constraints")
        for component in (name, LIBRARY):
            exported = forge.root / f"build/src/{component}-{release}"
            equal((kept / f"{component}.sums").read_text(), sums_of(exported), f"{service}: files of {component}")
    pins = (out / "almanac-2025-2/var/lib/openstack/installed/constraints.txt").read_text().splitlines()
    assert "urllib3===2.6.0" in pins and not any(pin.startswith(LIBRARY) for pin in pins), "overrides are not in effect"
    almanac = out / "almanac-2025-2/var/lib/openstack/installed"
    assert "./almanac/holidays.py" in (almanac / "almanac.sums").read_text(), "a patch's new file is not in the image"
    assert "almanac[mysql]" in (almanac / "trees.txt").read_text(), "the extra was not asked for"
    log = (out / "beacon-2025-2/var/log/stand-in.log").read_text()
    assert "iproute2" in log, "the extra package was not asked for"


def nothing_changed_is_all_cached(forge):
    equal(forge.rebuild(), (set(), set()), "without a change")


def pinned_layouts_build_the_same(forge):
    """Sources as OCI layouts, each with its digest in the plan: other contexts, so the steps run again, to one end."""
    contexts = [context for target in json.loads(forge.plan("--format", "bake", "--sources", "oci"))["target"].values()
                for context in target.get("contexts", {}).values()]
    assert sum(bool(re.match(r"oci-layout://\S+@sha256:", context)) for context in contexts) >= len(SERVICES), contexts
    before = forge.layers_of_last
    build = forge.build(sources="oci")
    assert build.done, "no step ran: the layouts were not looked at"
    equal(forge.layers(build), before, "images from layouts")
    equal(forge.rebuild(), (set(), set()), "folders again")


def a_patch(forge):
    patch = next((forge.root / "patches/beacon/2025.2").glob("0001-*"))
    text = patch.read_text()
    added = next(line for line in text.splitlines() if line.startswith("+ ") or re.match(r"\+\w", line))
    patch.write_text(text.replace(added, added + "  # ours", 1))
    equal(forge.rebuild(), ({"beacon-2025-2"}, {"beacon-2025-2"}), "a patch of beacon in 2025.2")
    library = next((forge.root / f"patches/{LIBRARY}/2025.1").glob("0001-*"))
    text = library.read_text()
    added = next(line for line in text.splitlines() if re.match(r"\+\s*\w", line))
    library.write_text(text.replace(added, added + "  # ours", 1))
    users = {service for service in SERVICES if service.endswith("2025-1")}
    equal(forge.rebuild(), (users, users), f"a patch of {LIBRARY} in 2025.1")


def constraints(forge):
    forge.edit("overrides/2025.2/constraints.txt", "# CVE-2025-66418", "# For CVE-2025-66418")
    equal(forge.rebuild(), (set(), set()), "a comment in the overrides")
    forge.edit("overrides/2025.2/constraints.txt", "urllib3===2.6.0\n", "")
    users = {service for service in SERVICES if service.endswith("2025-2")}
    equal(forge.rebuild(), (users, users), "an override of 2025.2")


def an_extra_package(forge):
    forge.edit("releases/2025.2/extra-packages.yaml", "iproute2", "netbase")
    equal(forge.rebuild(), ({"beacon-2025-2"}, {"beacon-2025-2"}), "an extra package of beacon in 2025.2")


def a_ref(forge):
    forge.edit("releases/2025.2/source-refs.yaml", 'courier: "3.0.2"', 'courier: "3.0.1"')
    equal(forge.rebuild(), ({"courier-2025-2"}, {"courier-2025-2"}), "the ref of courier in 2025.2")


def a_base(forge):
    forge.edit("images/venv-builder/Dockerfile", "python3-venv", "python3-venv git")
    changed, ran = forge.rebuild()
    # A step of a base is told under the name of the first image that needs it. The final stages don't stand on
    # venv-builder, and what is copied out of it is the same: the layers are the old ones.
    equal(ran & SERVICES, SERVICES, "steps after a change of venv-builder")
    assert any("python3-venv git" in step for step in forge.last.done), "venv-builder was not built"
    equal(changed, set(), "layers after a change of venv-builder that leaves no trace")
    forge.edit("images/python-base/Dockerfile", "ca-certificates", "ca-certificates netbase")
    changed, ran = forge.rebuild()
    equal(changed, SERVICES, "images after a change of python-base")
    equal(ran & SERVICES, SERVICES, "steps after a change of python-base")


def the_shell_form(forge):
    """Over OCI layouts, since there is no `target:` outside of bake. The stand-ins are layouts, too, and a program
    called docker puts them in place."""
    engine, layouts = forge.engine, forge.work / "layouts"
    for name in ("distribution", "uv"):
        engine.run(["docker", "buildx", "build", "--network=none", "--provenance=false", "--output",
                    f"type=oci,dest={layouts / name},tar=false", forge.stand_ins / name], forge.root)
    contexts = " ".join(f"--build-context '{reference}=oci-layout://{layouts / name}'"
                        for reference, name in forge.outer.items())
    programs = forge.work / "bin"
    programs.mkdir()
    docker = shutil.which("docker", path=engine.environment["PATH"])
    stand_ins.put_program(programs / "docker", f"""#!/bin/sh
[ "$1 $2" = "buildx build" ] || exit 64
shift 2
exec {docker} buildx build --network none {contexts} "$@"
""")
    (programs / "forge-analyze").symlink_to(forge.program)
    script = forge.work / "plan.sh"
    script.write_text(forge.plan("--format", "shell"))
    before = engine.environment["PATH"]
    engine.environment["PATH"] = f"{programs}:{before}"
    try:
        engine.run(["sh", script], forge.root)
    finally:
        engine.environment["PATH"] = before
    targets = json.loads(forge.plan("--format", "json"))["targets"]
    services = [target for target in targets if target["kind"] == "service"]
    equal({target["id"] for target in services}, SERVICES, "services of the plan")
    for target in services:
        sums = f"/var/lib/openstack/installed/{target['image']}.sums"
        got = engine.run(["docker", "run", "--rm", "--pull=never", "--network=none", "--user=0", target["tags"][0], "cat", sums],
                         forge.root).stdout
        exported = forge.root / f"build/src/{target['image']}-{target['release']}"
        equal(got, sums_of(exported), f"{target['id']}: files in the image of the shell form")


def sums_of(folder):
    return subprocess.run("find . -type f | LC_ALL=C sort | xargs sha256sum", shell=True, cwd=folder, text=True,
                          capture_output=True, check=True).stdout


# Each goes on with what the ones before have built.
TESTS = (images_hold_what_was_planned, nothing_changed_is_all_cached, pinned_layouts_build_the_same, a_patch, constraints,
         an_extra_package, a_ref, a_base, the_shell_form)

main()
