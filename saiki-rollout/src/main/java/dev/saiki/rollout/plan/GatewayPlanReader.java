package dev.saiki.rollout.plan;

import dev.saiki.http.key.ApiKeys;
import dev.saiki.http.server.ConnectionLimits;
import dev.saiki.http.server.ListenOptions;
import dev.saiki.http.server.TlsOptions;
import dev.saiki.io.InputException;
import dev.saiki.io.yaml.SectionReader;
import dev.saiki.rollout.check.DepartureCheck;
import dev.saiki.rollout.check.RegexCheck;
import dev.saiki.rollout.router.RouterWatch;
import java.io.IOException;
import java.net.URI;
import java.nio.file.Files;
import java.nio.file.Path;
import java.time.Duration;
import java.util.HashMap;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.SortedMap;
import java.util.TreeMap;
import java.util.regex.Matcher;
import java.util.regex.Pattern;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.ObjectNode;

/// The reader of a gateway's plan in YAML. All mistakes are reported at once, with suggestions of known keys for
/// unknown ones.
public final class GatewayPlanReader {

    private static final Pattern DURATION = Pattern.compile("([0-9]{1,9})(ms|s|m|h|d)");
    private static final int DEFAULT_PORT = 8090;

    /// The tolerance of the gate by clients that leave, in a plan that names none.
    private static final double DEPARTURES = 0.1;

    /// An example of the address of a model.
    static final String API = "http://10.0.0.5:8000/v1";

    private final Path folder;
    private final Map<String, String> environment;

    private GatewayPlanReader(Path folder, Map<String, String> environment) {
        this.folder = folder;
        this.environment = environment;
    }

    /// Reads a plan.
    ///
    /// @param file YAML; paths in the file are relative to the file's folder
    /// @param environment environment variables, which may hold keys
    /// @return the plan
    /// @throws InputException listing all mistakes
    public static GatewayPlan read(Path file, Map<String, String> environment) {
        Path parent = file.toAbsolutePath().normalize().getParent();
        GatewayPlanReader reader = new GatewayPlanReader(parent == null ? file : parent, Map.copyOf(environment));
        return SectionReader.readFile(file, "plan", reader::plan).orElseThrow();
    }

    /// Reads the plan; empty if a required section has a mistake.
    private Optional<GatewayPlan> plan(SectionReader root) {
        Optional<String> model = required(root, "model", "the name by which clients request the model");
        Optional<DatabaseLocation> database = database(root);
        Optional<ModelEndpoint> baseline =
                section(root, "baseline").read(this::endpoint).flatMap(read -> read);
        SectionReader candidateReader = section(root, "candidate");
        CandidateFields fields =
                new CandidateFields(fields(candidateReader, "reference"), fields(candidateReader, "certified"));
        Optional<RouterWatch> router = candidateReader.has("router")
                ? candidateReader.section("router").read(GatewayPlanReader::watch)
                : Optional.empty();
        Optional<ModelEndpoint> candidate = candidateReader.read(this::endpoint).flatMap(read -> read);
        List<Stage> stages = root.sections("stages", GatewayPlanReader::stage);
        List<PlannedGate> planned = root.sections(
                "gates", new GateReader(folder, new RemoteModelReader(this::key, baseline, candidate, fields))::gate);
        List<RolloutGate> gates = withDepartures(only(RolloutGate.class, planned));
        OperationSettings operations = new OperationReader(this::key).settings(root, only(LevelGate.class, planned));
        boolean automatic = root.choice("promotion", Map.of("automatic", true, "manual", false), () -> false);
        Optional<EvidenceSettings> evidence =
                root.section("evidence").read(reader -> evidence(reader, automatic, router));
        Optional<TrafficLimits> limits = root.section("limits").read(GatewayPlanReader::limits);
        Optional<FallbackRules> fallback = root.section("fallback").read(GatewayPlanReader::fallback);
        Optional<ListenOptions> listen = root.section("listen").read(this::listen);
        Optional<GatewayAccess> access = root.section("access")
                .read(reader -> listen.map(address -> access(reader, address)))
                .flatMap(read -> read);
        boolean areListsBroken = (stages.isEmpty() && root.has("stages")) || (planned.isEmpty() && root.has("gates"));
        boolean isWhole = Stream.of(model, database, baseline, candidate, evidence, limits, fallback, access)
                .allMatch(Optional::isPresent);
        if (areListsBroken || !isWhole) {
            return Optional.empty();
        }
        return Optional.of(new GatewayPlan(
                model.orElseThrow(),
                baseline.orElseThrow(),
                candidate.orElseThrow(),
                fields,
                stages,
                gates,
                evidence.orElseThrow(),
                limits.orElseThrow(),
                fallback.orElseThrow(),
                access.orElseThrow(),
                operations,
                database.orElseThrow()));
    }

