#!/usr/bin/env python3
"""Plants faults into small trees and sees that the rules of tools/check find them."""

import importlib.machinery
import importlib.util
import pathlib
import shutil
import tempfile

ROOT = pathlib.Path(__file__).resolve().parent.parent
LOADER = importlib.machinery.SourceFileLoader("check", str(ROOT / "tools" / "check"))
check = importlib.util.module_from_spec(importlib.util.spec_from_loader("check", LOADER))
LOADER.exec_module(check)


def faults(rule, files):
    """What the rule says of a tree of these files (name: text)."""
    with tempfile.TemporaryDirectory() as folder:
        check.ROOT = pathlib.Path(folder)
        for name, text in files.items():
            path = check.ROOT / name
            path.parent.mkdir(parents=True, exist_ok=True)
            path.write_text(text, encoding="utf-8")
        paths = [pathlib.Path(name) for name in files if name.endswith((".cpp", ".hpp"))]
        return list(rule(paths))


def expect(rule, files, *parts):
    """One fault for each part, which holds it; none without parts."""
    found = faults(rule, files)
    assert len(found) == len(parts), f"{rule.__name__}: expected {parts}; got {found}"
    for fault, part in zip(found, parts):
        assert part in fault, f"{rule.__name__}: expected {part}; got {fault}"


def test_files():
    expect(check.check_lengths, {"nn/a.cpp": "\n" * 400})
    expect(check.check_lengths, {"nn/a.cpp": "\n" * 401}, "nn/a.cpp: has 401 lines")
    expect(check.check_comment_widths, {"nn/a.cpp": "// " + "x" * 97})
    expect(check.check_comment_widths, {"nn/a.cpp": "  /// " + "x" * 97}, "nn/a.cpp:1: a comment of 103")
    expect(check.check_pragma_once, {"nn/a.hpp": "// why\n#pragma once\n"})
    expect(check.check_pragma_once, {"nn/a.hpp": "#include <vector>\n"}, "nn/a.hpp: #pragma once")


def test_includes():
    target = {"nn/linear.hpp": "", "models/search/beam.hpp": ""}
    expect(check.check_includes, {"models/seq2seq.cpp": '#include "nn/linear.hpp"\n'} | target)
    expect(check.check_includes, {"autograd/a.cpp": '#include "nn/linear.hpp"\n'} | target,
           'autograd must not include "nn/linear.hpp"')
    expect(check.check_includes, {"models/seq2seq.cpp": '#include "models/search/beam.hpp"\n'} | target,
           'models must not include "models/search/beam.hpp"')
    expect(check.check_includes, {"nn/a.cpp": '#include "../autograd/a.hpp"\n'}, "is no file")
    expect(check.check_includes, {"nn/a.cpp": "#include <nlohmann/json.hpp>\n"},
           "nn must not include <nlohmann/json.hpp>")


def test_format():
    if not shutil.which("clang-format"):
        return
    style = {".clang-format": (ROOT / ".clang-format").read_text(encoding="utf-8")}
    table = ("//     dot      e = q . h" + " " * 30 + "Luong et al. 2015, arXiv:1508.04025, eq. 8, dot\n"
             "//     general  e = q . W h" + " " * 28 + "Luong et al. 2015, arXiv:1508.04025, eq. 8\n")
    expect(check.check_format, style | {"nn/a.cpp": table})
    expect(check.check_format, style | {"nn/a.cpp": "int  x;\n"}, "nn/a.cpp:1", "to repair")


def test_reading_list():
    def tree(code, total):
        return {
            "README.md": f"about {code} lines of code, {total} with comments and blank lines\n"
                         "| 1 | [a](nn/a.hpp), [b](nn/b.cpp) | |\n",
            "README.zh-CN.md": "约 100 行代码，连同注释和空行约 200 行\n"
                               "| 1 | [a](nn/a.hpp), [b](nn/b.cpp) | |\n",
            "nn/a.hpp": "// why\n" * 70 + "\n" * 30,
            "nn/b.cpp": "int x;\n" * 100,
        }

    expect(check.check_reading_list, tree("102", "196"))
    expect(check.check_reading_list, tree("110", "200"), "README.md: states 110 lines")
    expect(check.check_reading_list, tree("100", "2,000"), "README.md: states 2,000 lines")
    expect(check.check_reading_list, tree("some", "200"), "README.md: does not state")


def test_version():
    def tree(heading):
        return {"CMakeLists.txt": "project(weft VERSION 1.2.3 LANGUAGES CXX)\n",
                "CHANGELOG.md": f"# Changelog\n\n{heading}\n\n## [1.2.2] - 2026-01-01\n"}

    expect(check.check_version, tree("## [1.2.3] - unreleased"))
    expect(check.check_version, tree("## [1.2.3] - 2026-02-01"))
    for heading in ("", "## [1.2.3]", "## [1.2.4] - unreleased", "## [1.2.3] - soon"):
        expect(check.check_version, tree(heading), "CHANGELOG.md: its newest entry")


for name, test in list(globals().items()):
    if name.startswith("test_"):
        test()
print("tools/check finds every planted fault")
