# Finds a JDK that can build and run Saiki. Sourced by ./saiki and ./build; needs bash 3.2 or later.
#
# find_jdk prints the home folder of the first suitable JDK; if there is none it explains how to get one and returns 2.
# Versions are read from the JDK's `release` file, because starting a JVM only to ask for its version takes longer than
# some commands do.

# The oldest accepted release. Earlier 25.x releases can corrupt data under the G1 collector.
SAIKI_OLDEST_JDK=25.0.3

# Prints the version in a JDK's `release` file, or nothing.
jdk_version() {
  local line
  [ -r "$1/release" ] || return 0
  while IFS= read -r line || [ -n "$line" ]; do # a program for it would take longer to start
    case $line in
      'JAVA_VERSION="'*'"'*)
        line=${line#*\"}
        printf '%s\n' "${line%%\"*}"
        return
        ;;
    esac
  done <"$1/release"
}

# Succeeds if the first dotted version is the second one or later.
version_at_least() {
  local have want have_part want_part
  have=${1%%[-+_]*}.0.0
  want=$2.0.0
  for _ in 1 2 3; do
    have_part=${have%%.*}
    want_part=${want%%.*}
    case $have_part in '' | *[!0-9]*) return 1 ;; esac
    [ "$have_part" -gt "$want_part" ] && return 0
    [ "$have_part" -lt "$want_part" ] && return 1
    have=${have#*.}
    want=${want#*.}
  done
  return 0
}

# Succeeds if the folder holds a whole JDK (a compiler too) that is new enough.
is_suitable_jdk() {
  [ -n "$1" ] && [ -x "$1/bin/java" ] && [ -x "$1/bin/javac" ] && version_at_least "$(jdk_version "$1")" "$SAIKI_OLDEST_JDK"
}

# Follows symbolic links to the end; `readlink -f` is not everywhere.
resolve_links() {
  local path=$1 target
  while [ -L "$path" ]; do
    target=$(readlink "$path")
    case $target in
      /*) path=$target ;;
      *) path=${path%/*}/$target ;;
    esac
  done
  printf '%s\n' "$(cd "${path%/*}" && pwd -P)/${path##*/}"
}

# Prints the home folder of the `java` on the PATH, or nothing.
home_of_java_on_path() {
  local java
  java=$(command -v java 2>/dev/null) || return 0
  java=$(resolve_links "$java")
  java=${java%/*}
  printf '%s\n' "${java%/*}"
}

# Prints the candidates, one a line, best first.
jdk_candidates() {
  printf '%s\n' "${JAVA_HOME:-}" "${JDK25_HOME:-}"
  home_of_java_on_path
  if [ -x /usr/libexec/java_home ]; then
    /usr/libexec/java_home -v 25+ 2>/dev/null
  fi
  local folder
  for folder in /usr/lib/jvm/* /usr/java/* /opt/java/* /opt/jdk* "$HOME"/.sdkman/candidates/java/* "$HOME"/.jdks/* \
    /Library/Java/JavaVirtualMachines/*/Contents/Home "$HOME"/Library/Java/JavaVirtualMachines/*/Contents/Home; do
    [ -d "$folder" ] && printf '%s\n' "$folder"
  done
}

find_jdk() {
  local candidate seen=""
  while IFS= read -r candidate; do
    [ -n "$candidate" ] || continue
    if is_suitable_jdk "$candidate"; then
      printf '%s\n' "$candidate"
      return 0
    fi
    [ -x "$candidate/bin/java" ] && seen="$seen
  $candidate (version $(jdk_version "$candidate"))"
  done <<CANDIDATES
$(jdk_candidates)
CANDIDATES
  {
    echo "saiki: needs a JDK $SAIKI_OLDEST_JDK or later (with the compiler), and none was found."
    [ -n "$seen" ] && echo "Found, but too old or without a compiler:$seen"
    echo "Get one: from https://adoptium.net, by 'sdk install java 25-tem' (SDKMAN), 'brew install temurin@25' (macOS)"
    echo "or your system's package of OpenJDK 25. If you have one elsewhere, set JAVA_HOME or JDK25_HOME to its folder."
  } >&2
  return 2
}

# Prints the name JavaCPP gives to this machine's platform; SAIKI_PLATFORM overrides it. The ending -gpu selects LibTorch for
# CUDA, the only library with such a build.
native_platform() {
  if [ -n "${SAIKI_PLATFORM:-}" ]; then
    printf '%s\n' "$SAIKI_PLATFORM"
    return
  fi
  case $(uname -sm) in
    'Darwin arm64') echo macosx-arm64 ;;
    Darwin*) echo macosx-x86_64 ;;
    'Linux aarch64') echo linux-arm64 ;;
    *) echo linux-x86_64 ;;
  esac
}
