#!/usr/bin/env bash
# Makes the base image of Saiki's image: the C and C++ libraries that Java and LibTorch need, a user, and nothing else: no
# shell and no package manager.
#   scripts/image-base.sh TIMESTAMP TAR    needs Debian on x86-64, whose packages it unpacks; TIMESTAMP is an ISO date and time
set -euo pipefail

timestamp=$1
image=$2
# Each package includes its copyright, in /usr/share/doc.
packages=(libc6 libgcc-s1 libstdc++6 libgomp1 zlib1g)
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT
root=$work/root

unpack_packages() {
  local package
  mkdir -p "$root/etc" "$root/tmp" "$work/packages"
  # apt would download as an unprivileged user, which cannot write to this folder.
  (cd "$work/packages" && apt-get -qq -o APT::Sandbox::User=root download "${packages[@]}")
  for package in "$work"/packages/*.deb; do
    dpkg-deb -x "$package" "$root"
  done
  # Programs look for libraries in /lib and /lib64, which Debian's base-files package links to /usr.
  local folder
  for folder in lib lib64; do
    [ -e "$root/$folder" ] || ln -s "usr/$folder" "$root/$folder"
  done
  rm -rf "$root"/usr/share/{gcc,gdb,lintian,locale,man} "$root"/usr/lib/x86_64-linux-gnu/gconv
}

# Debian's packages would create these when installed.
write_users() {
  printf '%s\n' 'root:x:0:0:root:/:/none' 'saiki:x:10001:10001:saiki:/tmp:/none' >"$root/etc/passwd"
  printf '%s\n' 'root:x:0:' 'saiki:x:10001:' >"$root/etc/group"
  chmod 1777 "$root/tmp"
}

# Packs the image in the format of `docker save`: a layer, its configuration, and a manifest of both.
pack() {
  local sum
  tar -C "$root" --sort=name --mtime="$timestamp" --owner=0 --group=0 --numeric-owner --format=gnu -cf "$work/layer.tar" .
  sum=$(sha256sum <"$work/layer.tar" | cut -d ' ' -f 1)
  printf '{"architecture":"amd64","os":"linux","created":"%s","config":{},"history":[{"created":"%s","created_by":"%s"}],%s}' \
    "$timestamp" "$timestamp" "Debian: ${packages[*]}" "\"rootfs\":{\"type\":\"layers\",\"diff_ids\":[\"sha256:$sum\"]}" \
    >"$work/config.json"
  printf '[{"Config":"config.json","RepoTags":null,"Layers":["layer.tar"]}]' >"$work/manifest.json"
  tar -C "$work" --sort=name --mtime="$timestamp" --owner=0 --group=0 --numeric-owner --format=gnu \
    -cf "$image" config.json layer.tar manifest.json
}

unpack_packages
write_users
pack
