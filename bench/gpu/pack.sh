#!/usr/bin/env bash
# Packs what a bare x86-64 Linux machine with an NVIDIA driver lacks to run this project: Node, the packages (with tsx,
# since the project runs from source there, and SwiftShader, against which results are checked), and Vulkan's loaders.
#   bash bench/gpu/pack.sh        writes .bare/ (about 40 MB), for the commit that is checked out
# bench/gpu/first-contact.sh and second-contact.sh unpack it. Needs xz, and for the loaders apt-get and dpkg.
#   LEVEL     of xz (6)
#   LOADERS   no: leave the loaders out, for a machine that has them
set -euo pipefail
cd "$(dirname "${BASH_SOURCE[0]}")/../.."
fail() {
  echo "pack: $1" >&2
  exit 2
}
[ -d node_modules/tsx ] && [ -d node_modules/webgpu ] || fail 'no packages are installed: run npm ci first'
commit=$(git rev-parse HEAD) || fail 'this is no git repository, so the pack could not name its commit'
changed=$(git status --porcelain --untracked-files=no)
[ -z "$changed" ] || echo 'pack: warning: files differ from the commit that the pack names' >&2

pack=.bare
making=$pack.making
rm -rf "$making"
mkdir "$making"
trap 'rm -rf "$making"' EXIT
level=-${LEVEL:-6}

xz -T0 "$level" -c "$(node -p process.execPath)" >"$making/node.xz"
# Dawn's builds for other machines, Chromium itself, and what only a compiler or a debugger reads stay behind.
node bench/gpu/packages.mjs | tar -cf - \
  --exclude='node_modules/webgpu/dist/darwin-*' --exclude='node_modules/webgpu/dist/win32-*' \
  --exclude='node_modules/webgpu/dist/linux-arm64' --exclude='node_modules/esbuild/bin' \
  --exclude='chromium.br' --exclude='al2023.tar.br' --exclude='fonts.tar.br' \
  --exclude='*.map' --exclude='*.d.ts' --exclude='*.d.mts' --exclude='*.d.cts' --files-from=- |
  xz -T0 "$level" -c >"$making/packages.tar.xz"
if [ "${LOADERS:-yes}" != no ]; then
  loaders=$(mktemp -d)
  (
    cd "$loaders"
    apt-get -qq download libvulkan1 libegl1 libglvnd0 libopengl0 libgl1 libglx0 libgles2 ||
      fail 'the loaders could not be fetched: run apt-get update, or set LOADERS=no'
    for package in *.deb; do dpkg -x "$package" .; done
    find usr/lib -name '*.so*' | tar -cf - --transform='s#.*/##' --files-from=-
  ) | xz "$level" -c >"$making/loaders.tar.xz"
  rm -rf "$loaders"
fi
sha256sum package-lock.json | cut -d' ' -f1 >"$making/lock.sha256"
echo "$commit" >"$making/commit"
rm -rf "$pack"
mv "$making" "$pack"
bytes=$(cat "$pack"/* | wc -c)
echo "packed $((bytes / 1000000)) MB for commit ${commit:0:12}: $pack"
