#!/usr/bin/env bash
# Before the first step: what the pairs are like, what looks wrong in them, and what the run needs.
source "$(dirname "$0")/lib.sh"
make_corpus 240

run 0 "$WEFT" train --train-tsv train.tsv --valid-tsv valid.tsv --out clean --emb 96 --hidden 96 \
  --batch 32 --epochs 2 --threads 2 --json
grep -qE '^train +source +240 +[0-9,]+ ' err || fail 'no row of the training pairs'
grep -qE '^valid +source +24 +[0-9,]+ ' err || fail 'no row of the validation pairs'
! grep '^warning' err || fail 'a clean corpus is warned of'
needs=$(sed -nE 's/^16 steps in about [0-9:]+, with about ([0-9]+) MiB of memory$/\1/p' err)
[ -n "$needs" ] || fail 'no estimate of time and memory'
used=$(tail -n 1 out | sed -E 's/.*"peak_rss_mib":([0-9]+).*/\1/')
# (Not in a sanitizer's build, which needs more.)
if ((used < 200)); then
  ((needs * 100 > used * 75 && needs * 100 < used * 125)) || fail "$needs MiB announced, $used used"
fi

# Defects at known lines.
sed -e '3s/\t.*/\t/' -e '5s/.*/same\tsame/' -e $'7s/^/\x01/' -e '9s/$/ \xef\xbf\xbd/' \
  -e '11s/$/ e\xcc\x81te\xcc\x81/' -e '13s/\t.*/\tnon/' \
  -e '13s/^/this line is much longer than what somebody has put beside it in the other file , so /' \
  train.tsv >bad.tsv
sed -n 1p train.tsv >>bad.tsv
{ cat valid.tsv && sed -n '20p;21p' train.tsv; } >leaky.tsv
run 0 "$WEFT" train --train-tsv bad.tsv --valid-tsv leaky.tsv --out bad "${tiny[@]}" --steps 1 \
  --normalize none
for text in 'train: 1 pair skipped: empty side: line 3' \
  'train: 1 duplicate pair: line 241' \
  'train: 1 pair has the same text on both sides: line 5' \
  'train: 1 pair looks misaligned, judging by its lengths: line 13' \
  'train: 1 line contains control characters: line 7' \
  'train: 1 line contains U+FFFD (replacement characters): line 9' \
  'train: 1 line is not in NFC: line 11; hint: --normalize nfc' \
  'valid: 2 sources also occur in the training data: lines 25, 26; 2 with the same target'; do
  has err "warning: $text"
done

# The report is printed once per run and changes nothing: a quiet run has the same bits.
run 0 "$WEFT" train --train-tsv train.tsv --out loud "${tiny[@]}" --steps 3 --dropout 0.2
run 0 "$WEFT" train --train-tsv train.tsv --out silent "${tiny[@]}" --steps 3 --dropout 0.2 --quiet
[ ! -s err ] || fail '--quiet was not quiet'
same loud/last/model.safetensors silent/last/model.safetensors
run 0 "$WEFT" train --resume --out loud --steps 5
! grep -q 'steps in about' err || fail 'a resumed run reports again'
