#!/usr/bin/env bash
# The driver; built first where it is not there, or older than its source.
set -euo pipefail
cd "$(dirname "$0")"
jar=target/conformance.jar
if [[ ! -e $jar || -n $(find ../src ../pom.xml ../reactor.xml pom.xml src -newer "$jar" -print -quit) ]]; then
  mvn -B -q -f ../reactor.xml package -DskipTests -pl :callwire,:callwire-conformance >&2
  touch "$jar"
fi
exec java -XX:+UseSerialGC -XX:TieredStopAtLevel=1 -cp "$jar:target/lib/*" io.callwire.conformance.Driver
