#!/usr/bin/env bash
# --deterministic: the same weights, the same log and the same translations with AVX2 and AVX-512, for
# any number of threads and with every compiler.
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
# The hashes hold for every compiler. They change with whatever changes a training: take the new ones
# only if it was meant to.
while read -r hash preset flags; do
  rm -rf one two wide
  one=$(trained one WEFT_ISA=avx2 --preset $preset $flags --threads 1)
  [ "${one%% *}" = "$hash" ] || fail "$preset: other bits than those known; got ${one%% *}"
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
done <<'END'
04b2ea5515f1a482e0d289f6388adf2165c5d90d9a2b76977f1f398866db81f7 bahdanau2015 --hidden 40
55e198fae3e1a51b98247594facba39e4e1189e31796534b57b54d49f75fad47 luong2015 --hidden 40
04f21ace8b6cea55a387764d90f9d8477c7620c291a157c50ef7a5fd0b3cf634 vaswani2017 --norm pre --positions rotary --activation gelu --label-smoothing 0.1
f69b2022be673457345b7b479340d68708f224cf67939ddd91a276a168f3547d vaswani2017 --decoder-cell ssru
END
