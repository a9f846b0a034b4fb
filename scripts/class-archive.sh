# Makes the archive of classes (a CDS archive) for start.sh. Sourced by ./saiki and release.sh.
#
# make_archive makes the archive of a distribution. It reads the caller's variables that start.sh lists.

# Starts a server that answers one request, and records the loaded classes.
rehearse_serving() { # empty folder
  local scratch=$1 server port status=1 tries
  "${command[@]}" "-XX:DumpLoadedClassList=$scratch/serve" dev.saiki.cli.Main serve --model "$scratch/model" --port 0 \
    2>"$scratch/serving" &
  server=$!
  for ((tries = 0; tries < 300; tries++)); do
    port=$(sed -n 's|^serving .* at http://[^/]*:\([0-9]*\)/v1,.*|\1|p' "$scratch/serving")
    [ -z "$port" ] && kill -0 "$server" 2>/dev/null || break
    sleep 0.1
  done
  if [ -n "$port" ] && exec 8<>"/dev/tcp/127.0.0.1/$port"; then
    local body='{"prompt":"It is a truth","max_tokens":2,"stream":true}'
    printf 'POST /v1/completions HTTP/1.1\r\nHost: localhost\r\nConnection: close\r\n%s\r\nContent-Length: %d\r\n\r\n%s' \
      'Content-Type: application/json' "${#body}" "$body" >&8
    grep -q DONE <&8 && status=0
    exec 8>&-
  fi
  kill "$server" && wait "$server" || true
  cat "$scratch/serving" >&2
  return "$status"
}

# Runs typical commands with a tiny model, and records the classes that the JVM loads.
rehearse() { # empty folder, whether a server takes part
  local scratch=$1
  "${command[@]}" dev.saiki.cli.Main tokenizer train --corpus "$root/README.md" --vocab-size 300 \
    --out "$scratch/tokenizer.json" &&
    "${command[@]}" dev.saiki.cli.Main train init --recipe small-mor3-expert --seed 1 --out "$scratch/model" \
      --set model.vocab_size=300 model.hidden_size=64 model.intermediate_size=64 "tokenizer.file=$scratch/tokenizer.json" &&
    "${command[@]}" "-XX:DumpLoadedClassList=$scratch/generate" dev.saiki.cli.Main generate --model "$scratch/model" \
      --prompt "It is a truth universally acknowledged" --max-tokens 4 --json &&
    "${command[@]}" "-XX:DumpLoadedClassList=$scratch/describe" dev.saiki.cli.Main describe \
      --recipe small-mor3-expert || return
  # If no server can listen here, the archive lacks a server's classes.
  [ "$2" = serving ] && rehearse_serving "$scratch" || : >"$scratch/serve"
}

# Prints the merged list of classes. Each list numbers its classes separately, so the numbers are removed. Picocli's classes
# have an old format, which the archive keeps only if no line makes the JVM link them.
classes() { # folder of the rehearsal
  sed -e 's/ id: [0-9]*$//' -e '/^@.*picocli/d' "$1/generate" "$1/describe" "$1/serve" | awk '!seen[$0]++'
}

# Prints the reproducible part of a list: the constants used (@cp) and the order depend on threads. Lines that begin with @
# refer to classes, and so come after them.
steady() {
  sed '/^@cp/d' | LC_ALL=C sort | awk '/^@/ { late = late $0 "\n"; next } { print } END { printf "%s", late }'
}

# Makes the archive in one folder from the jars in `lib` of another folder, which must be `.` if the archive must not contain
# its path. Without an archive everything works, only more slowly, so failures are only logged.
# With `serving` the archive contains the classes of a server and is specific to this machine; without it, two archives of
# the same jars are byte-identical.
make_archive() { # folder for the archive, folder of lib/, serving or nothing
  local folder=$1 scratch=$1/rehearsal options command list=cat
  mkdir "$scratch"
  [ "${3:-}" = serving ] || list=steady
  common_options
  options+=('-Xlog:cds*=off,aot*=off')
  command=("$java_home/bin/java" "${options[@]}" -cp "$(class_path "$2")")
  # Only G1 can archive objects too; every collector can read them. The module is added so that its classes are archived. A
  # start begins without the module, and so cannot use the archived module graph, which saves less time than the classes.
  if {
    rehearse "$scratch" "${3:-}" && classes "$scratch" | "$list" >"$scratch/classes" &&
      "${command[@]}" -XX:+UseG1GC --add-modules=jdk.incubator.vector -Xshare:dump "-XX:SharedClassListFile=$scratch/classes" \
        "-XX:SharedArchiveFile=$scratch/$archive_name" &&
      archive_key >"$scratch/$archive_stamp"
  } >"$folder/$archive_name.log" 2>&1 </dev/null; then
    mv "$scratch/$archive_name" "$scratch/$archive_stamp" "$folder"
  fi
  rm -rf "$scratch"
}
