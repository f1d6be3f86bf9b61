#!/bin/bash
# Builds a corpus in 16 parts and joins them. Untried on a cluster.
#   parts=$(sbatch --parsable deploy/slurm/data-build.sh)
#   sbatch --array=0 --dependency=afterok:$parts --export=ALL,JOIN=1 deploy/slurm/data-build.sh
# Settings: SAMPLES, SEED, WORK (a shared folder), OPTIONS (more options of engine data build), ENGINE.
#SBATCH --job-name=openward-data
#SBATCH --array=0-15
#SBATCH --cpus-per-task=4
#SBATCH --mem=4G
#SBATCH --time=02:00:00
#SBATCH --requeue
set -euo pipefail
PARTS=${PARTS:-16}
WORK=${WORK:-$PWD/corpora/slurm}
ENGINE=${ENGINE:-node dist/src/cli/main.js}
build=(data build --samples "${SAMPLES:-1000000}" --seed "${SEED:-1}" --parts "$WORK/parts")
build+=(--workers "${SLURM_CPUS_PER_TASK:-4}")
# shellcheck disable=SC2206
build+=(${OPTIONS:-})
if [ -n "${JOIN:-}" ]; then
  exec $ENGINE "${build[@]}" --out "$WORK/corpus"
fi
exec $ENGINE "${build[@]}" --shard "$SLURM_ARRAY_TASK_ID/$PARTS"
