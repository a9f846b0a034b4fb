#!/usr/bin/env bash
# How long the first token of a chat takes over HTTP directly after `/health/ready` reports that a fresh `./saiki serve` is
# ready, compared with the first tokens of a server that has answered many chats. Every chat directly follows a request to
# `/health/ready`, since an idle machine is slow by itself. Prints JSON lines. The last one contains the ratio of the slowest
# fresh start to the warm median and, to show the machine's own variation, the same ratio for the slowest of equally many
# warm chats, one from each start. Nothing else should run meanwhile. Needs Linux, Python 3 and curl.
#
#   benchmarks/first-token.sh FOLDER 10 [MODEL]    # folder for the model, starts, another model's folder
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${1:?a folder for the model}
starts=${2:-10}
model=${3:-$folder/small}
corpus=$root/saiki-text/src/main/resources/dev/saiki/text/corpus

mkdir -p "$folder"
if [ ! -d "$model" ]; then
  [ -f "$folder/small.json" ] ||
    "$root/saiki" tokenizer train --corpus "$corpus" --vocab-size 4096 --out "$folder/small.json" >/dev/null 2>&1
  "$root/saiki" train init --recipe small-mor3-expert --seed 1 --out "$model" >/dev/null 2>&1
  cp "$folder/small.json" "$model/tokenizer.json"
fi

python3 - "$root" "$model" "$starts" <<'PYTHON'
import http.client, json, signal, socket, statistics, subprocess, sys, time
root, model, starts = sys.argv[1], sys.argv[2], int(sys.argv[3])
WARM = 40

def first_token(port, number):
    """Seconds from the request to the first piece of its answer, on a connection of its own; no prompt begins as another does."""
    body = json.dumps({"messages": [{"role": "user", "content": f"{number + 1} truths are universally acknowledged: it is"}],
        "max_tokens": 8, "stream": True, "temperature": 0})
    begin = time.perf_counter()
    client = http.client.HTTPConnection("127.0.0.1", port)
    client.request("POST", "/v1/chat/completions", body, {"Content-Type": "application/json"})
    answer = client.getresponse()
    assert answer.status == 200, answer.read()
    seconds = None
    for line in answer:
        if seconds is None and line.startswith(b"data: {"):
            delta = json.loads(line[6:])["choices"][0]["delta"]
            if delta.get("content"):
                seconds = time.perf_counter() - begin
    client.close()
    return seconds if seconds is not None else time.perf_counter() - begin

def is_ready(port):
    return subprocess.run(["curl", "-sf", f"http://127.0.0.1:{port}/health/ready"], stdout=subprocess.DEVNULL).returncode == 0

fresh, warm, ready, last = [], [], [], []
for start in range(starts):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begin = time.perf_counter()
    server = subprocess.Popen([root + "/saiki", "serve", "--model", model, "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    try:
        while not is_ready(port):
            assert server.poll() is None, "the server ended"
            time.sleep(0.05)
        ready.append(time.perf_counter() - begin)
        fresh.append(first_token(port, 0))
        later = []
        for number in range(1, WARM + 1):
            time.sleep(0.05)
            assert is_ready(port)
            later.append(first_token(port, number))
        warm.append(statistics.median(later[WARM // 2:]))
        last.append(later[-1])
        print(json.dumps({"what": "first token", "start": start, "ready_after_seconds": round(ready[-1], 2),
            "first_milliseconds": round(1e3 * fresh[-1], 2), "warm_milliseconds": round(1e3 * warm[-1], 2)}), flush=True)
    finally:
        server.send_signal(signal.SIGTERM)
        server.wait()
usual = statistics.median(warm)
print(json.dumps({"what": "first token after ready", "starts": starts, "slowest_milliseconds": round(1e3 * max(fresh), 2),
    "median_milliseconds": round(1e3 * statistics.median(fresh), 2), "warm_milliseconds": round(1e3 * usual, 2),
    "slowest_over_warm": round(max(fresh) / usual, 2), "slowest_warm_one_over_warm": round(max(last) / usual, 2),
    "ready_after_seconds": round(statistics.median(ready), 2)}))
PYTHON
