package dev.saiki.checkpoint.provenance;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.JsonNodeFactory;
import tools.jackson.databind.node.ObjectNode;

/// The provenance of a checkpoint: import, verifications, calibrations, effort certificate, one-pass certificate
/// and difference, and teacher. The manifest keys are `imported`, `verifications`, `calibrations`,
/// `effort_certificate`, `one_pass`, `one_pass_difference` and `teacher`.
///
/// An entry is parsed only when an accessor is called: engines need none, and parsing takes 0.2 s in a JVM that has
/// just started. Every accessor throws an {@link InputException} if its entry is malformed.
public final class Provenance {

    private static final String IMPORTED = "imported";
    private static final String VERIFICATIONS = "verifications";
    private static final String CALIBRATIONS = "calibrations";
    private static final String CERTIFICATE = "effort_certificate";
    private static final String ONE_PASS = "one_pass";
    private static final String ONE_PASS_DIFFERENCE = "one_pass_difference";
    private static final String TEACHER = "teacher";

    /// The manifest keys that this type reads and writes.
    public static final List<String> KEYS =
            List.of(IMPORTED, VERIFICATIONS, CALIBRATIONS, CERTIFICATE, ONE_PASS, ONE_PASS_DIFFERENCE, TEACHER);

    /// The maximum number of verifications, more than there are pairs of an engine and a number format.
    private static final int MAX_VERIFICATIONS = 64;

    /// The maximum number of calibrations kept; the oldest are dropped.
    private static final int MAX_CALIBRATIONS = 16;

    /// An empty provenance.
    public static final Provenance NONE = new Provenance(JsonNodeFactory.instance.objectNode(), "");

    private final ObjectNode entries;

    /// The manifest, for messages.
    private final String where;

    private Provenance(ObjectNode entries, String where) {
        this.entries = entries;
        this.where = where;
    }

    /// Creates the provenance of an imported model.
    ///
    /// @param origin the source model
    /// @return the provenance, without verifications
    public static Provenance of(ModelOrigin origin) {
        return NONE.with(IMPORTED, origin);
    }

    /// Takes the keys of a manifest.
    ///
    /// @param manifest the whole object
    /// @param where the manifest, for messages
    /// @return the provenance
    public static Provenance fromJson(JsonNode manifest, String where) {
        ObjectNode entries = JsonNodeFactory.instance.objectNode();
        for (String key : KEYS) {
            JsonNode value = manifest.path(key);
            if (!value.isMissingNode() && !value.isNull()) {
                entries.set(key, value);
            }
        }
        return new Provenance(entries, where);
    }

    /// Returns the source model.
    ///
    /// @return the source; empty if the model was not imported
    public Optional<ModelOrigin> origin() {
        return optional(IMPORTED, ModelOrigin.class);
    }

    /// Returns the verifications.
    ///
    /// @return the latest one for each engine and number format
    public List<Verification> verifications() {
        return list(VERIFICATIONS, MAX_VERIFICATIONS, Verification.class);
    }

    /// Returns the changes of the thresholds.
    ///
    /// @return the changes, oldest first
    public List<Calibration> calibrations() {
        return list(CALIBRATIONS, MAX_CALIBRATIONS, Calibration.class);
    }

    /// Returns the certificate of an effort.
    ///
    /// @return the certificate, which may have become void; empty if there is none
    public Optional<EffortCertificate> certificate() {
        return optional(CERTIFICATE, EffortCertificate.class);
    }

    /// Returns the certificate that one pass equals the base.
    ///
    /// @return the certificate; empty if the model was not deepened
    public Optional<OnePassCertificate> onePass() {
        return optional(ONE_PASS, OnePassCertificate.class);
    }

    /// Returns the measured difference between one pass and the base.
    ///
    /// @return the difference; empty unless training changed tensors that one pass uses
    public Optional<OnePassDifference> onePassDifference() {
        return optional(ONE_PASS_DIFFERENCE, OnePassDifference.class);
    }

    /// Returns the frozen teacher of the training.
    ///
    /// @return the teacher; empty if there was none
    public Optional<TeacherOrigin> teacher() {
        return optional(TEACHER, TeacherOrigin.class);
    }

    /// Adds a verification, which replaces an earlier one with the same engine and number format.
    ///
    /// @param verification the new verification
    /// @return the extended provenance
    public Provenance with(Verification verification) {
        List<Verification> all = new ArrayList<>(verifications());
        all.removeIf(verification::replaces);
        all.add(verification);
        return with(VERIFICATIONS, all);
    }

