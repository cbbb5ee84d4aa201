#!/usr/bin/env bash
# Benchmarks report what they measured. The figures themselves are not tested.
source "$(dirname "$0")/lib.sh"
sizes=(--emb 8 --hidden 8 --src-vocab 20 --trg-vocab 30 --batch 4 --length 5 --steps 2)
small=("${sizes[@]}" --threads 2)

run 0 "$WEFT" bench train "${small[@]}" --trace trace.json --json
for text in '4 sentences of 5 tokens' 'gru_cell' 'linear_cross_entropy' 'accumulate' 'Adam' \
  'median of 2' 'GFLOP/s' 'peak memory'; do
  has out "$text"
done
for key in target_tokens_per_second step_ms gemm_floor_ms ratio peak_rss_mib; do
  tail -n 1 out | grep -qE "\"$key\":[0-9.e+-]+[,}]" || fail "no $key in the JSON object"
done
for text in '"traceEvents":[' '"ph":"X"' '"cat":"backward"' '"name":"gru_cell"'; do
  has trace.json "$text"
done

# The number of threads: from the flag, WEFT_NUM_THREADS or OMP_NUM_THREADS, or one per processor.
threads() { run 0 env -u OMP_NUM_THREADS -u WEFT_NUM_THREADS "$@"; has out "$expected threads"; }
bench=("$WEFT" bench train "${sizes[@]}")
expected=3 threads WEFT_NUM_THREADS=2 OMP_NUM_THREADS=1 "${bench[@]}" --threads 3
expected=3 threads WEFT_NUM_THREADS=3 OMP_NUM_THREADS=1 "${bench[@]}" --threads 0
expected=3 threads OMP_NUM_THREADS=3,1 "${bench[@]}" --threads 0
expected=1 threads taskset --cpu-list 0 "${bench[@]}" --threads 0
for wrong in many 0 -1 2x ''; do
  reject 1 "WEFT_NUM_THREADS: not a number of threads; got '$wrong'" \
    env WEFT_NUM_THREADS="$wrong" "${bench[@]}" --threads 0
done
# Commands are refused before they begin, whatever they would compute.
for command in 'translate --model none' 'evaluate --model none --test-tsv none' 'score --hyp none --ref none' \
  'info none' 'gradcheck tanh' 'leakcheck' 'graph' 'train --train-tsv none --out none'; do
  reject 1 "weft: WEFT_NUM_THREADS: not a number of threads; got 'x'" \
    env WEFT_NUM_THREADS=x "$WEFT" $command
done

run 0 "$WEFT" bench decode "${small[@]}" --beam 3 --json
has out 'beam               3'
tail -n 1 out | grep -qE '^\{"beam":3,"sentences_per_second":[0-9.e+]+,"tokens_per_second":[0-9.e+]+\}$' ||
  fail 'not the JSON object of a decoding'

run 0 "$WEFT" bench gemm "${small[@]}" --json
for text in '[4, 8] @ [8, 24]^T' 'OPENBLAS_CORETYPE=Haswell' ' of a step: '; do
  has out "$text"
done
grep -qE '^OPENBLAS_CORETYPE=[A-Za-z]+ +[0-9]+ GFLOP/s$' out || fail 'no other kernel was measured'
tail -n 1 out | grep -q '"core":"' || fail 'no core in the JSON object'
run 0 "$WEFT" bench gemm "${small[@]}" --cores false --quiet --json
[ "$(wc -l <out)" = 1 ] || fail '--quiet --json prints more than the JSON object'

run 0 "$WEFT" bench ops --elements 2048 --rounds 1 --threads 1 --json --quiet
python3 - out <<'PYTHON' || fail 'the JSON is not a list of cells'
import json, sys
cells = json.loads(open(sys.argv[1]).read())
assert len({cell["op"] for cell in cells}) == len(cells) > 40
for cell in cells:
    assert cell["elements"] == 2048 and cell["threads"] == 1
    assert cell["forward_us"] > 0 and cell["backward_us"] > 0
    assert cell["peer_forward_us"] is None
PYTHON
run 0 "$WEFT" bench ops --op relu --elements 2048 --rounds 2
grep -q '^relu  *2048' out || fail 'no line for relu'
reject 2 'did you mean softplus?' "$WEFT" bench ops --op softplu
PYTHON=no/such/python reject 1 'no/such/python: ended without an answer' \
  "$WEFT" bench ops --peer --op relu --rounds 1
run 0 "$WEFT" bench --help
has out 'weft bench decode'
reject 2 'expected train, decode, gemm, ops' "$WEFT" bench
reject 2 "did you mean decode?" "$WEFT" bench decoed
reject 2 '--batch' "$WEFT" bench train --batch 0
reject 2 '--threds' "$WEFT" bench train --threds 1
reject 1 'no/such' "$WEFT" bench train "${small[@]}" --trace no/such/file --quiet
