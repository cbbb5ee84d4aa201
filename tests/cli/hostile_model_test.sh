#!/usr/bin/env bash
# Model directories whose manifest is right and whose content is not: refused as they are read, with
# the file and the place in it, and nothing is written in their place.
forge=$(cd "$(dirname "$0")" && pwd)/forge
source "$(dirname "$0")/lib.sh"
python3 -c 'import ctypes.util, sys; sys.exit(not ctypes.util.find_library("xxhash"))' || exit 77
make_corpus 40
cut -f 1 train.tsv >source
flags=(--train-tsv train.tsv --valid-tsv valid.tsv "${tiny[@]}" --epochs 1 --quiet)
run 0 "$WEFT" train --out run --ema 0.9 "${flags[@]}"
run 0 "$WEFT" train --out mean --average 2 "${flags[@]}"

# forged <run> <arguments of forge>...: a copy of the run, called forged, with that done to last/.
forged() {
  rm -rf forged && cp -r "$1" forged
  rm -rf forged/best # the checkpoint alone
  "$forge" forged/last "${@:2}"
  rm -rf before && cp -r forged before
}

translate() { "$WEFT" translate --model forged/last --input source "$@"; }
evaluate() { "$WEFT" evaluate --model forged/last --test-tsv valid.tsv --quiet "$@"; }
resume() { "$WEFT" train --resume --out forged --epochs 3 --quiet; }

# refused <text> <command>: one line of error, no result, and the run is as it was.
refused() {
  reject 1 "$1" "${@:2}"
  [ ! -s out ] || fail "a result in spite of: $1"
  diff -r before forged >out || fail "the run was changed in spite of: $1"
}

forged run value model.safetensors source_embedding.weight 0 1.5
run 0 translate # a forged model as such is read

# Parameters that are not finite.
for value in nan inf -inf; do
  forged run value model.safetensors output.bias 7 "$value"
  for command in translate evaluate resume "$WEFT info forged"; do
    refused "last/model.safetensors: tensor 'output.bias': element 7 is not finite; got $value" \
      $command
  done
done
run 0 "$WEFT" info forged/last/model.safetensors # a file of tensors may hold anything

# Finite parameters whose products are not: two features are about 1, and token 7 adds them up.
forged run value model.safetensors deep.bias 0 10
"$forge" forged/last value model.safetensors deep.bias 1 10
"$forge" forged/last value model.safetensors output.weight $((7 * 12)) 3e38
"$forge" forged/last value model.safetensors output.weight $((7 * 12 + 1)) 3e38
rm -rf before && cp -r forged before
for search in '' '--beam 3' '--sample 1'; do
  refused 'not finite' translate $search
  refused 'not finite' evaluate $search
done
{ echo; echo; head -n 1 source; } >third
refused 'forged/last: line 3: search: log-probabilities not finite at step 1; got ' translate --input third

# What a training goes on from.
forged run value optimizer.safetensors output.bias.exp_avg_sq 3 inf
refused "last/optimizer.safetensors: tensor 'output.bias.exp_avg_sq': element 3 is not finite" resume
forged run value optimizer.safetensors output.bias.exp_avg 3 nan
refused "last/optimizer.safetensors: tensor 'output.bias.exp_avg': element 3 is not finite" resume
forged run value optimizer.safetensors output.bias.exp_avg_sq 3 -1
refused "last/optimizer.safetensors: Optimizer::load_state: 'output.bias.exp_avg_sq' out of range; got -1" resume
for step in -1 9223372036854775807; do
  forged run value optimizer.safetensors output.bias.step 0 "$step"
  refused "last/optimizer.safetensors: Optimizer::load_state: 'output.bias.step' out of range; got $step" resume
done
forged run value average.safetensors output.bias 2 nan
refused "last/average.safetensors: tensor 'output.bias': element 2 is not finite" resume
forged mean value average.safetensors 0.output.bias 2 -inf
refused "last/average.safetensors: tensor '0.output.bias': element 2 is not finite" resume
for field in best_loss epoch_loss plateau_best; do
  for value in NaN 1e999 null; do
    forged run field trainer.json "$field" "$value"
    refused 'last/trainer.json:' resume
  done
done
while read -r field value; do
  forged run field trainer.json "$field" "$value"
  refused "last/trainer.json: field '$field'" resume
done <<<'step -1
validated_step 1000
epochs_since_best 2
rollbacks 11
skipped_in_row 11
plateau_factor 2
plateau_factor 0
step 1000000000000000
best_loss -1'
forged run field config.json train-tsv '""'
refused "forged: field 'training' names no data" resume

# What the manifest does not list is not read.
for file in config.json model.safetensors source.vocab target.vocab; do
  forged run unlist "$file"
  for command in translate evaluate resume; do
    refused "last/manifest.json: does not list $file" $command
  done
done
for file in optimizer.safetensors average.safetensors trainer.json; do
  forged run unlist "$file"
  refused "last/manifest.json: does not list $file" resume
done
forged mean unlist average.safetensors
refused 'last/manifest.json: does not list average.safetensors' resume
forged run unlist target.vocab
sed -i '5{h;d};6{G}' forged/last/target.vocab # two words change places
rm -r before && cp -r forged before
refused 'last/manifest.json: does not list target.vocab' translate
cp -r run noted
echo mine >noted/best/notes # nobody reads it
run 0 "$WEFT" translate --model noted --input source
