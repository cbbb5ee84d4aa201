#include <chrono>
#include <thread>
#include <vector>

// Preloaded, it is a BLAS whose calls disturb each other: all keep their first factor in one place.
extern "C" {
int openblas_get_parallel() { return 1; }

void cblas_sgemm(int, int trans_a, int trans_b, int m, int n, int k, float alpha, const float* a,
                 int lda, const float* b, int ldb, float beta, float* c, int ldc) {
  constexpr int kNoTrans = 111;
  static std::vector<float> packed(1 << 24);
  for (int i = 0; i < m; ++i) {
    for (int l = 0; l < k; ++l) {
      packed[i * k + l] = trans_a == kNoTrans ? a[i * lda + l] : a[l * lda + i];
    }
  }
  std::this_thread::sleep_for(std::chrono::microseconds(100));
  for (int i = 0; i < m; ++i) {
    for (int j = 0; j < n; ++j) {
      float sum = 0;
      for (int l = 0; l < k; ++l) {
        sum += packed[i * k + l] * (trans_b == kNoTrans ? b[l * ldb + j] : b[j * ldb + l]);
      }
      c[i * ldc + j] = alpha * sum + (beta == 0 ? 0 : beta * c[i * ldc + j]);
    }
  }
}
}
