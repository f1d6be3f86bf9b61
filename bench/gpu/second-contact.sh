#!/usr/bin/env bash
# The minutes that are left after first-contact.sh, on the same machine while it is warm: $WORK is still there.
#   COMMIT=… bash bench/gpu/second-contact.sh train       trains the model further, and brings its weights home
#   COMMIT=… bash bench/gpu/second-contact.sh variants    times the kernel variants at the models' own shapes
# Exit code 2: first-contact.sh has left nothing to go on with, or the pack is of another commit.
#   MORE      seconds of further training (what SECONDS_IN_ALL leaves)
#   SHAPES    what variants are timed at, in this order: PRODUCT:M,N,K (forward, input, weight) and attention:B,T,H,D
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
  # The checkpoint knows how long it was trained, even if the call that wrote it was cut.
  newest=$(find "$MODEL/checkpoints" -name 'checkpoint-*.json' 2>/dev/null | sort | tail -n 1)
  trained=0
  [ -z "$newest" ] ||
    trained=$(node -p 'Math.ceil(JSON.parse(fs.readFileSync(process.argv[1])).meta.seconds ?? 0)' "$newest") ||
    give_up "$newest cannot be read"
  more=${MORE:-$((SECONDS_IN_ALL - SECONDS - AROUND_TRAINING))}
  trained_for "$more" --kernels "$KERNELS" --preset "$PRESET" --batch-size "$BATCH" --context "$CONTEXT" \
    --drop-long --for "$((trained + more))s" --learning-rate 1e-3 \
    --checkpoint-every "$(every_steps "$more" "$STEP_US")" || exit 1
  exit
fi

# What costs a step most comes first: for each model the largest product, the gradients of its input and of its weights
# (whose tiles are few), and attention; then the other products. The fastest right variant of each is stored if it gains
# beyond noise: later runs on this adapter and driver use it, `second-contact.sh train` included.
code=0
SHAPES=${SHAPES:-forward:32768,2816,512 input:32768,512,2816 weight:2816,512,32768 attention:64,512,8,64
  forward:8192,5504,1024 input:8192,1024,5504 weight:5504,1024,8192 attention:8,1024,16,64
  forward:32768,1536,512 weight:1536,512,32768 weight:512,512,32768 forward:8192,3072,1024 weight:1024,1024,8192
  forward:4096,4096,4096}
for shape in $SHAPES; do
  IFS=: read -r product extents <<<"$shape"
  case $product in
    attention) op=attention layout=() ;;
    *) op=matmul layout=(--layout "$product") ;;
  esac
  stage "variants-$product-${extents//,/-}" 45 $engine bench kernels --adapter "$ADAPTER" --kernels "$KERNELS" \
    --variants "$op" --extents "$extents" "${layout[@]}" --keep --out "$LOGS/variants-$product-${extents//,/-}.json" ||
    code=1
done
exit $code
