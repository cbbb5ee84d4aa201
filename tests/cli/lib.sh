# Shared by the tests of the program. Each test runs in its own empty folder, "$work", with the
# program under test in $WEFT.
set -euo pipefail

: "${WEFT:?names the program to test}"
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
cd "$work"

# A model that trains in a moment.
tiny=(--emb 12 --hidden 12 --batch 16 --lr 0.01 --threads 2)

fail() {
  echo "$(basename "$0"): $*" >&2
  [ -s out ] && head -5 out | sed 's/^/  stdout: /' >&2
  [ -s err ] && head -5 err | sed 's/^/  stderr: /' >&2
  exit 1
}

# make_corpus <pairs>: writes train.tsv and valid.tsv, with some pairs of the toy task.
make_corpus() {
  "$WEFT" tasks en-fr --write task
  head -n "$1" task/train.tsv >train.tsv
  head -n 24 task/valid.tsv >valid.tsv
}

# run <status> <command>...: the command must end with this status; its output goes to the files out
# and err.
run() {
  local expected=$1 status=0
  shift
  "$@" >out 2>err || status=$?
  [ "$status" = "$expected" ] || fail "status $status, expected $expected: $*"
}

# reject <status> <text> <command>...: the command must end with this status and one line of error
# that contains the text.
reject() {
  local status=$1 text=$2
  shift 2
  run "$status" "$@"
  [ "$(wc -l <err)" = 1 ] || fail "not one line of error: $*"
  grep -q '^weft: ' err || fail "the error does not begin with 'weft: ': $*"
  grep -qF -- "$text" err || fail "the error does not say '$text': $*"
}

# has <file> <text>
has() { grep -qF -- "$2" "$1" || fail "$1 does not hold '$2'"; }

same() { cmp -s "$1" "$2" || fail "$1 and $2 differ"; }
