#!/usr/bin/env bash
# own_container.sh FOLDER PREFIX COMMAND...: run COMMAND, as root in a mount namespace of its own, on a machine as the
# sandbox `confined-uid` wants its container: other users can read the Python in PREFIX, and write to no shared folder.
# FOLDER stays where it is.
set -e
folder=$1 prefix=$2
shift 2
mount -t tmpfs tmpfs /mnt
mkdir /mnt/folder /mnt/prefix
mount --rbind "$folder" /mnt/folder
mount --rbind "$prefix" /mnt/prefix
closed=$prefix open=
while [ "$closed" != / ]; do
    closed=$(dirname "$closed")
    [ $((0$(stat -c %a "$closed") & 1)) = 1 ] || open=$closed
done
if [ -n "$open" ]; then
    mount -t tmpfs -o mode=755 tmpfs "$open"
    mkdir -p "$prefix"
    mount --rbind /mnt/prefix "$prefix"
fi
for shared in /tmp /var/tmp /dev/shm /dev/mqueue /run/lock /run/user; do
    if [ -d "$shared" ] && [ ! -L "$shared" ]; then mount -t tmpfs -o mode=711 tmpfs "$shared"; fi
done
mkdir -p "$folder"
mount --rbind /mnt/folder "$folder"
umount -l /mnt
exec "$@"
