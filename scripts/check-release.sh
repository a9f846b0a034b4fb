#!/usr/bin/env bash
# Tests a release as its users would run it: checksums and jars, the archives without an installed Java, the image, and the
# projects in examples/ with no Saiki but the one in the release's repository.
#   scripts/check-release.sh [RELEASE]    the folder that ./build release made; target/release if none is named
#   scripts/check-release.sh --twice      makes two releases of the last commit in two clones, and compares all their bytes
# Further arguments go to Maven. The image is skipped if podman cannot start a container.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
JAVA_HOME=$(find_jdk) || exit 2
export JAVA_HOME
work=$(mktemp -d)
model=$work/model
server=
container=

end() {
  [ -z "$server" ] || kill "$server" 2>/dev/null || true
  [ -z "$container" ] || "${podman[@]}" rm -f "$container" >/dev/null 2>&1 || true
  rm -rf "$work"
}
trap end EXIT

say() {
  echo "check-release: $1" >&2
}

fail() {
  say "$1"
  exit 1
}

check_sums() {
  (cd "$release" && sha256sum --quiet -c SHA256SUMS) || fail "a file does not match SHA256SUMS"
  local file
  (cd "$release" && find . -type f ! -name SHA256SUMS | sed 's|^\./||') | while IFS= read -r file; do
    grep -qF "  $file" "$release/SHA256SUMS" || fail "SHA256SUMS lacks $file"
  done
}

# Every module must have its POM, sources and Javadoc, and every jar the licence. A Spark job's jar is an additional jar of
# its module.
check_jars() {
  local jar base part content
  find "$release/repository" -name '*.jar' >"$work/jars"
  [ -s "$work/jars" ] || fail "the repository has no jars"
  while IFS= read -r jar; do
    content=$("$JAVA_HOME/bin/jar" --list --file "$jar")
    for part in META-INF/LICENSE META-INF/NOTICE; do
      grep -qxF "$part" <<<"$content" || fail "$jar has no $part"
    done
    case $jar in *-sources.jar | *-javadoc.jar | *-job.jar) continue ;; esac
    base=${jar%.jar}
    for part in "$base.pom" "$base-sources.jar" "$base-javadoc.jar"; do
      [ -e "$part" ] || fail "there is no $part"
    done
  done <"$work/jars"
}

# Sets the command prefix that runs a program without this shell's environment, with neither Java nor most other programs.
without_java() {
  local program
  mkdir -p "$work/bin" "$work/home"
  for program in bash cut readlink stty; do
    ln -sf "$(command -v "$program")" "$work/bin/$program"
  done
  alone=(env -i "HOME=$work/home" "PATH=$work/bin")
  ! "${alone[@]}" bash -c 'command -v java' || fail "a java is on the PATH that should have none"
}

# Unpacks an archive, and sets `saiki` to its command.
unpack() { # which
  mkdir -p "$work/$1"
  tar -C "$work/$1" -xzf "$release"/saiki-*-"$1".tar.gz
  saiki=$(echo "$work/$1"/saiki-*/bin/saiki)
}

check_linux() {
  local folder
  unpack linux-x86_64
  folder=${saiki%/bin/saiki}
  without_java
  "${alone[@]}" "$saiki" --version
  "${alone[@]}" "$saiki" tokenizer train --corpus "$root/README.md" --vocab-size 300 --out "$work/tokenizer.json"
  "${alone[@]}" "$saiki" train init --recipe "$folder/recipes/studies/small-mor3-expert.yaml" --seed 1 --out "$model" --set model.vocab_size=300 \
    model.hidden_size=64 model.intermediate_size=64 model.max_position_embeddings=512 "tokenizer.file=$work/tokenizer.json"
  "${alone[@]}" "SAIKI_JAVA_OPTIONS=-Xlog:class+load:file=$work/loaded" "$saiki" generate --model "$model" --prompt "It is" \
    --max-tokens 8
  grep -q '^.*dev.saiki.cli.Main source: shared objects file' "$work/loaded" || fail "the archive of classes is not used"
  "${alone[@]}" "XDG_CACHE_HOME=$work/cache" "$saiki" generate --max-tokens 8
  [ -n "$(find "$work/cache" -name model.safetensors)" ] || fail "the built-in model is not in the cache"
  serve_and_ask "$folder/runtime/bin/java" "${alone[@]}" "$saiki"
  "$folder/runtime/bin/java" -Xshare:on -XX:+UseCompactObjectHeaders -version 2>/dev/null ||
    fail "the archive's Java has no archive of its own classes"
}

