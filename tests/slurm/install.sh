#!/usr/bin/env bash
# Brings Slurm from Debian's packages, for the tests of this folder; needs root. Where it cannot be
# had it says so and goes on: the tests are then skipped.
set -uo pipefail

packages=(munge slurmctld slurmd slurm-client)
export DEBIAN_FRONTEND=noninteractive

install_packages() {
    apt-get install --yes --no-install-recommends "${packages[@]}"
}

if [ "$(command -v munged slurmctld slurmd sbatch | wc -l)" = 4 ]; then
    exit 0
fi
if [ "$(id -u)" != 0 ] || ! command -v apt-get >/dev/null; then
    echo "Slurm is not installed: that takes root and apt-get (${packages[*]})."
    exit 0
fi
log=$(mktemp)
if { install_packages || { apt-get update && install_packages; }; } </dev/null >"$log" 2>&1; then
    echo "Slurm $(slurmctld -V | cut -d' ' -f2) is installed."
else
    tail -n 5 "$log"
    echo "Slurm could not be installed."
fi
rm -f "$log"
