#!/usr/bin/env bash
# Everything of the Rust SDK and its generator: format, lint, tests, documentation. Stops at the first failure and then ends
# non-zero. Needs `npm ci` in the repository's root, since the tests start the gateway.
set -euo pipefail
cd "$(dirname "$0")"
export PATH="$PWD/../../node_modules/.bin:$PATH"

step() {
  echo "== $*"
  "$@"
}

[[ -x ../../node_modules/.bin/node ]] || (cd ../.. && npm ci)
step cargo fmt --manifest-path ../../tools/rust/Cargo.toml --check
step cargo fmt --all --check
step cargo clippy --locked --manifest-path ../../tools/rust/Cargo.toml --all-targets -- -D warnings
step cargo clippy --locked --workspace --all-targets -- -D warnings
step cargo test --locked --workspace
step cargo clippy --locked --package callwire --no-default-features -- -D warnings
RUSTDOCFLAGS="-D warnings" step cargo doc --locked --package callwire --no-deps
