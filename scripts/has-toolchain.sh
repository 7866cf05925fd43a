#!/usr/bin/env bash
# Whether this machine can build and test the SDK of a language.
case $1 in
  go) command -v go ;;
  python) command -v python3 ;;
  java) command -v java && command -v mvn ;;
  rust) command -v cargo ;;
  typescript) true ;;
  *) exit 2 ;;
esac >/dev/null