check_pure_java() {
  unpack java
  local jar
  find "$work/java" -name '*.jar' | while IFS= read -r jar; do
    "$JAVA_HOME/bin/jar" --list --file "$jar"
  done >"$work/classes"
  [ -s "$work/classes" ] || fail "the archive for other platforms has no classes"
  ! grep -E '\.(so|dll|dylib|jnilib)$' "$work/classes" || fail "the archive for other platforms has native libraries"
  grep -q 'Nobody has run it' "${saiki%/bin/saiki}/README" || fail "the archive for other platforms does not say that nobody has run it there"
  "$saiki" generate --model "$model" --prompt "It is" --max-tokens 8
  serve_and_ask "$JAVA_HOME/bin/java" "$saiki"
}

# Starts a server, requests an answer, and stops the server.
serve_and_ask() { # the Java that must run, command
  local java=$1 log=$work/serve.log port tries
  shift
  : >"$log"
  "$@" serve --model "$model" --port 0 2>"$log" &
  server=$!
  for ((tries = 0; tries < 300; tries++)); do
    port=$(sed -n 's|^serving .* at http://[^/]*:\([0-9]*\)/v1,.*|\1|p' "$log")
    [ -z "$port" ] && kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  ask "http://127.0.0.1:${port:-0}" || { cat "$log" >&2 && fail "the server did not answer"; }
  [ "$(readlink "/proc/$server/exe")" = "$(readlink -f "$java")" ] || fail "the server runs on $(readlink "/proc/$server/exe")"
  kill "$server"
  wait "$server" || true
  server=
}

ask() { # URL of a server
  curl -sSf --max-time 60 --retry 180 --retry-delay 1 --retry-connrefused "$1/health/ready" >/dev/null &&
    curl -sSf --max-time 60 "$1/v1/completions" -H 'Content-Type: application/json' \
      -d '{"prompt": "It is", "max_tokens": 4}' | grep -q '"text"'
}

# Finds a runtime with which podman can start a container of one local program, and sets `podman` to that command. Not every
# runtime supports every layout of control groups: crun refuses a hybrid layout, runc accepts it.
find_podman() {
  local tiny=$work/tiny runtime file
  command -v podman >/dev/null || return 1
  mkdir -p "$tiny/tmp"
  while IFS= read -r file; do
    mkdir -p "$tiny$(dirname "$file")"
    cp -L "$file" "$tiny$file"
  done < <(type -P true && ldd "$(type -P true)" | grep -o '/[^ ]*')
  for runtime in '' crun runc; do
    podman=(podman ${runtime:+--runtime "$runtime"})
    "${podman[@]}" run --rm --read-only --cap-drop all --network none --rootfs "$tiny" "$(type -P true)" >"$work/podman.log" 2>&1 &&
      return
  done
  tail -n 1 "$work/podman.log" >&2
  return 1
}

