#!/usr/bin/env bash
# What docs/engine.md quotes of weft is what stands in the sources, and its links lead somewhere.
set -euo pipefail
cd "$(dirname "$0")/.."

quoted=$(awk '/^## weft$/ { weft = 1 } weft && /^```cpp$/ { code = 1; next } code && /^```$/ { exit } code' docs/engine.md)
[ -n "$quoted" ] || { echo "docs/engine.md: no block of weft's"; exit 1; }
source=$(cat autograd/ops/activation.cpp)
[[ $source == *"$quoted"* ]] || { echo "docs/engine.md: its tanh is not that of autograd/ops/activation.cpp"; exit 1; }

for page in README.md README.zh-CN.md autograd/README.md docs/*.md; do
  { grep -oE '\]\([^)#: ]+\)' "$page" || true; } | tr -d '()]' | while read -r link; do
    [ -e "$(dirname "$page")/$link" ] || { echo "$page: no such file: $link"; exit 1; }
  done
done
