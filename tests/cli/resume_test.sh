#!/usr/bin/env bash
# A training that is interrupted or killed at any point, and resumed, ends with the same bits.
#
#   WEFT_SEED=N   draws the kill times of a failed run again
source "$(dirname "$0")/lib.sh"
make_corpus 160
flags=(--train-tsv train.tsv --valid-tsv valid.tsv "${tiny[@]}" --dropout 0.1 --teacher-forcing 0.7
  --epochs 4 --save-every 3 --quiet)

train() { "$WEFT" train --out "$1" "${@:2}"; }

compare() {
  for directory in best last; do
    cmp -s "whole/$directory/model.safetensors" "$1/$directory/model.safetensors" ||
      fail "$directory/ of $1 differs from an uninterrupted run's"
  done
  cmp -s whole/last/optimizer.safetensors "$1/last/optimizer.safetensors" ||
    fail "the optimizer of $1 differs from an uninterrupted run's"
  sed 's/,"tokens_per_second":[^,}]*//' whole/log.jsonl >expected.jsonl
  sed 's/,"tokens_per_second":[^,}]*//' "$1/log.jsonl" | cmp -s expected.jsonl - ||
    fail "the log of $1 differs from an uninterrupted run's"
}

begin=$(date +%s%N)
run 0 train whole "${flags[@]}"
milliseconds=$((($(date +%s%N) - begin) / 1000000))

# Signals: the state is saved, and the status tells which signal it was.
interrupt() {
  local signal=$1 expected=$2 directory=$3 status=0
  "$WEFT" train --out "$directory" "${flags[@]}" --epochs 1000 2>err &
  local pid=$!
  until [ -e "$directory/last/trainer.json" ]; do sleep 0.02; done
  kill -s "$signal" "$pid"
  wait "$pid" || status=$?
  [ "$status" = "$expected" ] || fail "status $status after SIG$signal, expected $expected"
}
interrupt INT 130 interrupted
run 0 train interrupted --resume --epochs 4 --quiet
compare interrupted
interrupt TERM 143 terminated
run 0 train terminated --resume "${flags[@]}"  # the same flags again are welcome
compare terminated
interrupt HUP 129 hung_up
run 0 train hung_up --resume --epochs 4 --quiet
compare hung_up

# A run that has ended can be resumed: nothing changes unless it is given more epochs.
run 0 train interrupted --resume --quiet
compare interrupted
run 0 train interrupted --resume --quiet --epochs 5
[ "$(wc -l <interrupted/log.jsonl)" = 5 ] || fail 'more epochs were not trained'

# What somebody has put into a run stays there, in whatever folder.
mkdir -p interrupted/{best.tmp-7,last.tmp-old,best/more}
for folder in best best/more last best.tmp-7 last.tmp-old; do echo mine >"interrupted/$folder/notes.txt"; done
run 0 train interrupted --resume --quiet --epochs 6
for folder in best best/more last best.tmp-7 last.tmp-old; do
  has "interrupted/$folder/notes.txt" mine
done
[ "$(ls interrupted | wc -l)" = 5 ] || fail 'a resumed run left something behind'

# A log that somebody has changed is kept, and the run goes on below it.
cp -r interrupted edited
sed -i '1s/^/ /' edited/log.jsonl
run 0 train edited --resume --epochs 7
has err 'edited/log.jsonl: somebody has changed the log'
[ "$(wc -l <edited/log.jsonl)" = 7 ] || fail 'a changed log was cut'
cp -r interrupted shortened
truncate -s -9 shortened/log.jsonl
run 0 train shortened --resume --epochs 7
has err 'shortened/log.jsonl: somebody has changed the log'

# A log of somebody else's is not truncated, even if a line ends where the run's did.
cp -r interrupted foreign
head -c "$(($(wc -c <interrupted/log.jsonl) - 1))" /dev/zero | tr '\0' x >foreign/log.jsonl
printf '\nmine\n' >>foreign/log.jsonl
run 0 train foreign --resume --epochs 7
has err 'foreign/log.jsonl: somebody has changed the log'
has foreign/log.jsonl mine

# What a link with the name of a temporary folder refers to is not weft's.
cp -r interrupted linked
mkdir precious
echo mine >precious/notes.txt
for name in best.weft-7 last.weft-8 last.weft-old; do ln -s ../precious "linked/$name"; done
run 0 train linked --resume --epochs 7 --quiet
has precious/notes.txt mine
rm linked/best.weft-7 linked/last.weft-8
mv linked/last linked/kept
reject 1 'linked' train linked --resume --epochs 7 --quiet
has precious/notes.txt mine

# A run stays deterministic.
for run in whole begun; do
  run 0 train "$run-deterministic" --deterministic "${flags[@]}" \
    --epochs $([ $run = whole ] && echo 3 || echo 1)
done
run 0 train begun-deterministic --resume --epochs 3 --quiet
cmp whole-deterministic/last/model.safetensors begun-deterministic/last/model.safetensors ||
  fail 'a deterministic run went on to other bits'
reject 2 '--deterministic differs' train interrupted --resume --deterministic
tail -n 1 shortened/log.jsonl | grep -q '"epoch":7' || fail 'an epoch was not logged in a line'

