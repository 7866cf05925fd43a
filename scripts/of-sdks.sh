#!/usr/bin/env bash
# Runs a suite that all SDKs share, given by its main file, over every SDK that this machine can build and that has a part in it.
set -euo pipefail
cd "$(dirname "$0")/.."
part=$(basename "$(dirname "$1")")
sdks=()
for language in typescript go python java rust; do
  if [[ -e sdk/$language/$part/command ]] && scripts/has-toolchain.sh "$language"; then sdks+=("$language"); fi
done
exec node "$1" --sdk "$(IFS=,; echo "${sdks[*]}")"
