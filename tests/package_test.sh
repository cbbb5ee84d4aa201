#!/usr/bin/env bash
# The package as its users see it: installs the build in folder $1, then builds README.md's XOR
# project with README.md's CMakeLists.txt and runs it; then the project in tests/consumer, by
# find_package and by pkg-config with the compiler $CXX. Further arguments go to cmake.
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

consumer=$root/tests/consumer
cmake -S "$consumer" -B "$folder/consumer" -DCMAKE_PREFIX_PATH="$folder/weft" "$@"
cmake --build "$folder/consumer"
"$folder/consumer/consumer"
"$folder/consumer/sweep" sweep

# A component that an installation lacks is an error that names it.
sed 's/COMPONENTS core/COMPONENTS core vision/' "$consumer/CMakeLists.txt" >"$folder/CMakeLists.txt"
cp "$consumer/consumer.cpp" "$folder"
if cmake -S "$folder" -B "$folder/lacking" -DCMAKE_PREFIX_PATH="$folder/weft" "$@" >"$folder/log" 2>&1 ||
   ! grep -q vision "$folder/log"; then
  echo "a missing component was not reported"; exit 1
fi

command -v pkg-config >/dev/null || { echo "pkg-config is not installed: not tested"; exit 0; }
PKG_CONFIG_PATH=$(dirname "$(find "$folder/weft" -name weft.pc)")
export PKG_CONFIG_PATH
read -ra flags <<<"${CXXFLAGS:-} $(pkg-config --cflags weft)"
read -ra libraries <<<"$(pkg-config --libs weft)"
read -ra whole <<<"$(pkg-config --variable=whole_archive weft)"
"${CXX:-c++}" -std=c++20 "${flags[@]}" "$consumer/consumer.cpp" "${libraries[@]}" -o "$folder/by-pkg-config"
"$folder/by-pkg-config"
"${CXX:-c++}" -std=c++20 "${flags[@]}" "$consumer/consumer.cpp" "${whole[@]}" "${libraries[@]}" -o "$folder/whole"
"$folder/whole" sweep
