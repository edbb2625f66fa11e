# regssl with all that it needs, for a CPU or, with another index of torch, a GPU. How to run it: docs/own/elsewhere.md.
#   docker build --tag regssl .
#   docker build --tag regssl --build-arg TORCH_INDEX=https://pypi.org/simple .      torch with CUDA
ARG PYTHON=3.12
FROM python:${PYTHON}-slim

# versions are those of Debian's release
# hadolint ignore=DL3008
RUN apt-get update \
    && apt-get install --yes --no-install-recommends bedtools lastz \
    && rm -rf /var/lib/apt/lists/*

COPY pyproject.toml constraints.txt README.md LICENSE /opt/regssl/
COPY src /opt/regssl/src
ARG TORCH_INDEX=https://download.pytorch.org/whl/cpu
RUN pip install --no-cache-dir --extra-index-url "$TORCH_INDEX" --constraint /opt/regssl/constraints.txt --editable '/opt/regssl[slurm]' \
    && python -m compileall -q /opt/regssl/src

COPY Snakefile /opt/regssl/
COPY workflow /opt/regssl/workflow
COPY config /opt/regssl/config
COPY profiles /opt/regssl/profiles
COPY envs /opt/regssl/envs

# any user will do (--user): only /work and the temporary folder are written
ENV HOME=/tmp
RUN useradd --uid 1000 --no-create-home regssl && install --directory --owner=regssl /work
USER 1000
WORKDIR /work
CMD ["regssl", "--help"]
