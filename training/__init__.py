"""Distil, train, fine-tune and evaluate the two networks."""

import ctypes
import os
import sys

# Each step allocates and frees gigabytes. glibc hands large blocks back to the kernel at once, and faulting them in again
# took almost half of a step on the CPU (20 images/s against 35). Keeping them, on huge pages, costs memory alone.
os.environ.setdefault("THP_MEM_ALLOC_ENABLE", "1")  # read by torch when it is imported
if sys.platform == "linux":
    _M_TRIM_THRESHOLD, _M_MMAP_THRESHOLD = -1, -3
    _libc = ctypes.CDLL(None)
    if hasattr(_libc, "mallopt"):  # musl has none
        _libc.mallopt(_M_MMAP_THRESHOLD, 1 << 30)
        _libc.mallopt(_M_TRIM_THRESHOLD, 2**31 - 1)
