#!/bin/sh
# Renders icon.svg to icon.png with chromium: media/make-icon.sh
set -eu
cd "$(dirname "$0")"
chromium --headless --no-sandbox --disable-gpu --hide-scrollbars --default-background-color=00000000 \
  --window-size=128,128 --screenshot=icon.png "file://$PWD/icon.svg" 2>/dev/null
