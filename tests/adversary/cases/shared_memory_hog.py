# attacks: 44, 51
# tries: memory that belongs to no process: memfd, System V, POSIX and shared mappings
# honest: standardise
# gradable: no
# %%
import ctypes, mmap, os
from multiprocessing import shared_memory

libc = ctypes.CDLL(None, use_errno=True)
got = []
try:
    descriptor = os.memfd_create("hog")
    os.write(descriptor, b"x" * (1 << 20))
    got.append("memfd")
except OSError:
    pass
if libc.shmget(0, 1 << 20, 0o1600) >= 0:
    got.append("shmget")
try:
    mmap.mmap(-1, 1 << 20)
    got.append("shared mapping")
except OSError:
    pass
try:
    block = shared_memory.SharedMemory("left-behind", create=True, size=1 << 30)
    block.buf[:] = b"x" * (1 << 30)
    got.append("a gigabyte of /dev/shm")
except (OSError, MemoryError):
    pass
print("FOUND", got)