    private static <T> List<T> only(Class<T> type, List<PlannedGate> gates) {
        return gates.stream().filter(type::isInstance).map(type::cast).toList();
    }

    /// Adds a gate by clients that leave, unless the plan has one.
    private static List<RolloutGate> withDepartures(List<RolloutGate> gates) {
        RolloutGate departures = new RolloutGate("departures", new DepartureCheck(), DEPARTURES, true, true);
        return gates.isEmpty() || gates.stream().anyMatch(gate -> gate.check() instanceof DepartureCheck)
                ? gates
                : Stream.concat(gates.stream(), Stream.of(departures)).toList();
    }

    /// Reads the location: a file, a URL, or a URL with the user and password given separately.
    private Optional<DatabaseLocation> database(SectionReader root) {
        if (!root.has("database")) {
            root.complain("database must be a file (created if missing) or a URL such as "
                    + DatabaseLocation.POSTGRES_PREFIX + "//host/database, got nothing");
            return Optional.empty();
        }
        if (root.isSection("database")) {
            return root.section("database")
                    .read(reader -> required(
                                    reader, "url", "such as " + DatabaseLocation.POSTGRES_PREFIX + "//host/database")
                            .map(url -> postgres(reader, url)))
                    .flatMap(read -> read);
        }
        String text = root.text("database").orElse("");
        if (!text.startsWith("jdbc:")) {
            return root.path("database")
                    .map(file ->
                            new DatabaseLocation.SqliteFile(folder.resolve(file).normalize()));
        }
        try {
            return Optional.of(new DatabaseLocation.Postgres(text, Optional.empty(), Optional.empty()));
        } catch (InputException e) {
            root.complain(String.valueOf(e.getMessage()));
            return Optional.empty();
        }
    }

    private DatabaseLocation postgres(SectionReader reader, String url) {
        Optional<String> user = reader.section("user").read(this::key).flatMap(read -> read);
        Optional<String> password = reader.section("password").read(this::key).flatMap(read -> read);
        return new DatabaseLocation.Postgres(url, user, password);
    }

    private static Optional<String> required(SectionReader reader, String key, String what) {
        return reader.attempt(() -> GateReader.required(reader, key, what));
    }

    private static SectionReader section(SectionReader root, String key) {
        if (!root.has(key)) {
            root.complain(key + " must be a section with the keys url and model, got nothing");
        }
        return root.section(key);
    }

    private Optional<ModelEndpoint> endpoint(SectionReader reader) {
        Optional<URI> url = reader.attempt(() -> GateReader.url(reader, API));
        Optional<String> model = required(reader, "model", GateReader.MODEL_NAME);
        Optional<String> key = reader.section("key").read(this::key).flatMap(read -> read);
        Duration firstByte = duration(reader, "first_byte", ModelEndpoint.DEFAULT_FIRST_BYTE);
        Duration pause = duration(reader, "pause", ModelEndpoint.DEFAULT_PAUSE);
        Duration answer = duration(reader, "answer", ModelEndpoint.DEFAULT_ANSWER);
        return url.isEmpty() || model.isEmpty()
                ? Optional.empty()
                : Optional.of(new ModelEndpoint(url.get(), model.get(), key, firstByte, pause, answer));
    }

