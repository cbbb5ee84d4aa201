#!/usr/bin/env bash
# One line in, one line out, in order, as soon as it is known.
source "$(dirname "$0")/lib.sh"
make_corpus 60
run 0 "$WEFT" train --train-tsv train.tsv --out run "${tiny[@]}" --steps 4 --quiet

# Lines of every kind: empty, blank, unknown words, Windows' line ends, no end at the end.
printf 'the cat sleeps .\n\nzzz \xe4\xb8\xad\xe6\x96\x87\n   \nthe dog\r\nhe eats' >input
run 0 "$WEFT" translate --model run --input input --quiet
[ "$(wc -l <out)" = 6 ] || fail 'six lines in, not six lines out'
[ "$(sed -n 2p out)" = '' ] || fail 'an empty line did not stay empty'
[ "$(sed -n 4p out)" = '' ] || fail 'a blank line did not stay empty'
cp out expected
run 0 "$WEFT" translate --model run/best --output result --quiet <input
same result expected
[ ! -s out ] || fail '--output still writes to stdout'

# A file is replaced as a whole, keeping links and mode; anything but a file is written directly.
echo old >target
chmod 640 target
ln -s target link
run 0 "$WEFT" translate --model run --input input --output link --quiet
same target expected
[ -L link ] || fail '--output replaced a link'
[ "$(stat -c %a target)" = 640 ] || fail '--output changed the mode of a file'
[ -z "$(ls -A | grep '^\.weft')" ] || fail '--output left a temporary file'
(umask 027 && "$WEFT" translate --model run --input input --output fresh)
[ "$(stat -c %a fresh)" = 640 ] || fail '--output made a file of another mode than the umask says'
echo before >out
"$WEFT" translate --model run --input input --output /dev/stdout >>out
sed 1d out >after
same after expected
"$WEFT" evaluate --model run --test-tsv valid.tsv --output /dev/stdout --quiet >all
[ "$(wc -l <all)" -gt 30 ] || fail 'one output of evaluate has overwritten the other'
"$WEFT" evaluate --model run --test-tsv valid.tsv --output both --quiet >both
[ "$(wc -l <both)" = "$(wc -l <all)" ] || fail '--output has replaced the file of standard output'
mkfifo pipe
cat pipe >out &
"$WEFT" translate --model run --input input --output pipe
wait $!
same out expected

# Translations stay with their lines in batches of any size.
cut -f 1 train.tsv >lines
run 0 "$WEFT" translate --model run --input lines --batch 1
cp out one_by_one
run 0 "$WEFT" translate --model run --input lines --batch 7
[ "$(wc -l <out)" = 60 ] || fail 'sixty lines in, not sixty lines out'
same out one_by_one
tac lines | "$WEFT" translate --model run | tac >out
same out one_by_one

# The same with a beam, and with any number of threads.
run 0 "$WEFT" translate --model run --input lines --beam 5 --threads 2
cp out beam
for flags in '--batch 1 --threads 1' '--batch 7 --threads 4' '--batch 60 --threads 1'; do
  run 0 "$WEFT" translate --model run --input lines --beam 5 $flags
  same out beam
  run 0 "$WEFT" translate --model run --input lines $flags
  same out one_by_one
done
tac lines | "$WEFT" translate --model run --beam 5 | tac >out
same out beam
for isa in baseline avx2 avx512; do  # of these, the best that this machine has
  run 0 env WEFT_ISA=$isa "$WEFT" translate --model run --input lines --beam 5
  [ "$(wc -l <out)" = 60 ] || fail "WEFT_ISA=$isa: not sixty lines"
done
reject 1 "WEFT_ISA" env WEFT_ISA=mmx "$WEFT" translate --model run --input lines
run 0 "$WEFT" translate --model run --input lines --beam 1 --length-penalty 0.6
same out one_by_one
reject 2 '--beam' "$WEFT" translate --model run --input lines --beam 0
reject 2 '--beam' "$WEFT" translate --model run --input lines --beam 1001
reject 2 '--beam' "$WEFT" translate --model run --input lines --beam many
reject 2 '--length-penalty' "$WEFT" translate --model run --input lines --length-penalty nan

run 0 "$WEFT" translate --model run --input lines --max-length 3
awk 'NF > 3 { exit 1 }' out || fail 'a translation is longer than --max-length'

# A program that waits for each answer before it sends more gets it.
coproc TRANSLATOR { "$WEFT" translate --model run; }
pid=$TRANSLATOR_PID  # bash forgets it when the program ends
for line in 'the cat sleeps .' '' 'the dog eats .'; do
  echo "$line" >&"${TRANSLATOR[1]}"
  read -r -t 20 _ <&"${TRANSLATOR[0]}" || fail "no answer to '$line'"
done
exec {TRANSLATOR[1]}>&-
wait "$pid" || fail 'the translator did not end well'

# A reader that leaves early ends the program silently.
{ yes 'the cat sleeps .' | head -n 5000 | "$WEFT" translate --model run 2>err || true; } | head -n 1 >out
[ ! -s err ] || fail 'a closed pipe is no error to speak of'
