#!/usr/bin/env bash
# Brings the pinned generators of the Java SDK to tools/java/target, when they are not there yet.
set -euo pipefail
cd "$(dirname "$0")/../tools/java"
stamp=target/.stamp
if [[ ! -e $stamp || pom.xml -nt $stamp ]]; then
  mvn -B -q package
  chmod +x target/protoc target/protoc-gen-grpc-java
  touch "$stamp"
fi
