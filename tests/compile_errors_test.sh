#!/usr/bin/env bash
# Programs that must not compile, and what the compiler says of them: better there than in the linker.
set -euo pipefail
cd "$(dirname "$0")/.."

# rejects <text> <statement>
rejects() {
  local program="#include \"autograd/ops.hpp\"
int main() { $2 }"
  local said
  if said=$(${CXX:-c++} -std=c++20 -fsyntax-only ${CXXFLAGS:-} -I. -x c++ - <<<"$program" 2>&1); then
    echo "compiles: $2"; exit 1
  fi
  [[ $said == *"$1"* ]] || { printf '%s\nis not said of: %s\n' "$1" "$2"; echo "$said"; exit 1; }
}

rejects 'which dtype? Say it: tensor<float>({1, 2}, {2})' 'weft::tensor({1, 2}, {2});'
rejects 'elements are float, double, std::int64_t or bool' \
  'weft::tensor(std::vector<int>{1, 2}, {2});'
rejects 'Element' 'weft::zeros({2}).data<int>();'
rejects 'Element' 'weft::zeros({2}).mutable_data<unsigned>();'
