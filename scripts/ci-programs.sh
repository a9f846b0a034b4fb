# What the CI needs beside the JDK and Maven. Sourced by .ci/run.
#
# install_test_programs installs what is missing, on Debian and as root, and fails with one message if it cannot.
# fail_if_processes_remain ends what a run has left, and fails if there was any.

has_cjk_fonts() {
  [ "$(dpkg-query -W -f '${db:Status-Status}' fonts-noto-cjk 2>/dev/null)" = installed ]
}

# Prints the names of programs and fonts that are missing, which are packages too.
missing_programs() {
  command -v chromium >/dev/null || echo chromium
  has_cjk_fonts || echo fonts-noto-cjk
  command -v promtool >/dev/null || echo promtool
}

# Installs a package, says nothing if all goes well, and starts no daemon.
install_quietly() {
  DEBIAN_FRONTEND=noninteractive apt-get -qq -y -o Dpkg::Use-Pty=0 -o DPkg::Lock::Timeout=300 -o Acquire::Retries=3 \
    --no-install-recommends "$@" </dev/null
}

# Before Debian 13, promtool comes with the server, which would be started: the rule that forbids it is there meanwhile.
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

# Prints the numbers of processes that have an entry in their environment; those that have no parent any more too. The
# caller must not have it, or what it starts here is found.
processes_with() {
  grep -lszFx -- "$1" /proc/[0-9]*/environ 2>/dev/null | awk -F/ '{ print $3 }'
}

# Names and kills what has the entry in its environment, and fails if there is any. Some need a moment to end.
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
    echo "ci: left running, and killed now: $pid ${name:0:300}" >&2
    kill -KILL "$pid" 2>/dev/null || true
    status=1
  done
  return "$status"
}
