#!/usr/bin/env bash
# The checks of gradients and leaks, the toy tasks, and the help.
root=$(cd "$(dirname "$0")/../.." && pwd)
source "$(dirname "$0")/lib.sh"

# figure <key>: prints a number of the JSON object in the last line of out.
figure() { tail -n 1 out | grep -oP "\"$1\":\K[-+.e0-9]+" || fail "no number $1 in the JSON object"; }
at_most() {
  awk -v x="$(figure "$1")" -v limit="$2" 'BEGIN { exit !(x > 0 && x <= limit) }' ||
    fail "$1 is $(figure "$1"), expected at most $2"
}

run 0 "$WEFT" gradcheck --json
has out 'all gradients are correct'
tail -n 1 out | grep -qF '"failed":[]' || fail 'something failed'
at_most max_rel_error 1e-6
at_most max_rel_error_second 1e-5
checks=$(($(figure ops) + $(figure modules)))
[ "$(figure samples)" = $((200 * checks)) ] || fail "not 200 samples of each of $checks"
run 0 "$WEFT" gradcheck matmul --samples 5
has out '1 ops and 0 modules, 5 samples'

for preset in bahdanau2015 tutorial; do
  run 0 "$WEFT" leakcheck --preset "$preset" --json
  has out 'no leak'
  tail -n 1 out | grep -q '"ok":true' || fail 'the JSON object lacks a key'
done

run 0 "$WEFT" tasks
cp out tasks
has out 'en-fr'
grep -qE '; [0-9]e\+[0-9]+ derivations of up to 12 words$' out || fail 'no number of derivations'
run 0 "$WEFT" tasks en-fr --write once
run 0 "$WEFT" tasks en-fr --write again
diff -r once again >out || fail 'the toy task differs from itself'
for split in train valid test test-composition test-length; do
  grep -qvP '^[^\t]+\t[^\t]+$' "once/$split.tsv" && fail "$split.tsv has a line that is no pair"
done
[ "$(wc -l <once/train.tsv)" = 20000 ] || fail 'train.tsv has not 20,000 pairs'
for task in copy reverse sort addition dates; do
  has tasks "$task "
  run 0 "$WEFT" train --task "$task" --out "run-$task" --steps 3 --quiet
done
run 0 "$WEFT" info run-dates
has out 'kind                 char'

run 0 "$WEFT" --help
cp out help
run 0 "$WEFT" --version
version=$(sed -n 's/^project(weft VERSION \([0-9.]*\).*/\1/p' "$root/CMakeLists.txt")
[ "$(cat out)" = "weft $version" ] || fail "the version is not that of CMakeLists.txt: $version"
for command in train translate evaluate score gradcheck leakcheck info tasks graph; do
  has help "weft $command"
  run 0 "$WEFT" "$command" --help
  has out "Usage: weft $command"
  has out '--config FILE.toml'
done
echo 'samples = 3' >few.toml
run 0 "$WEFT" gradcheck matmul --config few.toml
has out '1 ops and 0 modules, 3 samples'
for command in translate evaluate; do
  run 0 "$WEFT" "$command" --help
  has out '1: greedy search'
done
run 0 "$WEFT" train --help
for flag in '--emb N=256' '--lr X=0.001' '--task en-fr' '--optimizer sgd|adam|adamw|adagrad|adadelta=adam'; do
  has out "$flag"
done
