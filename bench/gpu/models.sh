#!/usr/bin/env bash
# Trains the shipped models further, and measures what only a GPU can show, on a machine as in docs/gpu.md:
#   COMMIT=… bash bench/gpu/models.sh STAGE…
# The stages run in the order given, each within the time that the call has left:
#   measure    correctness of the path; a step of tier-a before and after a sweep of its products and of attention, and
#              PyTorch's; the memory that nvidia-smi sees; how long a checkpoint stops training
#   omop       models/omop, on a new corpus of OMOP; its weights go to $OUT
#   general    models/general, on a new corpus of all schemas; likewise. Use a call of its own: the names are the same
#   learning   preset tiny, from nothing, in today's format of records and in the first one; $OUT gets the weights of
#              every checkpoint in learning-*.tar
# Corpora are built beside the first stages, in the order of the stages that need them.
#   KERNELS            kernel path (tensor)
#   OMOP GENERAL       seconds of training (210, 300)
#   AFTER BEFORE       seconds of training of the two formats (20, 60)
#   RECORDS_…          of OMOP, GENERAL, LEARNING: records of the corpora
#   CORPUS_SEED        of the corpora (91)
#   ALSO_BUILD         stages of a later call on the same machine, whose corpora are built in this one
#   See stages.sh for the others.
set -u
SECONDS_IN_ALL=${SECONDS_IN_ALL:-575}
# shellcheck source=bench/gpu/stages.sh
source "$(dirname "${BASH_SOURCE[0]}")/stages.sh"
KERNELS=${KERNELS:-tensor}
OMOP=${OMOP:-210} GENERAL=${GENERAL:-300} AFTER=${AFTER:-20} BEFORE=${BEFORE:-60}
RECORDS_OMOP=${RECORDS_OMOP:-240000} RECORDS_GENERAL=${RECORDS_GENERAL:-400000} RECORDS_LEARNING=${RECORDS_LEARNING:-100000}
CORPUS_SEED=${CORPUS_SEED:-91}
LARGE=${LARGE:-tier-a:8:1024} SWEEP=${SWEEP:-60} ROWS=${ROWS:-42} STEP_US=${STEP_US:-15000}
IFS=: read -r large large_batch large_context <<<"$LARGE"
(($#)) || give_up 'name the stages: measure, omop, general, learning'
for name in "$@"; do
  case $name in measure | omop | general | learning) ;; *) give_up "there is no stage $name: measure, omop, general or learning" ;; esac
done
device=(--adapter "$ADAPTER" --kernels "$KERNELS")
omop_schema=(--schema schemas/omop_cdm_5_4.json)

# build NAME OPTIONS…: a corpus of $WORK, unless it stands there
build() {
  local folder=$WORK/corpus-$1
  shift
  [ -f "$folder/index.json" ] || $engine data build --seed "$CORPUS_SEED" --held-out "${HELD_OUT:-300}" "$@" --out "$folder"
}

build_corpora() {
  local name
  for name in "$@"; do
    case $name in
      omop) build omop --samples "$RECORDS_OMOP" "${omop_schema[@]}" --knobs configs/corpus.omop.json \
        --tokenizer models/omop/tokenizer.json ;;
      general) build general --samples "$RECORDS_GENERAL" --tokenizer models/general/tokenizer.json ;;
      learning) build after --samples "$RECORDS_LEARNING" "${omop_schema[@]}" --knobs configs/corpus.omop.json --vocab-size 4096 &&
        build before --samples "$RECORDS_LEARNING" "${omop_schema[@]}" --knobs configs/corpus.omop-first-format.json --vocab-size 4096 ;;
    esac || return
  done
}

# use NAME: makes $WORK/corpus-NAME the corpus and $WORK/NAME the model; waits for the corpus while it is being built.
use() {
  CORPUS=$WORK/corpus-$1 MODEL=$WORK/$1
  while [ ! -f "$CORPUS/index.json" ]; do
    if ! kill -0 "$builder" 2>/dev/null || ((SECONDS > SECONDS_IN_ALL - 60)); then
      left_out "train-$1" "$CORPUS is not there: see corpora.log"
      return 1
    fi
    sleep 0.2
  done
  say "$1: $(tail -n 1 "$LOGS/corpora.log")"
}

# train_shipped NAME SECONDS RATE: trains models/NAME on, as long as the call has time
train_shipped() {
  local name=$1 seconds=$2 rate=$3 room
  use "$name" || return 1
  room=$((SECONDS_IN_ALL - SECONDS - AROUND_TRAINING))
  ((room < seconds)) && seconds=$room
  ((seconds > 0)) || { left_out "train-$name" 'no time left'; return 1; }
  trained_for "$seconds" --kernels "$KERNELS" --init-from "models/$name" --batch-size "$ROWS" --context 768 --drop-long \
    --for "${seconds}s" --learning-rate "$rate" --min-learning-rate 1e-5 --validate-every 0 \
    --checkpoint-every "$(every_steps "$seconds" "$STEP_US")"
  local rc=$?
  cp "$MODEL/metrics.jsonl" "$LOGS/metrics-$name.jsonl" 2>/dev/null
  cp "$LOGS/train.log" "$LOGS/train-$name.log" 2>/dev/null
  return $rc
}

