#!/usr/bin/env bash
# The package as its users see it: installs the build in folder $1, then builds README.md's XOR
# project with README.md's CMakeLists.txt and runs it. Further arguments go to that cmake.
set -euo pipefail
root=$(cd "$(dirname "$0")/.." && pwd)
build=$1
shift
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT

# block <language>: the first block of code in that language.
block() { awk -v fence="^\`\`\`$1\$" '$0 ~ fence { code = 1; next } /^```$/ && code { exit } code' "$root/README.md"; }

block cpp >"$folder/xor.cpp"
block cmake >"$folder/CMakeLists.txt"
cmake --install "$build" --prefix "$folder/weft" >"$folder/log" || { cat "$folder/log"; exit 1; }
cmake -S "$folder" -B "$folder/build" -DCMAKE_PREFIX_PATH="$folder/weft" "$@"
cmake --build "$folder/build"

expected=$(sed -n 's|.*fmt::print.*;  // ||p' "$folder/xor.cpp")
printed=$("$folder/build/xor")
[ -n "$expected" ] && [ "$printed" = "$expected" ] || { echo "got $printed; expected $expected"; exit 1; }
[ "$(wc -l <"$folder/xor.cpp")" -le 25 ] || { echo "the README's program has more than 25 lines"; exit 1; }
