#!/bin/bash
# Runs a command on the llvmpipe of Mesa 26, a software adapter with matrix units of 8×8×8 that is faster than SwiftShader:
#
#   bash scripts/llvmpipe.sh npm run engine -- train … --adapter llvmpipe
#   TEST_ADAPTER=llvmpipe bash scripts/llvmpipe.sh npx vitest run test/engine/ops/mixed.test.ts
#   bash scripts/llvmpipe.sh            # the quick check: proves every kernel path, real matrix units included
#
# Needs Debian (or a system with its apt-get, dpkg-deb and keyring) on x86-64, and no root. The first run downloads 70 MB
# of Debian's unstable packages and unpacks them into ~/.cache/openward/llvmpipe (LLVMPIPE_FOLDER names another place);
# remove that folder to fetch a newer Mesa. The system is not touched: these packages need a newer C library than most
# systems have, so node alone is started with theirs, through their own dynamic loader.
set -euo pipefail

folder=${LLVMPIPE_FOLDER:-${XDG_CACHE_HOME:-$HOME/.cache}/openward/llvmpipe}
keyring=/usr/share/keyrings/debian-archive-keyring.gpg
mirror=${DEBIAN_MIRROR:-http://deb.debian.org/debian}

fail() {
  echo "llvmpipe.sh: $1" >&2
  exit 2
}

# Unpacks into a folder of this process, which then takes its place: a killed run leaves nothing that looks complete.
unpack() {
  local work=$folder.$$.tmp
  trap 'rm -rf "$work"' EXIT
  mkdir -p "$work"/state/lists/partial "$work"/cache/archives/partial "$work"/root
  : >"$work/status"
  echo "deb [signed-by=$keyring] $mirror sid main" >"$work/sources.list"
  local options=(-qq -o "Dir::Etc::sourcelist=$work/sources.list" -o Dir::Etc::sourceparts=/dev/null
    -o "Dir::State=$work/state" -o "Dir::State::status=$work/status" -o "Dir::Cache=$work/cache"
    -o APT::Install-Recommends=false -o APT::Sandbox::User= -o Debug::NoLocking=1)
  echo 'llvmpipe.sh: fetching Mesa and what it needs, 70 MB' >&2
  apt-get "${options[@]}" update || fail "no list of packages from $mirror"
  apt-get "${options[@]}" -y --download-only install mesa-vulkan-drivers libvulkan1 >/dev/null ||
    fail "a package could not be fetched from $mirror"
  local package
  for package in "$work"/cache/archives/*.deb; do dpkg-deb -x "$package" "$work/root"; done
  mkdir -p "$(dirname "$folder")"
  mv -T "$work/root" "$folder"
}

[ "$(uname -sm)" = 'Linux x86_64' ] || fail 'it needs Linux on x86-64'
if [ ! -d "$folder" ]; then
  for tool in apt-get dpkg-deb; do command -v "$tool" >/dev/null || fail "it needs $tool"; done
  [ -f "$keyring" ] || fail "it needs $keyring, of the package debian-archive-keyring"
  unpack
fi

libraries=$folder/usr/lib/x86_64-linux-gnu
node=$(readlink -f "$(command -v node)") || fail 'it needs node'
[ "$node" != "$folder/bin/node" ] || fail 'it is running already'
mkdir -p "$folder/bin"
# Node would take the loader for itself, and start its child processes without it.
echo 'process.execPath = process.env.LLVMPIPE_NODE;' >"$folder/bin/exec-path.cjs"
cat >"$folder/bin/node.$$" <<END
#!/bin/sh
exec '$libraries/ld-linux-x86-64.so.2' --library-path '$libraries' '$node' --require '$folder/bin/exec-path.cjs' "\$@"
END
chmod +x "$folder/bin/node.$$"
mv "$folder/bin/node.$$" "$folder/bin/node"
cat >"$folder/bin/llvmpipe.json" <<END
{ "file_format_version": "1.0.1", "ICD": { "api_version": "1.4.0", "library_path": "$libraries/libvulkan_lvp.so" } }
END

export LLVMPIPE_NODE=$folder/bin/node VK_DRIVER_FILES=$folder/bin/llvmpipe.json PATH=$folder/bin:$PATH
# Subgroups of 8, which the matrix units need, also where the processor has wider vectors.
export LP_NATIVE_VECTOR_WIDTH=256
if [ $# -gt 0 ]; then exec "$@"; fi
cd "$(dirname "$0")/.."
exec node --import tsx src/cli/main.ts doctor --probe --adapter llvmpipe