# snapshots FOLDER: links every checkpoint of $MODEL into it, since training keeps only the newest ones
snapshots() {
  mkdir -p "$1"
  while [ ! -f "$WORK/trained" ]; do
    ln -f "$MODEL"/checkpoints/checkpoint-*.{json,safetensors} "$1/" 2>/dev/null
    sleep 0.2
  done
}

# learn NAME SECONDS OPTIONS…: trains tiny at a constant rate, and packs the weights of its checkpoints
learn() {
  local name=$1 seconds=$2 taken=$WORK/taken-$1 one=$WORK/one-$1 step kept
  shift 2
  use "$name" || return 1
  rm -f "$WORK/trained"
  snapshots "$taken" &
  watcher=$!
  RESERVE=20 stage "train-$name" $((seconds + 30)) $engine train --corpus "$CORPUS" --model "$MODEL" "${device[@]}" \
    --preset tiny --batch-size "$ROWS" --drop-long --for "${seconds}s" --learning-rate 2e-3 --schedule wsd \
    --decay-share 0.01 --validate-every 0 --checkpoint-every "${LEARNING_STEPS:-400}" "$@"
  local rc=$?
  touch "$WORK/trained"
  wait "$watcher"
  watcher=
  cp "$MODEL/metrics.jsonl" "$LOGS/metrics-$name.jsonl" 2>/dev/null
  mkdir -p "$WORK/learning/$name"
  # Seven fit into a file that comes home: spread evenly, the last among them.
  local all=("$taken"/checkpoint-*.json) i
  for ((i = 1; i <= 7; i++)); do
    kept=${all[(${#all[@]} * i + 6) / 7 - 1]}
    step=$(basename "$kept" .json)
    [ -d "$WORK/learning/$name/$step" ] && continue
    rm -rf "$one" && mkdir -p "$one/checkpoints"
    cp "$MODEL"/{model,format,tokenizer}.json "$one/" 2>/dev/null
    ln -f "$taken/$step".* "$one/checkpoints/"
    timeout 20 $engine export --model "$one" --weights-only --dtype f16 --out "$WORK/learning/$name/$step" \
      >>"$LOGS/export.log" 2>&1
  done
  tar -cf "$OUT/learning-$name.tar" -C "$WORK/learning" "$name"
  return $rc
}

measure() {
  local timed=step-$large-${large_batch}x$large_context-$KERNELS
  local one=(--preset "$large" --batch "$large_batch" --context "$large_context") bad=0
  finished reference 60
  stage "check-$KERNELS" 75 node --import tsx bench/gpu/check.ts --adapter "$ADAPTER" --path "$KERNELS" \
    --out "$LOGS/check-$KERNELS.json" --reference "$WORK/reference" || bad=1
  stage "$timed" 45 $engine bench step "${device[@]}" "${one[@]}" --profile --out "$LOGS/$timed.json" || bad=1
  stage "sweep-$large" $((SWEEP + 20)) $engine bench sweep "${device[@]}" "${one[@]}" --for "${SWEEP}s" --keep \
    --out "$LOGS/sweep-$large-${large_batch}x$large_context-$KERNELS.json" || bad=1
  stage "variants-attention" "${ATTENTION:-30}" $engine bench kernels "${device[@]}" --variants attention --keep \
    --extents "${ATTENTION_SHAPE:-8,1024,16,64}" --out "$LOGS/variants-attention.json"
  stage "$timed-swept" 45 $engine bench step "${device[@]}" "${one[@]}" --profile --out "$LOGS/$timed-swept.json" || bad=1
  stage "pytorch-$large" 60 python3 bench/gpu/pytorch.py "${one[@]}" --seconds 3 --modes eager-bf16 \
    --out "$LOGS/pytorch-$large-${large_batch}x$large_context.json"
  for preset in $large carry; do
    stage "checkpoint-$preset" 40 $engine bench checkpoint "${device[@]}" --preset "$preset" --folder "$WORK" \
      --out "$LOGS/checkpoint-$preset.json" || bad=1
  done
  return $bad
}

rm -rf "$LOGS"
mkdir "$LOGS"
if command -v nvidia-smi >/dev/null; then
  nvidia-smi >"$LOGS/nvidia-smi.log" 2>&1
  nvidia-smi --query-gpu=timestamp,memory.used,utilization.gpu --format=csv,noheader,nounits -lms 250 >"$LOGS/memory.csv" &
  sampler=$!
fi
# The reference needs the processors first.
case " $* " in *' measure '*)
  background reference 90 node --import tsx bench/gpu/check.ts --write-reference "$WORK/reference" --adapter "$REFERENCE" ;;
esac
build_corpora "$@" ${ALSO_BUILD:-} >"$LOGS/corpora.log" 2>&1 &
builder=$!
code=0
for name in "$@"; do
  say "$name begins"
  case $name in
    measure) measure ;;
    omop) train_shipped omop "$OMOP" 1.5e-3 ;;
    general) train_shipped general "$GENERAL" 1.5e-3 ;;
    learning)
      learn after "$AFTER" --context 768 &&
        learn before "$BEFORE" --context 1024 --prompt-weight 0 --schema-weight 0
      ;;
  esac || code=1
done
kill "$builder" ${sampler:+"$sampler"} 2>/dev/null
exit $code
