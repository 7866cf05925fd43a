#!/usr/bin/env bash
# Everything `npm test` runs: format, lint, types, generated files, compatibility, the tests, then the SDKs: their own suites, the
# conformance suite, the samples, and the documentation. All of it runs even when an early part fails. Arguments go to vitest
# (`npm test -- test/cli`), and leave out the SDKs. What is skipped is said loudly, and fails with CI=true. At the end comes a table
# of the checks with their times, and the last line is "N passed, N failed": the tests, and each check as one.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
passed=0
failed=0
skipped=()
rows=()

# Runs a command; its times, in seconds, are in $elapsed and $processor, its status in $status.
timed() {
  local TIMEFORMAT='%R %U %S' user system
  status=0
  { time "$@" 2>&3 || status=$?; } 3>&2 2>"$report/times"
  read -r elapsed user system <"$report/times"
  processor=$(awk -v u="$user" -v s="$system" 'BEGIN { printf "%.1f", u + s }')
}

row() { rows+=("$(printf '%-28s %10.1f %10.1f   %s' "$1" "$elapsed" "$processor" "$2")"); }

check() {
  local name=$1
  shift
  echo "== $name"
  timed "$@"
  if [[ $status == 0 ]]; then
    passed=$((passed + 1))
    row "$name" ok
  elif [[ $status == 3 && $name == breaking ]]; then
    skipped+=("$name: no earlier version to compare with")
    row "$name" skipped
  else
    echo "== $name FAILED"
    failed=$((failed + 1))
    row "$name" FAILED
  fi
}

check "biome" biome check .
check "buf lint" buf lint
check "typecheck" tsc --noEmit
check "generated files" scripts/generate-check.sh
check "breaking" scripts/breaking.sh

echo "== tests"
timed vitest run --reporter=default --reporter=json --outputFile.json="$report/vitest.json" "$@"
summary=$(node scripts/test-summary.ts "$report/vitest.json" "$status" "$report/skipped")
read -r tests_passed tests_failed <<<"$summary"
passed=$((passed + ${tests_passed:-0}))
failed=$((failed + ${tests_failed:-1}))
row "tests" "${tests_passed:-0} passed, ${tests_failed:-1} failed"
while IFS= read -r name; do skipped+=("$name"); done <"$report/skipped"

if (($# == 0)); then
  for language in typescript go python java rust; do
    if scripts/has-toolchain.sh "$language"; then
      check "SDK $language" "sdk/$language/test.sh"
    else
      skipped+=("SDK $language: its toolchain is missing")
    fi
  done
  check "conformance of the SDKs" scripts/of-sdks.sh test/conformance/main.ts
  check "samples against the demo" scripts/of-sdks.sh test/samples/main.ts
  check "documentation" node test/docs/main.ts
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
printf '%-28s %10s %10s   %s\n' check seconds processor ""
printf '%s\n' "${rows[@]}"
echo
echo "$passed passed, $failed failed"
((failed == 0))
