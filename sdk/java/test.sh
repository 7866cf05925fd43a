#!/usr/bin/env bash
# Builds and tests everything of the Java SDK: the client with its documentation, its conformance driver, the sample, then the
# published package in a project of its own. The tests run the gateway of this checkout. Needs a JDK from 17 on, Maven, and
# npm for the first run. Ends non-zero when anything fails.
set -euo pipefail
cd "$(dirname "$0")"

[[ -x ../../node_modules/.bin/node ]] || (cd ../.. && npm ci)

echo "== build and tests"
mvn -B -ntp -f reactor.xml verify
echo "== packed"
packed/run.sh
