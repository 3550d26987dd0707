#!/usr/bin/env bash
# Brings Chromium from Debian's packages, for the tests of this folder; needs root. Where it cannot be
# had it says so and goes on: the tests are then skipped.
set -uo pipefail

export DEBIAN_FRONTEND=noninteractive

install_chromium() {
    apt-get install --yes --no-install-recommends chromium fonts-dejavu-core
}

if command -v chromium chromium-browser google-chrome >/dev/null; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Chromium is not installed: that takes root and apt-get."
    exit 0
fi
log=$(mktemp)
if { install_chromium || { apt-get update && install_chromium; }; } </dev/null >"$log" 2>&1; then
    echo "Chromium is installed."
else
    tail -n 5 "$log"
    echo "Chromium could not be installed."
fi
rm -f "$log"
