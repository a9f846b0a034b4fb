#!/usr/bin/env bash
# Lints and renders the chart with everything enabled, and validates the result against the schemas of kubernetes-models,
# which npm installs. HELM names Helm (4.1) if it is not on the PATH.
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
helm=${HELM:-helm}
chart=$folder/helm/saiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

for values in values.yaml values-gpu.yaml; do
  "$helm" lint --strict --quiet "$chart" -f "$folder/schemas/everything.yaml" -f "$chart/$values"
done
"$helm" template example "$chart" -f "$folder/schemas/everything.yaml" >"$work/manifests.yaml"
cp "$folder"/schemas/package*.json "$folder/schemas/.npmrc" "$folder/schemas/validate.mjs" "$work/"
(cd "$work" && npm ci --silent && node validate.mjs manifests.yaml)
