#!/usr/bin/env bash
# Signals: what they leave of a training and of a file under way. (That an interrupted training goes
# on to the same bits: resume_test.sh.)
source "$(dirname "$0")/lib.sh"
ulimit -c 0
# A sanitizer leaves the signals of faults to the program.
for sanitizer in ASAN TSAN; do
  declare -x "${sanitizer}_OPTIONS=handle_segv=0:handle_sigbus=0:handle_sigfpe=0:handle_sigill=0:handle_abort=0"
done
make_corpus 40
run 0 "$WEFT" train --train-tsv train.tsv --out run --steps 2 --quiet "${tiny[@]}"
cut -f 1 task/train.tsv >many

# The shell starts commands in the background with SIGINT and SIGQUIT ignored; people do not.
fresh=(env --default-signal)

# translating <folder>: the lines of `many` to <folder>/output, until some are written. Sets pid.
translating() {
  "${fresh[@]}" "$WEFT" translate --model run --input many --output "$1/output" --quiet 2>/dev/null &
  pid=$!
  until [ -n "$(find "$1" -name '.weft-*' -size +0)" ]; do sleep 0.02; done
}

# end <signal>: sends it to pid; sets status.
end() {
  kill -s "$1" "$pid"
  status=0
  wait "$pid" 2>/dev/null || status=$?
}

# Whatever signal ends a program, the old file stays and nothing else.
mkdir kept
echo precious >kept/output
for signal in HUP INT QUIT ILL TRAP ABRT BUS FPE USR1 SEGV USR2 PIPE ALRM TERM XCPU VTALRM PROF SYS; do
  translating kept
  end "$signal"
  expected=$((128 + $(kill -l "$signal")))
  [ "$status" = "$expected" ] || fail "status $status after SIG$signal, expected $expected"
  [ "$(cat kept/output)" = precious ] || fail "SIG$signal destroyed the output"
  [ "$(ls -A kept)" = output ] || fail "SIG$signal left a temporary file"
done

# What SIGKILL leaves is removed by whoever writes there next.
for ((i = 0; i < 3; ++i)); do
  translating kept
  end KILL
  [ "$(ls -A kept | wc -l)" = 2 ] || fail 'not one temporary file after SIGKILL'
  head -n 3 many | run 0 "$WEFT" translate --model run --output kept/other --quiet
  [ "$(ls -A kept | tr '\n' ' ')" = 'other output ' ] || fail 'what SIGKILL left is still there'
  rm kept/other
done

# training <program>...: trains in the folder `ended` until it has saved something. Sets pid.
training() {
  rm -rf ended
  "${fresh[@]}" "$@" "$WEFT" train --train-tsv train.tsv --out ended --epochs 100000 --save-every 1 \
    --quiet "${tiny[@]}" >out 2>err &
  pid=$!
  until [ -e ended/last/trainer.json ]; do sleep 0.02; done
}

# A terminal that goes away sends SIGHUP more than once, the limit on processor time SIGXCPU each
# second; the state is saved nevertheless.
for signal in HUP XCPU; do
  training
  kill -s "$signal" "$pid"
  end "$signal"
  [ "$status" = $((128 + $(kill -l "$signal"))) ] || fail "status $status after two SIG$signal"
  [ "$(ls -A ended | grep -c weft)" = 0 ] || fail "a second SIG$signal broke off the saving"
done

# Under nohup it changes nothing.
training nohup
kill -s HUP "$pid"
sleep 0.3
kill -s 0 "$pid" || fail 'SIGHUP ended a training in spite of nohup'
end TERM
[ "$status" = 143 ] || fail "status $status after SIGTERM under nohup, expected 143"
