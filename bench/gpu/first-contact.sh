#!/usr/bin/env bash
# The first minutes on a machine with an NVIDIA GPU, in one call, what matters most first: whether every kernel path is
# right and how fast its step is; a model trained on the fastest right path, and its weights; then the step of a larger
# model beside PyTorch, rooflines, and kernel variants. docs/gpu.md says how to use it.
#   COMMIT=… bash bench/gpu/first-contact.sh
# Exit code 2: no GPU, or a pack of another commit. 1: no kernel path is right, or training failed.
#   PRESET BATCH CONTEXT   the model that is trained (carry 64 512)
#   LARGE                  the model that is timed beside PyTorch (tier-a:8:1024)
#   SAMPLES TRAIN          records of the corpus, seconds of training or what the call leaves (400000 270)
#   PATHS                  kernel paths, best first (tensor f16 f32)
#   See stages.sh for the others.
set -u
SECONDS_IN_ALL=${SECONDS_IN_ALL:-575}
# shellcheck source=bench/gpu/stages.sh
source "$(dirname "${BASH_SOURCE[0]}")/stages.sh"
PRESET=${PRESET:-carry} BATCH=${BATCH:-64} CONTEXT=${CONTEXT:-512}
IFS=: read -r large large_batch large_context <<<"${LARGE:-tier-a:8:1024}"
TRAIN=${TRAIN:-270}
rm -rf "$LOGS"
mkdir "$LOGS"
command -v nvidia-smi >/dev/null && nvidia-smi >"$LOGS/nvidia-smi.log" 2>&1

[ -f "$CORPUS/index.json" ] ||
  background corpus 300 $engine data build --samples "${SAMPLES:-400000}" --seed 1 ${DATA_OPTIONS:-} --out "$CORPUS"
background reference 90 node --import tsx bench/gpu/check.ts --write-reference "$WORK/reference" --adapter "$REFERENCE"
background torch 60 python3 -c 'import torch; print(torch.__version__)'

median() { node -p "Math.round(1000 * JSON.parse(require('fs').readFileSync('$1')).medianMs)" 2>/dev/null; }

best='' best_us=0
for path in ${PATHS:-tensor f16 f32}; do
  if ! QUIET=yes stage "doctor-$path" 40 $engine doctor --adapter "$ADAPTER" --kernels "$path"; then
    none=$(grep -m 1 '^engine: no \(GPU\|adapter\)' "$LOGS/doctor-$path.log") && give_up "${none#engine: }"
    say "doctor-$path: $(tail -n 1 "$LOGS/stages.tsv" | cut -f 2): $(tail -n 1 "$LOGS/doctor-$path.log" 2>/dev/null | cut -c 1-200)"
    continue
  fi
  against=()
  [ -z "${beside[reference]:-}" ] || finished reference 60
  [ -f "$WORK/reference" ] && against=(--reference "$WORK/reference")
  stage "check-$path" 75 node --import tsx bench/gpu/check.ts --adapter "$ADAPTER" --path "$path" \
    --out "$LOGS/check-$path.json" "${against[@]}"
  right=$?
  # A path that crashes or hangs is done with. The time of one that is wrong is worth knowing.
  ((right < 124)) || continue
  timed=step-$PRESET-${BATCH}x$CONTEXT-$path
  stage "$timed" 60 $engine bench step --adapter "$ADAPTER" --kernels "$path" --preset "$PRESET" \
    --batch "$BATCH" --context "$CONTEXT" --out "$LOGS/$timed.json" || continue
  us=$(median "$LOGS/$timed.json") || continue
  if ((right == 0)) && { [ -z "$best" ] || ((us < best_us)); }; then best=$path best_us=$us; fi
done

code=0
if [ -z "$best" ]; then
  say 'no kernel path is right: no training'
  code=1
else
  say "fastest right path: $best, $best_us µs a step"
  printf 'KERNELS=%s PRESET=%s BATCH=%s CONTEXT=%s STEP_US=%s\n' "$best" "$PRESET" "$BATCH" "$CONTEXT" "$best_us" \
    >"$WORK/first-contact"
  finished corpus 120
  room=$((SECONDS_IN_ALL - SECONDS - AROUND_TRAINING))
  ((room < TRAIN)) && TRAIN=$room
  if [ ! -f "$CORPUS/index.json" ]; then
    left_out train 'the corpus is not there'
    code=1
  elif ((TRAIN < 1)); then
    left_out train 'no time left'
    code=1
  else
    trained_for "$TRAIN" --kernels "$best" --preset "$PRESET" --batch-size "$BATCH" --context "$CONTEXT" \
      --drop-long --for "${TRAIN}s" --learning-rate 1e-3 --checkpoint-every "$(every_steps "$TRAIN" "$best_us")" || code=1
  fi
fi

kernels=${best:-auto}
timed=step-$large-${large_batch}x$large_context-$kernels
stage "$timed" 75 $engine bench step --adapter "$ADAPTER" --kernels "$kernels" --preset "$large" \
  --batch "$large_batch" --context "$large_context" --out "$LOGS/$timed.json"
if QUIET=yes finished torch 20; then
  for model in "$PRESET:$BATCH:$CONTEXT" "$large:$large_batch:$large_context"; do
    IFS=: read -r preset batch context <<<"$model"
    timed=pytorch-$preset-${batch}x$context
    stage "$timed" 100 python3 bench/gpu/pytorch.py --preset "$preset" --batch "$batch" --context "$context" \
      --seconds 3 --modes eager-bf16 compile-bf16 --out "$LOGS/$timed.json"
  done
else
  left_out pytorch 'python3 has no torch'
fi
for op in matmul attention; do
  stage "kernels-$op" 40 $engine bench kernels --adapter "$ADAPTER" --kernels "$kernels" --only "$op" --preset "$large" \
    --batch "$large_batch" --context "$large_context" --out "$LOGS/kernels-$op.json"
done
# What --kernels auto goes by: each path, proven in a process that may crash.
stage probe 60 $engine doctor --adapter "$ADAPTER" --probe --json
for op in matmul attention; do
  stage "variants-$op" 60 $engine bench kernels --adapter "$ADAPTER" --kernels "$kernels" --variants "$op" \
    --out "$LOGS/variants-$op.json"
done
exit $code
