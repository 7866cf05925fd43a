#!/usr/bin/env bash
# Everything that tests the Python SDK: format, lint, types, the package, then the tests. All of it runs even when an early
# part fails; ends non-zero when any did. Needs Python 3.11 and what `npm ci` brings. Arguments go to pytest.
set -uo pipefail
cd "$(dirname "$0")"
./setup.sh || exit 1

package=$(mktemp -d)
trap 'rm -rf "$package"' EXIT
failed=0

check() {
  local name=$1
  shift
  echo "== $name"
  "$@" || {
    echo "== $name FAILED"
    failed=1
  }
}

# What a user installs: it must import on its own, and bring its types and the generated code.
check_package() {
  .venv/bin/pip wheel --quiet --no-deps --no-build-isolation --wheel-dir "$package" . &&
    .venv/bin/pip install --quiet --no-deps --target "$package/installed" "$package"/callwire-*.whl &&
    test -f "$package/installed/callwire/py.typed" &&
    test -f "$package/installed/callwire/v1/event_pb2.pyi" &&
    (cd "$package" && PYTHONPATH="$package/installed" "$OLDPWD/.venv/bin/python" -c \
      'import callwire, os; assert os.environ["PYTHONPATH"] in callwire.__file__, callwire.__file__')
}

check "ruff format" .venv/bin/ruff format --check --quiet .
check "ruff" .venv/bin/ruff check --quiet .
check "mypy" .venv/bin/mypy
check "package" check_package
check "pytest" .venv/bin/pytest --quiet "$@"
exit "$failed"
