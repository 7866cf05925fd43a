#!/usr/bin/env bash
# Builds, vets and tests the Go SDK, its sample and its conformance driver. The tests run the gateway of this checkout.
# Needs Go, a C compiler for the race detector, and npm for the first run.
set -euo pipefail
cd "$(dirname "$0")"

[[ -x ../../node_modules/.bin/node ]] || (cd ../.. && npm ci)

unformatted=$(gofmt -l .)
if [[ -n $unformatted ]]; then
  echo "gofmt would change:" "$unformatted" >&2
  exit 1
fi
go mod tidy -diff
go build ./...
go vet ./...
go test -race -count=1 ./...
