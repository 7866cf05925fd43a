#!/usr/bin/env bash
# Fails when proto/ breaks users of the last release: the newest tag v*, or the main branch before the first release.
# Exit code 3: there is nothing to compare with.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

no_baseline() {
  echo "breaking: nothing to compare with: $1" >&2
  exit 3
}

has_proto() { [[ -n "$(git ls-tree -r --name-only "$1" -- proto buf.yaml 2>/dev/null | grep '\.proto$')" ]]; }

git rev-parse --is-inside-work-tree >/dev/null 2>&1 || no_baseline "this is no git checkout."

baseline=$(git describe --tags --abbrev=0 --match 'v*' 2>/dev/null || true)
if [[ -z "$baseline" ]]; then
  for branch in origin/main main; do
    if git rev-parse --verify --quiet "$branch^{commit}" >/dev/null && has_proto "$branch"; then
      baseline=$branch
      break
    fi
  done
fi
[[ -n "$baseline" ]] || no_baseline "no tag v* and no main branch with proto/ (git fetch --tags origin main)."

echo "breaking: comparing proto/ with $baseline"
old=$(mktemp -d)
trap 'rm -rf "$old"' EXIT
git archive "$baseline" -- buf.yaml proto third_party | tar -x -C "$old"
buf breaking --against "$old"
