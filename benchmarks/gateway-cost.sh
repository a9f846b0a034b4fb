#!/usr/bin/env bash
# The cost of the gateway for streams, compared with nginx in the same run, in front of an endpoint that sends pieces on a
# timer: milliseconds added to the first piece of single streams, and pieces per second of 500 concurrent streams. The
# endpoint reports when a request arrived and when it sent a piece, so its own delay is subtracted. "passing" is a gateway
# that mirrors nothing, like nginx; "shadow" mirrors every request to the candidate; in "canary" the candidate answers half
# of the requests, which are mirrored to the baseline; in "hanging" the candidate never answers mirrored requests. Prints
# JSON lines. Nothing else should run meanwhile. Without nginx (Debian: apt-get install nginx), its results are missing.
#
# Predicted before the first run: nginx adds 0.1 ms to the first piece and the gateway three times as much, since a request
# changes threads five times in the JDK's HTTP client; with 500 streams, that is 5,000 pieces per second, no piece is lost or
# late; a hanging candidate adds nothing.
#
# Measured: nginx added 0.06 to 0.11 ms. The gateway added eight times as much with the JDK's client, four and a half times as
# much with a parser of our own that sends and reads on the thread that serves the request, and adds five times as much since
# HttpComponents Core has the parser's place and slices, outcomes and keys are read from each request.
#
#   ./build package -DskipTests
#   benchmarks/gateway-cost.sh FOLDER 11 300    # folder for plans and databases, rounds, requests a round
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
# shellcheck source=../scripts/find-jdk.sh
. "$root/scripts/find-jdk.sh"
folder=${1:?a folder for plans and databases}
rounds=${2:-11}
requests=${3:-300}
"$root/saiki" --version >/dev/null
java=$(find_jdk)/bin/java
classes=$root/saiki-benchmarks/target/classes:$root/saiki-cli/target/saiki/lib/*
direct=18710 hang=18711 nginx=18712 passing=18713 shadow=18714 canary=18715 hanging=18716
started=()
trap 'for one in "${started[@]}"; do kill "$one" 2>/dev/null || true; done; wait' EXIT

listens() { # port
  for _ in $(seq 300); do
    (: </dev/tcp/127.0.0.1/"$1") 2>/dev/null && return
    sleep 0.1
  done
  echo "gateway-cost: nothing listens at port $1" >&2
  exit 1
}

gateway() { # name port candidate-port stage
  cat >"$folder/$1.yaml" <<EOF
model: assistant
database: $1.db
listen: {port: $2, connections: 4000}
baseline: {url: "http://127.0.0.1:$direct/v1", model: timed}
candidate: {url: "http://127.0.0.1:$3/v1", model: timed}
stages: [{$4, conversations: 1000000}]
gates: [{check: errors, tolerance: 0.99, retreats: true}]
EOF
  rm -f "$folder/$1".db*
  "$root/saiki" rollout serve --plan "$folder/$1.yaml" 2>"$folder/$1.log" &
  started+=($!)
  listens "$2"
}

mkdir -p "$folder"
folder=$(cd "$folder" && pwd -P)
"$java" -cp "$classes" dev.saiki.benchmarks.TimedEndpoint $direct $hang &
started+=($!)
listens $direct
roads=(direct=$direct)
if command -v nginx >/dev/null || [ -x /usr/sbin/nginx ]; then
  cat >"$folder/nginx.conf" <<EOF
daemon off;
worker_processes 1;
pid $folder/nginx.pid;
events { worker_connections 4000; }
http {
  access_log off;
  client_body_temp_path $folder;
  proxy_temp_path $folder;
  fastcgi_temp_path $folder;
  uwsgi_temp_path $folder;
  scgi_temp_path $folder;
  keepalive_requests 1000000;
  upstream model {
    server 127.0.0.1:$direct;
    keepalive 64;
    keepalive_requests 1000000;
  }
  server {
    listen 127.0.0.1:$nginx backlog=2048;
    location / {
      proxy_pass http://model;
      proxy_http_version 1.1;
      proxy_set_header Connection "";
      proxy_buffering off;
    }
  }
}
EOF
  "$(command -v nginx || echo /usr/sbin/nginx)" -p "$folder" -e "$folder/nginx.log" -c "$folder/nginx.conf" &
  started+=($!)
  listens $nginx
  roads+=(nginx=$nginx)
else
  echo "gateway-cost: no nginx, so that its column is missing" >&2
fi
gateway passing $passing $direct "state: shadow, share: 0.000001"
gateway shadow $shadow $direct "state: shadow, share: 1"
gateway canary $canary $direct "state: canary, share: 0.5"
gateway hanging $hanging $hang "state: shadow, share: 1"

measure() { "$java" -cp "$classes" dev.saiki.benchmarks.GatewayCost "$@"; }
measure first "$rounds" "$requests" "${roads[@]}" passing=$passing shadow=$shadow canary=$canary hanging=$hanging
measure streams 3 500 "${roads[@]}" passing=$passing canary=$canary hanging=$hanging
