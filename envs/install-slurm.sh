#!/bin/sh
# For `make test-slurm`: the daemons of SLURM and munge from Debian's packages; none is left running.
set -eu
command -v apt-get >/dev/null && [ "$(id -u)" = 0 ] || {
    echo "slurmctld, slurmd, slurm-client and munge are needed; they are installed here with apt-get as root only" >&2
    exit 1
}
packages="slurmctld slurmd slurm-client munge"
apt-get install -y -qq --no-install-recommends $packages || { apt-get update -qq && apt-get install -y -qq --no-install-recommends $packages; }
