#!/usr/bin/env bash
# The minutes that are left after first-contact.sh, on the same machine while it is warm: $WORK is still there.
#   COMMIT=… bash bench/gpu/second-contact.sh train       trains the model further, and brings its weights home
#   COMMIT=… bash bench/gpu/second-contact.sh variants    times the kernel variants at the models' own shapes
# Exit code 2: first-contact.sh has left nothing to go on with, or the pack is of another commit.
#   MORE      seconds of further training (what SECONDS_IN_ALL leaves)
#   See stages.sh for the others.
set -u
SECONDS_IN_ALL=${SECONDS_IN_ALL:-240}
# shellcheck source=bench/gpu/stages.sh
source "$(dirname "${BASH_SOURCE[0]}")/stages.sh"
what=${1:-train}
case $what in train | variants) ;; *) give_up "the argument is $what: it must be train or variants" ;; esac
[ -f "$WORK/first-contact" ] || give_up "$WORK/first-contact is not there: run bench/gpu/first-contact.sh first"
# shellcheck source=/dev/null
source "$WORK/first-contact"

if [ "$what" = train ]; then
  [ -f "$CORPUS/index.json" ] || give_up "$CORPUS is not there: the corpus was not built"
  # Time for the start, the last checkpoint and the export stays free.
  more=${MORE:-$((SECONDS_IN_ALL - SECONDS - 30))}
  total=$((TRAINED + more))
  echo "TRAINED=$total" >>"$WORK/first-contact"
  trained_for "$more" --kernels "$KERNELS" --preset "$PRESET" --batch-size "$BATCH" --context "$CONTEXT" \
    --drop-long --for "${total}s" --learning-rate 1e-3 --checkpoint-every "$EVERY"
  exit
fi

# The products of a step of each model, and weight gradients, whose tiles are few. The fastest right variant of each is
# stored: later runs on this adapter and driver use it, `second-contact.sh train` included.
code=0
variants() {
  local op=$1 extents=$2
  shift 2
  stage "variants-$op-${extents//,/-}" 45 $engine bench kernels --adapter "$ADAPTER" --kernels "$KERNELS" \
    --variants "$op" --extents "$extents" "$@" --keep --out "$LOGS/variants-$op-${extents//,/-}.json" || code=1
}
for shape in ${MATMULS:-32768,1536,512 32768,2816,512 8192,3072,1024 8192,5504,1024 4096,4096,4096}; do
  variants matmul "$shape" --layout forward
done
for shape in ${WEIGHTS:-1536,512,32768 512,512,32768 2816,512,32768 1024,1024,8192}; do
  variants matmul "$shape" --layout weight
done
for shape in ${ATTENTIONS:-64,512,8,64 8,1024,16,64}; do
  variants attention "$shape"
done
exit $code
