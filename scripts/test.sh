#!/usr/bin/env bash
# Everything `npm test` runs: format, lint, types, generated files, compatibility, the tests, then the SDKs: their own suites, the
# conformance suite, the samples, and the documentation. All of it runs even when an early part fails. Arguments go to vitest
# (`npm test -- test/cli`), and leave out the SDKs. What is skipped is said loudly, and fails with CI=true. At the end comes a table
# of the checks with their times, then the names of the tests that failed, and the last line is "N passed, N failed": the tests, and each check as one.
set -uo pipefail
cd "$(dirname "$0")/.."
export PATH="$PWD/node_modules/.bin:$PATH"

report=$(mktemp -d)
trap 'rm -rf "$report"' EXIT
# One line a check: seconds, seconds of CPU, passed, failed, name, what came of it.
table=$report/table
skipped=$report/skipped
failures=$report/failures
touch "$table" "$skipped" "$failures"

# Runs a command; its status is in $status, its times are in $elapsed and $processor.
timed() {
  local TIMEFORMAT='%R %U %S' user system times=$report/times.$BASHPID
  status=0
  { time "$@" 2>&3 || status=$?; } 3>&2 2>"$times"
  read -r elapsed user system <"$times"
  processor=$(awk -v u="$user" -v s="$system" 'BEGIN { printf "%.1f", u + s }')
}

enter() { printf '%s\t%s\t%s\t%s\t%s\t%s\n' "$elapsed" "$processor" "$2" "$3" "$1" "$4" >>"$table"; }

check() {
  local name=$1
  shift
  echo "== $name"
  timed "$@"
  if [[ $status == 0 ]]; then
    enter "$name" 1 0 ok
  elif [[ $status == 3 && $name == breaking ]]; then
    echo "$name: no earlier version to compare with" >>"$skipped"
  else
    echo "== $name FAILED"
    enter "$name" 0 1 FAILED
  fi
}

tests() {
  local names=$report/skipped-tests passed failed
  echo "== tests"
  timed vitest run --reporter=default --reporter=json --outputFile.json="$report/vitest.json" "$@"
  read -r passed failed <<<"$(node scripts/test-summary.ts "$report/vitest.json" "$status" "$names" "$failures")"
  enter tests "${passed:-0}" "${failed:-1}" "${passed:-0} passed, ${failed:-1} failed"
  cat "$names" >>"$skipped"
}

# The suites of some SDKs, one after the other; what they print is printed in one piece.
suites() {
  local language log=$report/suites.$BASHPID
  for language in "$@"; do
    if scripts/has-toolchain.sh "$language"; then
      check "SDK $language" "sdk/$language/test.sh" >"$log" 2>&1
      flock "$table" cat "$log"
    else
      echo "SDK $language: its toolchain is missing" >>"$skipped"
    fi
  done
}

check "biome" biome check .
check "buf lint" buf lint
check "typecheck" tsc --noEmit
check "generated files" scripts/generate-check.sh
check "breaking" scripts/breaking.sh
tests "$@"
if (($# == 0)); then
  suites rust typescript &
  suites java go python &
  wait
  check "conformance of the SDKs" scripts/of-sdks.sh test/conformance/main.ts
  check "samples against the demo" scripts/of-sdks.sh test/samples/main.ts
  check "documentation" node test/docs/main.ts
fi

read -r passed failed <<<"$(awk -F'\t' '{ passed += $3; failed += $4 } END { print passed + 0, failed + 0 }' "$table")"
if [[ -s $skipped ]]; then
  count=$(wc -l <"$skipped")
  echo
  echo "!! SKIPPED $count, not tested here:"
  sed 's/^/!!   /' "$skipped"
  if [[ "${CI:-}" == true ]]; then
    echo "!! With CI=true a skip is a failure."
    failed=$((failed + count))
  fi
fi

echo
printf '%-28s %9s %9s   %s\n' check seconds CPU result
awk -F'\t' '{ printf "%-28s %9.1f %9.1f   %s\n", $5, $1, $2, $6 }' "$table"
sed 's/^/FAILED /' "$failures"
echo
echo "$passed passed, $failed failed"
((failed == 0))
