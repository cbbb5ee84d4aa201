#!/usr/bin/env bash
# Every error is reported in one line, with a nonzero status.
source "$(dirname "$0")/lib.sh"
make_corpus 40

train() { "$WEFT" train --quiet "${tiny[@]}" --steps 2 "$@"; }

# Wrong usage: status 2.
reject 2 'no command' "$WEFT"
reject 2 'did you mean translate?' "$WEFT" transalte
reject 2 'unknown flag --hiden; hint: did you mean --hidden?' train --task en-fr --out x --hiden 8
reject 2 'did you mean --model?' "$WEFT" translate --modle=x
reject 2 'train: --emb has no value; got the end of the command; expected an integer in' \
  train --task en-fr --out x --emb
reject 2 'train: --lowercase has no value; got --emb=8; expected true or false' \
  train --task en-fr --out x --lowercase --emb=8
reject 2 'unknown command zzz; hint: weft --help lists them' "$WEFT" zzz
reject 2 'expected an integer in [1, 65536]' train --task en-fr --out x --emb 1e3
reject 2 'expected an integer in [1, 65536]' train --task en-fr --out x --emb -1
reject 2 'expected true or false' train --task en-fr --out x --lowercase yes
reject 2 'did you mean tutorial?' train --task en-fr --out x --preset tutoral
reject 2 'did you mean en-fr?' train --task en-rf --out x
reject 2 '--out DIR is missing' train --task en-fr
reject 2 'no training data' train --out x
reject 2 'expected one of them' train --task en-fr --train-tsv train.tsv --out x
reject 2 '--train-trg FILE is missing' train --train-src train.tsv --out x
reject 2 'bidirectional' train --task en-fr --preset tutorial --bidirectional true --out x
reject 2 'warmup' train --task en-fr --schedule inverse_sqrt --warmup 0 --out x
reject 2 'expected --optimizer adamw' train --task en-fr --weight-decay 0.1 --out x
reject 2 'expected --schedule step' train --task en-fr --decay-every 9 --out x
reject 2 '--decay-factor out of range' train --task en-fr --schedule step --decay-factor 1 --out x
reject 2 'needs validation pairs' train --train-tsv train.tsv --schedule plateau --out x
reject 2 'unexpected argument more' train --task en-fr --out x more
reject 2 'did you mean' "$WEFT" gradcheck softmacks
reject 2 'unknown task' "$WEFT" tasks fr-en --write x
# bad_config <status> <text> <line>: what is said of this line of a configuration file.
bad_config() {
  printf 'emb = 8\n%b\n' "$3" >bad.toml
  reject "$1" "bad.toml:2: $2" train --task en-fr --out x --config bad.toml
}
bad_config 2 'unknown key hiden; hint: did you mean hidden?' 'hiden = 8'
bad_config 2 'unknown key config' 'config = "other.toml"'
bad_config 2 'hidden: invalid value; got many' 'hidden = "many"'
bad_config 2 'key emb given twice; got it in line 1 already' 'emb = 9'
bad_config 2 'unexpected table' '['
bad_config 2 'unexpected table' '[train]'
bad_config 2 'a text without an end' 'task = "en-fr'
bad_config 2 'invalid value' 'hidden = [1, 2]'
bad_config 2 'no key with a value' 'hidden'
bad_config 1 'not a text file' 'hidden = 8\0'
bad_config 1 'invalid UTF-8' 'task = "\xff"'
printf '\xef\xbb\xbfhiden = 8' >bad.toml
reject 2 'bad.toml:1: unknown key hiden;' train --task en-fr --out x --config bad.toml
reject 2 '--out DIR is missing' train --task en-fr --out ''
cp train.tsv $'t\xff.tsv'
reject 2 'train: --train-tsv: invalid UTF-8; got t\xFF.tsv; expected a text that the run can record' \
  train --train-tsv $'t\xff.tsv' --out x
reject 2 'train: --train-trg: invalid UTF-8' train --train-src train.tsv --train-trg $'t\xff.tsv' --out x
reject 2 'train: --valid-tsv: invalid UTF-8' train --train-tsv train.tsv --valid-tsv $'t\xff.tsv' --out x
[ ! -e x ] || fail 'wrong usage made a run directory'

# Corpora.
reject 1 'missing.tsv' train --train-tsv missing.tsv --out x
reject 1 'got a folder' train --train-tsv task --out x
: >empty.tsv
reject 1 'empty.tsv: the file is empty' train --train-tsv empty.tsv --out x
head -c 4096 "$WEFT" >binary.tsv
reject 1 'binary.tsv:1' train --train-tsv binary.tsv --out x
{ head -n 3 train.tsv && printf 'caf\xe9\tcaf\xe9\n'; } >latin1.tsv
reject 1 'latin1.tsv:4: invalid UTF-8' train --train-tsv latin1.tsv --out x
{ head -n 2 train.tsv && echo 'no tab'; } >tabs.tsv
reject 1 'tabs.tsv:3' train --train-tsv tabs.tsv --out x
printf '\t\n \t \n' >blank.tsv
reject 1 'blank.tsv: no sentence pairs left' train --train-tsv blank.tsv --out x
reject 1 'blank.tsv: no sentence pairs left' \
  train --train-tsv train.tsv --valid-tsv blank.tsv --out x
