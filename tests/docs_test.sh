#!/usr/bin/env bash
# What pages quote of weft stands in the sources, and links lead somewhere.
set -euo pipefail
cd "$(dirname "$0")/.."

quoted=$(awk '/^## weft$/ { weft = 1 } weft && /^```cpp$/ { code = 1; next } code && /^```$/ { exit } code' docs/engine.md)
[ -n "$quoted" ] || { echo "docs/engine.md: no block of weft's"; exit 1; }
source=$(cat autograd/ops/activation.cpp)
[[ $source == *"$quoted"* ]] || { echo "docs/engine.md: its tanh is not that of autograd/ops/activation.cpp"; exit 1; }

quoted=$(awk '/^## Saving and loading$/ { here = 1 } here && /^```cpp$/ { code = 1; next } code && /^```$/ { exit } code' docs/library.md)
[ -n "$quoted" ] || { echo "docs/library.md: no block that saves and loads"; exit 1; }
[[ $(sed 's/^ *//' tests/consumer/consumer.cpp) == *"$quoted"* ]] ||
  { echo "docs/library.md: what it saves is not what tests/consumer/consumer.cpp does"; exit 1; }

quoted=$(awk '/^struct TrainingConfig {$/ { here = 1; next } here && /^};$/ { exit } here' CONTRIBUTING.md)
[ -n "$quoted" ] || { echo "CONTRIBUTING.md: no option"; exit 1; }
[[ $(cat models/training/config.hpp) == *"$quoted"* ]] ||
  { echo "CONTRIBUTING.md: its option is not one of models/training/config.hpp"; exit 1; }

# anchors <page>: what its headings are called in links.
anchors() {
  grep -E '^#+ ' "$1" | sed -E 's/^#+ //; s/[^[:alnum:] _-]//g; s/ /-/g' | tr '[:upper:]' '[:lower:]'
}
for page in *.md */README.md docs/*.md; do
  { grep -oE '\]\([^): ]+\)' "$page" || true; } | tr -d '()]' | while read -r link; do
    file=$(dirname "$page")/${link%%#*}
    [[ $link != \#* ]] || file=$page
    [ -e "$file" ] || { echo "$page: no such file: $link"; exit 1; }
    [[ $link != *#* ]] || anchors "$file" | grep -qxF "${link#*#}" ||
      { echo "$page: no such heading: $link"; exit 1; }
  done
done

# Sources that a page names in passing, `graph/layout.hpp`, are there under that name.
for page in README.md README.zh-CN.md CONTRIBUTING.md SECURITY.md */README.md; do
  { grep -oE '`[a-z_/0-9]+\.(hpp|cpp|inc)`' "$page" || true; } | tr -d '`' | sort -u | while read -r name; do
    found=$(find autograd nn optim data models tools tests -path "*/$name" -print -quit)
    [ -n "$found" ] || [ -e "$name" ] || { echo "$page: no such source: $name"; exit 1; }
  done
done

# The stages that the workflows run are those of .ci/run.
sed -n 's/.* stage: \[\(.*\)\]/\1/p' .github/workflows/*.yml | tr -d ',' | tr ' ' '\n' | while read -r stage; do
  grep -q "^stage_$stage()" .ci/run || { echo ".github/workflows: .ci/run has no stage $stage"; exit 1; }
done
