#!/usr/bin/env bash
# Fails when generated code or docs/errors.md is not what `npm run generate` writes today.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

generated=(gen docs/errors.md sdk/go/callwirev1 sdk/python/src/callwire/v1 sdk/java/src/gen sdk/rust/src/gen sdk/rust/tests/gen)
fingerprint() { find "${generated[@]}" -name __pycache__ -prune -o -type f -exec cksum {} + 2>/dev/null | sort -k3; }

before=$(fingerprint)
npm run --silent generate
if [[ "$(fingerprint)" != "$before" ]]; then
  echo "generate-check: the generated files were out of date; they have just been regenerated:" >&2
  diff <(echo "$before") <(fingerprint) | sed -n 's/^[<>] [0-9]* [0-9]* /  /p' | sort -u >&2
  echo "Commit them with the change to proto/ that they belong to." >&2
  exit 1
fi

# On a build machine everything is committed, so what git sees as changed or new was generated and not committed.
if [[ "${CI:-}" == true ]] && git rev-parse --is-inside-work-tree >/dev/null 2>&1; then
  changes=$(git status --porcelain -- "${generated[@]}")
  if [[ -n "$changes" ]]; then
    echo "generate-check: generated files are not committed:" >&2
    echo "$changes" >&2
    exit 1
  fi
fi
