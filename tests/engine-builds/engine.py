"""A dockerd of the test's own: its data, socket and configuration in one folder, nothing of the system's touched."""
import json
import os
import pathlib
import re
import shutil
import signal
import subprocess
import sys
import time


class Unavailable(Exception):
    """Why no engine can be started here."""


class Engine:
    """Started by `with Engine(root, folder)`; `root` holds Debian's packages as scripts/get-engine unpacks them."""

    def __init__(self, root, folder):
        self.root, self.folder = pathlib.Path(root), pathlib.Path(folder)
        self.socket = self.folder / "docker.sock"
        if len(str(self.socket)) > 100:
            raise Unavailable(f"{self.socket} is too long for a socket")
        path = os.pathsep.join([f"{self.root}/usr/sbin", f"{self.root}/usr/bin", os.environ["PATH"]])
        kept = {name: value for name, value in os.environ.items()
                if not name.startswith(("BUILDX_", "DOCKER_", "BUILDKIT_")) and name != "SOURCE_DATE_EPOCH"}
        self.environment = {**kept, "PATH": path, "DOCKER_HOST": f"unix://{self.socket}",
                            "DOCKER_CONFIG": str(self.folder / "config")}
        self.daemon = None

    def __enter__(self):
        if os.geteuid() != 0:
            raise Unavailable("an engine needs root")
        signal.signal(signal.SIGTERM, lambda *_: sys.exit(1))  # so that the daemon ends with the tests
        plugins = self.folder / "config/cli-plugins"
        plugins.mkdir(parents=True)
        (plugins / "docker-buildx").symlink_to(self.root / "usr/libexec/docker/cli-plugins/docker-buildx")
        with open(self.folder / "dockerd.log", "wb") as log:
            self.daemon = subprocess.Popen(
                ["dockerd", "--data-root", self.folder / "data", "--exec-root", self.folder / "exec",
                 "--pidfile", self.folder / "dockerd.pid", "-H", f"unix://{self.socket}", "--iptables=false",
                 "--ip6tables=false", "--bridge=none", "--feature", "containerd-snapshotter=true",
                 "--storage-driver=overlayfs"],
                env=self.environment, stdin=subprocess.DEVNULL, stdout=log, stderr=log, start_new_session=True)
        until = time.monotonic() + 30
        while subprocess.run(["docker", "version"], env=self.environment, capture_output=True).returncode:
            if self.daemon.poll() is not None or time.monotonic() > until:
                log = (self.folder / "dockerd.log").read_text(errors="replace").strip().splitlines()
                self.__exit__()
                raise Unavailable("dockerd does not start: " + " / ".join(log[-3:]))
            time.sleep(0.1)
        return self

    def __exit__(self, *_):
        if self.daemon and self.daemon.poll() is None:
            self.daemon.send_signal(signal.SIGTERM)
            try:
                self.daemon.wait(30)
            except subprocess.TimeoutExpired:
                self.daemon.kill()
        for mount in mounts_below(self.folder):
            subprocess.run(["umount", "-l", mount], capture_output=True)
        shutil.rmtree(self.folder, ignore_errors=True)

    def run(self, command, folder, check=True):
        done = subprocess.run([str(word) for word in command], cwd=folder, env=self.environment, text=True,
                              capture_output=True)
        if check and done.returncode:
            raise AssertionError(f"{' '.join(map(str, command))} ended with {done.returncode}\n{done.stderr[-3000:]}")
        return done

    def bake(self, folder, files, targets=(), options=()):
        """Builds; answers with a Build."""
        metadata = self.folder / "metadata.json"
        command = ["docker", "buildx", "bake", "--progress=plain", "--metadata-file", metadata, *options]
        for file in files:
            command += ["-f", file]
        done = self.run([*command, *targets], folder)
        return Build(json.loads(metadata.read_text()), done.stderr)


class Build:
    def __init__(self, metadata, log):
        self.log = log
        self.digests = {name: value["containerimage.digest"] for name, value in metadata.items()
                        if isinstance(value, dict) and "containerimage.digest" in value}
        self.done, self.cached = steps(log)


def steps(log):
    """Steps of Dockerfiles that ran, and those that came from the cache, as `target: instruction`. A step that ran for
    one target is from the cache for the next that has it, and is then told as both."""
    names, done = {}, set()
    for line in log.splitlines():
        if found := re.match(r"#(\d+) \[(\S+) (?:\S+ )?\d+/\d+\] (.*)", line):
            names.setdefault(found[1], f"{found[2]}: {found[3]}")
        elif found := re.match(r"#(\d+) DONE", line):
            done.add(found[1])
    names = {number: name for number, name in names.items() if not is_base(name)}
    ran = {name for number, name in names.items() if number in done}
    return ran, set(names.values()) - ran


def is_base(name):
    """FROM is looked up each time and never a step of its own."""
    return ": FROM " in name


def mounts_below(folder):
    lines = pathlib.Path("/proc/self/mounts").read_text().splitlines()
    return sorted((line.split()[1] for line in lines if line.split()[1].startswith(f"{folder}/")), reverse=True)
