# Under `ulimit -v`, `-d` and `-s` a command works, or says what is too small. OpenBLAS by itself would
# wait for memory for ever.
. "$(dirname "$0")/lib.sh"
[ -n "${FAILING_MALLOC:-}" ] || exit 77  # a sanitizer's own memory does not fit

make_corpus 40

# under <limit> <command>...: ends in time, well or with an error; below some 57,000 it is the
# loader's, which finds no room for the libraries.
under() {
  local limit=$1 status=0
  shift
  rm -rf new
  (ulimit $limit && exec timeout -s KILL 60 "$WEFT" "$@") >out 2>err || status=$?
  case $status in
    0) [ ! -s err ] || fail "not quiet under ulimit $limit: $*" ;;
    1) grep -q '^weft: ' err || fail "no error under ulimit $limit: $*" ;;
    127) grep -qE 'failed to map|cannot allocate' err || fail "no error of the loader under ulimit $limit: $*" ;;
    *) fail "status $status under ulimit $limit: $*" ;;
  esac
}

for limit in '-v 30000' '-v 54000' '-v 58000' '-v 66000' '-v 90000' '-v 150000' '-v 210000' \
  '-v 300000' '-v 400000' '-d 2000' '-d 20000' '-d 100000' '-d 150000' '-d 300000'; do
  under "$limit" --version
  under "$limit" train --train-tsv train.tsv --out new "${tiny[@]}" --steps 2 --quiet
done
under '-v 100000' score --hyp train.tsv --ref train.tsv
under '-v 150000' train --train-tsv train.tsv --out new "${tiny[@]}" --steps 2 --quiet
has err ' memory'
under '-v 4000000' train --train-tsv train.tsv --out new "${tiny[@]}" --steps 2 --quiet
has out 'trained           2 steps'

# A stack that is too small is refused by every command; with the least one that is not, all work.
run 0 "$WEFT" train --train-tsv train.tsv --valid-tsv train.tsv --out model "${tiny[@]}" --steps 2 --quiet
cut -f 1 train.tsv >train.en
while read -r command; do
  for limit in 48 64 127; do
    reject 1 "too small a limit on memory; got ulimit -s $limit; expected at least 128" \
      bash -c 'ulimit -s "$1" && exec "$WEFT" $2' - "$limit" "$command"
  done
  rm -rf new
  run 0 bash -c 'ulimit -s 128 && exec "$WEFT" $1' - "$command"
done <<END
train --train-tsv train.tsv --valid-tsv train.tsv --out new ${tiny[@]} --steps 2 --tokenizer spm --vocab-size 300
train --train-tsv train.tsv --out new --preset vaswani2017 --emb 16 --layers 1 --threads 2 --steps 2
translate --model model --beam 4 --input train.en
evaluate --model model --test-tsv train.tsv
score --hyp train.en --ref train.en
gradcheck
leakcheck
info model
tasks en-fr --write new
graph
bench ops --elements 2048 --rounds 1 --threads 2
END
