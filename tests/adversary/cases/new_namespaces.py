# attacks: 50
# tries: get rights back in a namespace of its own, by every call there is
# honest: standardise
# %%
import ctypes, os, platform

libc = ctypes.CDLL(None, use_errno=True)
got = []
flags = (0x10000000, 0x00020000, 0x40000000, 0x20000000, 0x08000000, 0x04000000, 0x02000000, 0x00000080)
for flag in flags:
    if libc.unshare(flag) == 0:
        got.append(("unshare", hex(flag)))
    if libc.unshare(0x10000000 | flag) == 0:
        got.append(("unshare user", hex(flag)))
clone = {"x86_64": 56, "aarch64": 220}[platform.machine()]
for flag in flags[:7]:
    child = libc.syscall(clone, ctypes.c_long(0x10000000 | flag | 17), 0, 0, 0, 0)
    if child == 0:
        os._exit(0)
    if child > 0:
        got.append(("clone", hex(flag)))
if libc.syscall(435, ctypes.byref((ctypes.c_ulong * 11)(0x10000000)), 88) >= 0:
    got.append("clone3")
for name in ("user", "mnt", "pid", "net"):
    descriptor = os.open(f"/proc/self/ns/{name}", os.O_RDONLY)
    if libc.setns(descriptor, 0) == 0:
        got.append(("setns", name))
print("FOUND", got)
