#!/usr/bin/env bash
# The cost of observing a server: audit, traces, JSON log, rescored answers, and a client that reads the metrics every
# second, compared with a server of the same model without these, with the same requests in turn. Prints one JSON line: the
# medians of the rounds, and the smallest and largest loss of tokens. Prompts are excerpts of the built-in corpus, or of the
# file or folder in CORPUS. For a model see serve.sh: the cost is a share of a token's cost, and so depends on the depth.
# Needs Linux and Python 3.
#
#   benchmarks/observation-cost.sh MODEL 20 --threads 1   # rounds, options of saiki serve; nothing else should run meanwhile
set -euo pipefail

root=$(cd "$(dirname "${BASH_SOURCE[0]}")/.." && pwd -P)
folder=$(mktemp -d)
trap 'rm -rf "$folder"' EXIT
"$root/saiki" --version >/dev/null
python3 - "$root/saiki" "$folder" "${1:?a checkpoint folder}" "${2:?rounds}" "${@:3}" <<'PYTHON'
import http.server, json, os, pathlib, re, signal, statistics, subprocess, sys, threading, time, urllib.request
saiki, folder, model, rounds, options = sys.argv[1], pathlib.Path(sys.argv[2]), sys.argv[3], int(sys.argv[4]), sys.argv[5:]
WARM_UP_ROUNDS, STREAMS = 4, 256

class Collector(http.server.BaseHTTPRequestHandler):
    """Accepts traces and discards them."""
    def do_POST(self):
        self.rfile.read(int(self.headers["Content-Length"]))
        self.send_response(200)
        self.end_headers()
    def log_message(self, *_):
        pass

class Server:
    def __init__(self, name, own):
        log = folder / (name + ".log")
        self.process = subprocess.Popen([saiki, "serve", "--model", model, "--port", "0", "--max-waiting", "1024", *options, *own],
            stdout=subprocess.DEVNULL, stderr=open(log, "w"))
        while not (port := re.search(r"127\.0\.0\.1:(\d+)", log.read_text())):
            assert self.process.poll() is None, "the server ended: " + log.read_text()
            time.sleep(0.2)
        self.url = "http://127.0.0.1:" + port[1]

    def cpu(self):
        stat = pathlib.Path(f"/proc/{self.process.pid}/stat").read_text().rsplit(")", 1)[1].split()
        return (int(stat[11]) + int(stat[12])) / os.sysconf("SC_CLK_TCK")

    def load(self, seed):
        """One round: tokens a second, microseconds of processor time a token (of the client's warm-up too), mean depth."""
        before = self.cpu()
        line = json.loads(subprocess.run([saiki, "bench", "serve", "--url", self.url, "--streams", str(STREAMS), "--seed", str(seed),
            *(["--corpus", os.environ["CORPUS"]] if os.environ.get("CORPUS") else []), "--json"],
            check=True, stdout=subprocess.PIPE).stdout)
        assert line["answered"] == STREAMS, line
        return line["tokens_per_second"], 1e6 * (self.cpu() - before) / line["tokens"], line["mean_depth"]

    def read_metrics(self):
        while self.process.poll() is None:
            time.sleep(1)
            for path in ("/metrics", "/router"):
                try:
                    urllib.request.urlopen(self.url + path, timeout=5).read()
                except OSError:
                    pass

collector = http.server.ThreadingHTTPServer(("127.0.0.1", 0), Collector)
threading.Thread(target=collector.serve_forever, daemon=True).start()
plain = Server("plain", ["--rescore-fraction", "0"])
watched = Server("watched", ["--audit", str(folder / "audit.db"), "--vllm-metrics", "--log-format", "json",
    "--otlp", f"http://127.0.0.1:{collector.server_port}/v1/traces"])
try:
    threading.Thread(target=watched.read_metrics, daemon=True).start()
    turns = [(plain.load(turn), watched.load(turn)) for turn in range(WARM_UP_ROUNDS + rounds)][WARM_UP_ROUNDS:]
finally:
    for server in (plain, watched):
        server.process.send_signal(signal.SIGTERM)
        server.process.wait()
lost = [1 - seen[0] / alone[0] for alone, seen in turns]
median = lambda of: round(statistics.median(of), 4)
print(json.dumps({"rounds": rounds, "mean_depth": median(alone[2] for alone, _ in turns),
    "tokens_per_second": median(alone[0] for alone, _ in turns), "watched_tokens_per_second": median(seen[0] for _, seen in turns),
    "cpu_micros": median(alone[1] for alone, _ in turns), "watched_cpu_micros": median(seen[1] for _, seen in turns),
    "lost": median(lost), "least_lost": round(min(lost), 4), "most_lost": round(max(lost), 4),
    "more_cpu": median(seen[1] / alone[1] - 1 for alone, seen in turns)}))
PYTHON
