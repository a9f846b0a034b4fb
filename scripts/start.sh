# Starts the JVM of a saiki command. Sourced by ./saiki, and by the command in an archive; needs bash 3.2 or later.
#
# start_saiki takes the command's arguments, and does not return. It reads these variables of the caller:
#   root            the folder in which scripts/ lies
#   distribution    the folder of lib/, and of an archive of classes if there is one
#   java_home       the Java to start

# The archive of classes that a start loads, made for one JDK, and the file that names what it was made for.
archive_name=start.jsa
archive_stamp=start.for

# Sets the options of every JVM of saiki, whatever the command. The export lets an engine load the module of the Vector API
# when needed: Java prints a warning if the module is loaded at the start.
common_options() {
  options=(--enable-native-access=ALL-UNNAMED --sun-misc-unsafe-memory-access=allow -XX:+UseCompactObjectHeaders
    --add-exports=java.base/jdk.internal.module=ALL-UNNAMED
    "-Dsaiki.command=${0##*/}" -Dfile.encoding=UTF-8 -Dstdout.encoding=UTF-8 -Dstderr.encoding=UTF-8)
}

# Succeeds if the engine's kernels in C run on this processor: the first line of flags names an instruction of theirs.
has_kernels_in_c() {
  local line
  [ -r /proc/cpuinfo ] || return 1
  while read -r line; do
    case $line in
      flags*avx512_vnni*) return 0 ;;
      flags*) return 1 ;;
    esac
  done </proc/cpuinfo
  return 1
}

# Sets options for a process that must produce its first token within a second. With kernels in C, the better compiler, C2,
# only takes time from the work of the first seconds, so it begins later. Without them, Java runs each vector operation of
# the kernels as a library method until they are compiled. Hundreds of these methods become hot first, and C2 compiles them
# all that time, although no compiled kernel calls them. So the kernels are compiled sooner, and those methods later.
short_work() {
  options+=(-XX:-UsePerfData)
  if has_kernels_in_c; then
    options+=(-XX:Tier4InvocationThreshold=250000 -XX:Tier4MinInvocationThreshold=30000
      -XX:Tier4CompileThreshold=750000 -XX:Tier4BackEdgeThreshold=2000000)
  else
    options+=(-XX:CompileCommand=quiet
      '-XX:CompileCommand=CompileThresholdScaling,dev.saiki.engine.kernel.*::*,0.05'
      '-XX:CompileCommand=CompileThresholdScaling,jdk.incubator.vector.*::*,20.0')
  fi
}

# Prints the class path of a distribution. An archive of classes fits only one order of the jars, wherever they are. The jars
# from which every start loads classes come first, since Java opens jars in order until it finds a class.
class_path() { # folder of the distribution
  local LC_ALL=C IFS=: jar jars=("$1"/lib/saiki-*.jar "$1"/lib/picocli-*.jar)
  for jar in "$1"/lib/*.jar; do
    case ${jar##*/} in saiki-* | picocli-*) ;; *) jars+=("$jar") ;; esac
  done
  printf '%s' "${jars[*]}"
}

# Prints what an archive of classes depends on besides the jars, whose sizes and times the JVM itself compares. A Java inside
# the distribution may move with it.
archive_key() {
  printf '%s\n' "${java_home#"$distribution"/}" "$(<"$java_home/release")"
}

# Succeeds if the JVM may use the archive of classes: it was made for this JDK, and the user's own options do not concern
# archives. The JVM detects any other mismatch, and continues without the archive.
has_archive() {
  [ -f "$distribution/$archive_name" ] && [ -f "$distribution/$archive_stamp" ] || return 1
  case "${SAIKI_JAVA_OPTIONS:-} ${JDK_JAVA_OPTIONS:-} ${JAVA_TOOL_OPTIONS:-}" in
    *Xshare* | *XX:*Shared* | *XX:*AOT*) return 1 ;;
  esac
  [ "$(archive_key)" = "$(<"$distribution/$archive_stamp")" ]
}

start_saiki() {
  # shellcheck source=scripts/native-env.sh
  . "$root/scripts/native-env.sh"
  find_cuda "$distribution/lib"
  case ${1:-} in
    train | pilot | study) keep_freed_memory ;;
    serve) give_freed_memory_back ;;
  esac

  local options collector
  common_options
  # The JVM's messages about an archive that does not fit are off, since the user did not ask for an archive.
  ! has_archive || options+=("-XX:SharedArchiveFile=$distribution/$archive_name" '-Xlog:cds*=off,aot*=off')
  # Java cannot tell which of its streams are terminals.
  [ ! -t 0 ] || options+=(-Dsaiki.stdin.terminal=true)
  [ ! -t 1 ] || options+=(-Dsaiki.stdout.terminal=true)
  if [ -t 2 ]; then
    options+=(-Dsaiki.stderr.terminal=true)
    COLUMNS=$(stty size <&2 2>/dev/null | cut -d ' ' -f 2) || true
    export COLUMNS
  fi
  case ${1:-} in
    generate | chat) collector=(-XX:+UseSerialGC -Xmn8m) && short_work ;; # one text leaves little garbage
    describe | doctor | help | version | -* | '') collector=(-XX:+UseSerialGC) options+=(-XX:TieredStopAtLevel=1) ;; # over before a better compiler pays
    *) collector=() ;;
  esac
  case "${SAIKI_JAVA_OPTIONS:-} ${JDK_JAVA_OPTIONS:-} ${JAVA_TOOL_OPTIONS:-}" in
    *XX:+Use*GC*) ;; # the JVM refuses to choose between two
    *) options+=(${collector[@]+"${collector[@]}"}) ;;
  esac
  # shellcheck disable=SC2206 # several options in one variable are meant to be split
  options+=(${SAIKI_JAVA_OPTIONS:-})

  exec "$java_home/bin/java" "${options[@]}" -cp "$(class_path "$distribution")" dev.saiki.cli.Main "$@"
}
