#!/usr/bin/env bash
# Fails when gen/ or docs/errors.md is not what `npm run generate` writes today.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

fingerprint() { find gen docs/errors.md -type f -exec cksum {} + 2>/dev/null | sort -k3; }

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
  changes=$(git status --porcelain -- gen docs/errors.md)
  if [[ -n "$changes" ]]; then
    echo "generate-check: generated files are not committed:" >&2
    echo "$changes" >&2
    exit 1
  fi
fi
