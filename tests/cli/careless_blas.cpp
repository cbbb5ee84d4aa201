#include <array>
#include <chrono>
#include <thread>

// Preloaded, it is a BLAS whose calls disturb each other: all pack their factor in one place.
extern "C" {
int openblas_get_parallel() { return 1; }

// c = a a^T, [n, n], in whole rows
void cblas_ssyrk(int, int, int, int n, int k, float, const float* a, int, float, float* c, int) {
  static std::array<volatile float, 1 << 12> packed;
  for (int i = 0; i < n * k; ++i) {
    packed[i] = a[i];
  }
  std::this_thread::sleep_for(std::chrono::microseconds(100));
  for (int i = 0; i < n; ++i) {
    for (int j = 0; j < n; ++j) {
      c[i * n + j] = 0;
      for (int l = 0; l < k; ++l) {
        c[i * n + j] += packed[i * k + l] * packed[j * k + l];
      }
    }
  }
}
}