# A best/ that is lost does not count any more: the next model takes its place, or the last one if
# there is nothing left to train. The loss that is reported is that of the model that is there.
losing=(--train-tsv train.tsv --valid-tsv valid.tsv "${tiny[@]}" --lr 0.2 --epochs 6)
run 0 train lost "${losing[@]}" --quiet
rm -r lost/best
run 0 train lost --resume --json
[ "$(grep -c 'lost/best: missing; the next model' err)" = 1 ] || fail 'a lost best/ is not told once'
same lost/{best,last}/model.safetensors
cp out restored
loss=$(tail -n 1 lost/log.jsonl | grep -o '"valid_loss":[0-9.]*' | cut -d : -f 2)
[ -n "$loss" ] && has out "\"best_valid_loss\":$loss"
run 0 train lost --resume --json
! grep -q missing err || fail 'a best/ that is there again is called missing'
same <(grep -o '"best_valid_[a-z]*":[0-9.]*' out) <(grep -o '"best_valid_[a-z]*":[0-9.]*' restored)
rm -r lost/best
run 0 train lost --resume --epochs 7
tail -n 1 lost/log.jsonl | grep -q '"best":true' || fail 'the model after a lost best/ is not the best'
same lost/{best,last}/model.safetensors

# Killed before anything was saved: resuming starts from the beginning.
mkdir fresh
run 0 train fresh --resume "${flags[@]}"
compare fresh

# A signal during the last epoch's validation, which takes most of this run, ends it. Resuming repeats
# the validation.
head -n 16 train.tsv >short.tsv
long=(--train-tsv short.tsv --valid-tsv task/train.tsv "${tiny[@]}" --epochs 1 --save-every 1 --average 2)
"$WEFT" train --out late "${long[@]}" 2>err &
pid=$!
until [ -e late/last/trainer.json ]; do sleep 0.02; done
kill -s TERM "$pid"
status=0
wait "$pid" || status=$?
[ "$status" = 143 ] || fail "status $status after SIGTERM in the last validation, expected 143"
has err 'SIGTERM after step 1: saved to late/last; continue with --resume'
[ ! -s late/log.jsonl ] || fail 'a validation went on after SIGTERM'
[ ! -e late/best ] || fail 'an interrupted validation made best/'
run 0 train late --resume --quiet
run 0 train punctual "${long[@]}" --quiet
for file in best/model last/model last/optimizer last/average; do same {punctual,late}/$file.safetensors; done
[ "$(wc -l <late/log.jsonl)" = 1 ] || fail 'a validation that was interrupted is in the log'

# A run that ended by --steps continues where it stopped, if necessary in the middle of an epoch.
steps=(--steps 17)
run 0 train long "${flags[@]}" "${steps[@]}"
for cut in 1 6 10 16; do
  run 0 train "cut$cut" "${flags[@]}" --steps "$cut"
  run 0 train "cut$cut" --resume --quiet "${steps[@]}"
  for file in model optimizer; do
    cmp -s "long/last/$file.safetensors" "cut$cut/last/$file.safetensors" ||
      fail "$file of a run of $cut steps that went on to 17 differs from that of a run of 17"
  done
done
# The same, killed before its last step.
"$WEFT" train --out killed_steps "${flags[@]}" --epochs 1000 --steps 3000 2>err &
pid=$!
until [ -e killed_steps/last/trainer.json ]; do sleep 0.02; done
kill -s KILL "$pid"
wait "$pid" 2>/dev/null || true
run 0 train killed_steps --resume --epochs 4 --steps 0 --quiet
compare killed_steps

# kill -9 at random times during the training, including its start and end.
seed=${WEFT_SEED:-$(date +%s)}
echo "moments of the kills: WEFT_SEED=$seed"
RANDOM=$seed
for ((i = 1; i <= 20; ++i)); do
  rm -rf killed
  "$WEFT" train --out killed "${flags[@]}" >out 2>err &
  pid=$!
  moment=$((RANDOM % (milliseconds + 1)))
  sleep "$(printf '%d.%03d' $((moment / 1000)) $((moment % 1000)))"
  kill -9 "$pid" 2>/dev/null || true
  wait "$pid" 2>/dev/null || true
  run 0 train killed --resume "${flags[@]}"
  compare killed
  [ "$(ls killed | wc -l)" = 3 ] || fail 'a killed run left something behind'
done

# The corpus may have moved.
mkdir moved
cp train.tsv moved/corpus.tsv
run 0 train killed --resume "${flags[@]}" --train-tsv moved/corpus.tsv
compare killed

# Other data or other flags are refused.
head -n 159 train.tsv >fewer.tsv
reject 1 'differ from those of the run' train whole --resume "${flags[@]}" --train-tsv fewer.tsv
reject 2 '--lr differs' train whole --resume --quiet --lr 0.5
cp fewer.tsv train.tsv
reject 1 'differ from those of the run' train whole --resume --quiet --epochs 6

# A run that lost last/, or a part of it, is neither continued nor started over.
one_epoch=(--train-tsv short.tsv "${tiny[@]}" --epochs 1 --quiet)
run 0 train short "${one_epoch[@]}"
rm short/last/trainer.json
cp -r short before
reject 1 'short/last/trainer.json: the file is missing' train short --resume --quiet
reject 1 'short/last/trainer.json: the file is missing' train short --resume "${one_epoch[@]}"
rm -r {short,before}/last
reject 1 'short: cannot resume without last/; got' train short --resume --quiet
reject 1 'short: cannot resume without last/; got' train short --resume "${one_epoch[@]}"
diff -r before short >out || fail 'a run that cannot be resumed was changed'

# What cannot be resumed is told by its name; a pipe in place of the log is not waited for.
mkdir bare
reject 1 'bare/last/config.json: cannot resume without it' "$WEFT" train --out bare --resume
reject 1 'nowhere: cannot resume; got nothing there' "$WEFT" train --out nowhere --resume
reject 1 'train.tsv: cannot resume; got a file' "$WEFT" train --out train.tsv --resume
mkfifo bare/log.jsonl
reject 1 'bare/log.jsonl: cannot write the log; got a device or pipe' \
  timeout 20 "$WEFT" train --out bare --resume --train-tsv train.tsv
