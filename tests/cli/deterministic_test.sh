#!/usr/bin/env bash
# --deterministic: the same weights, the same log and the same translations with AVX2 and AVX-512, and
# for any number of threads.
source "$(dirname "$0")/lib.sh"

# trained <out> <variable=value> [flag...]: trains, and prints the hash of the weights and of the log
# without its times.
trained() {
  local out=$1 variable=$2
  shift 2
  env "$variable" "$WEFT" train --task en-fr --out "$out" --emb 24 --batch 16 \
    --steps 40 --dropout 0.2 --ema 0.9 --quiet --deterministic "$@" >/dev/null || fail "$out: not trained"
  cat "$out/best/model.safetensors" <(sed 's/,"tokens_per_second":[^,}]*//' "$out/log.jsonl") |
    sha256sum
}

# searched <model> <variable=value> [flag...]: all figures of a search, and of an evaluation those that
# are not times.
searched() {
  local model=$1 variable=$2
  shift 2
  env "$variable" "$WEFT" translate --model "$model" --input lines --beam 3 --nbest 3 --deterministic "$@" ||
    fail "$model: does not translate"
  env "$variable" "$WEFT" evaluate --model "$model" --test-tsv pairs.tsv --quiet --json --deterministic |
    tail -n 1 | sed 's/,"[a-z]*_per_second":[^,}]*//g'
}

"$WEFT" tasks en-fr --write task
head -n 40 task/test.tsv >pairs.tsv
cut -f 1 pairs.tsv >lines
grep -q avx2 /proc/cpuinfo || { echo 'skipped: a CPU without AVX2'; exit 77; }
for model in 'bahdanau2015 --hidden 40' 'luong2015 --hidden 40' \
             'vaswani2017 --norm pre --positions rotary --activation gelu --label-smoothing 0.1' \
             'vaswani2017 --decoder-cell ssru'; do
  read -r preset flags <<<"$model"
  rm -rf one two wide
  one=$(trained one WEFT_ISA=avx2 --preset $preset $flags --threads 1)
  two=$(trained two WEFT_ISA=avx2 --preset $preset $flags --threads 2)
  [ "$one" = "$two" ] || fail "$preset: other bits with two threads"
  rm -r two
  two=$(trained two OPENBLAS_CORETYPE=Haswell --preset $preset $flags --threads 2)
  [ "$one" = "$two" ] || fail "$preset: other bits with other kernels of OpenBLAS's"
  searched one WEFT_ISA=avx2 --threads 1 >expected
  for variable in WEFT_ISA=avx2 OPENBLAS_CORETYPE=Haswell WEFT_ISA=avx512; do
    searched one "$variable" --threads 2 --batch 8 >got
    cmp -s expected got || fail "$preset: $variable changes a translation or its score"
  done
  grep -q avx512vl /proc/cpuinfo || { echo 'no AVX-512 here: AVX2 alone'; continue; }
  wide=$(trained wide WEFT_ISA=avx512 --preset $preset $flags --threads 2)
  [ "$one" = "$wide" ] || fail "$preset: other bits with AVX-512"
done
