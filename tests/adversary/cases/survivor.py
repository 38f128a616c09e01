# attacks: 14, 51
# tries: leave a double-forked process, files and shared memory behind for the next submission
# honest: standardise
# %%
import os, time

if os.fork() == 0:
    os.setsid()
    if os.fork() == 0:
        end = time.time() + 120
        while time.time() < end:
            time.sleep(0.2)
            try:
                open("/tmp/left-behind", "w").write("x")
                open("/dev/shm/left-behind", "w").write("x")
            except OSError:
                pass
        os._exit(0)
    os._exit(0)
