#!/usr/bin/env bash
# Runs the commands of docs/recipes.md in their order, with short trainings.
root=$(cd "$(dirname "$0")/../.." && pwd)
source "$(dirname "$0")/lib.sh"

awk '/^```sh$/ { code = 1; next } /^```$/ { code = 0 } code' "$root/docs/recipes.md" |
  sed -e "s|^weft |'$WEFT' |" -e 's|--steps [0-9]*|--steps 10|' \
      -e 's#>\(mono.fr\|train.en\)#| sed -n 1,50p &#' >commands.sh
run 0 bash -euo pipefail commands.sh
[ "$(grep -c '^BLEU  ' out)" = 4 ] || fail 'not four models evaluated'
[ "$(wc -l <mono.en)" = 50 ] || fail 'not all sentences translated back'
[ "$(wc -l <both.tsv)" -gt 1000 ] || fail 'no pairs were added'
[ "$(wc -l <train.fr)" = 50 ] || fail 'the teacher did not translate all sentences'
