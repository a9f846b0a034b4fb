#!/usr/bin/env bash
# Makes a release of the last commit, without tests: `./build release`. Arguments go to Maven, which must not be offline,
# since deployment needs a network even into a folder.
#
# The release is made in a copy of the repository, so that it depends only on the commit, the JDK and Debian's packages. It
# is written to target/release, or to the folder in SAIKI_RELEASE:
#   repository/                          a Maven repository: jars, sources, Javadoc, POMs
#   saiki-VERSION-linux-x86_64.tar.gz    the command with its own Java
#   saiki-VERSION-java.tar.gz            the command without native libraries, for other platforms
#   saiki-VERSION-oci.tar                an image of the command, for podman and docker, if this is Debian on x86-64
#   saiki-VERSION.cdx.json               the libraries in all of it, with licences (CycloneDX)
#   SHA256SUMS                           of all files, for sha256sum -c
# JAVA_HOME names the JDK, whose parts become the Java of the archive. SAIKI_IMAGE=no leaves the image out.
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
release=$(realpath -m "${SAIKI_RELEASE:-$root/target/release}")
work=$release.work
fresh=$work/release
source=$work/source
java=$work/java-runtime
platform=linux-x86_64

# Jars that contain native libraries beside classes; the archive for other platforms contains only the classes.
mixed_jars=(saiki-engine zstd-jni snappy-java sqlite-jdbc jline-native)

# The start script of the archives, and the scripts that make their parts.
# shellcheck source=scripts/start.sh
. "$root/scripts/start.sh"
# shellcheck source=scripts/class-archive.sh
. "$root/scripts/class-archive.sh"
# shellcheck source=scripts/archive-layout.sh
. "$root/scripts/archive-layout.sh"

fail() {
  echo "release: $1" >&2
  exit 1
}

# Checks this machine, since the archive's Java is made from its JDK.
check_machine() {
  [ "$(uname -sm)" = "Linux x86_64" ] || fail "a release can be made on Linux x86-64 only, got $(uname -sm)"
  [ ! -e "$release" ] || [ -e "$release/SHA256SUMS" ] || fail "$release exists and is not a release; choose another folder with SAIKI_RELEASE"
}

# Copies the last commit into the work folder.
copy_commit() {
  rm -rf "$work"
  mkdir -p "$fresh"
  [ -z "$(git -C "$root" status --porcelain)" ] || echo "release: uncommitted changes are left out" >&2
  git clone --quiet "$root" "$source"
}

# Prints the text of an element of the root POM that is on a line of its own.
pom_value() { # element
  sed -n "s|^ *<$1>\(.*\)</$1>.*|\1|p" "$source/pom.xml" | head -n 1
}

# Sets Maven's options for the image, or prints why there is none.
prepare_image() {
  image_options=()
  [ "${SAIKI_IMAGE:-yes}" != no ] || return 0
  if ! command -v apt-get >/dev/null || ! command -v dpkg-deb >/dev/null || [ "$(dpkg --print-architecture)" != amd64 ]; then
    echo "release: no image: it is made of Debian's packages, and so needs Debian on x86-64" >&2
    return
  fi
  "$source/scripts/image-base.sh" "$timestamp" "$work/base.tar"
  image_options=(-Pimage "-Dsaiki.image.base=$work/base.tar" "-Dsaiki.image.java=$java"
    "-Dsaiki.image.tar=$fresh/saiki-$version-oci.tar")
}

# Compiles, makes the image, puts jars, sources, Javadoc and POMs into the repository, and the command's jars into a folder.
deploy() {
  # The BOM has no parent that would skip its installation.
  mvn -B -ntp -T 2 -f "$source/pom.xml" -Prelease,sbom -Dmaven.test.skip=true -Dspotless.check.skip=true -Dmaven.install.skip=true \
    -pl '!saiki-client-tests,!saiki-architecture-tests,!saiki-benchmarks' \
    -Dnative.classifier="$platform" -Dsaiki.distribution.folder="$work/distribution" \
    "-DaltDeploymentRepository=release::file://$fresh/repository" "${image_options[@]}" "$@" deploy
  cp "$work/distribution/bom.json" "$fresh/saiki-$version.cdx.json"
  forget_time
}

