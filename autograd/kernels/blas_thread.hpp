#pragma once

namespace weft::kernels {

/// A thread that calls OpenBLAS, from its first call until its end. OpenBLAS is kept on the calling
/// thread, which each of its builds has to be told in its own way: the threads are weft's business,
/// and its own sum in another order. And it has memory for as many calls at once as there are such
/// threads.
class BlasThread {
 public:
  /// Throws Error if there is no room for that memory.
  BlasThread();
  ~BlasThread();
  BlasThread(const BlasThread&) = delete;
  BlasThread& operator=(const BlasThread&) = delete;
};

}  // namespace weft::kernels
