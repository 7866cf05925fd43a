#!/usr/bin/env bash
# Everything `npm test` runs: format, lint, types, generated files, compatibility, the tests, then those of each SDK. All of it runs even when
# an early part fails. Arguments go to vitest (`npm test -- test/cli`). What is skipped is said loudly, and fails with
# CI=true. The last line is "N passed, N failed": the tests, and each check as one.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
passed=0
failed=0
skipped=()

check() {
  local name=$1 status=0
  shift
  echo "== $name"
  "$@" || status=$?
  if [[ $status == 0 ]]; then
    passed=$((passed + 1))
  elif [[ $status == 3 && $name == breaking ]]; then
    skipped+=("$name: no earlier version to compare with")
  else
    echo "== $name FAILED"
    failed=$((failed + 1))
  fi
}

check "biome" biome check .
check "buf lint" buf lint
check "typecheck" tsc --noEmit
check "generated files" scripts/generate-check.sh
check "breaking" scripts/breaking.sh

echo "== tests"
vitest run --reporter=default --reporter=json --outputFile.json="$report/vitest.json" "$@"
vitest_status=$?
summary=$(node scripts/test-summary.ts "$report/vitest.json" "$vitest_status" "$report/skipped")
read -r tests_passed tests_failed <<<"$summary"
passed=$((passed + ${tests_passed:-0}))
failed=$((failed + ${tests_failed:-1}))
while IFS= read -r name; do skipped+=("$name"); done <"$report/skipped"

# Arguments choose tests of the gateway alone.
if (($# == 0)); then
  for language in typescript go python java rust; do
    if scripts/has-toolchain.sh "$language"; then
      check "SDK $language" "sdk/$language/test.sh"
    else
      skipped+=("SDK $language: its toolchain is missing")
    fi
  done
  check "conformance of the SDKs" scripts/conformance.sh
fi

if ((${#skipped[@]} > 0)); then
  echo
  echo "!! SKIPPED ${#skipped[@]}, not tested here:"
  printf '!!   %s\n' "${skipped[@]}"
  if [[ "${CI:-}" == true ]]; then
    echo "!! With CI=true a skip is a failure."
    failed=$((failed + ${#skipped[@]}))
  fi
fi

echo
echo "$passed passed, $failed failed"
((failed == 0))
