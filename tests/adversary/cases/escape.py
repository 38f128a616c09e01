# attacks: 50
# tries: mount, unshare, keyctl, bpf, io_uring, userfaultfd and setuid programs
# honest: standardise
# %%
import ctypes, os, platform

libc = ctypes.CDLL(None, use_errno=True)
got = []
if libc.mount(b"none", b"/tmp", b"tmpfs", 0, None) == 0:
    got.append("mount")
if libc.umount2(b"/proc/sys", 2) == 0:
    got.append("umount")
for flag, name in ((0x10000000, "user"), (0x00020000, "mount"), (0x40000000, "net")):
    if libc.unshare(flag) == 0:
        got.append("unshare " + name)
numbers = {
    "x86_64": {"keyctl": 250, "bpf": 321, "io_uring": 425, "userfaultfd": 323, "perf": 298, "memfd": None},
    "aarch64": {"keyctl": 219, "bpf": 280, "io_uring": 425, "userfaultfd": 282, "perf": 241, "memfd": None},
}
for name, number in numbers.get(platform.machine(), {}).items():
    if number is not None:
        ctypes.set_errno(0)
        result = libc.syscall(number, 0, 0, 0, 0, 0)
        if result >= 0 or ctypes.get_errno() not in (1, 38):
            got.append(name)
try:
    open("/proc/sys/kernel/core_pattern", "w").write("x")
    got.append("core_pattern")
except OSError:
    pass
if os.getuid() == 0:
    got.append("uid 0")
print("FOUND", got)
