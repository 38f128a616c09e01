# attacks: 9, 51
# tries: read from /proc how busy the machine is, as a channel between students
# seen_in: uid
# honest: standardise
# %%
import os

got = []
if not open("/proc/loadavg").read().startswith("0.00 0.00 0.00 "):
    got.append("loadavg")
for name in ("stat", "vmstat", "uptime"):
    if any(word not in ("0", "1", "0.00") for line in open(f"/proc/{name}") for word in line.split()[1:]):
        got.append(name)
for name in ("diskstats", "partitions", "zoneinfo", "buddyinfo", "interrupts", "softirqs", "schedstat", "swaps", "locks"):
    if os.path.exists(f"/proc/{name}") and open(f"/proc/{name}").read():
        got.append(name)
if os.path.isdir("/proc/pressure"):
    got += os.listdir("/proc/pressure")
print("FOUND", got)
