package dev.saiki.server.audit;

import java.sql.ResultSet;
import java.sql.SQLException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Arrays;
import java.util.List;
import java.util.Optional;
import java.util.function.Function;
import java.util.stream.Collectors;
import org.jspecify.annotations.Nullable;

/// An audit record as a table row.
///
/// jdbi maps records to rows too, but it does not map nested records to columns of one table in both directions.
/// Configuring jdbi to map both ways would take as much code as this class.
final class RecordRow {

    /// A column, and the function that returns its value for a record.
    private record Column(String name, Function<AuditRecord, Object> value) {}

    private static final List<Column> COLUMNS = List.of(
            new Column("id", AuditRecord::id),
            new Column("request_id", AuditRecord::requestId),
            new Column("time_micros", record -> micros(record.time())),
            new Column("subject", record -> record.subject()),
            new Column("path", AuditRecord::path),
            new Column("model", record -> record.model().name()),
            new Column("model_version", record -> record.model().version()),
            new Column("router_version", record -> record.model().router()),
            asked("max_tokens", RequestSettings::maxTokens),
            asked("temperature", RequestSettings::temperature),
            asked("top_k", RequestSettings::topK),
            asked("top_p", RequestSettings::topP),
            asked("min_p", RequestSettings::minP),
            asked("seed", RequestSettings::seed),
            asked("effort", settings -> settings.effort()),
            asked("min_depth", RequestSettings::minDepth),
            asked("max_depth", settings -> settings.maxDepth()),
            asked("prompts", RequestSettings::prompts),
            asked("choices", RequestSettings::choices),
            asked("stream", settings -> settings.stream() ? 1 : 0),
            spent("prompt_tokens", Spending::promptTokens),
            spent("cached_tokens", Spending::cachedTokens),
            spent("completion_tokens", Spending::completionTokens),
            spent("answers", Spending::answers),
            spent("depth_histogram", spending -> joined(spending.tokensAtDepth())),
            spent("depth_tokens", Spending::depthTokens),
            spent("depth_sum", Spending::depthSum),
            spent("flops", Spending::flops),
            spent("flops_saved", Spending::flopsSaved),
            new Column("queue_millis", record -> record.timing().queue()),
            new Column("first_token_millis", record -> record.timing().firstToken()),
            new Column("total_millis", record -> record.timing().total()),
            new Column("finish_reason", record -> record.finishReason()),
            new Column("error", record -> record.error()),
            new Column("status", AuditRecord::status));

    static final String NAMES = COLUMNS.stream().map(Column::name).collect(Collectors.joining(", "));

    /// Inserts a record, unless it exists.
    static final String INSERT = "INSERT INTO audit_record (" + NAMES + ") VALUES ("
            + COLUMNS.stream().map(column -> "?").collect(Collectors.joining(", ")) + ") ON CONFLICT (id) DO NOTHING";

    private RecordRow() {}

    private static Column asked(String name, Function<RequestSettings, Object> value) {
        return new Column(name, record -> record.settings().map(value));
    }

    private static Column spent(String name, Function<Spending, Object> value) {
        return new Column(name, record -> record.spending().map(value));
    }

    static String joined(List<? extends Number> numbers) {
        return numbers.stream().map(Number::toString).collect(Collectors.joining(","));
    }

    static List<Long> split(String numbers) {
        return numbers.isEmpty()
                ? List.of()
                : Arrays.stream(numbers.split(",")).map(Long::valueOf).toList();
    }

    static long micros(Instant time) {
        return ChronoUnit.MICROS.between(Instant.EPOCH, time);
    }

    /// The values of the columns, in the order of {@link #INSERT}.
    static Object[] values(AuditRecord record) {
        return COLUMNS.stream().map(column -> column.value().apply(record)).toArray();
    }

    /// Reads a row, without texts.
    static AuditRecord read(ResultSet row) throws SQLException {
        return new AuditRecord(
                row.getString("id"),
                row.getString("request_id"),
                Instant.EPOCH.plus(row.getLong("time_micros"), ChronoUnit.MICROS),
                Optional.ofNullable(row.getString("subject")),
                row.getString("path"),
                new ModelVersion(
                        row.getString("model"), row.getString("model_version"), row.getString("router_version")),
                settings(row),
                spending(row),
                new AuditRecord.Timing(
                        number(row, "queue_millis"), number(row, "first_token_millis"), row.getDouble("total_millis")),
                Optional.ofNullable(row.getString("finish_reason")),
                Optional.ofNullable(row.getString("error")),
                row.getInt("status"),
                List.of());
    }

    private static Optional<RequestSettings> settings(ResultSet row) throws SQLException {
        int maxTokens = row.getInt("max_tokens");
        if (row.wasNull()) {
            return Optional.empty();
        }
        return Optional.of(new RequestSettings(
                maxTokens,
                row.getDouble("temperature"),
                row.getInt("top_k"),
                row.getDouble("top_p"),
                row.getDouble("min_p"),
                row.getLong("seed"),
                number(row, "effort"),
                row.getInt("min_depth"),
                number(row, "max_depth").map(Double::intValue),
                row.getInt("prompts"),
                row.getInt("choices"),
                row.getInt("stream") == 1));
    }

    private static Optional<Spending> spending(ResultSet row) throws SQLException {
        @Nullable String histogram = row.getString("depth_histogram");
        if (histogram == null) {
            return Optional.empty();
        }
        return Optional.of(new Spending(
                row.getLong("prompt_tokens"),
                row.getLong("cached_tokens"),
                row.getLong("completion_tokens"),
                row.getInt("answers"),
                split(histogram),
                row.getLong("flops"),
                row.getLong("flops_saved")));
    }

    static Optional<Double> number(ResultSet row, String column) throws SQLException {
        double value = row.getDouble(column);
        return row.wasNull() ? Optional.empty() : Optional.of(value);
    }
}
