# attacks: 9, 51
# tries: read from /proc how busy the machine is, as a channel between students
# seen_in: uid
# honest: standardise
# %%
import os



def read(name):
    try:
        with open(f"/proc/{name}") as file:
            return file.read()
    except OSError:  # closed, or not there
        return ""


got = []
if not (read("loadavg") or "0.00 0.00 0.00 ").startswith("0.00 0.00 0.00 "):
    got.append("loadavg")
for name in ("stat", "vmstat", "uptime"):
    if any(word not in ("0", "1", "0.00") for line in read(name).splitlines() for word in line.split()[1:]):
        got.append(name)
for name in ("diskstats", "partitions", "zoneinfo", "buddyinfo", "interrupts", "softirqs", "schedstat", "swaps", "locks"):
    if read(name):
        got.append(name)
try:
    got += os.listdir("/proc/pressure")
except OSError:
    pass
print("FOUND", got)
