# shellcheck shell=bash
# What the scripts share: named steps, of which a failing one hides no later one, and a summary that counts them.
#
# Sourced, from the root of the repository. A step is a function or a command; it fails when anything in it fails.

# Steps may change their folder; paths start here.
export root=$PWD
summary=()
passed=0
failed=0
skipped=0

say() {
  printf '\n==> %s\n' "$*"
}

# step NAME COMMAND…: runs the command, its output as it comes, and goes on whatever it returns.
step() {
  local name=$1 started=$SECONDS status
  shift
  say "$name"
  set +e
  (
    set -euo pipefail
    "$@"
  )
  status=$?
  set -e
  local took="$((SECONDS - started)) s"
  if ((status == 0)); then
    passed=$((passed + 1))
    summary+=("passed   $name ($took)")
  else
    failed=$((failed + 1))
    summary+=("FAILED   $name ($took, exit code $status)")
    printf '==> FAILED: %s (exit code %s)\n' "$name" "$status"
  fi
  return 0
}

# The last step's result, for steps that need it.
last_step_passed() {
  [[ ${summary[${#summary[@]} - 1]} == passed* ]]
}

# skip NAME REASON: says that a step cannot run here.
skip() {
  skipped=$((skipped + 1))
  summary+=("SKIPPED  $1: $2")
  printf '\n==> SKIPPED: %s: %s\n' "$1" "$2"
}

# Prints what became of every step; fails if one failed.
finish() {
  say "summary of $1, $SECONDS s"
  printf '%s\n' "${summary[@]}"
  printf '%s: %s passed, %s failed, %s skipped\n' "$1" "$passed" "$failed" "$skipped"
  ((failed == 0))
}

# The Python to test with, as an absolute path; nothing where there is none of at least 3.9.
find_python() {
  "${PYTHON:-python3}" -c 'import sys; print(sys.executable) if sys.version_info >= (3, 9) else sys.exit(1)' \
    2>/dev/null || true
}
