#!/usr/bin/env bash
# Builds, checks and tests the package: format and lint, types, the compiled package, every test. Ends non-zero when anything
# fails. Needs Node and npm for the first install. The packed package is tested by its page (`npm run docs`).
set -euo pipefail
cd "$(dirname "$0")"
root=$(cd ../.. && pwd)
(cd "$root" && node scripts/install.mjs)
export PATH="$root/node_modules/.bin:$PATH"

echo "== biome"
(cd "$root" && biome check sdk/typescript)
echo "== types"
tsc -p tsconfig.json
echo "== build"
npm run --silent build
echo "== tests"
vitest run "$@"
