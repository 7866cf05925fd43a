#!/usr/bin/env bash
# Starts the conformance driver, with what it needs installed.
set -euo pipefail
cd "$(dirname "$0")/.."
./setup.sh >&2
exec .venv/bin/python conformance