cut -f 1 train.tsv >long.en
cut -f 2 train.tsv | head -n 30 >short.fr
reject 1 'short.fr' train --train-src long.en --train-trg short.fr --out x
has err 'long.en'

# Models.
run 0 train --train-tsv train.tsv --out run
reject 1 'resume' train --train-tsv train.tsv --out run
reject 2 '--hidden differs' "$WEFT" train --resume --out run --hidden 13
reject 1 'missing' "$WEFT" translate --model missing
reject 1 'a\x0Ab' "$WEFT" translate --model $'a\nb'
reject 1 'not a model' "$WEFT" info "$(printf 'x%.0s' {1..300})"
reject 1 'xxx...xxx' "$WEFT" translate --model "$(printf 'x%.0s' {1..10000})"
has err 'not a model'
[ "$(wc -c <err)" -lt 1100 ] || fail 'a path of 10,000 characters is told whole'
reject 1 'expected' "$WEFT" translate --model task
flip() { printf '\x01' | dd of="$1" bs=1 seek=30 conv=notrunc status=none; }
for damage in 'truncate -s -1' 'truncate -s 0' 'truncate -s 20' flip rm; do
  for file in model.safetensors config.json source.vocab target.vocab manifest.json; do
    rm -rf broken && cp -r run/best broken
    $damage "broken/$file"
    status=0
    "$WEFT" translate --model broken <long.en >out 2>err || status=$?
    [ "$status" = 1 ] || fail "status $status for a model with: $damage $file"
    [ ! -s out ] || fail "translations from a model with: $damage $file"
    [ "$(grep -c '^weft: ' err)" = 1 ] || fail "no clear error for: $damage $file"
  done
done
head -c 100 run/best/model.safetensors >cut.safetensors
reject 1 'cut.safetensors' "$WEFT" info cut.safetensors

# The input of evaluate.
reject 1 'empty.tsv: the file is empty' "$WEFT" evaluate --model run --test-tsv empty.tsv --quiet
reject 1 'blank.tsv: no sentence pairs left' \
  "$WEFT" evaluate --model run --test-tsv blank.tsv --quiet
cut -f 1 blank.tsv >blank.en
reject 1 'blank.en and blank.en: no sentence pairs left' \
  "$WEFT" evaluate --model run --test-src blank.en --test-trg blank.en --quiet

# The input and output of translate.
printf 'fine\n\xff\n' >bytes
reject 1 'bytes:2: invalid UTF-8' "$WEFT" translate --model run --input bytes
reject 1 '<stdin>:2: invalid UTF-8' bash -c '"$1" translate --model run <bytes' - "$WEFT"
reject 1 'No space left' "$WEFT" translate --model run --input long.en --output /dev/full
reject 1 'No space left' bash -c '"$1" translate --model run --input long.en >/dev/full' - "$WEFT"
reject 1 'Bad file descriptor' bash -c '"$1" translate --model run --input long.en >&-' - "$WEFT"
reject 1 'none/result' "$WEFT" translate --model run --input long.en --output none/result
reject 1 'No space left' bash -c '"$1" --help >/dev/full' - "$WEFT"

# The lines before an unreadable one are translated.
run 1 "$WEFT" translate --model run --input bytes
[ "$(wc -l <out)" = 1 ] || fail 'the good line before the bad one is lost'
run 1 "$WEFT" translate --model run <bytes
[ "$(wc -l <out)" = 1 ] || fail 'the good line of stdin before the bad one is lost'

# A line without an end is refused, however long it is: its end is not awaited, nor is it stored.
reject 1 '<stdin>:1: the line is too long' \
  bash -c 'yes x 2>/dev/null | tr -d "\n" 2>/dev/null | timeout 60 "$1" translate --model run' - "$WEFT"

# An error leaves an existing output file unchanged, and no other file next to it.
mkdir kept
echo precious >kept/output
for input in missing bytes; do
  reject 1 "$input" "$WEFT" translate --model run --input "$input" --output kept/output
  [ "$(cat kept/output)" = precious ] || fail "--input $input destroyed the output"
done
for ((i = 0; i < 40; ++i)); do cat long.en; done >many
reject 1 'missing' "$WEFT" evaluate --model run --test-tsv missing.tsv --output kept/output
reject 1 'kept/output: cannot write the file; got: ' \
  bash -c 'ulimit -f 1; "$1" translate --model run --input many --output kept/output' - "$WEFT"
[ "$(cat kept/output)" = precious ] || fail 'an error destroyed the output'
[ "$(ls -A kept)" = output ] || fail 'an error left a temporary file'
cp long.en kept/output
ln -s output kept/link
for output in kept/output kept/../kept/output kept/link; do
  reject 2 'the same file' "$WEFT" translate --model run --input kept/output --output "$output"
