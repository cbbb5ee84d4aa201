#!/usr/bin/env bash
# Models that older programs made (see tests/fixtures/models/make): they load, translate as before,
# and can be trained further.
fixtures=$(cd "$(dirname "$0")/../fixtures/models" && pwd)
source "$(dirname "$0")/lib.sh"
cp "$fixtures/pairs.tsv" .
cut -f 1 pairs.tsv >source
cut -f 2 pairs.tsv >target

found=0
for old in "$fixtures"/*/*/; do
  name=$(basename "$(dirname "$old")")/$(basename "$old")
  echo "$name"
  found=$((found + 1))
  mkdir -p "$name"
  cp -r "$old/last" "$name/last"
  run 0 "$WEFT" translate --model "$name" --input source --threads 1
  same out target
  run 0 "$WEFT" translate --model "$name" --input source --threads 1 --beam 3
  same out target
  run 0 "$WEFT" info "$name"

  # Two more epochs, in one run or in two: the same bits.
  epochs=$(sed -n 's/^  "epoch": \([0-9]*\),$/\1/p' "$name/last/trainer.json")
  cp -r "$name" parts
  run 0 "$WEFT" train --out "$name" --resume --epochs $((epochs + 2)) --threads 1 --quiet
  [ "$(wc -l <"$name/log.jsonl")" = 2 ] || fail "$name was not trained on for two epochs"
  has "$name/last/trainer.json" '"format": 2'
  cmp -s "$old/last/model.safetensors" "$name/last/model.safetensors" &&
    fail "$name was not changed by training"
  run 0 "$WEFT" train --out parts --resume --epochs $((epochs + 1)) --threads 1 --quiet
  run 0 "$WEFT" train --out parts --resume --epochs $((epochs + 2)) --threads 1 --quiet
  for file in model optimizer; do
    same "$name/last/$file.safetensors" "parts/last/$file.safetensors"
  done
  for file in "$old"/last/source.* "$old"/last/target.*; do # none was learnt again
    same "$file" "$name/last/$(basename "$file")"
  done
  rm -r parts

  # Other pairs are detected, as by the program of that time.
  cp -r "$old/last" "$name/other"
  mkdir -p others && mv "$name/other" others/last
  sed 's/^a dog/a cat/' pairs.tsv >other.tsv
  reject 1 'differ from those of the run' "$WEFT" train --out others --resume --train-tsv other.tsv --quiet
  rm -r others
done
[ "$found" -ge 3 ] || fail "only $found old models were found in $fixtures"
