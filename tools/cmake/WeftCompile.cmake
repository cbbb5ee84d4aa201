# weft_compile_options(<target>): how every target of the project is compiled.
#
# No -march=native: one binary serves every CPU. No -ffast-math: NaN, infinity and the order of
# summation mean something here. errno and floating-point traps, which nobody reads, would keep math
# from being vectorized. `omp simd` marks loops whose sums the compiler may reorder (-fopenmp-simd):
# a hint to it alone, without OpenMP's threads. -ffp-contract=off: products are fused where the code
# says so, not where a compiler likes, so that all compilers compute the same bits.
#
# Two warnings of GCC 12 are wrong here: -Wrestrict sees overlaps in any std::string concatenation
# (GCC bug 105651), -Wmaybe-uninitialized uninitialized members in nlohmann-json's lists. A loop
# marked `omp simd` that Clang cannot vectorize is slow there, not wrong: -Wno-pass-failed.
function(weft_compile_options target)
  target_compile_features(${target} PUBLIC cxx_std_20)
  set_target_properties(${target} PROPERTIES CXX_EXTENSIONS OFF)
  target_compile_options(${target} PRIVATE -Wall -Wextra -Wpedantic -Wshadow -fno-math-errno
                         -fno-trapping-math -fopenmp-simd -ffp-contract=off
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-restrict>
                         $<$<CXX_COMPILER_ID:GNU>:-Wno-maybe-uninitialized>
                         $<$<CXX_COMPILER_ID:Clang,AppleClang>:-Wno-pass-failed>
                         $<$<BOOL:${WEFT_WERROR}>:-Werror>)
  target_compile_definitions(${target} PRIVATE $<$<CONFIG:Debug>:_GLIBCXX_ASSERTIONS>)
endfunction()
