#!/usr/bin/env bash
# Where a step's time goes on a GPU, and the fastest matmul variant for each of its products:
#   COMMIT=… bash bench/gpu/sweep.sh
# A profile of a step; every variant timed and checked at the products of that step, the largest first; the winners are
# stored, and the step is profiled again with them. $OUT gets the logs and JSON, see stages.sh for its variables.
#   KERNELS   kernel path (tensor)
#   PRESET, BATCH, CONTEXT   the step (carry, 64, 512)
#   NEXT      a second step, swept in what time is left, as PRESET:BATCH:CONTEXT (tier-a:8:1024; empty for none)
set -u
SECONDS_IN_ALL=${SECONDS_IN_ALL:-80}
# shellcheck source=bench/gpu/stages.sh
source "$(dirname "${BASH_SOURCE[0]}")/stages.sh"
KERNELS=${KERNELS:-tensor}
PRESET=${PRESET:-carry}
BATCH=${BATCH:-64}
CONTEXT=${CONTEXT:-512}
NEXT=${NEXT-tier-a:8:1024}
device=(--adapter "$ADAPTER" --kernels "$KERNELS")
code=0

# profile NAME: a step, timed as a whole and by kernel
profile() {
  stage "$1" 20 $engine bench step "${device[@]}" --preset "$PRESET" --batch "$BATCH" --context "$CONTEXT" --profile \
    --out "$LOGS/$1.json"
  local rc=$?
  sed -n '/kernels of a step/,/^$/p' "$LOGS/$1.log" | cut -c 1-150 | head -n 24
  return $rc
}

# sweep NAME PRESET BATCH CONTEXT RESERVE [OPTIONS…]: leaves RESERVE seconds of the call
sweep() {
  local name=$1 preset=$2 batch=$3 context=$4 reserve=$5 left
  shift 5
  left=$((SECONDS_IN_ALL - SECONDS - reserve - 8))
  ((left >= 5)) || { left_out "$name" 'no time left'; return 0; }
  RESERVE=$reserve stage "$name" 600 $engine bench sweep "${device[@]}" --preset "$preset" --batch "$batch" \
    --context "$context" --for "${left}s" --keep --out "$LOGS/$name.json" "$@"
  local rc=$?
  grep -v 'compiled in\|^matmul .*f16$\|^matmul .*f32$' "$LOGS/$name.log" | tail -n 150
  return $rc
}

name=$PRESET-${BATCH}x$CONTEXT-$KERNELS
profile "step-$name-before" || code=1
sweep "sweep-$name" "$PRESET" "$BATCH" "$CONTEXT" 14
rc=$?
if ((rc >= 128)); then
  # A driver that crashed on one variant may take the others.
  sweep "sweep-$name-tiled" "$PRESET" "$BATCH" "$CONTEXT" 14 --only blocks matrix+unrolled matrix+square matrix+deep
  rc=$?
fi
((rc == 0)) || code=1
profile "step-$name-after" || code=1
if [ -n "$NEXT" ]; then
  IFS=: read -r preset batch context <<<"$NEXT"
  sweep "sweep-$preset-${batch}x$context-$KERNELS" "$preset" "$batch" "$context" 2 || code=1
fi
exit $code
