# attacks: 51
# tries: lock, lease and watch files that all students read
# seen_in: uid
# honest: standardise
# %%
import ctypes, fcntl, os

libc = ctypes.CDLL(None, use_errno=True)
got = []
first, second = (os.open("/etc/passwd", os.O_RDONLY) for _ in range(2))
for word in (fcntl.LOCK_EX, fcntl.LOCK_SH):
    fcntl.flock(first, word)
    try:
        fcntl.flock(second, fcntl.LOCK_EX | fcntl.LOCK_NB)
    except OSError:
        got.append(("flock", word))
for word in (fcntl.F_SETLEASE, fcntl.F_NOTIFY):
    try:
        fcntl.fcntl(first, word, 0)
        got.append(("fcntl", word))
    except OSError:
        pass
if libc.inotify_init1(0) >= 0:
    got.append("inotify")
try:
    if open("/proc/locks").read():
        got.append("/proc/locks")
except PermissionError:
    pass
print("FOUND", got)
