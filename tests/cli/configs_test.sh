#!/usr/bin/env bash
# The configurations in tools/configs train, here at a small size.
configs=$(cd "$(dirname "$0")/../../tools/configs" && pwd)
source "$(dirname "$0")/lib.sh"
make_corpus 200
for config in "$configs"/*.toml; do
  name=$(basename "$config" .toml)
  small=(--vocab-size 400 --emb 12 --steps 3)
  grep -q vaswani2017 "$config" || small+=(--hidden 12)
  run 0 "$WEFT" train --config "$config" --train-tsv train.tsv --valid-tsv valid.tsv --out "$name" \
    "${small[@]}" --quiet
  run 0 "$WEFT" evaluate --model "$name" --test-tsv valid.tsv --beam 2 --max-length 5 --quiet
done