# Runs the image as an unprivileged user, on a read-only file system.
check_image() {
  local file image
  file=$(find "$release" -name 'saiki-*-oci.tar')
  if [ -z "$file" ] || ! find_podman; then
    say "skipped: the image, since there is none or no podman that can start a container"
    return
  fi
  chmod -R go+rX "$work"
  image=$("${podman[@]}" load -q -i "$file" | sed -n 's/^Loaded image: //p')
  say "the image $image:"
  "${podman[@]}" run --rm --read-only --tmpfs /tmp --cap-drop all --security-opt no-new-privileges --network none "$image" generate --max-tokens 8
  container=$("${podman[@]}" run -d --read-only --cap-drop all --security-opt no-new-privileges --network host -v "$model:/model:ro" "$image" \
    serve --model /model --port 18080)
  if ! ask http://127.0.0.1:18080; then
    "${podman[@]}" logs "$container" >&2 || true
    fail "the image did not answer"
  fi
}

# Prepares the Maven repository of a project without network: everything that this user has downloaded, except Saiki.
lay_out_libraries() {
  local known=$HOME/.m2/repository
  libraries=$work/libraries
  mkdir -p "$libraries/dev"
  [ -d "$known" ] || return 0
  find "$known" -mindepth 1 -maxdepth 1 ! -name dev -exec ln -s -t "$libraries" {} +
  [ ! -d "$known/dev" ] || find "$known/dev" -mindepth 1 -maxdepth 1 ! -name saiki -exec ln -s -t "$libraries/dev" {} +
}

# Builds a copy of a project outside of this repository, with its classes and libraries in target/.
build_example() { # name
  here=$work/$1
  mkdir "$here"
  cp -R "$root/examples/$1"/{pom.xml,src} "$here"
  # Maven's downloads, including Saiki, go into a separate folder.
  (cd "$here" && mvn -B -q -ntp -Dmaven.repo.local="$work/m2" \
    -Dmaven.repo.local.tail="$libraries" \
    -Dsaiki.repository="file://$release/repository" ${maven_options[@]+"${maven_options[@]}"} package)
  cmp "$here"/target/lib/saiki-engine-*.jar "$release"/repository/dev/saiki/saiki-engine/*/saiki-engine-*[0-9].jar ||
    fail "Saiki did not come from the release's repository"
  say "the example $1:"
}

# Runs a program, which must print something.
run_java() {
  "$JAVA_HOME/bin/java" --enable-native-access=ALL-UNNAMED "$@" | tee "$work/said"
  [ -s "$work/said" ] || fail "the program printed nothing"
}

check_examples() {
  local vector=(--add-modules jdk.incubator.vector)
  lay_out_libraries
  build_example engine
  run_java "${vector[@]}" -cp "$here/target/classes:$here/target/lib/*" example.Continue "$model" "It is"
  run_java -p "$here/target/classes:$here/target/lib" -m example.engine/example.Continue "$model" "It is"
  build_example langchain4j
  run_java "${vector[@]}" -cp "$here/target/classes:$here/target/lib/*" example.Chat "$model" "Who?"
  build_example spring
  run_java "${vector[@]}" -cp "$here/target/classes:$here/target/lib/*" example.Application \
    "--spring.ai.saiki.model=$model" "--question=Who?"
}

# The two clones have different paths, so that a path or a time in a result would be noticed.
check_twice() {
  local clone
  for clone in one another/place; do
    git clone --quiet "$root" "$work/$clone"
    SAIKI_RELEASE=$work/$clone.release "$work/$clone/build" release "${maven_options[@]+"${maven_options[@]}"}"
  done
  # Prints the names of different files; `diff` prints nothing if all are equal.
  diff "$work/one.release/SHA256SUMS" "$work/another/place.release/SHA256SUMS" || fail "two releases of one commit differ"
  say "two releases of $(git -C "$root" rev-parse --short HEAD) have the same $(wc -l <"$work/one.release/SHA256SUMS") files"
}

if [ "${1:-}" = --twice ]; then
  shift
  maven_options=("$@")
  check_twice
  exit
fi
release=$(cd "${1:-$root/target/release}" && pwd -P)
shift || true
maven_options=("$@")
check_sums
check_jars
check_linux
check_pure_java
check_image
check_examples
say "all of $release works"