    /// Adds a change of the thresholds.
    ///
    /// @param calibration the new calibration
    /// @return the extended provenance
    public Provenance with(Calibration calibration) {
        List<Calibration> all = new ArrayList<>(calibrations());
        all.add(calibration);
        return with(CALIBRATIONS, all.subList(Math.max(0, all.size() - MAX_CALIBRATIONS), all.size()));
    }

    /// Adds the certificate of an effort, which replaces the previous one.
    ///
    /// @param certificate the new certificate
    /// @return the extended provenance
    public Provenance with(EffortCertificate certificate) {
        return with(CERTIFICATE, certificate);
    }

    /// Adds the one-pass certificate.
    ///
    /// @param statement the certificate; empty for a model that was not deepened
    /// @return the extended provenance
    public Provenance withOnePass(Optional<OnePassCertificate> statement) {
        return with(ONE_PASS, statement);
    }

    /// Adds the measured one-pass difference, which replaces the previous one.
    ///
    /// @param difference the measurement
    /// @return the extended provenance
    public Provenance with(OnePassDifference difference) {
        return with(ONE_PASS_DIFFERENCE, difference);
    }

    /// Adds the teacher of the model.
    ///
    /// @param model the frozen model; empty if there was none
    /// @return the extended provenance
    public Provenance withTeacher(Optional<TeacherOrigin> model) {
        return with(TEACHER, model);
    }

    /// Sets or removes an entry.
    private Provenance with(String key, Object value) {
        ObjectNode changed = entries.deepCopy();
        JsonNode json = Records.MAPPER.valueToTree(value);
        if (json.isNull()) {
            changed.remove(key);
        } else {
            changed.set(key, json);
        }
        return new Provenance(changed, where);
    }

    private <T> Optional<T> optional(String key, Class<T> type) {
        return Optional.ofNullable(entries.get(key)).map(value -> read(value, path(key), type));
    }

    private <T> List<T> list(String key, int max, Class<T> type) {
        JsonNode list = entries.path(key);
        if (!(list.isMissingNode() || list.isArray()) || list.size() > max) {
            throw ValueChecks.wrong(path(key), "a list of at most " + max, JsonFields.describe(list));
        }
        return list.valueStream().map(entry -> read(entry, path(key), type)).toList();
    }

    private String path(String key) {
        return where.isEmpty() ? key : where + ": " + key;
    }

    static TeacherOrigin teacherOf(JsonNode json) {
        return read(json, TEACHER, TeacherOrigin.class);
    }

    private static <T> T read(JsonNode json, String key, Class<T> type) {
        try {
            return Records.MAPPER.treeToValue(json, type);
        } catch (JacksonException e) {
            throw new InputException(key + ": " + e.getOriginalMessage(), e);
        }
    }

    /// Writes the keys into a manifest; unknown values are omitted.
    ///
    /// @param manifest the whole object
    public void putInto(ObjectNode manifest) {
        for (String key : KEYS) {
            if (entries.has(key)) {
                manifest.set(key, entries.get(key));
            }
        }
    }

    /// The entries as JSON, in the order of the keys.
    @Override
    public String toString() {
        ObjectNode ordered = JsonNodeFactory.instance.objectNode();
        putInto(ordered);
        return ordered.toString();
    }

    @Override
    public boolean equals(Object other) {
        return other instanceof Provenance same && toString().equals(same.toString());
    }

    @Override
    public int hashCode() {
        return toString().hashCode();
    }

    /// Writes an entry in the form of a manifest.
    ///
    /// @param entry a component of the provenance, or an element of a component that is a list
    /// @return the entry as JSON
    public static ObjectNode json(Record entry) {
        return Records.MAPPER.valueToTree(entry);
    }

    /// The mapper of records, made on first use because that takes 0.15 s of a JVM that has just started.
    private static final class Records {

        private static final JsonMapper MAPPER = JsonMapper.builder()
                .propertyNamingStrategy(PropertyNamingStrategies.SNAKE_CASE)
                .enumNamingStrategy(EnumNamingStrategies.SNAKE_CASE)
                .changeDefaultVisibility(
                        checker -> checker.withVisibility(PropertyAccessor.IS_GETTER, JsonAutoDetect.Visibility.NONE))
                .enable(DeserializationFeature.FAIL_ON_UNKNOWN_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_MISSING_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_CREATOR_PROPERTIES)
                .enable(DeserializationFeature.FAIL_ON_NULL_FOR_PRIMITIVES)
                .build();
    }
}
