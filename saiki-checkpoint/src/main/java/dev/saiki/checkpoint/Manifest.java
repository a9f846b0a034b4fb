package dev.saiki.checkpoint;

import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.JsonFiles;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.checkpoint.provenance.Calibration;
import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.checkpoint.provenance.ModelOrigin;
import dev.saiki.checkpoint.provenance.OnePassCertificate;
import dev.saiki.checkpoint.provenance.OnePassDifference;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.checkpoint.provenance.TeacherOrigin;
import dev.saiki.checkpoint.provenance.Verification;
import dev.saiki.io.InputException;
import dev.saiki.io.Resources;
import java.nio.file.Path;
import java.time.DateTimeException;
import java.time.Instant;
import java.time.temporal.ChronoUnit;
import java.util.Collections;
import java.util.Comparator;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.OptionalInt;
import java.util.Set;
import java.util.TreeMap;
import java.util.stream.Collectors;
import java.util.stream.IntStream;
import java.util.stream.Stream;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The origin of a checkpoint, stored in `manifest.json`.
///
/// @param formatVersion version of the checkpoint's format, from 1 to {@link #FORMAT_VERSION}
/// @param saikiVersion version of Saiki that wrote the checkpoint
/// @param created the time of writing, to the second
/// @param recipe the resolved recipe, as YAML
/// @param dataHash hash of the training data's token ids
/// @param tokensSeen the number of tokens trained on
/// @param step optimizer steps taken
/// @param metrics latest metrics by name; a value may be NaN
/// @param base the model that the training started from; empty if it started from random weights
/// @param provenance import, comparisons, changed thresholds and certificates of the model
public record Manifest(
        int formatVersion,
        String saikiVersion,
        Instant created,
        Optional<String> recipe,
        Optional<String> dataHash,
        long tokensSeen,
        long step,
        Map<String, Double> metrics,
        Optional<BaseModel> base,
        Provenance provenance) {

    /// The format version that this version writes, which is also the newest version that it reads.
    public static final int FORMAT_VERSION = 1;

    /// The prefix of metrics for the depths of tokens, followed by a depth from 1: the share of held-out tokens
    /// with that number of recursions under causal routing.
    public static final String DEPTH_SHARE = "validation/depth_share/";

    /// The prefix of metrics for uniform depths, followed by a depth from 1: the loss of held-out text with every
    /// token at that depth, in nats.
    public static final String LOSS_AT_DEPTH = "validation/loss_at_depth/";

    /// The metric for the reference depth, which tokens take while the router is overruled: the uniform depth with
    /// the lowest loss. For a deepened model the metric is 1, which means the base, until another depth is chosen.
    public static final String REFERENCE_DEPTH = "validation/reference_depth";

    /// The metric that is 1 if the router's logits, before the sigmoid, were trained to predict how much loss, in
    /// nats, a further recursion saves for a token.
    public static final String LOGITS_ARE_GAINS = "router/logits_are_gains";

    private static final Set<String> KEYS = Stream.concat(
                    Stream.of(
                            "format_version",
                            "saiki_version",
                            "created",
                            "recipe",
                            "data_hash",
                            "tokens_seen",
                            "step",
                            "metrics",
                            "base"),
                    Provenance.KEYS.stream())
            .collect(Collectors.toUnmodifiableSet());

    /// Checks the counts and keeps a sorted copy of the metrics.
    public Manifest {
        ValueChecks.range("format_version", formatVersion, 1, FORMAT_VERSION);
        ValueChecks.range("tokens_seen", tokensSeen, 0, Long.MAX_VALUE);
        ValueChecks.range("step", step, 0, Long.MAX_VALUE);
        created = created.truncatedTo(ChronoUnit.SECONDS);
        metrics = Collections.unmodifiableMap(new TreeMap<>(metrics));
    }

    /// Creates the manifest of a checkpoint written now by this version.
    ///
    /// @param recipe the resolved recipe, as YAML
    /// @param dataHash hash of the token data
    /// @param tokensSeen the number of tokens trained on
    /// @param step optimizer steps taken
    /// @param metrics last known metrics by name
    /// @return the manifest
    public static Manifest now(
            Optional<String> recipe,
            Optional<String> dataHash,
            long tokensSeen,
            long step,
            Map<String, Double> metrics) {
        return new Manifest(
                FORMAT_VERSION,
                currentVersion(),
                Instant.now(),
                recipe,
                dataHash,
                tokensSeen,
                step,
                metrics,
                Optional.empty(),
                Provenance.NONE);
    }

    /// Creates the manifest of a model that was not trained.
    ///
    /// @return the manifest
    public static Manifest untrained() {
        return now(Optional.empty(), Optional.empty(), 0, 0, Map.of());
    }

    /// Creates the manifest of an imported model.
    ///
    /// @param origin the source model
    /// @return the manifest
    public static Manifest imported(ModelOrigin origin) {
        return new Manifest(
                FORMAT_VERSION,
                origin.saikiVersion(),
                origin.imported(),
                Optional.empty(),
                Optional.empty(),
                0,
                0,
                Map.of(),
                Optional.empty(),
                Provenance.of(origin));
    }

    /// Adds a comparison with another tool's results for the model.
    ///
    /// @param verification the result of the comparison
    /// @return the extended manifest
    public Manifest with(Verification verification) {
        return with(provenance.with(verification));
    }

    /// Adds a change of the thresholds, and the resulting depths of tokens; these replace the depths recorded
    /// in training.
    ///
    /// @param calibration the change
    /// @param depthShares share of held-out tokens at each depth, from 1
    /// @return the extended manifest
    public Manifest with(Calibration calibration, List<Double> depthShares) {
        Map<String, Double> all = new TreeMap<>(metrics);
        for (int depth = 1; depth <= depthShares.size(); depth++) {
            all.put(DEPTH_SHARE + depth, depthShares.get(depth - 1));
        }
        return with(all, base, provenance.with(calibration));
    }

    /// Adds the certificate of an effort.
    ///
    /// @param certificate the certificate, which replaces the previous one, if any
    /// @return the extended manifest
    public Manifest with(EffortCertificate certificate) {
        return with(provenance.with(certificate));
    }

    /// Adds the losses at each uniform depth, and the depth with the lowest loss as the reference depth.
    ///
    /// @param lossesAtDepths losses by depth, from 1, in nats
    /// @return the extended manifest
    public Manifest withUniformDepths(List<Double> lossesAtDepths) {
        Map<String, Double> all = new TreeMap<>(metrics);
        for (int depth = 1; depth <= lossesAtDepths.size(); depth++) {
            all.put(LOSS_AT_DEPTH + depth, lossesAtDepths.get(depth - 1));
        }
        bestDepth(lossesAtDepths).ifPresent(best -> all.put(REFERENCE_DEPTH, (double) best));
        return with(all, base, provenance);
    }

    /// Adds the model that the training started from and, if that model was imported, its origin.
    ///
    /// @param model the base; empty if the training started from random weights
    /// @return the extended manifest
    public Manifest withBase(Optional<BaseModel> model) {
        Provenance origin = model.flatMap(BaseModel::manifest)
                .flatMap(manifest -> manifest.provenance().origin())
                .map(Provenance::of)
                .orElse(provenance);
        return with(metrics, model, origin);
    }

    /// Adds the one-pass certificate.
    ///
    /// @param certificate the certificate; empty for a model that was not deepened
    /// @return the extended manifest
    public Manifest withOnePass(Optional<OnePassCertificate> certificate) {
        return with(provenance.withOnePass(certificate));
    }

    /// Adds the measured one-pass difference.
    ///
    /// @param difference the difference, which replaces the previous one, if any
    /// @return the extended manifest
    public Manifest with(OnePassDifference difference) {
        return with(provenance.with(difference));
    }

    /// Adds the teacher of the training.
    ///
    /// @param teacher the frozen model; empty if there was none
    /// @return the extended manifest
    public Manifest withTeacher(Optional<TeacherOrigin> teacher) {
        return with(provenance.withTeacher(teacher));
    }

    private Manifest with(Provenance changed) {
        return with(metrics, base, changed);
    }

    private Manifest with(Map<String, Double> numbers, Optional<BaseModel> model, Provenance origin) {
        return new Manifest(
                formatVersion, saikiVersion, created, recipe, dataHash, tokensSeen, step, numbers, model, origin);
    }

    /// Sets the reference depth, which tokens take while the router is overruled.
    ///
    /// @param depth recursions, from 1
    /// @return the extended manifest
    public Manifest withReferenceDepth(int depth) {
        Map<String, Double> all = new TreeMap<>(metrics);
        all.put(REFERENCE_DEPTH, (double) depth);
        return with(all, base, provenance);
    }

    /// Returns the reference depth, which tokens take while the router is overruled.
    ///
    /// @return the number of recursions, from 1; empty if it was neither measured nor set
    public OptionalInt referenceDepth() {
        double depth = metrics.getOrDefault(REFERENCE_DEPTH, Double.NaN);
        return depth >= 1 && depth == Math.rint(depth) ? OptionalInt.of((int) depth) : OptionalInt.empty();
    }

    /// Tells whether the router's logits predict the loss, in nats, that a further recursion saves.
    ///
    /// @return whether the logits were trained to predict measured savings
    public boolean routerForeseesGain() {
        return metrics.getOrDefault(LOGITS_ARE_GAINS, 0.0) == 1;
    }

    /// The depth with the lowest loss, the shallowest on a tie; empty if no loss is a number.
    private static OptionalInt bestDepth(List<Double> lossesAtDepths) {
        return IntStream.range(0, lossesAtDepths.size())
                .filter(i -> Double.isFinite(lossesAtDepths.get(i)))
                .boxed()
                .min(Comparator.comparing(lossesAtDepths::get))
                .map(i -> OptionalInt.of(i + 1))
                .orElseGet(OptionalInt::empty);
    }

    /// Returns the version of the running program.
    ///
    /// @return a version such as 0.1.0
    public static String currentVersion() {
        return CurrentVersion.VERSION;
    }

    /// The version of the running program, read on first use.
    private static final class CurrentVersion {

        private static final String FILE = "version.properties";
        private static final String VERSION = Resources.properties(Manifest.class.getResourceAsStream(FILE), FILE)
                .getProperty("version", "unknown");
    }

    /// Reads a `manifest.json`.
    ///
    /// @param file the file
    /// @return the manifest
    /// @throws InputException if the file is missing, malformed, or of a newer format
    public static Manifest read(Path file) {
        return JsonFiles.read(file, json -> fromJson(json, file.toString()));
    }

    /// Reads a manifest; the file is named in messages about the provenance, which is read on first use.
    static Manifest fromJson(JsonNode json, String where) {
        JsonFields fields = JsonFields.of(json);
        int version = fields.requireInt("format_version");
        if (version > FORMAT_VERSION) {
            throw new InputException("format_version " + version + " is newer than this version of Saiki reads (up to "
                    + FORMAT_VERSION + "); it was written by Saiki "
                    + fields.optionalString("saiki_version").orElse("of unknown version"));
        }
        fields.requireKnown(KEYS);
        return new Manifest(
                version,
                fields.requireString("saiki_version"),
                instant(fields),
                fields.optionalString("recipe"),
                fields.optionalString("data_hash"),
                fields.optionalLong("tokens_seen").orElse(0L),
                fields.optionalLong("step").orElse(0L),
                metrics(fields),
                fields.object("base").map(base -> BaseModel.fromFields(base, where)),
                Provenance.fromJson(json, where));
    }

    private static Instant instant(JsonFields fields) {
        String text = fields.requireString("created");
        try {
            return Instant.parse(text);
        } catch (DateTimeException e) {
            throw new InputException("created must be a time such as 2026-01-31T12:00:00Z, got \"" + text + "\"", e);
        }
    }

    private static Map<String, Double> metrics(JsonFields fields) {
        Map<String, Double> metrics = new TreeMap<>();
        fields.object("metrics")
                .ifPresent(block -> block.keys()
                        .forEach(key ->
                                metrics.put(key, block.optionalDouble(key).orElse(Double.NaN))));
        return metrics;
    }

    /// Writes the manifest as JSON; a number that is not finite becomes null.
    ///
    /// @return the content of a `manifest.json`
    public ObjectNode toJson() {
        ObjectNode json = JsonNodeFactory.instance.objectNode();
        json.put("format_version", formatVersion);
        json.put("saiki_version", saikiVersion);
        json.put("created", created.toString());
        dataHash.ifPresent(hash -> json.put("data_hash", hash));
        json.put("tokens_seen", tokensSeen);
        json.put("step", step);
        ObjectNode block = json.putObject("metrics");
        metrics.forEach((name, value) -> {
            if (Double.isFinite(value)) {
                block.put(name, value);
            } else {
                block.putNull(name);
            }
        });
        provenance.putInto(json);
        recipe.ifPresent(yaml -> json.put("recipe", yaml));
        base.ifPresent(model -> json.set("base", model.toJson()));
        return json;
    }
}
