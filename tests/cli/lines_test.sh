#!/usr/bin/env bash
# One line in, one line out, whatever a model spells: models that know next to nothing draw at random.
source "$(dirname "$0")/lib.sh"
learn=(--emb 8 --hidden 8 --batch 8 --steps 1 --threads 2 --quiet)
random=(--sample 5 --threads 2)
for ((i = 0; i < 300; ++i)); do echo 'The cat, sleeping.'; done >source

# one_line_each <file>: a line for each source, none of which ends for a reader before it ends. Bytes
# of control characters but LF, or of U+0085, U+2028, U+2029, do so for one reader or another.
one_line_each() {
  [ "$(wc -l <"$1")" = "$(wc -l <source)" ] || fail "$(wc -l <"$1") lines out of $(wc -l <source)"
  ! LC_ALL=C grep -qaP '[\x00-\x08\x0B-\x1F\x7F]|\xC2[\x80-\x9F]|\xE2\x80[\xA8\xA9]' "$1" ||
    fail 'a line with control characters'
  iconv -f UTF-8 -t UTF-8 "$1" >/dev/null || fail 'not UTF-8'
}

# Subwords: the pieces of bytes, alone and together.
for ((i = 0; i < 20; ++i)); do
  printf '%s\t%s\n' 'The cat, sleeping.' '猫在睡觉。' 'A tea!' '一杯茶!' 'Where is it?' '它在哪里?'
done >pairs.tsv
for model in unigram bpe; do
  run 0 "$WEFT" train --train-tsv pairs.tsv --out "$model" --tokenizer spm --vocab-size 320 \
    --spm-model "$model" "${learn[@]}"
  run 0 "$WEFT" translate --model "$model" --input source "${random[@]}"
  one_line_each out
  ! grep -q $'\t' out || fail 'a tab, which text in subwords never has'
  [ "$(sort -u out | wc -l)" -gt 250 ] || fail 'not drawn at random'
  LC_ALL=C grep -qaP '[\xC3-\xDF][\x80-\xBF]' out || fail 'no letter was spelt in bytes'
  run 0 "$WEFT" translate --model "$model" --input source "${random[@]}" --nbest 1
  one_line_each out
  awk -F '\t' 'NF != 3 || $1 != NR { exit 1 }' out || fail 'a list is no table'
  run 0 "$WEFT" translate --model "$model,$model" --input source --beam 6 --nbest 6
  [ "$(wc -l <out)" = 1800 ] || fail 'not six rows a line'
  run 0 "$WEFT" evaluate --model "$model" --test-tsv pairs.tsv --output hypotheses "${random[@]}"
  [ "$(wc -l <hypotheses)" = 60 ] || fail 'evaluate --output: not a line a pair'
done

# Letters spelt in bytes are whole but where the translation ends at its greatest length.
run 0 "$WEFT" translate --model unigram --input source "${random[@]}" --max-length 40
[ "$(sed 's/�*$//' out | grep -c '�')" = 0 ] || fail 'a letter is not whole'

# Words and characters of a corpus that holds all that breaks lines.
ends=($'\x01' $'\x1b' $'\x1c' $'\x1d' $'\x1e' $'\x7f' $'\u0085' $'\u009b' $'\u2028' $'\u2029')
for ((i = 0; i < 20; ++i)); do
  for end in "${ends[@]}"; do echo "le${end}chat dort"; done
  printf 'le\rchat\vdort\fbien\tici\n'
done >hostile
for ((i = 0; i < 220; ++i)); do echo 'the cat sleeps'; done >plain
for tokenizer in word char spm; do
  more=()
  [ "$tokenizer" != spm ] || more=(--vocab-size 320 --joint-vocab false)
  run 0 "$WEFT" train --train-src plain --train-trg hostile --out "of-$tokenizer" \
    --tokenizer "$tokenizer" "${learn[@]}" "${more[@]}"
  run 0 "$WEFT" translate --model "of-$tokenizer" --input source "${random[@]}"
  one_line_each out
  run 0 "$WEFT" translate --model "of-$tokenizer" --input source --beam 12 --nbest 12
  [ "$(wc -l <out)" = 3600 ] || fail 'not twelve rows a line'
  awk -F '\t' 'NF != 3 { exit 1 }' out || fail 'a list is no table'
done

# What is forced upon a translation, or copied into it, ends no line either; other bytes stay.
for end in $'\r' $'\v' $'\x1c' $'\u0085' $'\u2028'; do
  for ((i = 0; i < 300; ++i)); do echo "le${end}chat"; done >prefix
  for tokenizer in word char spm; do
    for search in '--sample 5' '--beam 3' '--tokens'; do
      run 0 "$WEFT" translate --model "of-$tokenizer" --input source --prefix prefix $search
      one_line_each out
    done
  done
done
seq 40 | awk '{ print "the cat\tle r" $1 }' >rare.tsv
run 0 "$WEFT" train --train-tsv rare.tsv --out rare --min-freq 2 --steps 60 --emb 12 --hidden 12 \
  --batch 16 --lr 0.01 --threads 2 --quiet
for ((i = 0; i < 300; ++i)); do printf 'a\u2028b c\u0085d\n'; done >source
run 0 "$WEFT" translate --model rare --input source --copy-unknown true
one_line_each out
grep -qxE 'le (a b|c d)' out || fail 'no unknown word was copied'
