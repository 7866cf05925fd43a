#!/usr/bin/env bash
# Publishes the jar to a folder as it would be published, and lets a project outside of the repository, with a Maven
# repository of its own, depend on it and subscribe to a gateway of this checkout.
set -euo pipefail
cd "$(dirname "$0")"
here=$PWD
root=$(cd ../../.. && pwd)

folder=$(mktemp -d)
gateway=
finish() {
  [[ -z $gateway ]] || kill "$gateway"
  rm -rf "$folder"
}
trap finish EXIT

mvn -B -q -f ../pom.xml -Prelease deploy -DskipTests -DaltDeploymentRepository="packed::file://$folder/published"
published=$folder/published/io/callwire/callwire/0.1.0/callwire-0.1.0
for file in "$published".{pom,jar} "$published"-{sources,javadoc}.jar; do
  [[ -s $file ]] || { echo "not published: $file" >&2; exit 1; }
done

mkdir -p "$folder/consumer/src/main/java"
cp pom.xml "$folder/consumer/"
cp Consumer.java "$folder/consumer/src/main/java/"
# What the machine has loaded already need not be loaded again; of Callwire it must have nothing.
if [[ -d $HOME/.m2/repository ]]; then cp -a "$HOME/.m2/repository" "$folder/m2"; fi
rm -rf "$folder/m2/io/callwire"
cd "$folder/consumer"
mvn -B -q -Dmaven.repo.local="$folder/m2" -Dpacked.repository="file://$folder/published" \
  compile dependency:copy-dependencies -DoutputDirectory="$folder/lib"

exec 3< <(CALLWIRE_LOG_FORMAT=json exec "$root/node_modules/.bin/node" "$root/bin/callwire.js" serve \
  --listen 127.0.0.1:0 --data-dir "$folder/data" 2>&1 >/dev/null)
gateway=$!
url=
while [[ -z $url ]] && read -r line <&3; do
  if [[ $line =~ \"url\":\"(http://[0-9.:]+)\".*\"msg\":\"ready\" ]]; then url=${BASH_REMATCH[1]}; fi
done

said=$(java -cp "target/classes:$folder/lib/*" Consumer "$url")
echo "$said"
[[ $said == "[CALL_STATE_RINGING, CALL_STATE_CONNECTED] up to 2" ]]
