#pragma once

namespace weft::kernels {

/// Lets the threads of the pool compute products with known results at the same time. Throws Error
/// if one is wrong: in some builds of OpenBLAS, concurrent calls disturb each other, so that each
/// run of a training would end with different weights. Takes about a millisecond. Detects most such
/// builds but not all, because the calls must happen to overlap.
void check_blas_threads();

}  // namespace weft::kernels
