#!/usr/bin/env bash
# Builds llama-oracle, which computes llama.cpp's results for the tests of `./build verify -Pllama`, and llama-endpoint, a
# server for one of these tests. Needs npm, git and g++.
# llama.cpp comes from the npm package node-llama-cpp, which contains its libraries and its source. Its converter, which the
# tests run too, needs Debian's python3-torch, python3-sentencepiece, python3-yaml and python3-tqdm.
#
#   saiki-cli/src/test/llama/build.sh FOLDER    # about 250 MB
#   LLAMA_ORACLE=FOLDER/llama-oracle ./build verify -Pllama -pl saiki-cli -am
set -euo pipefail

here=$(cd "$(dirname "${BASH_SOURCE[0]}")" && pwd -P)
mkdir -p "${1:?the folder to build in}"
cd "$1"
# Both packages in one command, since a second installation without saving would remove the first one.
npm install node-llama-cpp@3.22.1 @node-llama-cpp/linux-x64@3.22.1 --ignore-scripts --no-save --no-package-lock \
  --omit=optional >/dev/null
[ -d source ] || git clone -q node_modules/node-llama-cpp/llama/gitRelease.bundle source
libraries=$PWD/node_modules/@node-llama-cpp/linux-x64/bins/linux-x64
link=(-L"$libraries" -Wl,-rpath,"$libraries" -l:libllama.v0.5.0.so -l:libggml.v0.5.0.so -l:libggml-base.so)
include=(-Isource/include -Isource/ggml/include -Isource/vendor)
g++ -O2 -std=c++17 "${include[@]}" "$here/llama_oracle.cpp" -o llama-oracle.bin "${link[@]}"
g++ -O1 -std=c++17 "${include[@]}" "$here/llama_endpoint.cpp" source/vendor/cpp-httplib/httplib.cpp -o llama-endpoint.bin \
  "${link[@]}" -pthread
for program in llama-oracle llama-endpoint; do
  printf '#!/usr/bin/env bash\nLLAMA_LIBRARIES=%q exec %q "$@"\n' "$libraries" "$PWD/$program.bin" > $program
  chmod +x $program
done
echo "$PWD/llama-oracle"
