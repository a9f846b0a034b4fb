package dev.saiki.server.operations;

import dev.saiki.http.ApiException;
import dev.saiki.http.Exchange;
import dev.saiki.http.Json;
import dev.saiki.http.RequestBody;
import dev.saiki.io.InputException;
import dev.saiki.server.access.Caller;
import dev.saiki.server.access.Metering;
import dev.saiki.server.access.Request;
import dev.saiki.server.access.Route;
import dev.saiki.server.audit.AuditFilter;
import dev.saiki.server.audit.AuditJson;
import dev.saiki.server.audit.AuditRecord;
import dev.saiki.server.audit.AuditSummary;
import dev.saiki.server.audit.AuditTimes;
import dev.saiki.server.audit.AuditTrail;
import java.sql.SQLException;
import java.time.Instant;
import java.util.List;
import java.util.Optional;
import org.slf4j.Logger;
import org.slf4j.LoggerFactory;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The endpoints of audit records: a caller reads its own records, and an auditor reads all records.
public record AuditEndpoints(Optional<AuditTrail> trail) {

    private static final Logger LOG = LoggerFactory.getLogger(AuditEndpoints.class);

    private static final int MAX_RECORDS = 500;

    /// The routes.
    public List<Route> routes() {
        return List.of(
                new Route("GET", "/v1/audit", Metering.LIMITED, this::list),
                new Route("GET", "/v1/audit/summary", Metering.LIMITED, this::summary));
    }

    private void list(Request request) {
        Exchange exchange = request.exchange();
        AuditFilter filter = filter(request);
        int limit = limit(exchange);
        // Requests one record more than the page has, to find out whether there is another page.
        AuditFilter page = filter.page(exchange.query("after"), limit + 1);
        List<AuditRecord> found = read(database -> database.find(page));
        List<AuditRecord> shown = found.subList(0, Math.min(limit, found.size()));
        ObjectNode body = Json.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        shown.forEach(record -> data.add(AuditJson.of(record)));
        if (!shown.isEmpty()) {
            body.put("first_id", shown.getFirst().id());
            body.put("last_id", shown.getLast().id());
        }
        body.put("has_more", found.size() > limit);
        exchange.send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }

    private void summary(Request request) {
        AuditFilter filter = filter(request);
        List<AuditSummary> lines = read(database -> database.summary(filter));
        ObjectNode body = Json.object().put("object", "list");
        ArrayNode data = body.putArray("data");
        lines.forEach(line -> data.add(AuditJson.of(line)));
        request.exchange().send(200, Json.CONTENT_TYPE, Json.bytes(body));
    }

    private static AuditFilter filter(Request request) {
        Exchange exchange = request.exchange();
        return AuditFilter.ALL
                .between(time(exchange, "since"), time(exchange, "until"))
                .of(subject(request))
                .answered(
                        exchange.query("model"),
                        exchange.query("status").map(text -> number("status", text, 100, 599)));
    }

    /// The key whose records are listed: the caller's own, unless the caller may see all.
    private static Optional<String> subject(Request request) {
        Caller caller = request.caller();
        Optional<String> asked = request.exchange().query("subject");
        if (caller.seesAllRecords()) {
            return asked;
        }
        if (asked.isPresent() && !asked.equals(caller.subject())) {
            throw ApiException.forbidden("only auditors may read the audit records of other keys");
        }
        return caller.subject();
    }

    private static Optional<Instant> time(Exchange exchange, String name) {
        return exchange.query(name).map(text -> AuditTimes.parse(name, text));
    }

    private static int limit(Exchange exchange) {
        return exchange.query("limit")
                .map(text -> number("limit", text, 1, MAX_RECORDS))
                .orElse(AuditFilter.DEFAULT_LIMIT);
    }

    private static int number(String name, String text, int least, int most) {
        int number = text.matches("[0-9]{1,9}") ? Integer.parseInt(text) : -1;
        if (number < least || number > most) {
            throw new InputException(
                    name + " must be a number from " + least + " to " + most + ", got " + RequestBody.shortened(text));
        }
        return number;
    }

    private <T> T read(AuditTrail.Query<T> query) {
        try {
            return trail.orElseThrow(() ->
                            ApiException.notFound("this server keeps no audit; start it with --audit FILE to keep one"))
                    .run(query);
        } catch (SQLException e) {
            LOG.warn("cannot read audit records", e);
            throw ApiException.auditUnreachable();
        }
    }
}
