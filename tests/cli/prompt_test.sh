#!/usr/bin/env bash
# The prompt of translate at a terminal, which util-linux's script emulates.
source "$(dirname "$0")/lib.sh"
command -v script >/dev/null || { echo 'skipped: no program named script'; exit 77; }
script --quiet --command true /dev/null </dev/null >/dev/null 2>&1 ||
  { echo 'skipped: no terminal can be made here (is /dev/pts mounted?)'; exit 77; }
export XDG_STATE_HOME=$work/state TERM=xterm
run 0 "$WEFT" train --task en-fr --out run --steps 250 --quiet "${tiny[@]}"

# at_terminal <model> <flags>: translate reads the file typed; its screen goes to the file out.
at_terminal() {
  run 0 script --quiet --return --command "'$WEFT' translate --threads 2 --model $*" /dev/null <typed
  tr -d '\r' <out >screen
  mv screen out
}

sentence='she sees the big house .'
printf '%s\n' ':attention' "$sentence" ':candidates 3' ':candidates 0' ':attention' ':attention now' \
  ':nonsense' ':help' "$sentence" ':quit' 'not read' >typed
at_terminal run
echo "$sentence" | "$WEFT" translate --model run >translation
[ "$(grep -cxF -f translation out)" = 2 ] || fail 'not the translation that a pipe gets, twice'
echo "$sentence" | "$WEFT" translate --model run --beam 3 --nbest 3 >nbest
while IFS=$'\t' read -r _ score text; do has out "$score  $text"; done <nbest
[ "$(grep -cE '^ +-[0-9.]+  ' out)" = 3 ] || fail 'not three candidates'
[ "$(grep -cE '[░▒▓█]' out)" -ge 3 ] || fail 'no picture of the attention'
has out 'prompt: no sentence yet; type one first'
has out ':candidates: not a number of them; got 0; expected 1 to 1000'
has out ':attention: takes no argument; got now'
has out ':nonsense: no such command; expected :candidates, :attention, :help or :quit'
has out 'Type a sentence to translate it'

# The history outlives the program: the arrow key recalls it.
has state/weft/history nonsense
printf '\x10\x10\n:quit\n' >typed # twice Ctrl-P: the sentence is before :quit
at_terminal run
[ "$(grep -cxF -f translation out)" = 1 ] || fail 'the sentence did not come back'

# Candidates come from a search even where translations are sampled.
printf '%s\n' "$sentence" ':candidates 3' ':quit' >typed
at_terminal run --sample 1 --top-k 4
while IFS=$'\t' read -r _ score text; do has out "$score  $text"; done <nbest

# A leading space makes a command a sentence; a pipe has no commands; a model may lack attention.
printf '%s\n' ' :help' ':quit' >typed
at_terminal run
! grep -q 'Type a sentence' out || fail 'a command in spite of a space before it'
echo ':help' | "$WEFT" translate --model run >out
[ "$(wc -l <out)" = 1 ] || fail 'a command in a pipe'
run 0 "$WEFT" train --task en-fr --preset cho2014 --out blind --steps 3 --quiet "${tiny[@]}"
printf '%s\n' "$sentence" ':attention' ':quit' >typed
at_terminal blind
has out 'the model has no attention'
