#!/bin/sh
# Install a program, bedtools or lastz, with the package manager that is there; where there is none, print one line that asks for it.
set -eu
program=$1
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get install -y -qq --no-install-recommends "$program" || { apt-get update -qq && apt-get install -y -qq --no-install-recommends "$program"; }
elif command -v mamba >/dev/null; then
    mamba install --yes --quiet --channel bioconda --channel conda-forge "$program"
elif command -v conda >/dev/null; then
    conda install --yes --quiet --channel bioconda --channel conda-forge "$program"
elif command -v brew >/dev/null; then
    brew install --quiet "$program" || brew install --quiet "brewsci/bio/$program"
fi >/dev/null || true
command -v "$program" >/dev/null || {
    echo "$program is needed and could not be installed here: install it, for example with 'sudo apt-get install $program'" >&2
    exit 1
}
