#!/usr/bin/env bash
# After Snakemake itself was killed: its jobs live on in Slurm, and Snakemake's lock in this folder.
#
#   bash profiles/slurm/recover.sh [OPTION...]       in the folder of the workflow, where .snakemake lies
#
# cancels the jobs of this folder whose names begin as the profile says, waits until they are gone,
# and removes the lock by `snakemake --unlock OPTION...`; options are needed where a bare `snakemake`
# would not find the workflow. Then give the same snakemake command as before: it goes on where it
# was. Not while a Snakemake is at work in this folder: its jobs would be cancelled too.
set -euo pipefail

here=$(dirname "${BASH_SOURCE[0]}")
prefix=$(sed -n 's/^slurm-jobname-prefix: *//p' "$here/profile.yaml")
folder=$(pwd -P)
seconds_to_end=120

# Numbers of the jobs: their names begin with the prefix, and they were sent from this folder.
jobs_here() {
    squeue --me --noheader --format '%i %j %Z' |
        awk -v name="${prefix}_" -v folder="$folder" \
            'index($2, name) == 1 && substr($0, length($1 " " $2 " ") + 1) == folder {print $1}'
}

jobs=$(jobs_here)
if [ -n "$jobs" ]; then
    echo "cancelling $(wc -w <<<"$jobs") jobs:" $jobs
    # shellcheck disable=SC2086: numbers are words
    scancel $jobs
    while [ -n "$(jobs_here)" ]; do
        if [ "$SECONDS" -ge "$seconds_to_end" ]; then
            echo "jobs still there after $seconds_to_end s:" $(jobs_here) >&2
            exit 1
        fi
        sleep 1
    done
fi

snakemake=$here/../../.venv/bin/snakemake
[ -x "$snakemake" ] || snakemake=snakemake
"$snakemake" --unlock "$@"
