#!/usr/bin/env bash
# Retakes the pictures of pages in docs/images: the inspector and the dashboard with the built-in model, and a simulated
# rollout, each in English and Japanese. Needs Chromium and fonts for Japanese.
set -euo pipefail
cd "$(dirname "$0")/.."
rm -rf saiki-cli/target/pictures saiki-rollout/target/pictures
./build test -Pbrowser -pl saiki-cli,saiki-rollout -am -Dsurefire.failIfNoSpecifiedTests=false \
  -Dtest='DocumentPicturesTest,RolloutPageBrowserTest'
cp saiki-cli/target/pictures/*.png saiki-rollout/target/pictures/*.png docs/images/
ls -l docs/images
