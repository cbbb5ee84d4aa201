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
      -e 's|weft gradcheck|weft gradcheck --samples 2|' >commands.sh
[ "$(wc -l <commands.sh)" -ge 7 ] || { echo "README.md: commands are missing"; exit 1; }
bash -euo pipefail commands.sh

# The commands that build: they exist, and are written down as they are called.
for script in tools/demo tools/test; do
  grep -q "^$script " "$root/README.md"
  bash -n "$root/$script"
done
