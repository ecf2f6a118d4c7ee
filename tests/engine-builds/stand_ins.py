"""Stand-ins for the outer images, so that Dockerfiles build unchanged without any registry: a distribution of busybox
whose package manager notes what it was asked for, and a uv that notes what it was given."""
import json
import shutil

NOTE = '#!/bin/sh\necho "$(basename "$0") $*" >> /var/log/stand-in.log\n'
PYTHON = '#!/bin/sh\n[ "$1 $2" = "-m venv" ] || exit 0\nfor last; do :; done\nmkdir -p "$last/bin"\n'
UV = r"""#!/bin/sh
# pip install: the constraints, the digest of every file of every tree, and the names of packages end in the environment.
set -eu
if [ "$1" = tool ]; then echo netbase; exit 0; fi
shift 2
kept=/var/lib/openstack/installed
mkdir -p $kept
while [ $# -gt 0 ]; do
  case $1 in
    --python | --prefix) shift ;;
    --constraint) cp "$2" $kept/constraints.txt; shift ;;
    --build-constraint) cp "$2" $kept/build-constraints.txt; shift ;;
    --*) ;;
    /*) tree=${1%%[*}; echo "$1" >> $kept/trees.txt
      (cd "$tree" && find . -type f | sort | xargs sha256sum) > "$kept/${tree##*/}.sums" ;;
    *) echo "$1" >> $kept/packages.txt ;;
  esac
  shift
done
"""
DISTRIBUTION = """FROM scratch
COPY bin/ /bin/
RUN ["/bin/busybox", "sh", "-c", "/bin/busybox --install -s /bin && mkdir -p /var/log /var/lib /tmp /etc /usr/bin \
/usr/local/bin && ln -s /bin/env /usr/bin/env"]
"""
# Debian's Python is another one than Ubuntu's.
APT_GET = """#!/bin/sh
python=$(/usr/bin/apt-cache depends python3 | sed -n 's/.*Depends: python\\(3\\.[0-9]*\\)$/\\1/p' | head -n 1)
for word; do
  shift
  case $word in libpython3.*) word=libpython$python ;; esac
  set -- "$@" "$word"
done
exec /usr/bin/apt-get "$@"
"""
DEBIAN = """FROM scratch
ADD root.tar /
COPY apt-get /usr/local/sbin/
COPY certificates.crt /etc/ssl/certificates.crt
ENV PATH=/usr/local/sbin:/usr/local/bin:/usr/sbin:/usr/bin:/sbin:/bin SSL_CERT_FILE=/etc/ssl/certificates.crt
"""


def write(busybox, folder):
    """The images' folders `distribution` and `uv`."""
    programs = folder / "distribution/bin"
    programs.mkdir(parents=True)
    shutil.copy(busybox, programs / "busybox")
    for name in ("apt-get", "groupadd", "useradd"):
        put_program(programs / name, NOTE)
    put_program(programs / "python3", PYTHON)
    (folder / "distribution/Dockerfile").write_text(DISTRIBUTION)
    (folder / "uv").mkdir()
    put_program(folder / "uv/uv", UV)
    (folder / "uv/Dockerfile").write_text("FROM scratch\nCOPY uv /\n")


def write_debian(outer, folder, certificates):
    """The same two images of Debian's root and the real uv, as scripts/get-distribution has made them."""
    for name in ("distribution", "uv"):
        (folder / name).mkdir(parents=True)
    shutil.copy(outer / "distribution/root.tar", folder / "distribution/root.tar")
    shutil.copy(outer / "uv/uv", folder / "uv/uv")
    shutil.copy(certificates, folder / "distribution/certificates.crt")
    put_program(folder / "distribution/apt-get", APT_GET)
    (folder / "distribution/Dockerfile").write_text(DEBIAN)
    (folder / "uv/Dockerfile").write_text("FROM scratch\nCOPY uv /\n")


def override(plan, outer, stand_ins, output=None, network="none"):
    """A second bake file: the outer images' places are taken by stand-ins. `outer` maps the references as Dockerfiles
    write them to `distribution` or `uv`; `output` a service's id to where it goes."""
    targets = {f"stand-in-{name}": {"context": str(stand_ins / name), "network": "none", "platforms": ["linux/amd64"],
                                    "output": ["type=cacheonly"]}
               for name in ("distribution", "uv")}
    contexts = {reference: f"target:stand-in-{name}" for reference, name in outer.items()}
    for name, target in plan["target"].items():
        targets[name] = {"network": network, "contexts": contexts}
        if output:
            targets[name]["output"] = output(name)
    return json.dumps({"target": targets})


def put_program(path, text):
    path.write_text(text)
    path.chmod(0o755)
