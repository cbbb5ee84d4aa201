# Every library that weft uses. The core (autograd, nn, optim) needs the first block alone.

# OpenBLAS's own CMake package has no target; CMake's FindBLAS has one.
set(BLA_VENDOR OpenBLAS)
find_package(BLAS REQUIRED)
find_path(CBLAS_INCLUDE_DIR cblas.h PATH_SUFFIXES openblas openblas-pthread openblas-openmp REQUIRED)
mark_as_advanced(CBLAS_INCLUDE_DIR)
find_package(fmt REQUIRED)
find_package(Threads REQUIRED)

if(NOT WEFT_CORE_ONLY)
  find_package(PkgConfig REQUIRED)
  pkg_check_modules(utf8proc REQUIRED IMPORTED_TARGET libutf8proc)
  pkg_check_modules(sentencepiece REQUIRED IMPORTED_TARGET sentencepiece)
  pkg_check_modules(xxhash REQUIRED IMPORTED_TARGET libxxhash)
  pkg_check_modules(libedit REQUIRED IMPORTED_TARGET libedit)
  find_package(nlohmann_json REQUIRED)
  find_package(CLI11 REQUIRED)
endif()

if(WEFT_TESTS)
  find_package(Catch2 REQUIRED)  # 2.13 or 3: tests/catch.hpp hides the difference
endif()
