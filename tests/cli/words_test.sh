#!/usr/bin/env bash
# Raw text in, raw text out: the model determines how lines are split.
source "$(dirname "$0")/lib.sh"
# Letters beyond ASCII, two spaces, an emoji of five code points; each pair twenty times.
for ((i = 0; i < 20; ++i)); do
  printf '%s\t%s\n' 'the cat' 'le chat' 'a tea' 'un thé' 'to be' 'être' 'where ?' 'où ?' \
    'the summer  is' "l'été  est" 'family 👩‍👩‍👧' 'famille 👩‍👩‍👧'
done >pairs.tsv
head -n 6 pairs.tsv >test.tsv
cut -f 1 test.tsv >source
cut -f 2 test.tsv >target
learn=(--emb 24 --hidden 32 --batch 8 --lr 0.01 --threads 2 --epochs 12 --quiet)

# Characters: the model spells, so it reproduces what it learned letter by letter.
run 0 "$WEFT" train --train-tsv pairs.tsv --out spelled --tokenizer char "${learn[@]}"
run 0 "$WEFT" translate --model spelled --input source
same out target
run 0 "$WEFT" evaluate --model spelled --test-tsv test.tsv --json
has out '"exact_match":1.0'
run 0 "$WEFT" train --train-tsv pairs.tsv --valid-tsv test.tsv --out judged --tokenizer char \
  "${learn[@]}" --json
has out '"best_valid_bleu":100'
run 0 "$WEFT" info spelled
has out 'kind                 char'
grep -qx '<space>' spelled/best/source.vocab || fail 'white space is no token'
grep -qx '👩‍👩‍👧' spelled/best/source.vocab || fail 'an emoji was cut into pieces'
printf '  \n\n' >blank
run 0 "$WEFT" translate --model spelled --input blank
printf '\n\n' >expected
same out expected

# Case and normal form: a model trained on one way to write a letter reads them all.
printf '%s\t%s\n' $'e\xcc\x81te\xcc\x81 FI' one 'autre' two 'fin' three >>pairs.tsv
run 0 "$WEFT" train --train-tsv pairs.tsv --out plain --lowercase true --normalize nfkc "${learn[@]}"
for word in été fi; do
  grep -qx "$word" plain/best/source.vocab || fail "the vocabulary lacks $word"
done
printf '%s\n' 'THE CAT' $'e\xcc\x81te\xcc\x81' 'ﬁ' 'ＡＵＴＲＥ' >several
printf '%s\n' 'the cat' 'été' 'fi' 'autre' >one
run 0 "$WEFT" translate --model plain --input several
cp out expected
run 0 "$WEFT" translate --model plain --input one
same out expected

# Such a model cannot produce references with capitals, and evaluate says so.
printf 'the cat\tLe Chat\n' >capitals.tsv
run 0 "$WEFT" evaluate --model plain --test-tsv capitals.tsv
has err 'warning: the model outputs only lower case, but the references do not'
run 0 "$WEFT" evaluate --model plain --test-tsv test.tsv
! grep -q 'lower case' err || fail 'a warning without cause'

# Without normalization, they are separate words.
run 0 "$WEFT" train --train-tsv pairs.tsv --out raw --normalize none "${learn[@]}"
for word in FI $'e\xcc\x81te\xcc\x81'; do
  grep -qx "$word" raw/best/source.vocab || fail "the vocabulary lacks $word"
done