# Writes the commit's time into the repository's version lists instead of the current time.
forget_time() {
  local list sum moment
  moment=$(tr -cd 0-9 <<<"$timestamp")
  find "$fresh/repository" -name maven-metadata.xml | while IFS= read -r list; do
    sed -i "s|<lastUpdated>[0-9]*<|<lastUpdated>$moment<|" "$list"
    for sum in md5 sha1; do
      "${sum}sum" <"$list" | cut -d ' ' -f 1 | tr -d '\n' >"$list.$sum"
    done
  done
}

# Packs a folder so that the archive depends only on the files' names and contents.
pack() { # folder, name of the archive
  chmod -R u=rwX,go=rX "$1"
  tar -C "${1%/*}" --sort=name --mtime="$timestamp" --owner=0 --group=0 --numeric-owner --format=gnu -cf - "${1##*/}" |
    gzip -n9 >"$fresh/$2"
}

# Makes the archive of classes for the archive's Java, which then starts in half the time. It records when the jars were
# made, but not where they are.
archive_classes() { # folder of the archive
  local distribution=$1 java_home=$1/runtime root=$source
  find "$distribution/lib" -type f -exec touch -d "$timestamp" {} +
  (cd "$distribution" && make_archive "$distribution" .)
  [ -e "$distribution/$archive_name" ] || { cat "$distribution/$archive_name.log" >&2 && fail "no archive of classes"; }
  rm "$distribution/$archive_name.log"
}

# Packs the command with a Java of its own.
pack_for_linux() {
  local folder=$work/$platform/saiki-$version
  mkdir -p "$folder"
  lay_out "$source" "$work/distribution" "$folder"
  cp -R "$java" "$folder/runtime"
  archive_classes "$folder"
  pack "$folder" "saiki-$version-$platform.tar.gz"
}

# Removes the native libraries from a jar. Its classes stay, since other classes refer to them.
strip_jar() { # jar
  local content=$work/content
  mkdir "$content"
  (cd "$content" && "$JAVA_HOME/bin/jar" --extract --file "$1")
  find "$content" -type f \( -name '*.so' -o -name '*.dll' -o -name '*.dylib' -o -name '*.jnilib' -o -name '*.a' \) -delete
  find "$content" -type d -empty -delete
  rm "$1"
  # The order must not depend on the file system.
  (cd "$content" && find . -type f | sed 's|^\./||' | LC_ALL=C sort >"$work/entries" &&
    "$JAVA_HOME/bin/jar" --create --no-manifest --date "$timestamp" --file "$1" @"$work/entries")
  rm -rf "$content"
}

# Packs the command for other platforms. It can serve, generate and tokenize, but not train.
pack_pure_java() {
  local folder=$work/java/saiki-$version name
  mkdir -p "$folder"
  lay_out "$source" "$work/distribution" "$folder"
  rm "$folder"/lib/*-"$platform".jar
  for name in "${mixed_jars[@]}"; do
    strip_jar "$(echo "$folder/lib/$name"-[0-9]*.jar)"
  done
  cat >"$folder/README" <<README
Saiki $version without native libraries: the engine and the server, in Java alone.

It was tried on Linux x86-64 only, where the other archive is the better one. Nobody has run it on macOS, Windows or another
processor yet; it should run wherever there is a JDK 25 (25.0.3 or later) and bash:

  bin/saiki serve --model FOLDER
  bin/saiki generate --model FOLDER --prompt "It is"

Without bash, java does the same, on Windows with ; in place of :

  java --add-modules jdk.incubator.vector --enable-native-access=ALL-UNNAMED -cp "lib/*" dev.saiki.cli.Main serve --model FOLDER

Left out are the native libraries of LibTorch, of zstd, of Snappy and of SQLite: it does not train, nor score with LibTorch, nor read
what is compressed so, nor keep an audit in a file.
README
  pack "$folder" "saiki-$version-java.tar.gz"
}

write_sums() {
  (cd "$fresh" && find . -type f ! -name SHA256SUMS | sed 's|^\./||' | LC_ALL=C sort | tr '\n' '\0' | xargs -0 sha256sum >SHA256SUMS)
}

main() {
  check_machine
  copy_commit
  version=$(pom_value version)
  timestamp=$(pom_value project.build.outputTimestamp)
  [ -n "$version" ] && [ -n "$timestamp" ] || fail "pom.xml lacks the version or project.build.outputTimestamp"
  make_java "$JAVA_HOME" "$java"
  prepare_image
  deploy "$@"
  pack_for_linux
  pack_pure_java
  write_sums
  rm -rf "$release"
  mv "$fresh" "$release"
  rm -rf "$work"
  echo "release: Saiki $version is in $release" >&2
}

main "$@"
exit