    /// Keys and passwords come from a file or the environment, never from the plan itself.
    private Optional<String> key(SectionReader reader) {
        Optional<String> variable = reader.text("environment");
        Optional<Path> file = reader.path("file");
        if (variable.isPresent() && file.isPresent()) {
            throw new InputException(reader.pathOf("environment") + " and " + reader.pathOf("file")
                    + " cannot be used together; give one of them");
        }
        if (variable.isPresent()) {
            return Optional.of(Optional.ofNullable(environment.get(variable.get()))
                    .filter(key -> !key.isBlank())
                    .orElseThrow(() -> new InputException(reader.pathOf("environment")
                            + " must name an environment variable that is set, got " + variable.get()
                            + ", which is not set")));
        }
        return file.map(
                path -> text(folder.resolve(path), "file of a key or password").strip());
    }

    /// The text of a file that the plan names.
    ///
    /// @param what what the file holds
    static String text(Path file, String what) {
        try {
            return Files.readString(file);
        } catch (IOException e) {
            throw new InputException(file + ": cannot read this " + what, e);
        }
    }

    /// The fields of a section, whose values may have any type.
    static Map<String, JsonNode> fields(SectionReader reader, String key) {
        ObjectNode raw = reader.section(key).raw();
        Map<String, JsonNode> fields = new LinkedHashMap<>();
        raw.properties().forEach(field -> fields.put(field.getKey(), field.getValue()));
        return fields;
    }

    private static Stage stage(SectionReader reader) {
        Map<String, RolloutState> states = new HashMap<>(SectionReader.spellings(RolloutState.class));
        states.remove(RolloutState.ABORTED.word());
        if (!reader.has("state")) {
            throw new InputException(reader.pathOf("state") + " must be one of shadow, canary, certified, full and"
                    + " retired, got nothing");
        }
        RolloutState state = reader.choice("state", states, () -> RolloutState.SHADOW);
        boolean answersAll = state == RolloutState.FULL || state == RolloutState.RETIRED;
        InputException.require(
                reader.has("share") || answersAll, reader.pathOf("share"), "above 0 and at most 1", "nothing");
        return new Stage(
                state,
                reader.number("share", 1),
                reader.number("compare", 1),
                duration(reader, "duration", Duration.ZERO),
                reader.smallInteger("conversations", 0));
    }

    private static RouterWatch watch(SectionReader reader) {
        RouterWatch defaults = RouterWatch.DEFAULT;
        return new RouterWatch(
                duration(reader, "every", defaults.every()),
                reader.number("drift", defaults.driftLimit()),
                reader.integer("tokens", defaults.tokens()));
    }

    private static EvidenceSettings evidence(SectionReader reader, boolean automatic, Optional<RouterWatch> router) {
        EvidenceSettings defaults = EvidenceSettings.DEFAULT;
        return new EvidenceSettings(
                reader.number("retreat_error", defaults.retreatError()),
                reader.number("promote_error", defaults.promoteError()),
                reader.number("slice_tolerance", defaults.sliceTolerance()),
                reader.sections("slices", GatewayPlanReader::slice),
                duration(reader, "time", defaults.time()),
                automatic,
                router);
    }

    private static PlannedSlice slice(SectionReader reader) {
        String name = GateReader.required(reader, "name", "the name of the slice");
        SortedMap<String, String> headers = new TreeMap<>();
        fields(reader, "header").forEach((header, value) -> headers.put(header, value.asString("")));
        return new PlannedSlice(
                name,
                reader.text("prompt")
                        .map(prompt ->
                                RegexCheck.of(reader.pathOf("prompt"), prompt).pattern()),
                headers,
                reader.optionalNumber("tolerance"));
    }

    private static TrafficLimits limits(SectionReader reader) {
        TrafficLimits defaults = TrafficLimits.DEFAULT;
        int bodyBytes = reader.smallInteger("body_bytes", defaults.bodyBytes());
        return new TrafficLimits(
                bodyBytes,
                reader.smallInteger("answer_bytes", defaults.answerBytes()),
                reader.smallInteger("mirrored", defaults.mirrored()),
                reader.smallInteger("queued", defaults.queued()),
                reader.integer("request_bytes", Math.max(bodyBytes, defaults.requestBytes())),
                reader.integer("mirrored_bytes", defaults.mirroredBytes()));
    }

    private static FallbackRules fallback(SectionReader reader) {
        FallbackRules defaults = FallbackRules.DEFAULT;
        return new FallbackRules(
                reader.smallInteger("failures", defaults.failures()),
                duration(reader, "ejection", defaults.ejection()),
                reader.number("share", defaults.share()));
    }

