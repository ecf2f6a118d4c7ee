#!/bin/bash
# Runs eglot_e2e.el in a batch Emacs on a forge of its own. Exit code 77 stands for "skipped".
set -euo pipefail

server=$1
script=$(dirname "$(realpath "$0")")/eglot_e2e.el
# -q, not -Q: Debian's eglot is found by the site's start files.
if ! command -v emacs >/dev/null || ! emacs -q --batch --eval "(require 'eglot)" 2>/dev/null; then
  echo "skipped: there is no Emacs with eglot here (Debian: apt-get install emacs-nox elpa-eglot)"
  exit 77
fi

forge=$(mktemp -d)
trap 'rm -rf "$forge"' EXIT
mkdir -p "$forge/releases/2025.2"
printf '# 😀\n"😀": 28.10 # 漢\n' >"$forge/releases/2025.2/source-refs.yaml"
cd "$forge"
HOME=$forge FORGE_LS=$server FORGE_FILE=releases/2025.2/source-refs.yaml timeout 120 emacs -q --batch -l "$script"
