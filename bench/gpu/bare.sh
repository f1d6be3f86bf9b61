# Sourced by the scripts here, in the project's root: finds Node and the packages, unpacking .bare/ if there is one (see
# pack.sh). Nothing outside node_modules/ and the temporary folder is written. Sets COMMIT. Exits with 2 and one line for
# a pack of another commit, or where nothing provides Node.
# shellcheck shell=bash
BARE=${BARE:-.bare}

refuse() {
  echo "${0##*/}: $1" >&2
  exit 2
}

unpack() {
  if command -v xz >/dev/null; then
    xz -dc "$1"
  else
    python3 -c 'import lzma, shutil, sys; shutil.copyfileobj(lzma.open(sys.argv[1]), sys.stdout.buffer)' "$1"
  fi
}

# same_commit A B: whether one is a beginning of the other, with at least seven digits
same_commit() {
  local a=$1 b=$2
  ((${#a} >= 7 && ${#b} >= 7)) && [[ $a == "$b"* || $b == "$a"* ]]
}

check_pack() {
  local packed found
  packed=$(cat "$BARE/commit" 2>/dev/null) || refuse "$BARE is not whole: make it again with bash bench/gpu/pack.sh"
  [ -n "${COMMIT:-}" ] || refuse "there is no repository here: pass COMMIT=…, the commit of these files"
  same_commit "$COMMIT" "$packed" ||
    refuse "$BARE was packed for commit ${packed:0:12}, and this is ${COMMIT:0:12}: make it again with bash bench/gpu/pack.sh"
  found=$(sha256sum package-lock.json | cut -d' ' -f1)
  [ "$found" = "$(cat "$BARE/lock.sha256")" ] ||
    refuse "$BARE was packed for another package-lock.json: make it again with bash bench/gpu/pack.sh"
}

# Every folder gets its name once it is whole: a call that is cut while it unpacks leaves nothing half-made.
unpack_pack() {
  local home=${TMPDIR:-/tmp}/openward-${COMMIT:0:12} lock
  lock=$(cat "$BARE/lock.sha256")
  if [ ! -d "$home" ]; then
    rm -rf "$home.making"
    mkdir -p "$home.making/bin" "$home.making/lib" || refuse "cannot write to ${TMPDIR:-/tmp}"
    unpack "$BARE/node.xz" >"$home.making/bin/node" && chmod +x "$home.making/bin/node" || refuse "cannot unpack $BARE/node.xz"
    if [ -f "$BARE/loaders.tar.xz" ]; then unpack "$BARE/loaders.tar.xz" | tar -xf - -C "$home.making/lib"; fi
    mv "$home.making" "$home"
  fi
  # Packages that npm installed, which have no such mark, are left alone.
  if [ -e node_modules/.bare-lock ] && [ "$(cat node_modules/.bare-lock)" != "$lock" ]; then rm -rf node_modules; fi
  if [ ! -e node_modules ]; then
    rm -rf .bare.unpacking
    mkdir .bare.unpacking
    unpack "$BARE/packages.tar.xz" | tar -xf - -C .bare.unpacking || refuse "cannot unpack $BARE/packages.tar.xz"
    echo "$lock" >.bare.unpacking/node_modules/.bare-lock
    mv .bare.unpacking/node_modules node_modules
    rmdir .bare.unpacking
  fi
  export PATH=$home/bin:$PATH
  if ! PATH=$PATH:/usr/sbin:/sbin ldconfig -p 2>/dev/null | grep -q 'libvulkan\.so\.1'; then
    export LD_LIBRARY_PATH=$home/lib${LD_LIBRARY_PATH:+:$LD_LIBRARY_PATH}
  fi
}

# Where a driver is mounted into a container, its files may lie where no loader looks.
find_driver() {
  local file
  for file in /usr/share/vulkan/icd.d/nvidia_icd.json /etc/vulkan/icd.d/nvidia_icd.json \
    /usr/local/nvidia/share/vulkan/icd.d/nvidia_icd.json; do
    [ -f "$file" ] && export VK_DRIVER_FILES=${VK_DRIVER_FILES:-$file} && break
  done
  for file in /usr/share/glvnd/egl_vendor.d/10_nvidia.json /usr/local/nvidia/share/glvnd/egl_vendor.d/10_nvidia.json; do
    [ -f "$file" ] && export __EGL_VENDOR_LIBRARY_FILENAMES=${__EGL_VENDOR_LIBRARY_FILENAMES:-$file} && break
  done
  return 0
}

COMMIT=${COMMIT:-$(git rev-parse --short=12 HEAD 2>/dev/null)}
export COMMIT
if [ -e "$BARE" ]; then
  check_pack
  unpack_pack
fi
command -v node >/dev/null || refuse 'there is no Node here, and no .bare/ that brings one: bash bench/gpu/pack.sh makes it'
[ -d node_modules/tsx ] || refuse 'no packages are installed: run npm ci, or carry .bare/'
find_driver
