#!/usr/bin/env bash
# Runs the conformance suite over every SDK that this machine can build.
set -euo pipefail
cd "$(dirname "$0")/.."
sdks=()
for language in typescript go python java rust; do
  if scripts/has-toolchain.sh "$language"; then sdks+=("$language"); fi
done
exec node test/conformance/main.ts --sdk "$(IFS=,; echo "${sdks[*]}")"
