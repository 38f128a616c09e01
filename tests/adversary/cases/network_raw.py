# attacks: 11
# tries: raw, packet and netlink sockets, IPv6, name service, routes
# seen_in: uid
# honest: standardise
# %%
import ctypes, os, socket

got = []
for family, kind, protocol in (
    (socket.AF_INET, socket.SOCK_RAW, 1), (socket.AF_INET6, socket.SOCK_RAW, 58), (17, socket.SOCK_RAW, 768),
    (16, socket.SOCK_RAW, 0), (38, socket.SOCK_SEQPACKET, 0), (40, socket.SOCK_DGRAM, 0), (44, socket.SOCK_RAW, 0),
    (29, socket.SOCK_RAW, 1), (31, socket.SOCK_RAW, 0),
):
    try:
        socket.socket(family, kind, protocol).close()
        got.append((int(family), int(kind)))
    except OSError:
        pass
for name in ("example.org", "host.docker.internal", "host.containers.internal", "metadata.google.internal"):
    try:
        got.append(socket.gethostbyname(name))
    except OSError:
        pass
for address in (("::1", 22), ("fe80::1%lo", 80), ("2001:db8::1", 80)):
    try:
        socket.create_connection(address, timeout=0.2).close()
        got.append(address)
    except OSError:
        pass
try:
    got += open("/proc/net/route").read().splitlines()[1:]
except OSError:
    pass
print("FOUND", got)
