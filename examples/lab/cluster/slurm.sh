#!/bin/sh
# A job array of eight tasks, which share one folder of results:
#   sbatch examples/lab/cluster/slurm.sh results/table --data measurements.csv --splits 10 --methods all
#   npm run report -- results/table
# A task that is killed can be sent again; what is finished is not computed twice.
#SBATCH --job-name=bigrad
#SBATCH --array=0-7
#SBATCH --cpus-per-task=1
#SBATCH --mem=2G
#SBATCH --time=24:00:00
#SBATCH --requeue
set -eu
out=$1
shift
cd "${SLURM_SUBMIT_DIR:-.}"
exec node --import tsx examples/bi-rpt/main.ts --out "$out" \
  --shard "${SLURM_ARRAY_TASK_ID:-0}/${SLURM_ARRAY_TASK_COUNT:-1}" "$@"
