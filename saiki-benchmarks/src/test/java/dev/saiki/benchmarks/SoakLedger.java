package dev.saiki.benchmarks;

import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.TreeSet;

/// The requests sent to a server, and the audit records expected for them. Thread-safe.
///
/// An accepted request has exactly one record, with the status that the request's client received; a rejected
/// request has no record. There are no other records.
final class SoakLedger {

    private static final int MAX_EXAMPLES = 5;

    private final Map<String, Outcome> outcomes = new LinkedHashMap<>();

    /// The outcome of a request at its client.
    sealed interface Outcome {

        /// Pending.
        record Sent() implements Outcome {}

        /// Accepted.
        ///
        /// @param statuses the HTTP statuses that the request's record may have
        record Accepted(Set<Integer> statuses) implements Outcome {}

        /// The request was rejected before it reached the model.
        record Rejected() implements Outcome {}

        /// The answer was wrong.
        ///
        /// @param problem the error
        record Wrong(String problem) implements Outcome {}
    }

    /// An audit record, reduced to the fields that are checked.
    ///
    /// @param requestId the client's id of the request
    /// @param status the HTTP status
    record Kept(String requestId, int status) {}

    /// Registers a request before it is sent.
    ///
    /// @param id the client's id of the request
    synchronized void sent(String id) {
        outcomes.put(id, new Outcome.Sent());
    }

    /// Registers the outcome of a request.
    ///
    /// @param id the client's id of the request
    /// @param outcome the outcome
    synchronized void ended(String id, Outcome outcome) {
        if (outcomes.put(id, outcome) == null) {
            throw new IllegalStateException("unknown request " + id);
        }
    }

    /// Counts the requests.
    synchronized int size() {
        return outcomes.size();
    }

    /// Compares the requests with the audit.
    ///
    /// @param records all audit records
    /// @return the mismatches, one per line; empty if there are none
    synchronized List<String> problems(List<Kept> records) {
        Map<String, List<Integer>> statuses = new LinkedHashMap<>();
        records.forEach(record -> statuses.computeIfAbsent(record.requestId(), _ -> new ArrayList<>())
                .add(record.status()));
        Map<String, List<String>> found = new LinkedHashMap<>();
        outcomes.forEach((id, outcome) -> problem(outcome, statuses.getOrDefault(id, List.of()))
                .ifPresent(what ->
                        found.computeIfAbsent(what, _ -> new ArrayList<>()).add(id)));
        statuses.keySet().stream()
                .filter(id -> !outcomes.containsKey(id))
                .forEach(id -> found.computeIfAbsent("a record without a request", _ -> new ArrayList<>())
                        .add(id));
        return found.entrySet().stream()
                .map(entry -> line(entry.getKey(), entry.getValue()))
                .toList();
    }

    private static Optional<String> problem(Outcome outcome, List<Integer> statuses) {
        return switch (outcome) {
            case Outcome.Sent() -> Optional.of("a request has no outcome");
            case Outcome.Wrong(String problem) -> Optional.of(problem);
            case Outcome.Rejected() ->
                statuses.isEmpty() ? Optional.empty() : Optional.of("a record of a rejected request");
            case Outcome.Accepted(Set<Integer> allowed) -> {
                if (statuses.size() != 1) {
                    yield Optional.of(statuses.size() + " records of an accepted request");
                }
                yield allowed.containsAll(statuses)
                        ? Optional.empty()
                        : Optional.of("a record with status " + statuses.getFirst() + " where it must be "
                                + new TreeSet<>(allowed));
            }
        };
    }

    private static String line(String what, List<String> ids) {
        int more = ids.size() - MAX_EXAMPLES;
        return what + ": "
                + String.join(", ", ids.subList(0, Math.min(MAX_EXAMPLES, ids.size())))
                + (more > 0 ? ", and " + more + " more" : "");
    }
}
