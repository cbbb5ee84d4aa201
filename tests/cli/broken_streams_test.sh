# Who reads standard output may go, as `head` does: that ends a command quietly. What standard error
# would have told is no reason to stop.
. "$(dirname "$0")/lib.sh"
make_corpus 40

# Descriptor 4: a pipe that nobody reads. Descriptor 5: a full disk.
mkfifo pipe
exec 3<>pipe 4>pipe 3>&- 5>/dev/full

for gone in 4 5; do
  run 1 bash -c '"$1" score --hyp none --ref none 2>&"$2"' - "$WEFT" "$gone"
  run 2 bash -c '"$1" nonsense 2>&"$2"' - "$WEFT" "$gone"
  rm -rf run
  run 0 bash -c '"$1" train --train-tsv train.tsv --out run --steps 2 "${@:3}" 2>&"$2"' - \
    "$WEFT" "$gone" "${tiny[@]}"
  has out 'trained           2 steps'
done
run 1 bash -c '"$1" score --hyp none --ref none 2>&-' - "$WEFT"
reject 1 '<stdout>: cannot write the file; got: No space left on device' \
  bash -c '"$1" --version >&5' - "$WEFT"

# As quietly as other programs, if the shell that began the tests lets SIGPIPE end any.
status=0
yes >&4 2>/dev/null || status=$?
if [ "$status" = 141 ]; then
  head -n 2 train.tsv | cut -f 1 >lines
  for command in --version 'train --help' tasks 'score --hyp lines --ref lines' \
    'translate --model run --input lines' 'info run'; do
    run 141 bash -c '"$1" $2 >&4' - "$WEFT" "$command"
    [ ! -s err ] || fail "not quiet: $command"
  done
  run 141 bash -c '"$1" train --train-tsv train.tsv --out quiet --steps 2 "${@:2}" >&4 2>&4' - \
    "$WEFT" "${tiny[@]}"
  run 0 "$WEFT" info quiet
fi
reject 1 '<stdout>: cannot write the file; got: Broken pipe' \
  bash -c 'trap "" PIPE; "$1" tasks >&4' - "$WEFT"
