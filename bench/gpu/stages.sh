# Sourced by first-contact.sh and second-contact.sh: stages with time limits, whose results are kept at once. After each
# stage the logs lie in $OUT/logs.tgz, so that a call that is cut, even with SIGKILL, leaves what was finished.
# shellcheck shell=bash
#   OUT               where the few files to bring home go: logs.tgz, weights-*.part, table.md (runs/gpu/out)
#   WORK              where everything else goes: corpus, model, logs; it stays between calls (runs/gpu)
#   ADAPTER           value of --adapter (gpu)
#   REFERENCE         adapter on which reference gradients are computed (swiftshader)
#   SECONDS_IN_ALL    seconds until the last stage must have ended; each script has its own default
#   SLOWNESS          factor of the stages' own time limits, for rehearsals on a processor (1)
SECONDS=0
cd "$(dirname "${BASH_SOURCE[0]}")/../.." || exit 2
WORK=${WORK:-runs/gpu}
OUT=${OUT:-runs/gpu/out}
ADAPTER=${ADAPTER:-gpu}
REFERENCE=${REFERENCE:-swiftshader}
LOGS=$WORK/logs
CORPUS=$WORK/corpus
MODEL=$WORK/model
# shellcheck source=bench/gpu/bare.sh
source bench/gpu/bare.sh
mkdir -p "$OUT" "$LOGS" || refuse "cannot write to $OUT and $WORK"
rm -f "$WORK/trained" "$OUT"/.*.making
engine='node --import tsx src/cli/main.ts'
# NVIDIA's driver keeps compiled kernels for the processes that follow.
work=$(cd "$WORK" && pwd)
export __GL_SHADER_DISK_CACHE=1 __GL_SHADER_DISK_CACHE_PATH=$work/shaders __GL_SHADER_DISK_CACHE_SKIP_CLEANUP=1
export PYTHONUNBUFFERED=1
# Proofs of kernel paths (doctor --probe) and measured choices of variants: made here, and brought home with the logs.
export XDG_CACHE_HOME=$work/cache
mkdir -p "$WORK/shaders"

say() {
  echo "[$SECONDS s] $*" >>"$LOGS/stages.log"
  [ -n "${QUIET:-}" ] || echo "[$SECONDS s] $*"
}

# keep: puts the logs and the table of them into $OUT. Each file appears once it is whole.
keep() {
  local table=$OUT/.table.$BASHPID.making logs=$OUT/.logs.$BASHPID.making
  cp "$MODEL/metrics.jsonl" "$XDG_CACHE_HOME"/openward/{,kernel-paths/}*.json "$LOGS/" 2>/dev/null
  node bench/gpu/table.mjs "$LOGS" >"$table" 2>&1
  cp "$table" "$LOGS/table.md" && mv -f "$table" "$OUT/table.md"
  tar -czf "$logs" -C "$WORK" logs 2>/dev/null
  # 1: a log grew meanwhile.
  if (($? <= 1)); then mv -f "$logs" "$OUT/logs.tgz"; else rm -f "$logs"; fi
}

# shorten FILE: a driver that repeats a message without end must not fill the archive.
shorten() {
  local most=1000000
  (($(wc -c <"$1") > most)) || return 0
  { head -c $((most / 2)) "$1" && printf '\n[…]\n' && tail -c $((most / 2)) "$1"; } >"$1.short" && mv "$1.short" "$1"
}

# ended NAME RC SECONDS: notes how a stage went.
ended() {
  local name=$1 rc=$2 seconds=$3 how
  case $rc in
    0) how='done' ;;
    124 | 137) how='out of time' ;;
    134 | 135 | 136 | 139) how="crashed with signal $((rc - 128))" ;;
    *) how="failed with exit code $rc" ;;
  esac
  printf '%s\t%s\t%s\n' "$name" "$how" "$seconds" >>"$LOGS/stages.tsv"
  shorten "$LOGS/$name.log"
  say "$name: $how, $seconds s"
  if ((rc != 0)) && [ -z "${QUIET:-}" ]; then
    grep -v '^ *at ' "$LOGS/$name.log" | tail -n 2 | cut -c 1-200
  fi
  keep
  return "$rc"
}

left_out() {
  printf '%s\t%s\t0\n' "$1" "left out: $2" >>"$LOGS/stages.tsv"
  say "$1: left out: $2"
}

# within LIMIT: the limit, or what is left of the call but for $RESERVE if that is less; fails if that is less than 2 s.
within() {
  local left=$((SECONDS_IN_ALL - SECONDS - ${RESERVE:-0})) limit=$(($1 * ${SLOWNESS:-1}))
  ((limit < left)) && left=$limit
  echo "$left"
  ((left >= 2))
}

child=
# stage NAME LIMIT COMMAND…: runs a command with a time limit, its output in $LOGS/NAME.log. Returns its exit code.
stage() {
  local name=$1 limit began=$SECONDS
  limit=$(within "$2") || { left_out "$name" 'no time left'; return 124; }
  shift 2
  timeout --foreground --kill-after="${GRACE:-5}" "$limit" "$@" >"$LOGS/$name.log" 2>&1 &
  child=$!
  wait "$child"
  local rc=$?
  child=
  ended "$name" $rc $((SECONDS - began))
}

