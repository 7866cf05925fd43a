#!/usr/bin/env bash
# Brings the generators of the Python SDK into tools/python/.venv: made anew only when requirements.txt changed.
set -euo pipefail
cd "$(dirname "$0")"

cmp -s requirements.txt .venv/requirements.txt && exit 0
rm -rf .venv
"${PYTHON:-python3}" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
# Copied last, so that an interrupted setup is done again.
cp requirements.txt .venv/requirements.txt
