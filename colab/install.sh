#!/bin/bash
# Installs Node, Vulkan's loader, and the ICDs of NVIDIA's driver, which Colab keeps in /usr/lib64-nvidia without them.
# Needs root on Ubuntu. Untried on Colab itself.
set -euo pipefail
NODE=${NODE:-v20.20.2}
if ! node -e 'process.exit(Number(process.versions.node.split(".")[0]) >= 20 ? 0 : 1)' 2>/dev/null; then
  curl -fsSL "https://nodejs.org/dist/$NODE/node-$NODE-linux-x64.tar.xz" | tar -xJ -C /usr/local --strip-components 1
fi
apt-get -qq update && apt-get -qq install -y libvulkan1 >/dev/null
if [ -d /usr/lib64-nvidia ]; then
  echo /usr/lib64-nvidia >/etc/ld.so.conf.d/nvidia.conf
  ldconfig 2>/dev/null
fi
# On some machines only one of the two works; the loader takes the one that does.
mkdir -p /etc/vulkan/icd.d
for library in libGLX_nvidia.so.0 libEGL_nvidia.so.0; do
  printf '{"file_format_version": "1.0.0", "ICD": {"library_path": "%s", "api_version": "1.3.0"}}\n' "$library" \
    >"/etc/vulkan/icd.d/${library%%.*}.json"
done
node --version
