#!/usr/bin/env bash
# From a corpus to a model, its translations, its figures and its description.
source "$(dirname "$0")/lib.sh"
make_corpus 120

run 0 "$WEFT" train --train-tsv train.tsv --valid-tsv valid.tsv --out run "${tiny[@]}" --epochs 2 \
  --min-freq 2 --json
has err '120 training pairs'
has err 'epoch   2'
for key in steps epochs best_valid_loss best_valid_bleu target_tokens_per_second peak_rss_mib; do
  tail -n 1 out | grep -q "\"$key\":[0-9]" || fail "the JSON object has no number $key"
done
[ "$(wc -l <run/log.jsonl)" = 2 ] || fail 'log.jsonl has not one line an epoch'

# Two files are equivalent to one TSV file, a configuration file to flags, and --quiet to verbose
# output.
cut -f 1 train.tsv >train.en
cut -f 2 train.tsv >train.fr
cat >tiny.toml <<'TOML'
# a tiny model
emb = 12
hidden = 99       # the command line wins
train-src = "train.en"
train-trg = "train.fr"
quiet = true
TOML
run 0 "$WEFT" train --config tiny.toml --valid-tsv valid.tsv --out twin "${tiny[@]}" --epochs 2 \
  --min-freq 2
[ ! -s err ] || fail '--quiet was not quiet'
same run/best/model.safetensors twin/best/model.safetensors

# Another seed makes another model.
run 0 "$WEFT" train --train-tsv train.tsv --valid-tsv valid.tsv --out other "${tiny[@]}" \
  --epochs 2 --min-freq 2 --seed 2
! cmp -s run/best/model.safetensors other/best/model.safetensors || fail '--seed changed nothing'

run 0 "$WEFT" evaluate --model run --test-tsv valid.tsv --tokenize none --json --output hypotheses
has out 'BLEU'
has out 'nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no'
for key in bleu chrf exact_match loss perplexity sentences_per_second tokens_per_second; do
  tail -n 1 out | grep -q "\"$key\":[0-9]" || fail "the JSON object has no number $key"
done
tail -n 1 out | grep -q '"signature":"nrefs:1|case:mixed|eff:no|tok:none' || fail 'no signature'
run 0 "$WEFT" translate --model run --input <(cut -f 1 valid.tsv)
same out hypotheses
run 0 "$WEFT" evaluate --model run --test-tsv valid.tsv --tokenize zh
has out 'tok:zh'

run 0 "$WEFT" info run
for text in 'preset               bahdanau2015' 'emb                  12' \
  'min-freq             2' 'model.safetensors' 'on 64 random sentences of 15 tokens'; do
  has out "$text"
done
grep -A 1 -E '^  source_embedding +[0-9,]+$' out |
  grep -qE '^    weight +float32 +[0-9]+ x 12 +[0-9,]+$' || fail 'info shows no tree of parameters'
grep -qE '^  loss and gradients +[0-9.]+ ms$' out || fail 'info gives no time of a step'
grep -qE "^  tensors at the peak, with Adam's moments +[0-9.]+ MiB$" out ||
  fail 'info gives no memory of a step'
run 0 "$WEFT" info run/best/model.safetensors
has out 'target_embedding.weight'

# A damaged best/ is told, never replaced by last/.
cp -r run damaged
rm damaged/best/config.json
for command in 'info damaged' 'translate --model damaged --input train.en' \
  'evaluate --model damaged --test-tsv valid.tsv'; do
  reject 1 'damaged/best/config.json: no regular file' "$WEFT" $command
done

# Where there is none, that is said.
rm -r damaged/best
for command in 'translate --model damaged --input train.en' \
  'evaluate --model damaged --test-tsv valid.tsv'; do
  run 0 "$WEFT" $command
  has err 'warning: damaged: no best/ in this run; its last/ is used instead'
done

# The tutorial's model, batches by tokens, a warm-up, and half of the true tokens.
run 0 "$WEFT" train --preset tutorial --train-tsv train.tsv --out tutorial --emb 12 --hidden 12 \
  --batch-tokens 200 --steps 6 --optimizer sgd --lr 0.1 --schedule inverse_sqrt --warmup 3 \
  --teacher-forcing 0.5 --dropout 0.1 --json
has out '"best_valid_loss":null'
run 0 "$WEFT" info tutorial
has out 'bidirectional        false'

# A step that is far too large ends the training, and anomaly mode reports where.
run 1 "$WEFT" train --train-tsv train.tsv --out diverged "${tiny[@]}" --optimizer sgd --lr 1e38 \
  --clip 0 --detect-anomaly
has err ': made the first NaN or infinity; got output 0: '

# With --on-nan skip, a model whose validation loss is not finite counts as not better.
long=(--train-tsv train.tsv --valid-tsv valid.tsv "${tiny[@]}" --batch 999 --optimizer sgd --lr 1e38
      --clip 0 --epochs 1)
reject 1 'train: validation loss not finite after step 1; got ' \
  "$WEFT" train --out spoiled "${long[@]}" --quiet
[ "$(ls spoiled)" = log.jsonl ] || fail 'a model without a finite loss was saved'
run 0 "$WEFT" train --out borne "${long[@]}" --on-nan skip --json
has err 'warning: validation loss not finite after step 1; got '
has out '"best_valid_loss":null'
[ ! -e borne/best ] || fail 'a model without a finite loss is the best'
! grep -q valid_loss borne/log.jsonl || fail 'a loss that is not finite was logged'

# Each optimizer and schedule, whose numbers the run saves.
for flags in '--optimizer adamw --weight-decay 0.1 --schedule step --decay-every 3' \
  '--optimizer adagrad --schedule plateau --decay-patience 1' '--optimizer adadelta'; do
  rm -rf any
  run 0 "$WEFT" train --train-tsv train.tsv --valid-tsv valid.tsv --out any "${tiny[@]}" --quiet \
    --steps 9 $flags
  run 0 "$WEFT" train --out any --resume --quiet --steps 12 $flags
done
run 0 "$WEFT" info any
has out 'optimizer            adadelta'

# The less common ways to train, combined and resumed: the same bits as without a resume.
ways=(--label-smoothing 0.1 --accumulate 2 --ema 0.9 --teacher-forcing 0.5 --teacher-forcing-by sequence
      --stop-on bleu --on-nan skip)
run 0 "$WEFT" train --train-tsv train.tsv --valid-tsv valid.tsv --out way "${tiny[@]}" "${ways[@]}" --epochs 2
has err 'BLEU'
run 0 "$WEFT" train --train-tsv train.tsv --valid-tsv valid.tsv --out parts "${tiny[@]}" "${ways[@]}" --epochs 1
run 0 "$WEFT" train --train-tsv train.tsv --valid-tsv valid.tsv --out parts --resume --epochs 2
same way/last/model.safetensors parts/last/model.safetensors
same way/best/model.safetensors parts/best/model.safetensors
has way/log.jsonl '"valid_bleu":'
for schedule in linear exponential inverse_sigmoid; do
  run 0 "$WEFT" train --train-tsv train.tsv --out "$schedule" "${tiny[@]}" --steps 6 --quiet \
    --teacher-forcing 0.2 --forcing-schedule "$schedule"
done
! cmp -s linear/last/model.safetensors exponential/last/model.safetensors || fail 'schedules are one'
reject 2 'ema and average exclude each other' "$WEFT" train --train-tsv train.tsv --out no --ema 0.9 --average 3
reject 2 '--stop-on bleu needs validation pairs' "$WEFT" train --train-tsv train.tsv --out no --stop-on bleu