# background NAME LIMIT COMMAND…: the same beside the following stages; `finished NAME LIMIT` waits for it.
declare -A beside began_at
background() {
  local name=$1 limit=$2
  shift 2
  began_at[$name]=$EPOCHSECONDS
  nice timeout --foreground --kill-after=5 $((limit * ${SLOWNESS:-1})) "$@" >"$LOGS/$name.log" 2>&1 &
  beside[$name]=$!
}

finished() {
  local name=$1 pid=${beside[$1]:-} limit
  [ -n "$pid" ] || return 0
  limit=$((SECONDS + $(within "$2")))
  while kill -0 "$pid" 2>/dev/null && ((SECONDS < limit)); do sleep 0.2; done
  if kill -0 "$pid" 2>/dev/null; then
    kill "$pid"
    say "$name: not finished in time"
  fi
  wait "$pid"
  local rc=$?
  unset "beside[$name]"
  # It may have ended long ago: its last output tells.
  ended "$name" $rc $(($(stat -c %Y "$LOGS/$name.log") - began_at[$name]))
}

# export_weights: the newest checkpoint's weights go to $OUT. The parts of an older one stay until all new ones lie there
# under hidden names.
export_weights() {
  local made=$WORK/parts left=$((SECONDS_IN_ALL - SECONDS)) name names
  rm -rf "$made"
  ((left < 8)) && left=8
  timeout $((left < 60 ? left : 60)) $engine export --model "$MODEL" --dtype f16 --parts 15MiB --out "$made" \
    >>"$LOGS/export.log" 2>&1 || return
  names=$(cd "$made" && echo *.part)
  for name in $names; do
    mv -f "$made/$name" "$OUT/.$name.making" || { rm -f "$OUT"/.*.part.making; return 1; }
  done
  for name in $names; do mv -f "$OUT/.$name.making" "$OUT/$name"; done
  for name in $(cd "$OUT" && echo weights-*-of-*.part); do
    [[ " $names " == *" $name "* ]] || rm -f "$OUT/$name"
  done
}

# Beside training: weights of every checkpoint, and the logs now and then.
watch_training() {
  local newest exported=
  while [ ! -f "$WORK/trained" ]; do
    sleep 1
    newest=$(find "$MODEL/checkpoints" -name 'checkpoint-*.json' 2>/dev/null | sort | tail -n 1)
    # Near the end of the call, the export after training is the only one.
    if [ "$newest" != "$exported" ] && ((SECONDS_IN_ALL - SECONDS > 40)); then export_weights && exported=$newest && keep; fi
    ((SECONDS % 10 == 0)) && keep
  done
}

# The seconds that a call must have after training: for the start before its clock runs, the last checkpoint, the export.
AROUND_TRAINING=40

# every_steps SECONDS STEP_US: steps between checkpoints: a quarter of the training time
every_steps() { echo $(($1 * 250000 / $2 + 1)); }

# trained_for SECONDS OPTIONS…: trains the model, and brings its weights home. What hangs is killed early enough for the
# export to end with the call.
watcher=
trained_for() {
  local seconds=$1 rc
  shift
  rm -f "$WORK/trained"
  watch_training &
  watcher=$!
  GRACE=12 RESERVE=22 stage train $((seconds + ${TRAIN_MARGIN:-45})) $engine train --corpus "$CORPUS" --model "$MODEL" \
    --adapter "$ADAPTER" "$@"
  rc=$?
  touch "$WORK/trained"
  wait "$watcher"
  watcher=
  if [ -d "$MODEL/checkpoints" ]; then
    export_weights
    say "weights: $(tail -n 1 "$LOGS/export.log")"
    keep
  fi
  return $rc
}

end_children() {
  local pid
  touch "$WORK/trained"
  for pid in $child "${beside[@]}"; do kill "$pid" 2>/dev/null; done
  # `timeout` kills what does not end.
  for pid in $child "${beside[@]}"; do wait "$pid" 2>/dev/null; done
  beside=()
}

# give_up MESSAGE: ends the call before anything was measured: one line, and exit code 2.
give_up() {
  trap - EXIT TERM INT
  end_children
  keep
  refuse "$1"
}

finish() {
  trap - EXIT TERM INT
  end_children
  keep
  cat "$OUT/table.md"
  exit "$1"
}

# A call that is ended early still saves the model and what was measured.
stopped() {
  trap '' TERM INT
  say 'stopped from outside'
  touch "$WORK/trained"
  if [ -n "$child" ]; then
    kill "$child" 2>/dev/null
    wait "$child"
  fi
  if [ -n "$watcher" ]; then
    wait "$watcher"
    export_weights
  fi
  finish 143
}
trap stopped TERM INT
trap 'finish $?' EXIT
