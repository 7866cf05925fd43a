#!/usr/bin/env bash
# Builds what `npm run bench` compares with and measures by, into bench/cache: the binary of bench/peers/go and nats-server,
# in the versions that bench/peers/go/go.mod names. Does nothing when they are newer than their sources. Needs Go, and
# the packages of `npm ci` for buf.
set -euo pipefail
cd "$(dirname "$0")/../.."
export PATH="$PWD/node_modules/.bin:$PATH"
cache=$PWD/bench/cache
module=$PWD/bench/peers/go

inputs=(bench/peers/setup.sh bench/peers/buf.gen.yaml proto "$module")
if [[ -x $cache/bench-peer && -x $cache/nats-server &&
  -z $(find "${inputs[@]}" -type f -newer "$cache/bench-peer" -not -path '*/callwirev1/*' -print -quit) ]]; then
  exit 0
fi

if ! command -v go >/dev/null; then
  echo "go is missing: install the version that bench/peers/go/go.mod names, or newer" >&2
  exit 1
fi
echo "bench: building the peers (once)..." >&2
mkdir -p "$cache"
rm -f "$cache/bench-peer"
export GOFLAGS=-buildvcs=false
go -C "$module" build -o "$cache/" google.golang.org/protobuf/cmd/protoc-gen-go google.golang.org/grpc/cmd/protoc-gen-go-grpc
PATH="$cache:$PATH" buf generate --template bench/peers/buf.gen.yaml
go -C "$module" build -o "$cache/nats-server" github.com/nats-io/nats-server/v2
go -C "$module" build -o "$cache/bench-peer" .
