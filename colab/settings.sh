# Settings of the notebook's cells, which source this file. The environment overrides each; test/colab.test.ts does.
set -euo pipefail
: "${ADAPTER:=gpu}"
: "${SCHEMA:=omop_cdm_5_4}"
: "${DRIVE:=/content/drive/MyDrive/openward}"
: "${CORPUS:=corpora/colab}"
: "${MODEL:=runs/colab}"
: "${DATA_OPTIONS:=--samples 200000}"
: "${CONFIG:=configs/phase-0-sanity.jsonc}"
: "${TRAIN_OPTIONS:=--micro-batch auto}"
: "${MAX_TIME:=115m}"
: "${EVAL_OPTIONS:=--questions 100}"
engine() { npm run --silent engine -- "$@"; }
