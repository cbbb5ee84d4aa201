#!/usr/bin/env bash
# Pictures of graphs: the program draws the committed ones, and refuses wrong arguments.
pictures=$(cd "$(dirname "$0")/../../docs/pictures" && pwd)
source "$(dirname "$0")/lib.sh"

run 0 "$WEFT" graph
cp out list
for example in expression gru-cell gru training-step; do
  has list "$example"
  run 0 "$WEFT" graph "$example" --out "$example.svg"
  same "$example.svg" "$pictures/$example.svg"
  [ "$(wc -c <"$example.svg")" -lt 60000 ] || fail "$example.svg is too large"
  run 0 "$WEFT" graph "$example" --out "$example.dot"
  run 0 "$WEFT" graph "$example"
  same out "$example.dot"
  if command -v dot >/dev/null; then dot -Tsvg "$example.dot" >/dev/null; fi
  if command -v xmllint >/dev/null; then xmllint --noout "$example.svg"; fi
done
run 0 "$WEFT" graph training-step --fold --out folded.svg
same folded.svg "$pictures/training-step-folded.svg"

reject 2 "unknown example gru-sell; expected expression or gru-cell or gru or training-step" \
  "$WEFT" graph gru-sell
reject 2 'did you mean' "$WEFT" graph gru-sell
reject 2 "--out is a .svg or a .dot file; got x.png" "$WEFT" graph gru --out x.png
reject 2 'expected nothing, or NAME' "$WEFT" graph gru gru-cell
reject 2 'expected nothing, or NAME' "$WEFT" graph --fold
reject 1 'no/x.svg' "$WEFT" graph gru --out no/x.svg
