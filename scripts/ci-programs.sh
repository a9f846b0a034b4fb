# The programs that the CI needs besides the JDK and Maven. Sourced by .ci/run.
#
# install_test_programs installs missing programs, on Debian and as root, and fails with one message if it cannot.
# fail_if_processes_remain kills the processes that a run left behind, and fails if there were any.

has_cjk_fonts() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' fonts-noto-cjk 2>/dev/null)" = installed ]
}

# Prints the missing programs and fonts, by the names of their packages.
missing_programs() {
  command -v chromium >/dev/null || echo chromium
  has_cjk_fonts || echo fonts-noto-cjk
  command -v promtool >/dev/null || echo promtool
}

# Installs a package, prints nothing on success, and starts no daemon.
install_quietly() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
    --no-install-recommends "$@" </dev/null
}

# Before Debian 13, promtool is in the package of the Prometheus server, which a temporary policy keeps from starting.
install_with_prometheus() {
  local rule=/usr/sbin/policy-rc.d ours=no status=0
  if [ ! -e "$rule" ]; then
    ours=yes
    printf '#!/bin/sh\nexit 101\n' >"$rule"
    chmod +x "$rule"
  fi
  install_quietly install prometheus || status=$?
  [ "$ours" = no ] || rm -f "$rule"
  return "$status"
}

install_test_programs() {
  local log missing
  missing=$(missing_programs)
  [ -n "$missing" ] || return 0
  echo "installing: ${missing//$'\n'/ }"
  log=$(mktemp)
  {
    install_quietly update
    case $missing in
      *promtool*)
        if apt-cache show promtool 2>/dev/null | grep -q '^Package:'; then
          install_quietly install promtool
        else
          install_with_prometheus
        fi
        ;;
    esac
    # shellcheck disable=SC2046 # one word each
    set -- $(missing_programs | grep -v promtool)
    [ $# -eq 0 ] || install_quietly install "$@"
  } >"$log" 2>&1 || true
  missing=$(missing_programs)
  if [ -n "$missing" ]; then
    tail -n 20 "$log" >&2
    echo "ci: needs ${missing//$'\n'/, }, and apt-get did not install it" >&2
  fi
  rm -f "$log"
  [ -z "$missing" ]
}

# Prints the ids of processes with an entry in their environment, including those without a parent. The caller's own
# environment must not have the entry, since the programs that this function starts would then be found.
processes_with() {
  grep -lszFx -- "$1" /proc/[0-9]*/environ 2>/dev/null | awk -F/ '{ print $3 }'
}

# Names and kills the processes with the entry in their environment, and fails if there are any. Waits first, since some need
# a moment to end.
fail_if_processes_remain() {
  local entry=$1 pid remaining name status=0
  [ -d /proc/self ] || return 0
  for _ in 1 2 3 4 5 6 7 8 9 10; do
    remaining=$(processes_with "$entry")
    [ -n "$remaining" ] || return 0
    sleep 0.5
  done
  for pid in $remaining; do
    name=$({ tr '\0' ' ' <"/proc/$pid/cmdline"; } 2>/dev/null) || continue # it has ended
    echo "ci: a process that was left running has been killed: $pid ${name:0:300}" >&2
    kill -KILL "$pid" 2>/dev/null || true
    status=1
  done
  return "$status"
}
