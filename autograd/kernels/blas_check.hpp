#pragma once

namespace weft::kernels {

/// Has the threads of the pool compute products at once whose results are known. Throws Error if
/// one is wrong: there are builds of OpenBLAS whose calls disturb each other, and a training with
/// one would end in other weights each time. Takes about a millisecond; finds most such builds, as
/// calls have to meet for that.
void check_blas_threads();

}  // namespace weft::kernels
