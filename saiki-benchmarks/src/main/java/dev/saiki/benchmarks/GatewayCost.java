package dev.saiki.benchmarks;

import java.io.BufferedReader;
import java.io.IOException;
import java.io.InputStreamReader;
import java.net.HttpURLConnection;
import java.net.URI;
import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.Arrays;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Locale;
import java.util.Map;
import java.util.concurrent.ExecutorService;
import java.util.concurrent.Executors;
import java.util.concurrent.Future;
import java.util.function.ToDoubleFunction;
import java.util.regex.Matcher;
import java.util.regex.Pattern;

/// A benchmark of a proxy between a client and a {@link TimedEndpoint}: the latency that the proxy adds to the
/// first piece of a single stream, and the throughput that is lost with many concurrent streams.
/// `benchmarks/gateway-cost.sh` starts the required processes.
///
/// The endpoint's own delay is subtracted: the endpoint reports the times at which a request arrived and each
/// piece was sent, by the clock that the client uses too.
public final class GatewayCost {

    private static final Pattern TIMES = Pattern.compile("\"text\":\"(\\d+) (\\d+)\"");
    private static final double MILLION = 1e6;
    private static final int WARM_UP = 6000;
    private static final int PIECES = 80;

    private final Map<String, Integer> routes = new LinkedHashMap<>();

    /// The timing of a stream at its client, in nanoseconds.
    ///
    /// @param transit the transit time of the request and of the first piece together
    /// @param writing the time from the first piece to the last one
    /// @param pieces the number of pieces received
    private record Seen(long transit, long writing, int pieces) {

        /// The number of pieces per second after the first piece.
        double rate() {
            return (pieces - 1) * 1e9 / writing;
        }
    }

    private GatewayCost() {}

    /// Measures, and writes JSON lines.
    ///
    /// @param arguments `first ROUNDS REQUESTS` or `streams ROUNDS STREAMS`, followed by routes as NAME=PORT;
    ///     the first route is the direct route
    /// @throws Exception if a route does not respond
    public static void main(String[] arguments) throws Exception {
        GatewayCost cost = new GatewayCost();
        for (String route : Arrays.asList(arguments).subList(3, arguments.length)) {
            String[] parts = route.split("=", 2);
            cost.routes.put(parts[0], Integer.parseInt(parts[1]));
        }
        int rounds = Integer.parseInt(arguments[1]);
        int count = Integer.parseInt(arguments[2]);
        if (arguments[0].equals("first")) {
            cost.first(rounds, count);
        } else {
            cost.streams(rounds, count);
        }
    }

    /// One stream after another, alternating between the routes.
    private void first(int rounds, int requests) throws IOException {
        for (int port : routes.values()) {
            sequence(port, WARM_UP);
        }
        Map<String, List<Double>> medians = new LinkedHashMap<>();
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Integer> route : routes.entrySet()) {
                medians.computeIfAbsent(route.getKey(), _ -> new ArrayList<>())
                        .add(median(sequence(route.getValue(), requests), seen -> seen.transit() / MILLION));
            }
        }
        List<Double> direct = medians.values().iterator().next();
        medians.forEach((name, ofRounds) -> {
            double[] added = new double[rounds];
            Arrays.setAll(added, round -> ofRounds.get(round) - direct.get(round));
            Arrays.sort(added);
            System.out.println(String.format(
                    Locale.ROOT,
                    "{\"what\":\"first piece\",\"road\":\"%s\",\"requests\":%d,\"added_milliseconds\":%.3f,"
                            + "\"least\":%.3f,\"most\":%.3f}",
                    name,
                    rounds * requests,
                    added[rounds / 2],
                    added[0],
                    added[rounds - 1]));
        });
    }

    private static List<Seen> sequence(int port, int requests) throws IOException {
        List<Seen> all = new ArrayList<>();
        for (int request = 0; request < requests; request++) {
            all.add(ask(port, "0 1 2", "one-" + request));
        }
        return all;
    }

    /// Many streams at once, alternating between the routes.
    private void streams(int rounds, int streams) throws Exception {
        for (int round = 0; round < rounds; round++) {
            for (Map.Entry<String, Integer> route : routes.entrySet()) {
                List<Seen> seen = together(route.getValue(), streams, round);
                System.out.println(String.format(
                        Locale.ROOT,
                        "{\"what\":\"streams\",\"road\":\"%s\",\"round\":%d,\"streams\":%d,\"pieces\":%d,"
                                + "\"pieces_a_second\":%.3f,\"slowest\":%.3f,\"first_on_the_way_milliseconds\":%.2f}",
                        route.getKey(),
                        round,
                        seen.size(),
                        seen.stream().mapToInt(Seen::pieces).sum(),
                        median(seen, Seen::rate),
                        seen.stream().mapToDouble(Seen::rate).min().orElseThrow(),
                        median(seen, one -> one.transit() / MILLION)));
            }
        }
    }

    private static List<Seen> together(int port, int streams, int round) throws Exception {
        try (ExecutorService clients = Executors.newVirtualThreadPerTaskExecutor()) {
            List<Future<Seen>> all = new ArrayList<>();
            for (int stream = 0; stream < streams; stream++) {
                String conversation = "many-" + round + "-" + stream;
                all.add(clients.submit(() -> ask(port, "2000 100 " + PIECES, conversation)));
            }
            List<Seen> seen = new ArrayList<>();
            for (Future<Seen> one : all) {
                seen.add(one.get());
                if (seen.getLast().pieces() != PIECES) {
                    throw new IOException("a stream of " + seen.getLast().pieces() + " pieces, not " + PIECES);
                }
            }
            return seen;
        }
    }

    /// Requests a stream and reads the stream to its end with the JDK's old client, which sends and reads on the
    /// calling thread and reassembles chunks.
    ///
    /// @throws IOException if the stream is incomplete
    private static Seen ask(int port, String prompt, String conversation) throws IOException {
        HttpURLConnection request = (HttpURLConnection) URI.create("http://127.0.0.1:" + port + "/v1/completions")
                .toURL()
                .openConnection();
        request.setRequestMethod("POST");
        request.setRequestProperty("Content-Type", "application/json");
        request.setRequestProperty("X-Conversation-Id", conversation);
        request.setDoOutput(true);
        request.getOutputStream()
                .write(("{\"model\":\"assistant\",\"stream\":true,\"prompt\":\"" + prompt + "\"}")
                        .getBytes(StandardCharsets.US_ASCII));
        long sent = System.nanoTime();
        try (BufferedReader lines =
                new BufferedReader(new InputStreamReader(request.getInputStream(), StandardCharsets.US_ASCII))) {
            return read(lines, sent);
        }
    }

    private static Seen read(BufferedReader lines, long sent) throws IOException {
        long transit = 0;
        long first = 0;
        long last = 0;
        int pieces = 0;
        boolean ended = false;
        for (String line = lines.readLine(); line != null; line = lines.readLine()) {
            Matcher times = TIMES.matcher(line);
            if (times.find()) {
                last = System.nanoTime();
                if (pieces++ == 0) {
                    first = last;
                    transit = first - sent - (Long.parseLong(times.group(2)) - Long.parseLong(times.group(1)));
                }
            }
            ended = line.equals("data: [DONE]") || (ended && line.isEmpty());
        }
        if (!ended) {
            throw new IOException("the stream ended without [DONE] after " + pieces + " pieces");
        }
        return new Seen(transit, last - first, pieces);
    }

    private static double median(List<Seen> seen, ToDoubleFunction<Seen> figure) {
        double[] all = seen.stream().mapToDouble(figure).sorted().toArray();
        return all[all.length / 2];
    }
}
