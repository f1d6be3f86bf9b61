#!/usr/bin/env bash
# Runs every check and benchmark that needs an NVIDIA GPU, in at most 9 minutes: whether every kernel path is correct, how
# fast every kernel is, and how the engine compares with its peers and PyTorch.
#   bash bench/gpu/run.sh
# Missing tools (Python, PyTorch, vitest) are reported, and the other stages still run. Every stage has its
# own time limit and writes under $OUT; the table at the end shows the results that exist.
#   OUT       folder of all results                    (bench/results/gpu)
#   ADAPTER   value of --adapter                       (gpu)
#   MODELS    preset:batch:context, in this order      (sanity:16:512 tier-a:8:1024)
#   SECONDS_IN_ALL                                     (520)
set -u
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 1
# On a machine without Node, .bare/activate provides one.
# shellcheck disable=SC1091
[ -f .bare/activate ] && source .bare/activate
OUT=${OUT:-bench/results/gpu}
ADAPTER=${ADAPTER:-gpu}
MODELS=${MODELS:-sanity:16:512 tier-a:8:1024}
SECONDS_IN_ALL=${SECONDS_IN_ALL:-520}
mkdir -p "$OUT"
: >"$OUT/stages.tsv"
SECONDS=0
engine="node --import tsx src/cli/main.ts"

# stage NAME LIMIT COMMAND…: writes output to OUT/NAME.log, and name, exit code and seconds to OUT/stages.tsv
stage() {
  local name=$1 limit=$2 left=$((SECONDS_IN_ALL - SECONDS)) began=$SECONDS rc
  shift 2
  ((limit > left)) && limit=$left
  if ((limit < 5)); then
    echo "$name: skipped, no time left" | tee "$OUT/$name.log"
    printf '%s\tno time\t0\n' "$name" >>"$OUT/stages.tsv"
    return 0
  fi
  timeout --kill-after=5 "$limit" "$@" >"$OUT/$name.log" 2>&1
  rc=$?
  printf '%s\t%s\t%s\n' "$name" "$rc" "$((SECONDS - began))" >>"$OUT/stages.tsv"
  if ((rc == 0)); then
    echo "$name: done in $((SECONDS - began)) s"
  else
    echo "$name: failed with $rc after $((SECONDS - began)) s; the end of $OUT/$name.log:"
    tail -n 5 "$OUT/$name.log" | cut -c 1-300
  fi
  return 0
}

has() { python3 -c "import $1" >/dev/null 2>&1; }
absent() {
  echo "$1: skipped: $2"
  printf '%s\tabsent: %s\t0\n' "$1" "$2" >>"$OUT/stages.tsv"
}

command -v nvidia-smi >/dev/null && nvidia-smi >"$OUT/nvidia-smi.log" 2>&1
stage doctor 40 $engine doctor --adapter "$ADAPTER"
stage check 70 node --import tsx bench/gpu/check.ts "$ADAPTER" "$OUT/check.json"
for model in $MODELS; do
  IFS=: read -r preset batch context <<<"$model"
  for kernels in auto f32; do
    stage "step-$preset-$kernels" 50 $engine bench step --adapter "$ADAPTER" --kernels $kernels --preset "$preset" \
      --batch "$batch" --context "$context" --out "$OUT/step-$preset-$kernels.json"
  done
  if has torch; then
    stage "pytorch-$preset" 100 python3 bench/gpu/pytorch.py --preset "$preset" --batch "$batch" \
      --context "$context" --seconds 6 --out "$OUT/pytorch-$preset.json"
  else
    absent "pytorch-$preset" 'python3 has no torch'
  fi
done
IFS=: read -r preset batch context <<<"${MODELS##* }"
for kernels in auto f32; do
  stage "decode-$kernels" 40 $engine bench decode --adapter "$ADAPTER" --kernels $kernels --preset "$preset" \
    --questions 6 --out "$OUT/decode-$kernels.json"
done
stage kernels 80 $engine bench kernels --adapter "$ADAPTER" --preset "$preset" --batch "$batch" --context "$context" \
  --out "$OUT/kernels.json" --profile "$OUT/kernels.trace.json"
if [ -d node_modules/@jax-js/jax ] && [ -d node_modules/@tensorflow/tfjs-backend-webgpu ]; then
  stage peers 90 node --import tsx bench/peers/main.ts --adapter "$ADAPTER" --out "$OUT/peers.json"
else
  absent peers 'the development packages are not installed'
fi
if has torch; then
  stage parity 90 node --import tsx bench/parity/main.ts --adapter "$ADAPTER" --out "$OUT/parity.json"
else
  absent parity 'python3 has no torch'
fi
if [ -d node_modules/vitest ]; then
  TEST_ADAPTER=$ADAPTER stage tests 120 node node_modules/vitest/vitest.mjs run test/engine
else
  absent tests 'vitest is not installed; the check above replaces it'
fi
node bench/gpu/table.mjs "$OUT" | tee "$OUT/table.md"
