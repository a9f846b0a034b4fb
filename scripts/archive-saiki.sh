#!/usr/bin/env bash
# Runs the saiki command from an unpacked archive, with the Java in the archive's folder runtime or, if there is none, with a
# JDK of this machine. In a release this file is bin/saiki.
#
# Environment: SAIKI_JAVA_OPTIONS is added to the JVM's options (-Xmx8g, say); SAIKI_STACKTRACE=1 shows failures in full;
# JAVA_HOME or JDK25_HOME names the JDK, where the archive has no Java.
set -euo pipefail

self=${BASH_SOURCE[0]}
while [ -L "$self" ]; do
  target=$(readlink "$self")
  case $target in
    /*) self=$target ;;
    *) self=${self%/*}/$target ;;
  esac
done
case $self in
  */*) ;;
  *) self=./$self ;;
esac
root=$(cd "${self%/*}/.." && pwd -P)
distribution=$root
# shellcheck source=scripts/start.sh
. "$root/scripts/start.sh"

java_home=$root/runtime
if [ ! -x "$java_home/bin/java" ]; then
  # shellcheck source=scripts/find-jdk.sh
  . "$root/scripts/find-jdk.sh"
  java_home=$(find_jdk) || exit 2
fi
start_saiki "$@"
