#!/usr/bin/env bash
# Subwords: learned inside `weft train`, stored in the model, raw text in and raw text out.
source "$(dirname "$0")/lib.sh"
for ((i = 0; i < 20; ++i)); do
  printf '%s\t%s\n' 'The cat, sleeping.' '猫在睡觉。' 'A tea!' '一杯茶!' 'Where is it?' '它在哪里?' \
    'They are cats.' '他们是猫。'
done >pairs.tsv
head -n 4 pairs.tsv >test.tsv
cut -f 1 test.tsv >source
cut -f 2 test.tsv >target
learn=(--tokenizer spm --vocab-size 340 --emb 24 --hidden 32 --batch 8 --lr 0.01 --threads 2 --quiet)

for model in unigram bpe; do
  run 0 "$WEFT" train --train-tsv pairs.tsv --out "$model" --spm-model "$model" --epochs 12 "${learn[@]}" \
    --valid-tsv test.tsv --json
  has out '"best_valid_bleu":100' # of characters: there are no spaces
  [ ! -s err ] || fail 'training subwords is not quiet'
  run 0 "$WEFT" translate --model "$model" --input source
  same out target
done
cmp -s unigram/best/source.spm unigram/best/target.spm || fail 'a joint model is not joint'
run 0 "$WEFT" evaluate --model unigram --test-tsv test.tsv --tokenize zh --json
has out '"exact_match":1.0'
run 0 "$WEFT" info unigram
has out 'kind                 spm'
has out 'source.spm'

# Nothing is unknown: letters that training never saw become bytes.
printf 'Ünïcödé 👩‍👩‍👧 <unk>\n' >strange
run 0 "$WEFT" translate --model bpe --input strange
[ "$(wc -l <out)" = 1 ] || fail 'not one line'

# Separate subword models, and one embedding table for both sides and the output.
run 0 "$WEFT" train --train-tsv pairs.tsv --out apart --joint-vocab false --steps 3 "${learn[@]}"
! cmp -s apart/best/source.spm apart/best/target.spm || fail 'separate models are one'
run 0 "$WEFT" train --train-tsv pairs.tsv --out tied --tie-embeddings true --steps 3 "${learn[@]}"
run 0 "$WEFT" info tied
! grep -q source_embedding out || fail 'tied embeddings have a table of their own'
run 0 "$WEFT" translate --model tied --input source

# A resumed run ends with the same bits as an uninterrupted one.
run 0 "$WEFT" train --train-tsv pairs.tsv --out whole --epochs 3 "${learn[@]}"
run 0 "$WEFT" train --train-tsv pairs.tsv --out parts --epochs 1 "${learn[@]}"
run 0 "$WEFT" train --out parts --train-tsv pairs.tsv --epochs 3 --resume --quiet
same whole/last/model.safetensors parts/last/model.safetensors
same whole/last/source.spm parts/last/source.spm

# A word that SentencePiece would crash on is learnt in pieces.
{
  cat pairs.tsv
  printf '%070000d\tx\n' 0
} >long.tsv
run 0 "$WEFT" train --train-tsv long.tsv --out long --spm-model bpe --steps 1 "${learn[@]:0:10}"
has err 'warning: train: 1 pair has a word of more than 4,096 characters, learnt in pieces: line 81'

# Errors.
reject 2 '--vocab-size: got 100; expected more than 260' \
  "$WEFT" train --train-tsv pairs.tsv --out no --tokenizer spm --vocab-size 100
small=(--tokenizer spm --vocab-size 262 --out no)
reject 1 'pairs.tsv: the size leaves no room for the text'"'s characters; got 262; expected at least " \
  "$WEFT" train --train-tsv pairs.tsv "${small[@]}"
has err '; hint: a larger --vocab-size'
sed 's/^[^\t]*/a/' pairs.tsv >letter.tsv
reject 1 'letter.tsv, target side: the size leaves no room for the text' \
  "$WEFT" train --train-tsv letter.tsv --joint-vocab false "${small[@]}"
reject 2 'got --min-freq with --tokenizer spm; expected --tokenizer word or char' \
  "$WEFT" train --train-tsv pairs.tsv --out no --tokenizer spm --min-freq 2
reject 2 'got --spm-model with --tokenizer word' \
  "$WEFT" train --train-tsv pairs.tsv --out no --spm-model bpe
rm unigram/best/source.spm
reject 1 'source.spm' "$WEFT" translate --model unigram --input source

# Other pieces, unknown and displaced tokens in every epoch; a resumed run makes the same ones.
other=(--subword-sampling 0.3 --word-dropout 0.1 --word-noise 2)
run 0 "$WEFT" train --train-tsv pairs.tsv --out noisy --epochs 2 "${learn[@]}" "${other[@]}"
run 0 "$WEFT" train --train-tsv pairs.tsv --out parts2 --epochs 1 "${learn[@]}" "${other[@]}"
run 0 "$WEFT" train --out parts2 --train-tsv pairs.tsv --epochs 2 --resume --quiet
same noisy/last/model.safetensors parts2/last/model.safetensors
reject 2 '--subword-sampling needs a unigram subword model' \
  "$WEFT" train --train-tsv pairs.tsv --out no --tokenizer spm --spm-model bpe --subword-sampling 0.1