done
reject 2 'the same file' "$WEFT" evaluate --model run --test-tsv train.tsv --output train.tsv
reject 2 'the same file' "$WEFT" translate --model run --input train.tsv --prefix valid.tsv --output valid.tsv
cp valid.tsv drawn.svg
reject 2 'the same file' "$WEFT" translate --model run --input drawn.svg --attention drawn.svg
reject 2 'are the same file' "$WEFT" translate --model run --input valid.tsv --output both.svg --attention both.svg
reject 2 'is part of a model' "$WEFT" translate --model run --input valid.tsv --output run/best/target.vocab
reject 2 'is part of a model' "$WEFT" evaluate --model run --test-tsv valid.tsv --output run/best/config.json
(cd run && reject 2 'log.jsonl is part of a run' "$WEFT" translate --model . --input ../valid.tsv --output log.jsonl)
reject 2 'run/log.jsonl is part of a run' "$WEFT" translate --model run --input valid.tsv --output run/log.jsonl
same kept/output long.en

# The same for an error in writing a task.
cp -r task full
reject 1 'File too large' bash -c 'ulimit -f 4; "$1" tasks en-fr --write full' - "$WEFT"
has err 'full/train.tsv: cannot write the file'
diff -r task full >out || fail 'a failed task changed its files'

# What lies where a run would put its folders is not replaced.
for part in last best; do
  mkdir -p "theirs/$part"
  echo mine >"theirs/$part/thesis.txt"
  reject 1 "theirs: already contains $part/; expected a new or an empty directory" \
    train --train-tsv train.tsv --out theirs
  [ "$(cat theirs/*/thesis.txt)" = mine ] || fail "a file in $part/ was deleted"
  rm -r theirs
done

# Nor does a run hide a model.
cp -r run outer
for resume in '' --resume; do
  reject 1 'outer/best: holds a model; got config.json' \
    train --train-tsv train.tsv --out outer/best $resume
done
rm outer/best/config.json
reject 1 'outer/best: holds a model; got model.safetensors' \
  train --train-tsv train.tsv --out outer/best

# A toy task does not replace a user's files, but its own.
mkdir taken
echo mine >taken/train.tsv
reject 1 'taken/train.tsv: already exists with other content' "$WEFT" tasks copy --write taken
[ "$(cat taken/train.tsv)" = mine ] || fail 'a toy task replaced a file'
rm taken/train.tsv
mkdir -p folders/train.tsv pipes
mkfifo pipes/test.tsv
reject 1 'folders/train.tsv: cannot replace it' "$WEFT" tasks copy --write folders
reject 1 'pipes/test.tsv: cannot replace it' "$WEFT" tasks copy --write pipes
for part in best last; do
  mkdir "file-$part"
  echo mine >"file-$part/$part"
  for resume in '' --resume; do
    reject 1 "file-$part/$part: cannot replace it; got a file; expected a folder" \
      "$WEFT" train --task copy --epochs 100000 --out "file-$part" $resume
  done
done
for _ in 1 2; do "$WEFT" tasks copy --write taken || fail 'a toy task was not written'; done

# A disk that fills up while a model is saved leaves the old ones intact.
cp -r run before
reject 1 'File too large' \
  bash -c 'ulimit -f 4; "$1" train --resume --out run --steps 4 --quiet' - "$WEFT"
grep -qE '^weft: run/(best|last)/[a-z.]+: ' err || fail 'the error names no file'
diff -r before/best run/best >out || fail 'a failed save changed best/'
diff -r before/last run/last >out || fail 'a failed save changed last/'

# Nor does a save leave anything when the descriptors run out. (With too few, those that the test has
# inherited included, the program is not even loaded.)
for files in 4 5 6 7 8 9 10; do
  status=0
  bash -c 'ulimit -n "$1"; exec "$WEFT" train --train-tsv train.tsv --out few --steps 2 --quiet' - \
    "$files" >out 2>err || status=$?
  [ "$status" != 127 ] || continue
  [ "$status" = 0 ] || grep -q '^weft: ' err || fail "no error with $files descriptors"
  [ -z "$(ls few 2>/dev/null | grep tmp)" ] || fail "a temporary folder was left with $files descriptors"
  rm -rf few
done

# The same on a disk that is really full, where the system lets us create one.
mkdir small
if mount -t tmpfs -o size=4m tmpfs small 2>/dev/null; then
  trap 'umount "$work/small"; rm -rf "$work"' EXIT
  cp -r before small/run
  cat /dev/zero >small/ballast 2>/dev/null || true
  reject 1 'No space left' "$WEFT" train --resume --out small/run --steps 4 --quiet
  diff -r before/best small/run/best >out || fail 'a full disk changed best/'
  diff -r before/last small/run/last >out || fail 'a full disk changed last/'
fi

# An interrupted translation leaves the old output, and no other file next to it.
for ((i = 0; i < 400; ++i)); do cat long.en; done >many
"$WEFT" translate --model run --input many --output kept/output --quiet &
pid=$!
until [ -n "$(ls -A kept | grep weft)" ]; do sleep 0.02; done
kill -INT "$pid"
status=0
wait "$pid" || status=$?
[ "$status" = 130 ] || fail "status $status after SIGINT, expected 130"
[ "$(ls kept)" = "$(ls -A kept)" ] || fail 'an interrupted translation left a temporary file'
same kept/output long.en
