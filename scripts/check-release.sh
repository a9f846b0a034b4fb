#!/usr/bin/env bash
# Tries a release as people who get it would: its checksums, its archives, of which one brings its own Java, and its image.
#   scripts/check-release.sh [RELEASE]    the folder that ./build release made; target/release if none is named
# The image is left out where there is no podman.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
release=$(cd "${1:-$root/target/release}" && pwd -P)
JAVA_HOME=$(find_jdk) || exit 2
export JAVA_HOME
work=$(mktemp -d)
server=
container=
trap '[ -z "$server" ] || kill "$server" 2>/dev/null; [ -z "$container" ] || podman rm -f "$container" >/dev/null 2>&1; rm -rf "$work"' EXIT
model=$work/model

say() {
  echo "check-release: $1" >&2
}

fail() {
  say "$1"
  exit 1
}

# What runs a program with nothing that this shell knows, Java least of all.
without_java=(env -i "HOME=$work/home" PATH=/usr/bin:/bin)

check_sums() {
  (cd "$release" && sha256sum --quiet -c SHA256SUMS) || fail "a file is not what SHA256SUMS says"
}

# Unpacks an archive; `saiki` is its command then.
unpack() { # which
  mkdir -p "$work/$1" "$work/home"
  tar -C "$work/$1" -xzf "$release"/saiki-*-"$1".tar.gz
  saiki=$(echo "$work/$1"/saiki-*/bin/saiki)
}

check_linux() {
  unpack linux-x86_64
  "${without_java[@]}" sh -c 'command -v java' && say "there is a java in /usr/bin or /bin, which the archive must not need"
  "${without_java[@]}" "$saiki" --version
  "${without_java[@]}" "$saiki" tokenizer train --corpus "$root/README.md" --vocab-size 300 --out "$work/tokenizer.json"
  "${without_java[@]}" "$saiki" init --recipe "${saiki%/bin/saiki}/recipes/small-mor3-expert.yaml" --seed 1 --out "$model" --set model.vocab_size=300 \
    model.hidden_size=64 model.intermediate_size=64 "tokenizer.file=$work/tokenizer.json"
  "${without_java[@]}" "$saiki" generate --model "$model" --prompt "It is" --max-tokens 8
  serve_and_ask "${without_java[@]}" "$saiki"
  "${saiki%/bin/saiki}/runtime/bin/java" -Xshare:on -XX:+UseCompactObjectHeaders -version 2>/dev/null ||
    fail "the Java of the archive has no archive of its own classes"
}

check_pure_java() {
  unpack java
  local jar
  find "$work/java" -name '*.jar' | while read -r jar; do
    "$JAVA_HOME/bin/jar" --list --file "$jar"
  done >"$work/classes"
  [ -s "$work/classes" ] || fail "the archive for other platforms has no classes"
  ! grep -E '\.(so|dll|dylib|jnilib)$' "$work/classes" || fail "the archive for other platforms has native libraries"
  "$saiki" generate --model "$model" --prompt "It is" --max-tokens 8
  serve_and_ask "$saiki"
}

# Starts a server, has it answer, and stops it.
serve_and_ask() { # command
  local log=$work/serve.log port tries
  : >"$log"
  "$@" serve --model "$model" --port 0 2>"$log" &
  server=$!
  for ((tries = 0; tries < 300; tries++)); do
    port=$(sed -n 's|^serving .* at http://[^/]*:\([0-9]*\)/v1,.*|\1|p' "$log")
    [ -z "$port" ] && kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  ask "http://127.0.0.1:${port:-0}" || { cat "$log" >&2 && fail "the server did not answer"; }
  kill "$server"
  wait "$server" || true
  server=
}

ask() { # URL of a server
  curl -sSf --max-time 60 --retry 60 --retry-delay 1 --retry-connrefused "$1/health/ready" >/dev/null &&
    curl -sSf --max-time 60 "$1/v1/completions" -H 'Content-Type: application/json' \
      -d '{"prompt": "It is", "max_tokens": 4}' | grep -q '"text"'
}

# Runs the image as nobody in particular, with nothing to write to.
check_image() {
  local file image
  file=$(find "$release" -name 'saiki-*-oci.tar')
  if [ -z "$file" ] || ! command -v podman >/dev/null; then
    say "skipped: the image, since there is none or no podman"
    return
  fi
  chmod -R go+rX "$work"
  image=$(podman load -q -i "$file" | sed -n 's/^Loaded image: //p')
  say "the image $image:"
  container=$(podman run -d --read-only --cap-drop all --network host -v "$model:/model:ro" "$image" \
    serve --model /model --port 18080)
  if ! ask http://127.0.0.1:18080; then
    podman logs "$container" >&2 || true
    fail "the image did not answer"
  fi
}

check_sums
check_linux
check_pure_java
check_image
say "all of $release works"
