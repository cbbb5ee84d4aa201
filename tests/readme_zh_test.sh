#!/usr/bin/env bash
# README.zh-CN.md says what README.md says: the same headings and tables in the same places, the
# same commands and programs to the letter, the same links.
set -euo pipefail
cd "$(dirname "$0")/.."

# What both pages must share: code blocks, the levels of headings, the columns and links of tables.
skeleton() {
  awk '/^```/ { code = !code; print; next } code' "$1"
  grep -oE '^#+ ' "$1"
  grep -oE '^\|' "$1" | wc -l
  grep -oE '^    [a-z]+/ ' "$1"
  grep -oE '\]\([^)]*\)' "$1" | grep -v README | sort
}

difference=$(diff <(skeleton README.md) <(skeleton README.zh-CN.md)) || {
  echo "README.zh-CN.md is out of step with README.md (< README.md, > README.zh-CN.md):"
  echo "$difference"
  exit 1
}
# A line of English left in the text would be one that nobody translated.
untranslated=$(awk '/^```/ { code = !code; next } !code' README.zh-CN.md |
  grep -vP '\p{Han}' | grep -E '[a-z]+ [a-z]+ [a-z]+ [a-z]+' || true)
[ -z "$untranslated" ] || { echo "README.zh-CN.md: not translated: $untranslated"; exit 1; }
