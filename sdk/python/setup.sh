#!/usr/bin/env bash
# Makes sdk/python/.venv with the pinned packages and this one, anew only when requirements.txt or pyproject.toml changed.
set -euo pipefail
cd "$(dirname "$0")"

wanted=$(cat requirements.txt pyproject.toml)
[[ -f .venv/made-from && "$(cat .venv/made-from)" == "$wanted" ]] && exit 0
rm -rf .venv
"${PYTHON:-python3}" -m venv .venv
.venv/bin/pip install --quiet --disable-pip-version-check -r requirements.txt
.venv/bin/pip install --quiet --disable-pip-version-check --no-deps --no-build-isolation -e .
# Written last, so that an interrupted setup is done again.
echo "$wanted" >.venv/made-from
