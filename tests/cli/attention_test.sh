#!/usr/bin/env bash
# Pictures of attention.
source "$(dirname "$0")/lib.sh"
run 0 "$WEFT" train --task en-fr --out run --steps 250 --quiet "${tiny[@]}"
"$WEFT" tasks en-fr --write task
head -n 40 task/train.tsv | cut -f 1 >source
translate=("$WEFT" translate --model run --input source --threads 2)
run 0 "${translate[@]}"
cp out plain

run 0 "${translate[@]}" --attention pictures.svg
same out plain
[ "$(grep -c 'class="title"' pictures.svg)" = 40 ] || fail 'not a picture a sentence'
run 0 "${translate[@]}" --attention pictures.html
same out plain
[ "$(grep -c '<section' pictures.html)" = 40 ] || fail 'not a section a sentence'
if command -v python3 >/dev/null; then
  python3 -c 'import xml.dom.minidom; xml.dom.minidom.parse("pictures.svg")' || fail 'the SVG is no XML'
fi
head -n 1 source | "$WEFT" translate --model run --attention term >out
head -n 1 plain >first
head -n 1 out | cmp -s - first || fail 'no translation above its picture'
[ "$(wc -l <out)" -gt 5 ] || fail 'no picture below'
! grep -q $'\x1b' out || fail 'colors where there is no terminal'

reject 2 '--attention: got x.png; expected term, FILE.svg or FILE.html' "${translate[@]}" --attention x.png
reject 1 'no/such/folder.svg' "${translate[@]}" --attention no/such/folder.svg
run 0 "$WEFT" train --task en-fr --preset cho2014 --out blind --steps 3 --quiet "${tiny[@]}"
reject 1 'the model has no attention' "$WEFT" translate --model blind --input source --attention term

# The heads of a Transformer.
run 0 "$WEFT" train --task en-fr --preset vaswani2017 --emb 8 --heads 2 --ffn 8 --layers 3 --out heads \
  --steps 3 --quiet
translate=("$WEFT" translate --model heads --input source --max-length 5 --quiet)
run 0 "${translate[@]}" --min-length 2
cp out plain
run 0 "${translate[@]}" --min-length 2 --attention all.html --attention-head all
same out plain
[ "$(grep -c '<caption>' all.html)" = 240 ] || fail 'not a picture a head'
run 0 "${translate[@]}" --min-length 2 --attention one.svg --attention-head 3.2
[ "$(grep -c 'layer 3, head 2' one.svg)" = 40 ] || fail 'not the head asked for'
reject 1 'got 4.1; expected a layer up to 3 and a head up to 2' "${translate[@]}" --min-length 2 \
  --attention one.svg --attention-head 4.1
reject 2 'got 3; expected mean, all, or a layer and a head' "${translate[@]}" --attention one.svg \
  --attention-head 3
reject 2 'without --attention' "${translate[@]}" --attention-head all
reject 2 'expected FILE.svg or FILE.html' "${translate[@]}" --attention term --attention-head all
reject 1 'has no layers and heads' "$WEFT" translate --model run --input source --attention one.svg \
  --attention-head 1.1
