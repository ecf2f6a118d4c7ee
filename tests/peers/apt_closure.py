#!/usr/bin/env python3
"""Compares `forge-analyze bindep --closure` with `apt-get install --simulate --no-install-recommends` on this machine.

Both read the machine's own package lists and start from an empty system. Package sets: those that images of OpenStack
services want, and random ones. Every set must bring the same packages in the same versions; where apt refuses, ours must
say that something is unknown or unmet. Stops with exit code 1 if one differs.

    apt_closure.py build/bin/forge-analyze --count 30 --seed 1
"""
import argparse
import json
import pathlib
import random
import re
import subprocess
import sys
import tempfile

LISTS = "/var/lib/apt/lists/"
USUAL = ["libldap-2.5-0 libsasl2-2", "qemu-utils", "open-iscsi ceph-common", "libvirt0 qemu-utils", "postgresql",
         "mariadb-server", "apache2 libapache2-mod-wsgi-py3", "nginx", "openvswitch-switch", "ovn-central",
         "rabbitmq-server", "memcached python3-memcache", "libpq5 libxml2 libxslt1.1", "build-essential", "python3-dev",
         "default-libmysqlclient-dev", "libvirt-dev", "nova-compute", "keystone", "mail-transport-agent", "graphviz",
         "openssh-server", "lvm2 nfs-common", "dnsmasq", "haproxy keepalived", "conntrack ipset iptables",
         "libpcre3 libffi8", "multipath-tools sysfsutils", "librados2 librbd1", "systemd dbus"]


def apt(names):
    """Name to version, or nothing where apt refuses."""
    done = subprocess.run(["apt-get", "-o", "Dir::State::status=/dev/null", "--no-install-recommends", "--simulate",
                           "install", *names], capture_output=True, text=True)
    found = re.findall(r"^Inst (\S+) (?:\[\S+\] )?\((\S+)", done.stdout, re.M)
    return None if done.returncode else {name.split(":")[0]: version for name, version in found}


def ours(binary, names, folder, distro):
    file = folder / "bindep.txt"
    file.write_text("".join(f"{name}\n" for name in names))
    done = subprocess.run([binary, "bindep", str(file), "--closure", "--format", "json", "--platform", distro, "--apt",
                           LISTS], capture_output=True, text=True)
    if done.returncode == 2:
        sys.exit(f"ours can't be done: {done.stderr}")
    closure = json.loads(done.stdout)["closure"]
    whole = not closure["unknown"] and not closure["unmet"]
    return whole, {package["name"]: package["version"] for package in closure["packages"]}


def main():
    parser = argparse.ArgumentParser(description=__doc__, formatter_class=argparse.RawDescriptionHelpFormatter)
    parser.add_argument("binary")
    parser.add_argument("--count", type=int, default=30, help="random sets beside the usual ones")
    parser.add_argument("--seed", type=int, default=1)
    arguments = parser.parse_args()
    release = dict(re.findall(r'^(\w+)="?([^"\n]*)', pathlib.Path("/etc/os-release").read_text(), re.M))
    distro = f"{release['ID']}:{release['VERSION_CODENAME']}"
    known = sorted(subprocess.run(["apt-cache", "pkgnames"], capture_output=True, text=True, check=True).stdout.split())
    rng = random.Random(arguments.seed)
    sets = [names.split() for names in USUAL]
    sets += [rng.sample(known, rng.choice([1, 1, 2, 3, 5])) for _ in range(arguments.count)]
    equal = different = refused = 0
    with tempfile.TemporaryDirectory() as folder:
        for names in sets:
            whole, closure = ours(arguments.binary, names, pathlib.Path(folder), distro)
            wanted = apt(names)
            if wanted is None:
                refused += 1
                good = not whole
            else:
                good = whole and closure == wanted
            equal += good
            different += not good
            if not good:
                only = sorted(set(closure.items()) ^ set((wanted or {}).items()))[:8]
                print("different:", " ".join(names), "refused by apt" if wanted is None else only)
    print(f"{equal} of {len(sets)} sets equal, {refused} of them refused by apt")
    sys.exit(1 if different else 0)


if __name__ == "__main__":
    main()
