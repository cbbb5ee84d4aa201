#!/usr/bin/env bash
# Scores of files: sacreBLEU's figures, intervals, warnings, and errors in files.
texts=$(cd "$(dirname "$0")/../fixtures/scores" && pwd)
source "$(dirname "$0")/lib.sh"

# figure <key>: prints a number of the JSON object in the last line of out.
figure() { tail -n 1 out | grep -oP "\"$1\":\K[-+.e0-9]+" || fail "no number $1 in the JSON object"; }
# interval <key>: prints both ends of an interval of the JSON object.
interval() {
  tail -n 1 out | grep -oP "\"$1\":\[\K[-+.e0-9]+,[-+.e0-9]+" | tr , ' ' ||
    fail "no interval $1 in the JSON object"
}
near() {
  awk -v x="$1" -v y="$2" 'BEGIN { exit !(x - y < 1e-4 && y - x < 1e-4) }' || fail "$1 is not $2"
}

while read -r text tokenizer letter_case bleu chrf; do
  [ "$text" != '#' ] || continue
  lowercase=false
  [ "$letter_case" = mixed ] || lowercase=true
  run 0 "$WEFT" score --hyp "$texts/$text.hyp" --ref "$texts/$text.ref" --tokenize "$tokenizer" \
    --lowercase "$lowercase" --json
  near "$(figure bleu)" "$bleu"
  near "$(figure chrf)" "$chrf"
  signature="nrefs:1|case:$letter_case|eff:no|tok:$tokenizer|smooth:exp|version:weft-"
  tail -n 1 out | grep -qF "\"signature\":\"$signature" || fail "no signature $signature"
done <"$texts/expected.txt"

run 0 "$WEFT" score --hyp "$texts/european.hyp" --ref "$texts/european.ref"
grep -qE '^BLEU +44\.09$' out || fail 'no BLEU'
grep -qE '^chrF2 +60\.97$' out || fail 'no chrF2'
has out 'nrefs:1|case:mixed|eff:no|tok:13a|smooth:exp'
has out 'nrefs:1|case:mixed|eff:yes|nc:6|nw:0|space:no'
[ ! -s err ] || fail 'a warning without a reason'

# An interval contains the score, and depends on the seed alone.
resample() {
  run 0 "$WEFT" score --hyp "$texts/european.hyp" --ref "$texts/european.ref" --json \
    --bootstrap 500 "$@"
}
resample
for key in bleu chrf; do
  read -r low high <<<"$(interval ${key}_interval)"
  awk -v low="$low" -v x="$(figure $key)" -v high="$high" 'BEGIN { exit !(low < x && x < high) }' ||
    fail "the interval of $key, $low to $high, does not contain $(figure $key)"
done
has out '95 % interval'
cp out first
resample --threads 1
same out first
resample --seed 2
! cmp -s out first || fail '--seed changed nothing'

# Texts of different kinds.
warned() {
  [ "$(grep -c '^weft: warning: ' err)" = "$1" ] || fail "expected $1 warnings"
}
printf 'Yes, it is.\nNo, never.\n' >raw
printf 'yes , it is .\nno , never .\n' >tokenized
printf 'yes, it is.\nno, never.\n' >lower
run 0 "$WEFT" score --hyp lower --ref raw
warned 1
has err 'lower is all lower case, unlike raw; hint: --lowercase true'
run 0 "$WEFT" score --hyp raw --ref lower --lowercase true
warned 0
run 0 "$WEFT" score --hyp raw --ref tokenized
warned 2
has err 'tokenized is all lower case, unlike raw'
has err 'tokenized looks tokenized, unlike raw'
run 0 "$WEFT" score --hyp raw --ref tokenized --quiet
warned 0

# Wrong usage, and invalid files.
reject 2 '--hyp FILE is missing' "$WEFT" score --ref raw
reject 2 '--ref FILE is missing' "$WEFT" score --hyp raw
reject 2 'did you mean 13a?' "$WEFT" score --hyp raw --ref raw --tokenize 13
reject 2 'expected an integer in [0, 1000000]' "$WEFT" score --hyp raw --ref raw --bootstrap -1
reject 1 'missing: cannot open the file' "$WEFT" score --hyp raw --ref missing
: >empty
reject 1 'empty: the file is empty' "$WEFT" score --hyp empty --ref raw
head -n 1 raw >short
reject 1 'raw and short: numbers of lines differ; got 2 and 1' "$WEFT" score --hyp short --ref raw
printf 'fine\n\xff\n' >bytes
reject 1 'bytes:2: invalid UTF-8' "$WEFT" score --hyp raw --ref bytes
reject 1 'No space left' bash -c '"$1" score --hyp raw --ref raw >/dev/full' - "$WEFT"
