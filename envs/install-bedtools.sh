#!/bin/sh
# Install the program bedtools with the package manager that is there; where there is none, print one line that asks for it.
set -eu
if command -v apt-get >/dev/null && [ "$(id -u)" = 0 ]; then
    apt-get install -y -qq --no-install-recommends bedtools || { apt-get update -qq && apt-get install -y -qq --no-install-recommends bedtools; }
elif command -v mamba >/dev/null; then
    mamba install --yes --quiet --channel bioconda --channel conda-forge bedtools
elif command -v conda >/dev/null; then
    conda install --yes --quiet --channel bioconda --channel conda-forge bedtools
elif command -v brew >/dev/null; then
    brew install --quiet bedtools
fi >/dev/null
command -v bedtools >/dev/null || {
    echo "bedtools is needed and could not be installed here: install it, for example with 'sudo apt-get install bedtools'" >&2
    exit 1
}
