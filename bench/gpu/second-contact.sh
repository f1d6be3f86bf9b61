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

# The products of a step of each model: M,N,K of y = x·Wᵀ, and of one weight gradient, whose tiles are few.
code=0
variants() {
  stage "variants-$1" 45 $engine bench kernels --adapter "$ADAPTER" --kernels "$KERNELS" --variants "${1%%-*}" \
    --extents "$2" --out "$LOGS/variants-$1.json" || code=1
}
for shape in ${MATMULS:-32768,1536,512 32768,2816,512 512,512,32768 8192,3072,1024 8192,5504,1024 4096,4096,4096}; do
  variants "matmul-${shape//,/-}" "$shape"
done
for shape in ${ATTENTIONS:-64,512,8,64 8,1024,16,64}; do
  variants "attention-${shape//,/-}" "$shape"
done
exit $code
