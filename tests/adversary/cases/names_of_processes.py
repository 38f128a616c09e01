# attacks: 22, 14
# tries: give processes and threads names that look like the lines by which they are counted
# honest: standardise
# gradable: no
# %%
import ctypes, os, signal, threading, time

libc = ctypes.CDLL(None, use_errno=True)


def named(name):
    libc.prctl(15, name, 0, 0, 0)


def wait(name):
    named(name)
    time.sleep(600)


NAMES = (b"x) Z 1 1 1 0", b"\nNSpid:\t1\t1", b"a\tb\nPid:\t1", b")) X (", b"\xff\xfe\x00", b"(((((((((((((((", b"%s%n\x1b[2J")
for name in (*NAMES, b"\rNSpid:\t1", b"\rUid:\t0"):
    threading.Thread(target=wait, args=(name,), daemon=True).start()
    if os.fork() == 0:
        if os.fork() == 0:
            os.setsid()
            wait(name)
        named(name)
        os.kill(os.getpid(), signal.SIGSTOP)
        os._exit(0)
named(b"x) Z 1 1 1 0")
