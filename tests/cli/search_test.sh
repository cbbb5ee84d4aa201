#!/usr/bin/env bash
# Every way to search, through the program.
source "$(dirname "$0")/lib.sh"
make_corpus 200
cut -f 1 valid.tsv >source

run 0 "$WEFT" train --train-tsv train.tsv --out run --steps 60 --quiet "${tiny[@]}"
run 0 "$WEFT" train --train-tsv train.tsv --out other --steps 60 --seed 2 --preset cho2014 --quiet "${tiny[@]}"
translate=("$WEFT" translate --model run --input source --max-length 12 --threads 2)
lines=$(wc -l <source)

# N-best lists: numbered by line, best first, of the requested length; the first is the search's.
run 0 "${translate[@]}" --beam 4 --nbest 3
cp out list
[ "$(wc -l <list)" = $((3 * lines)) ] || fail 'not three translations a line'
awk -F '\t' 'NF != 3 || $1 != int((NR + 2) / 3) || ($1 == last && $2 > score) { exit 1 }
             { last = $1; score = $2 }' list || fail 'a list is out of order'
run 0 "${translate[@]}" --beam 4
awk 'NR % 3 == 1' list | cut -f 3 >first
same out first
run 0 "${translate[@]}" --nbest 1
[ "$(cut -f 2 out | grep -c '^-')" = "$lines" ] || fail 'greedy search tells no scores'

# What the options promise.
run 0 "${translate[@]}" --min-length 7
awk 'NF < 7 { exit 1 }' out || fail 'a translation is too short'
run 0 "${translate[@]}" --no-repeat-ngram 1 --beam 3
awk '{ delete seen; for (i = 1; i <= NF; ++i) if (seen[$i]++) exit 1 }' out || fail 'a word repeats'
run 0 "${translate[@]}" --no-repeat-ngram 1 --min-length 500 --max-length 600 --beam 3 --nbest 2
grep -q inf out && fail 'a search that ran out of words found nothing'
awk 'NF < 20 { exit 1 }' out || fail 'a search that ran out of words kept few'
head -n "$lines" train.tsv | cut -f 2 | cut -d ' ' -f 1-2 >prefix
run 0 "${translate[@]}" --prefix prefix --beam 3
paste -d ' ' prefix out | awk '$1 != $3 || $2 != $4 { exit 1 }' || fail 'a prefix is not kept'
for flags in '--repetition-penalty 3' '--length-norm gnmt --length-penalty 3' '--length-penalty -2' \
  '--coverage-penalty 5'; do
  run 0 "${translate[@]}" --beam 5 --nbest 5 $flags
  cp out with
  run 0 "${translate[@]}" --beam 5 --nbest 5
  ! cmp -s out with || fail "$flags changes nothing"
done

# Sampling: the same seed gives the same translations in any batch, another seed gives others.
run 0 "${translate[@]}" --sample 1 --seed 3
cp out drawn
run 0 "${translate[@]}" --sample 1 --seed 3 --batch 5
same out drawn
run 0 "$WEFT" evaluate --model run --test-tsv valid.tsv --max-length 12 --sample 1 --seed 3 --output evaluated --quiet
same evaluated drawn
run 0 "${translate[@]}" --sample 1 --seed 4
! cmp -s out drawn || fail 'another seed draws the same'
run 0 "${translate[@]}"
cp out greedy
run 0 "${translate[@]}" --sample 1 --top-k 1
same out greedy
run 0 "${translate[@]}" --sample 1 --top-p 0.01
same out greedy

# Ensembles: one model twice equals that model; two models differ from each of them.
run 0 "${translate[@]/run/run,run}"
same out greedy
run 0 "${translate[@]/run/run,other}" --beam 3 --nbest 2
run 0 "$WEFT" evaluate --model run,other --test-tsv valid.tsv --json
has out '"loss"'
for names in , run, ,run run,,run; do
  reject 2 "--model: got an empty name in '$names'" "${translate[@]/run/$names}"
done
head -n 100 train.tsv >half.tsv
run 0 "$WEFT" train --train-tsv half.tsv --out half --steps 2 --quiet "${tiny[@]}"
reject 1 'ensemble: run and half differ in their source vocabulary; got ' "${translate[@]/run/run,half}"

# Unknown words are copied from where attention points.
printf '%s\n' 'zxcv zxcv zxcv .' >strange
sed -n '1,40p' train.tsv | sed -E 's/\t[^ ]+ [^ ]+/\trare1 rare2/' | awk '{ gsub("rare1", "r" NR); gsub("rare2", "q" NR) } 1' >rare.tsv
run 0 "$WEFT" train --train-tsv rare.tsv --out rare --min-freq 2 --steps 150 --quiet "${tiny[@]}"
run 0 "$WEFT" translate --model rare --input strange
has out '<unk>'
run 0 "$WEFT" translate --model rare --input strange --copy-unknown true
! grep -qF '<unk>' out || fail 'an unknown word was not copied'
reject 1 'copying unknown words needs attention' \
  "$WEFT" translate --model other --input source --copy-unknown true

# Pieces instead of text.
run 0 "$WEFT" train --train-tsv train.tsv --out pieces --tokenizer spm --vocab-size 400 --steps 5 --quiet "${tiny[@]}"
run 0 "$WEFT" translate --model pieces --input source --tokens --max-length 5
grep -qE '▁|<0x' out || fail 'no pieces'

# Incompatible flags.
reject 2 'nbest exceeds the beam; got 3; expected at most 1' "${translate[@]}" --nbest 3
reject 2 'sampling does not use a beam; got beam 2; expected 1' "${translate[@]}" --sample 1 --beam 2
reject 2 'got --top-k without --sample' "${translate[@]}" --top-k 3
reject 2 'got --coverage-penalty without --beam' "${translate[@]}" --coverage-penalty 1
reject 2 'min_length exceeds max_length' "${translate[@]}" --min-length 13
reject 2 '--top-p' "${translate[@]}" --sample 1 --top-p 2
head -n 3 prefix >short
reject 1 'short: has fewer lines than the input; got 3; expected one for each line of input' "${translate[@]}" --prefix short
cat prefix prefix >long
reject 1 'long: has more lines than the input' "${translate[@]}" --prefix long
