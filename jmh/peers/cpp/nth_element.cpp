// The mask of all but the k smallest magnitudes as a C++ programmer would write it: std::nth_element
// on a copy, then one pass. Exactly k bits are clear; of equal magnitudes the lower index goes first.
#include <algorithm>
#include <cmath>
#include <cstdint>

extern "C" void keep_mask(const float* x, float* copy, int64_t n, int64_t k, uint64_t* keep) {
  for (int64_t i = 0; i < n; i++) copy[i] = std::fabs(x[i]);
  std::nth_element(copy, copy + (k - 1), copy + n);
  const float threshold = copy[k - 1];
  int64_t ties = std::count(copy, copy + k, threshold);
  for (int64_t w = 0; w * 64 < n; w++) {
    const int64_t count = std::min<int64_t>(64, n - w * 64);
    uint64_t above = 0;
    uint64_t equal = 0;
    for (int64_t i = 0; i < count; i++) {
      const float magnitude = std::fabs(x[w * 64 + i]);
      above |= uint64_t(magnitude > threshold) << i;
      equal |= uint64_t(magnitude == threshold) << i;
    }
    for (; ties > 0 && equal != 0; ties--) equal &= equal - 1;
    keep[w] = above | equal;
  }
}
