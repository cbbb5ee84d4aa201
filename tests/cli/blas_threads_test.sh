# A BLAS that computes garbage for two threads at once is found before it does so in a training.
. "$(dirname "$0")/lib.sh"
[ -n "${CARELESS_BLAS:-}" ] || exit 77

# products <threads>: computes some that threads share; their garbage matters to nobody.
products() {
  LD_PRELOAD="$CARELESS_BLAS" "$WEFT" bench gemm --cores false --steps 1 --batch 64 --emb 64 \
    --hidden 128 --threads "$1" --json >out 2>err
}

products 1 || fail 'one thread alone finds an error'
# Calls have to meet for that: on a busy machine they may not do so at once.
for attempt in 1 2 3 4 5 6 7 8; do
  products 2 || break
done
[[ $(cat err) == 'weft: OpenBLAS'*': wrong products when 2 threads compute at once; hint: another build '\
'of it, or one thread' ]] || fail "no error in $attempt attempts"
