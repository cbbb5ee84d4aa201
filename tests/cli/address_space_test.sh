# Under `ulimit -v` a command works, or says what is too small. OpenBLAS by itself would wait for
# memory for ever.
. "$(dirname "$0")/lib.sh"
[ -n "${FAILING_MALLOC:-}" ] || exit 77  # a sanitizer's own memory does not fit

make_corpus 40

# under <KiB> <command>...: ends in time, well or with an error; below some 57,000 it is the
# loader's, which finds no room for the libraries.
under() {
  local limit=$1 status=0
  shift
  rm -rf new
  (ulimit -v "$limit" && exec timeout -s KILL 60 "$WEFT" "$@") >out 2>err || status=$?
  case $status in
    0) [ ! -s err ] || fail "not quiet under $limit KiB: $*" ;;
    1) grep -q '^weft: ' err || fail "no error under $limit KiB: $*" ;;
    127) has err 'failed to map' ;;
    *) fail "status $status under $limit KiB: $*" ;;
  esac
}

for limit in 30000 54000 58000 66000 90000 150000 210000 300000 400000; do
  under $limit --version
  under $limit train --train-tsv train.tsv --out new "${tiny[@]}" --steps 2 --quiet
done
under 100000 score --hyp train.tsv --ref train.tsv
under 150000 train --train-tsv train.tsv --out new "${tiny[@]}" --steps 2 --quiet
has err 'too little address space'
under 4000000 train --train-tsv train.tsv --out new "${tiny[@]}" --steps 2 --quiet
has out 'trained           2 steps'