    private ListenOptions listen(SectionReader reader) {
        String host = reader.text("host").orElse("127.0.0.1");
        int port = reader.smallInteger("port", DEFAULT_PORT);
        int connections = reader.smallInteger("connections", ConnectionLimits.DEFAULT.most());
        Optional<Path> certificate = reader.path("tls_certificate");
        Optional<Path> key = reader.path("tls_key");
        if (certificate.isPresent() != key.isPresent()) {
            throw new InputException("listen.tls_certificate and listen.tls_key belong together; give both or none");
        }
        return new ListenOptions(
                host,
                port,
                ConnectionLimits.DEFAULT.withMost(connections),
                certificate.map(path -> new TlsOptions(folder.resolve(path), folder.resolve(key.orElseThrow()))));
    }

    private GatewayAccess access(SectionReader reader, ListenOptions listen) {
        Optional<ApiKeys> keys = reader.path("keys").map(path -> keys(folder.resolve(path)));
        Set<String> mayAbort = Set.copyOf(reader.texts("may_abort"));
        Set<String> mayPromote = Set.copyOf(reader.texts("may_promote"));
        boolean keepsTexts = reader.flag("keep_texts", false);
        PairRetention defaults = PairRetention.DEFAULT;
        PairRetention retention = new PairRetention(
                duration(reader, "keep_pairs", defaults.time()), reader.smallInteger("most_pairs", defaults.most()));
        List<ForwardedRoute> routes = Stream.concat(
                        ForwardedRoute.DEFAULTS.stream(),
                        reader.texts("routes").stream().map(ForwardedRoute::parse))
                .toList();
        boolean isOpen = reader.flag("open", false);
        if (keys.isEmpty() && !isOpen && !listen.isLocal()) {
            throw new InputException("listen.host " + listen.host() + " is reachable from other machines, where without"
                    + " keys anybody may promote, erase and spend the models' keys; name a file of `saiki keys add` in"
                    + " access.keys, or set access.open: true to allow that");
        }
        if (keys.isEmpty() && !(mayAbort.isEmpty() && mayPromote.isEmpty())) {
            throw new InputException("access.may_abort and access.may_promote name keys, so access.keys must name a key"
                    + " file; `saiki keys add` creates one");
        }
        keys.ifPresent(known -> Stream.concat(mayAbort.stream(), mayPromote.stream())
                .filter(name -> !known.names().contains(name))
                .findFirst()
                .ifPresent(name -> {
                    throw InputException.of(
                            "access",
                            "may_abort and may_promote",
                            "names of keys in access.keys (" + String.join(", ", known.names()) + ")",
                            name);
                }));
        return new GatewayAccess(listen, routes, keys, mayAbort, mayPromote, keepsTexts, retention);
    }

    private static ApiKeys keys(Path file) {
        try {
            ApiKeys keys = ApiKeys.read(file);
            if (!keys.limited().isEmpty()) {
                throw new InputException("access.keys must name keys without limits, since the gateway enforces none,"
                        + " got limits of " + String.join(", ", keys.limited()) + " in " + file + "; revoke these keys"
                        + " and add them without --requests and --tokens, or use another file");
            }
            return keys;
        } catch (IOException e) {
            throw new InputException(file + ": cannot read this key file; `saiki keys add` creates one", e);
        }
    }

    /// A duration such as `500ms`, `10s`, `5m`, `2h` or `1d`.
    static Duration duration(SectionReader reader, String key, Duration defaults) {
        Optional<String> text = reader.text(key);
        if (text.isEmpty()) {
            return defaults;
        }
        Matcher time = DURATION.matcher(text.get());
        if (!time.matches()) {
            reader.complain(reader.pathOf(key) + " must be a time such as 500ms, 10s, 5m, 2h or 1d, got " + text.get());
            return defaults;
        }
        long count = Long.parseLong(time.group(1));
        return switch (time.group(2)) {
            case "ms" -> Duration.ofMillis(count);
            case "s" -> Duration.ofSeconds(count);
            case "m" -> Duration.ofMinutes(count);
            case "h" -> Duration.ofHours(count);
            default -> Duration.ofDays(count);
        };
    }
}
