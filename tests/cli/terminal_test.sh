#!/usr/bin/env bash
# What a terminal is shown can neither command it nor turn its text; files and pipes get it to the
# letter. util-linux's script plays the terminal.
source "$(dirname "$0")/lib.sh"
command -v script >/dev/null || { echo 'skipped: no program named script'; exit 77; }
export XDG_STATE_HOME=$work/state TERM=xterm NO_COLOR=1

# at_terminal <command>: its screen, and what it says besides, come as the file out. script runs the
# command by $SHELL, which need not be one that reads $'...'.
at_terminal() {
  run 0 env SHELL="$BASH" script --quiet --return --command "$1" /dev/null <typed
  tr -d '\r' <out >screen
  mv screen out
}

# plain <file>: nothing in it turns the direction of text, and no ESC or C1 control commands.
plain() {
  ! LC_ALL=C grep -qaP '\x1B|\xC2[\x80-\x9F]|\xE2\x80[\x8E\x8F\xA8-\xAE]|\xE2\x81[\xA6-\xA9]' "$1" ||
    fail 'something to command a terminal with'
}

# A model that has learnt to write from right to left; what it is forced to begin with is worse.
for ((i = 0; i < 30; ++i)); do printf 'the cat\t\u202Enoir \u2066chat\u2069\n'; done >pairs.tsv
printf 'a dog\t\x1b[2J \u009b2J\n' >>pairs.tsv
run 0 "$WEFT" train --train-tsv pairs.tsv --out hostile --steps 30 --quiet "${tiny[@]}"
printf '\u202Enoir \u2066chat\u2069\n' >target
printf 'the cat\n' >source
printf '\x1b[2J \u009b2J\n' >prefix
: >typed

translate="'$WEFT' translate --model hostile --threads 2"
"$WEFT" translate --model hostile --input source >out
same out target
run 0 "$WEFT" translate --model hostile --input source --prefix prefix --nbest 1
cut -f 3 out | cut -d ' ' -f 1-2 | cmp -s - prefix || fail 'a pipe does not get the text to the letter'
at_terminal "$translate --input source"
plain out
has out '\u202Enoir \u2066chat\u2069'
at_terminal "$translate --input source --prefix prefix --nbest 1"
plain out
grep -qP '^1\t-[0-9.]+\t\\x1B\[2J \\u009B2J$' out || fail 'a list is not shown, or has lost its tabs'
at_terminal "$translate --input source --tokens --attention term"
plain out
grep -qE '^\\u202Enoir +[░▒▓█]' out || fail 'no picture of the attention'
at_terminal "$translate --input source >file"
same file target

# The prompt, which draws itself with sequences of its own.
printf '%s\n' 'the cat' ':candidates 3' ':attention' ':quit' >typed
at_terminal "$translate"
! grep -qP '[\x{202E}\x{2066}]' out || fail 'the prompt turns the direction of text'
[ "$(grep -cF '\u202Enoir' out)" -ge 3 ] || fail 'translation, candidates and attention are not shown'
printf '%s\n' $':no\u202Esuch' ':quit' >typed
at_terminal "$translate"
has out ':no\u202Esuch: no such command'

# Names that are told: in results, in progress, and in errors wherever they go.
: >typed
cp -r hostile $'to\u202Eright'
at_terminal "'$WEFT' info --threads 2 $'to\u202Eright'"
plain out
has out 'to\u202Eright/'
reject 1 'no\u202Esuch\u009B: not a model' "$WEFT" translate --model $'no\u202Esuch\u009B'
reject 2 'unknown flag --\u2066x' "$WEFT" translate $'--\u2066x'
plain err
