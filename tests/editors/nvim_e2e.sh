#!/bin/bash
# Runs nvim_e2e.lua in a headless Neovim ($NVIM, else nvim) on a forge of its own. Exit code 77 stands for "skipped".
set -euo pipefail

server=$1
nvim=${NVIM:-nvim}
script=$(dirname "$(realpath "$0")")/nvim_e2e.lua
if ! command -v "$nvim" >/dev/null; then
  echo "skipped: there is no nvim here (Debian: apt-get install neovim)"
  exit 77
fi

forge=$(mktemp -d)
trap 'rm -rf "$forge"' EXIT
mkdir -p "$forge/releases/2025.2" "$forge/images/keystone"
echo 'FROM keystone' >"$forge/images/keystone/Dockerfile"
echo 'keystone: "28.0.0"' >"$forge/releases/2025.2/source-refs.yaml"
cd "$forge"
# After a plain error Neovim would stay open, so the error is caught and `cq` makes it exit code 1.
HOME=$forge FORGE_LS=$server FORGE_FILE=releases/2025.2/source-refs.yaml timeout 60 "$nvim" --headless --clean -n -i NONE \
  -c "lua local ok, e = pcall(dofile, '$script'); if not ok then io.stderr:write(e .. '\n'); vim.cmd('cq') end"
