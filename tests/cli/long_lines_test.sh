#!/usr/bin/env bash
# A long line takes bounded time: it is read up to a limit, with a warning.
source "$(dirname "$0")/lib.sh"
make_corpus 40

# words <number> <word>
words() { awk -v n="$1" -v word="$2" 'BEGIN { for (; n > 1; --n) printf "%s ", word; print word }'; }
within() { run 0 timeout 120 "$@"; }

paste <(words 20000 she) <(words 20000 elle) >long.tsv
cat valid.tsv long.tsv >valid-long.tsv
within "$WEFT" train --train-tsv train.tsv --valid-tsv valid-long.tsv --out run "${tiny[@]}" --epochs 1
has err 'warning: valid: 1 pair too long, excluded from the loss: line 25'
has err '24 validation pairs (0 and 1)'

within "$WEFT" evaluate --model run --test-tsv valid-long.tsv --output hypotheses --json
has err '1 pair has more than 1,000 tokens on a side: line 25; '
has out '"long_pairs":1'
[ "$(wc -l <hypotheses)" = 25 ] || fail 'not a translation for each line'
run 0 "$WEFT" evaluate --model run --test-tsv valid.tsv --output short --json
has out '"long_pairs":0'
same <(head -n 24 hypotheses) short
reject 1 'long.tsv: no sentence pairs left' "$WEFT" evaluate --model run --test-tsv long.tsv --quiet

cut -f 1 valid-long.tsv >lines
within "$WEFT" translate --model run --input lines
has err 'weft: warning: line 25 has 20,000 tokens, of which the first 1,000 are translated; hint: --max-source-length'
same out hypotheses
echo 'she sleeps here' >line
run 0 "$WEFT" translate --model run --input line --max-source-length 2
has err 'line 1 has 3 tokens, of which the first 2 are translated'
mv out cut
run 0 "$WEFT" translate --model run --max-source-length 2 <<<'she sleeps'
same out cut
[ ! -s err ] || fail 'reports a line that was not cut'
# Beyond the first few, lines that are cut are only counted.
for ((i = 0; i < 1200; ++i)); do echo 'she sleeps here'; done >many
run 0 "$WEFT" translate --model run --input many --max-source-length 2
[ "$(grep -c 'weft: warning: line ' err)" = 5 ] || fail 'warns of too many lines'
has err 'weft: warning: 1,195 more lines are cut as well'

# Scores take time in proportion to the length.
words 400000 '&amp;' | tr -d ' ' >entities
within "$WEFT" score --hyp entities --ref entities
