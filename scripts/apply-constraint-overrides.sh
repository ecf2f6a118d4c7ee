#!/bin/sh
# Writes a release's effective constraints: its pins with overrides/<release>/constraints.txt applied.
set -eu

if [ $# -ne 2 ]; then
  echo "usage: $0 RELEASE OUTPUT" >&2
  exit 2
fi
root=$(cd "$(dirname "$0")/.." && pwd)
exec "${FORGE_ANALYZE:-$root/build/bin/forge-analyze}" constraints -C "$root" --release "$1" -o "$2"
