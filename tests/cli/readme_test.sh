#!/usr/bin/env bash
# Runs the commands of README.md that use the program, in their order, with a short training.
set -euo pipefail
root=$(cd "$(dirname "$0")/../.." && pwd)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
cd "$folder"

awk '/^```sh$/ { code = 1; next } /^```$/ { code = 0 } code' "$root/README.md" |
  grep '^[^#]*build/release/weft' |
  sed -e "s|build/release/weft|$WEFT|g" -e 's|weft train |weft train --steps 5 |' \
      -e 's|weft gradcheck|weft gradcheck --samples 2|' \
      -e 's|weft bench ops|& --rounds 1 --elements 1024|' \
      -e '/bench ops/!s|weft bench [a-z]*|& --steps 1 --emb 16 --hidden 16 --batch 4|' >commands.sh
[ "$(wc -l <commands.sh)" -ge 7 ] || { echo "README.md: commands are missing"; exit 1; }
bash -euo pipefail commands.sh

# The sentence shown in the README was held out of training.
shown() { sed -n "s/^  $1  *//p" "$root/README.md"; }
grep -qxF "$(shown English)"$'\t'"$(shown reference)" toy/test.tsv ||
  { echo "README.md: '$(shown English)' is no test sentence"; exit 1; }
[ "$(shown weft)" = "$(shown reference)" ] || { echo "README.md: translation and reference differ"; exit 1; }

# The build commands exist, and the README writes them as they are called.
for script in tools/demo tools/test; do
  grep -q "^$script " "$root/README.md"
  bash -n "$root/$script"
done
