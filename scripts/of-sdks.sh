#!/usr/bin/env bash
# Runs a suite that all SDKs share, given by its main file, over every SDK that this machine can build and that has a part in it, and
# over the variants of that part (`command-NAME`).
set -euo pipefail
cd "$(dirname "$0")/.."
part=$(basename "$(dirname "$1")")
sdks=()
for language in typescript go python java rust; do
  scripts/has-toolchain.sh "$language" || continue
  for command in "sdk/$language/$part"/command*; do
    [[ -e $command ]] && sdks+=("$language${command#*/command}")
  done
done
exec node "$1" --sdk "$(IFS=,; echo "${sdks[*]}")"
