#!/usr/bin/env bash
# Summarises Surefire's reports: the skipped tests, and why; with --table also the time by module and by part, and the
# slowest classes.
#   scripts/test-times.sh [--table] STAMP    reads the reports that are newer than the file STAMP
# Parts are recognised by names: classes that end with BrowserTest, AlertsTest (promtool), FuzzTest; tests and classes with
# "Killed" in their names.
set -euo pipefail

table=no
if [ "${1:-}" = --table ]; then
  table=yes
  shift
fi
stamp=$1
cd "$(dirname "${BASH_SOURCE[0]}")/.."

reports=()
while IFS= read -r report; do
  reports+=("$report")
done < <(find . -path '*/target/surefire-reports/TEST-*.xml' -newer "$stamp" | sort)
[ ${#reports[@]} -gt 0 ] || exit 0

# One line for each fact: class MODULE SECONDS TESTS NAME, test SECONDS CLASS#NAME, skipped CLASS, TAB, REASON.
facts() {
  awk '
    function attribute(name,   text) {
      if (!match($0, "[ <]" name "=\"[^\"]*\"")) return ""
      text = substr($0, RSTART + length(name) + 3, RLENGTH - length(name) - 4)
      gsub(/&apos;|&#39;/, "\047", text); gsub(/&quot;/, "\"", text); gsub(/&lt;/, "<", text); gsub(/&gt;/, ">", text)
      gsub(/&#10;/, " ", text); gsub(/&amp;/, "\\&", text)
      return text
    }
    /<testsuite / {
      split(FILENAME, path, "/")
      class = attribute("name")
      print "class", path[2], attribute("time"), attribute("tests"), class
    }
    /<testcase / { name = attribute("name"); print "test", attribute("time"), class "#" name }
    /<skipped/ {
      reason = attribute("message")
      if (reason == "" && sub(/.*<!\[CDATA\[/, "")) {
        sub(/^[A-Za-z0-9.]+: (Assumption failed: )?/, "")
        sub(/\]\]>.*/, "")
        reason = $0
      }
      print "skipped", class "\t" reason
    }
  ' "${reports[@]}"
}

# Prints one line for each reason, at the end of a run.
left_out() {
  awk '
    $1 == "skipped" {
      split($0, halves, "\t")
      sub(/.*\./, "", $2)
      reason = halves[2] == "" ? "no reason given" : halves[2]
      count[reason]++
      if (index(classes[reason] " ", " " $2 " ") == 0) classes[reason] = classes[reason] " " $2
    }
    END { for (reason in count) printf "skipped: %d tests of%s: %s\n", count[reason], classes[reason], reason }
  ' | sort
}

by_module() {
  awk '
    $1 == "class" { seconds[$2] += $3; tests[$2] += $4; all += $3; number += $4 }
    END {
      for (module in seconds) printf "  %8.1f s  %5d tests  %s\n", seconds[module], tests[module], module
      printf "  %8.1f s  %5d tests  in all\n", all, number
    }
  ' | sort -rn
}

by_part() {
  awk '
    function add(part, time, number) { seconds[part] += time; tests[part] += number }
    BEGIN { add("browser", 0, 0); add("promtool", 0, 0); add("kill and go on", 0, 0); add("fuzz", 0, 0) }
    $1 == "class" && $5 ~ /BrowserTest$/ { add("browser", $3, $4) }
    $1 == "class" && $5 ~ /AlertsTest$/ { add("promtool", $3, $4) }
    $1 == "class" && $5 ~ /FuzzTest$/ { add("fuzz", $3, $4) }
    $1 == "test" && $3 ~ /[kK]illed/ { add("kill and go on", $2, 1) }
    END { for (part in seconds) printf "  %8.1f s  %5d tests  %s\n", seconds[part], tests[part], part }
  ' | sort -rn
}

slowest() {
  awk '$1 == "class" { printf "  %8.1f s  %5d tests  %s\n", $3, $4, $5 }' | sort -rn | sed -n 1,15p
}

all=$(facts)
if [ "$table" = yes ]; then
  echo
  echo "Time of the tests by module, without compiling:"
  by_module <<<"$all"
  echo "of it, by part:"
  by_part <<<"$all"
  echo "slowest classes:"
  slowest <<<"$all"
fi
left_out <<<"$all"
