#!/usr/bin/env bash
# Lints and renders the chart with everything enabled, and validates the result against the schemas of kubernetes-models,
# which npm installs. HELM names Helm (4.1) if it is not on the PATH.
set -euo pipefail

folder=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
helm=${HELM:-helm}
chart=$folder/helm/saiki
work=$(mktemp -d)
trap 'rm -rf "$work"' EXIT

cp "$folder"/schemas/package*.json "$folder/schemas/.npmrc" "$folder/schemas/validate.mjs" "$work/"
(cd "$work" && npm ci --silent)
for values in schemas/everything.yaml helm/saiki/values-gpu.yaml; do
  all=(-f "$folder/schemas/everything.yaml" -f "$folder/$values")
  "$helm" lint --strict --quiet "$chart" "${all[@]}"
  "$helm" template example "$chart" "${all[@]}" >"$work/manifests.yaml"
  (cd "$work" && node validate.mjs manifests.yaml)
done
