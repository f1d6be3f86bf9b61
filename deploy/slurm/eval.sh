#!/bin/bash
# Asks a model held-out questions in 4 parts and joins the answers. Untried on a cluster.
#   parts=$(sbatch --parsable deploy/slurm/eval.sh)
#   sbatch --array=0 --dependency=afterok:$parts --export=ALL,JOIN=1 deploy/slurm/eval.sh
# Settings: MODEL, SET (values), QUESTIONS, WORK (a shared folder), OPTIONS (more options of engine eval), ENGINE.
#SBATCH --job-name=openward-eval
#SBATCH --array=0-3
#SBATCH --gres=gpu:1
#SBATCH --cpus-per-task=2
#SBATCH --mem=4G
#SBATCH --time=01:00:00
#SBATCH --requeue
set -euo pipefail
PARTS=${PARTS:-4}
WORK=${WORK:-$PWD/runs/slurm-eval}
ENGINE=${ENGINE:-node dist/src/cli/main.js}
ask=(eval --model "${MODEL:-models/omop}" --set "${SET:-values}" --questions "${QUESTIONS:-2000}")
ask+=(--parts "$WORK/answers")
# shellcheck disable=SC2206
ask+=(${OPTIONS:-})
if [ -n "${JOIN:-}" ]; then
  exec $ENGINE "${ask[@]}" --out "$WORK/eval.json" --html "$WORK/eval.html"
fi
exec $ENGINE "${ask[@]}" --shard "$SLURM_ARRAY_TASK_ID/$PARTS"
