#!/usr/bin/env bash
# Writes all generated code: gen/ts, docs/errors.md, and the code of each SDK whose toolchain is there. A language without
# its toolchain is left out and said loudly; with CI=true that is a failure.
set -euo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

buf generate
node scripts/error-docs.ts

missing=()
for language in go python java rust; do
  if ! scripts/has-toolchain.sh "$language"; then
    missing+=("$language")
    continue
  fi
  case $language in
    python) tools/python/setup.sh ;;
    java) scripts/java-generators.sh ;;
  esac
  buf generate --template "sdk/buf.gen.$language.yaml"
done

if ((${#missing[@]} > 0)); then
  echo "!! NOT GENERATED, since the toolchain is missing: ${missing[*]}" >&2
  [[ "${CI:-}" != true ]] || exit 1
fi
