#!/usr/bin/env bash
# Packs the gateway and the client as they would be published, installs both in an empty folder outside of the repository,
# and lets a program there run the one and subscribe with the other. Also checks the types that the package brings.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../../../.. && pwd)
export PATH="$root/node_modules/.bin:$PATH"

folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

pack() { (cd "$1" && npm pack --silent --pack-destination "$folder"); }
gateway=$(pack "$root" | tail -1)
client=$(pack "$here/../.." | tail -1)

cd "$folder"
echo '{"name": "consumer", "private": true, "type": "module"}' >package.json
npm install --silent --no-audit --no-fund "./$gateway" "./$client" @grpc/grpc-js@1.14.7 @types/node@24.19.2
cp "$here/consumer.ts.txt" consumer.ts
tsc --strict --target es2024 --module nodenext --types node --outDir . consumer.ts

npx callwire version
node consumer.js
