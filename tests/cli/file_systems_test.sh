#!/usr/bin/env bash
# File systems that lack something, or do not let us write: strace makes system calls fail as they
# do there, or kills the program at one.
source "$(dirname "$0")/lib.sh"
strace -o trace true 2>/dev/null || { echo 'skipped: no strace that may trace a program'; exit 77; }
export ASAN_OPTIONS=${ASAN_OPTIONS:-}:detect_leaks=0 # which cannot be done under strace
make_corpus 40
flags=(--train-tsv train.tsv --epochs 2 "${tiny[@]}")

# faulty <injection> <command>...: the first argument is strace's, such as flock:error=ENOLCK.
faulty() { strace -qq -o trace -e signal=none -e inject="$1" "${@:2}"; }

run 0 "$WEFT" train --out whole "${flags[@]}" --quiet
is_whole() {
  for file in best/model last/model last/optimizer; do same {whole,"$1"}/"$file".safetensors; done
  [ "$(ls -A "$1" | tr '\n' ' ')" = 'best last log.jsonl ' ] || fail "$1 holds more than a run"
}

# Without locks a training goes on, and says once that nothing keeps a second one away.
for error in ENOLCK ENOSYS EOPNOTSUPP EBADF; do
  run 0 faulty flock:error=$error "$WEFT" train --out "no_$error" "${flags[@]}"
  [ "$(grep -c 'warning: .*no locks' err)" = 1 ] || fail "not one warning of flock's $error"
  is_whole "no_$error"
done
run 0 faulty flock:error=EINTR:when=1..3 "$WEFT" train --out patient "${flags[@]}"
! grep -q 'no locks' err || fail 'an interrupted flock is taken for a missing one'
is_whole patient
run 0 faulty flock:error=EAGAIN:when=2+ "$WEFT" train --out denied "${flags[@]}" --quiet
is_whole denied
reject 1 'in use' faulty flock:error=EAGAIN "$WEFT" train --out busy "${flags[@]}" --quiet
# There no temporary file can be told to be abandoned: none is removed.
mkdir shared
touch shared/.weft-0123456789abcdef
run 0 faulty flock:error=ENOLCK "$WEFT" translate --model whole --input /dev/null --output shared/x
[ -e shared/.weft-0123456789abcdef ] || fail 'a temporary file that may be in use was removed'

# Where names cannot be exchanged, folders are replaced by three renames; a program that is killed
# at one of them loses nothing.
for error in EPERM EXDEV ENOTTY EINVAL ENOSYS; do
  run 0 faulty renameat2:error=$error "$WEFT" train --out "swap_$error" "${flags[@]}" --quiet
  is_whole "swap_$error"
done
renames=11 # of last/, best/ and last/, twice: one each when they are new, three when they are replaced
for ((i = 1; i <= renames; ++i)); do
  run 137 strace -qq -o trace -e signal=none -e inject=renameat2:error=EPERM \
    -e inject=rename:signal=KILL:when=$i "$WEFT" train --out "killed$i" "${flags[@]}" --quiet
  [ "$i" = 1 ] || run 0 "$WEFT" info "killed$i" # there is a model whenever there was one
  run 0 "$WEFT" train --out "killed$i" --resume "${flags[@]}" --quiet
  is_whole "killed$i"
done
run 0 strace -qq -o trace -e signal=none -e inject=renameat2:error=EPERM \
  -e inject=rename:signal=KILL:when=$((renames + 1)) "$WEFT" train --out all "${flags[@]}" --quiet

# A run directory that cannot be written is told before anything is read or learnt.
mkdir kept
reject 1 'kept: cannot write into the folder; got: Read-only file system' \
  faulty access:error=EROFS "$WEFT" train --out kept "${flags[@]}" --quiet
cp -r whole immutable
reject 1 'immutable/log.jsonl: cannot write the file; got: Read-only file system' \
  strace -qq -o trace -P "$work/immutable/log.jsonl" -e inject=openat:error=EROFS \
  "$WEFT" train --out "$work/immutable" --resume --quiet
