#!/usr/bin/env bash
# The time from launching `./saiki generate` to its first token, and from launching `./saiki serve` to its first HTTP answer
# of 16 tokens, and the memory of a generation besides its weights, keys and values. Prints JSON lines. Nothing else should
# run meanwhile. Needs Linux, Python 3 and curl.
#
#   benchmarks/start.sh FOLDER 15 64    # folder for the models, starts, tokens of the text whose memory is measured
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=${1:?a folder for the models}
starts=${2:-15}
tokens=${3:-64}
corpus=$root/saiki-text/src/main/resources/dev/saiki/text/corpus

init() { # name recipe vocabulary overrides...
  [ -f "$folder/$1.json" ] ||
    "$root/saiki" tokenizer train --corpus "$corpus" --vocab-size "$3" --out "$folder/$1.json" >/dev/null 2>&1
  [ -d "$folder/$1" ] || "$root/saiki" train init --recipe "$2" --seed 1 --out "$folder/$1" >/dev/null 2>&1
  cp "$folder/$1.json" "$folder/$1/tokenizer.json"
}

mkdir -p "$folder"
init small small-mor3-expert 4096
init 360m-vanilla 360m-vanilla 49152
init 360m-mor3 360m-mor3-expert 49152

python3 - "$root" "$folder" "$starts" "$tokens" <<'PYTHON'
import json, os, signal, socket, statistics, subprocess, sys, tempfile, time
root, folder, starts, tokens = sys.argv[1], sys.argv[2], int(sys.argv[3]), int(sys.argv[4])

def generate(model, *options, **streams):
    return subprocess.Popen([root + "/saiki", "generate", "--model", folder + "/" + model,
        "--prompt", "It is a truth universally acknowledged", *options], stderr=subprocess.DEVNULL, **streams)

seconds = []
for _ in range(starts):
    begin = time.perf_counter()
    assert generate("small", "--max-tokens", "1", stdout=subprocess.DEVNULL).wait() == 0
    seconds.append(time.perf_counter() - begin)

def tell(what, seconds):
    print(json.dumps({"what": what, "starts": len(seconds), "median_seconds": round(statistics.median(seconds), 3),
        "least": round(min(seconds), 3), "most": round(max(seconds), 3)}), flush=True)

tell("start of generate", seconds)

# Classes that a start loads and the launcher's archive lacks are read from jars, which is slow.
with tempfile.TemporaryDirectory() as scratch:
    log = scratch + "/classes"
    options = {**os.environ, "SAIKI_JAVA_OPTIONS": "-Xlog:class+load:file=" + log}
    assert generate("small", "--max-tokens", "1", stdout=subprocess.DEVNULL, env=options).wait() == 0
    loaded = open(log).read().splitlines()
print(json.dumps({"what": "classes of generate", "from_the_archive": sum("shared objects file" in line for line in loaded),
    "from_jars": sum("source: file:" in line for line in loaded)}), flush=True)

def listens(port):
    with socket.socket() as connection:
        return connection.connect_ex(("127.0.0.1", port)) == 0

seconds = []
for _ in range(starts):
    with socket.socket() as free:
        free.bind(("127.0.0.1", 0))
        port = free.getsockname()[1]
    begin = time.perf_counter()
    server = subprocess.Popen([root + "/saiki", "serve", "--model", folder + "/small", "--port", str(port)],
        stdout=subprocess.DEVNULL, stderr=subprocess.DEVNULL)
    while not listens(port):
        time.sleep(0.01)
    subprocess.run(["curl", "-sf", f"http://127.0.0.1:{port}/v1/completions", "-H", "Content-Type: application/json",
        "-d", '{"prompt": "It is a truth universally acknowledged", "max_tokens": 16}'], check=True,
        stdout=subprocess.DEVNULL)
    seconds.append(time.perf_counter() - begin)
    server.send_signal(signal.SIGTERM)
    server.wait()
tell("start of serve", seconds)

def status(pid):
    lines = (line.split(":") for line in open(f"/proc/{pid}/status"))
    return {key: int(value.split()[0]) * 1024 for key, value in lines if key in ("VmHWM", "RssAnon", "RssFile")}

for model in ("360m-vanilla", "360m-mor3"):
    process = generate(model, "--weights", "bfloat16", "--temperature", "0", "--max-tokens", str(tokens), "--json",
        stdout=subprocess.PIPE, text=True)
    last = {}
    while process.poll() is None:
        try:
            last = status(process.pid) or last
        except OSError:
            pass
        time.sleep(0.005)
    written = json.loads(process.stdout.read())
    described = json.loads(subprocess.check_output([root + "/saiki", "describe", "--json", "--recipe",
        "360m-vanilla" if model == "360m-vanilla" else "360m-mor3-expert"]))
    weights = 2 * described["parameters"]["total"]
    cache = described["cache_bytes_per_token"] * (written["prompt_tokens"] + len(written["tokens"]))
    print(json.dumps({"what": "memory", "model": model, "tokens": len(written["tokens"]),
        "prompt_tokens": written["prompt_tokens"], "peak_bytes": last["VmHWM"], "weight_bytes": weights,
        "cache_bytes_in_use": cache, "last_anonymous_bytes": last["RssAnon"], "last_file_bytes": last["RssFile"],
        "ratio": round(last["VmHWM"] / (weights + cache), 3)}), flush=True)
PYTHON
