#include "autograd/kernels/blas.hpp"

#include <cblas.h>

#include <mutex>

#include "autograd/kernels/blas_thread.hpp"

namespace weft::kernels {
namespace {

void call(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const float* a, int lda,
          const float* b, int ldb, float beta, float* c, int ldc) {
  cblas_sgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

void call(CBLAS_TRANSPOSE ta, CBLAS_TRANSPOSE tb, int m, int n, int k, const double* a, int lda,
          const double* b, int ldb, double beta, double* c, int ldc) {
  cblas_dgemm(CblasRowMajor, ta, tb, m, n, k, 1, a, lda, b, ldb, beta, c, ldc);
}

/// While one exists, its thread may call OpenBLAS.
class BlasCall {
 public:
  BlasCall() {
    static const bool one_at_a_time = openblas_get_parallel() == OPENBLAS_SEQUENTIAL;
    if (one_at_a_time) {  // Debian's serial build computes garbage for two threads at once
      lock_.lock();
    }
    [[maybe_unused]] thread_local const BlasThread thread;
  }

 private:
  static std::mutex& mutex() {
    static std::mutex one;
    return one;
  }

  std::unique_lock<std::mutex> lock_{mutex(), std::defer_lock};
};

CBLAS_TRANSPOSE flag(bool transposed) { return transposed ? CblasTrans : CblasNoTrans; }

}  // namespace

template <class T>
void blas_product(const MatrixView<const T>& a, const MatrixView<const T>& b,
                  const MatrixView<T>& c, bool accumulate) {
  const BlasCall here;
  call(flag(a.transposed), flag(b.transposed), static_cast<int>(c.rows), static_cast<int>(c.cols),
       static_cast<int>(a.cols), a.data, static_cast<int>(a.ld), b.data, static_cast<int>(b.ld),
       accumulate ? T{1} : T{0}, c.data, static_cast<int>(c.ld));
}

template void blas_product<float>(const MatrixView<const float>&, const MatrixView<const float>&,
                                  const MatrixView<float>&, bool);
template void blas_product<double>(const MatrixView<const double>&, const MatrixView<const double>&,
                                   const MatrixView<double>&, bool);

}  // namespace weft::kernels

namespace weft {

std::string blas_core() { return openblas_get_corename(); }

}  // namespace weft
