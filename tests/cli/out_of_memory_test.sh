# Memory may run out at any allocation, once or for good: a command then does its work all the same,
# or ends with one line of error.
. "$(dirname "$0")/lib.sh"
[ -n "${FAILING_MALLOC:-}" ] || exit 77

# with_failures <variable>=<value>... -- <command>...
with_failures() {
  local variables=()
  for (( ; $# > 0; )); do
    [ "$1" = -- ] && { shift; break; }
    variables+=("$1")
    shift
  done
  rm -rf new
  env "${variables[@]}" LD_PRELOAD="$FAILING_MALLOC" "$@" >out 2>err
}

# check <variables> -- <command>...
check() {
  local status=0
  with_failures "$@" || status=$?
  case $status in
    0) same out expected ;;
    1)
      [ "$(wc -l <err)" = 1 ] || fail "not one line of error: $*"
      grep -q '^weft: ' err || fail "the error does not begin with 'weft: ': $*"
      ;;
    *) fail "status $status: $*" ;;
  esac
  [ ! -d new ] || [ -z "$(find new -name '*.weft-*')" ] || fail "left $(ls new): $*"
}

# sweep <command>...: failures near the begin, near the end, and thinly between.
sweep() {
  local total step
  with_failures COUNT_ON=3 -- "$@" 3>total
  total=$(cat total)
  mv out expected
  for ((step = 1; step < total; step = step * 5 / 2 + 1)); do
    check FAIL_AT=$step -- "$@"
    check FAIL_AT=$step FAIL_ON=1 -- "$@"
    check FAIL_AT=$((total - step)) -- "$@"
    check FAIL_AT=$((total - step)) FAIL_ON=1 -- "$@"
  done
  check FAIL_AT=$((total / 2)) FAIL_ON=1 -- "$@"
  [ "$(cat err)" = 'weft: out of memory; hint: a smaller batch or model, or shorter lines' ] ||
    fail "the error is not that memory ran out: $*"
}

make_corpus 40
"$WEFT" train --train-tsv train.tsv --out run "${tiny[@]}" --steps 2 --quiet >/dev/null
head -n 2 train.tsv | cut -f 1 >lines

sweep "$WEFT" --version
sweep "$WEFT" tasks
sweep "$WEFT" score --hyp lines --ref lines
sweep "$WEFT" translate --model run --input lines --output new --beam 2 --threads 2
sweep "$WEFT" train --train-tsv train.tsv --valid-tsv valid.tsv --out new "${tiny[@]}" --steps 3 --quiet
