package dev.saiki.checkpoint.provenance;

import com.fasterxml.jackson.annotation.JsonAutoDetect;
import com.fasterxml.jackson.annotation.PropertyAccessor;
import dev.saiki.checkpoint.json.JsonFields;
import dev.saiki.checkpoint.json.ValueChecks;
import dev.saiki.io.InputException;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.EnumNamingStrategies;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.PropertyNamingStrategies;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ObjectNode;

/// The provenance of a checkpoint: import, verifications, calibrations, effort certificate, one-pass certificate
/// and difference, and teacher. The manifest keys are `imported`, `verifications`, `calibrations`,
/// `effort_certificate`, `one_pass`, `one_pass_difference` and `teacher`.
///
/// @param origin the source model, if it was imported
/// @param verifications the latest verification for each engine and number format
/// @param calibrations the changes of the thresholds, oldest first
/// @param certificate the certificate of an effort; it may have become void
/// @param onePass the certificate that one pass equals the base, for a deepened model
/// @param onePassDifference the measured difference between one pass and the base, if training changed
///     tensors that one pass uses
/// @param teacher the frozen teacher model of the training
public record Provenance(
        Optional<ModelOrigin> origin,
        List<Verification> verifications,
        List<Calibration> calibrations,
        Optional<EffortCertificate> certificate,
        Optional<OnePassCertificate> onePass,
        Optional<OnePassDifference> onePassDifference,
        Optional<TeacherOrigin> teacher) {

    /// An empty provenance.
    public static final Provenance NONE = new Provenance(
            Optional.empty(),
            List.of(),
            List.of(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty(),
            Optional.empty());

    private static final String IMPORTED = "imported";
    private static final String VERIFICATIONS = "verifications";
    private static final String CALIBRATIONS = "calibrations";
    private static final String CERTIFICATE = "effort_certificate";
    private static final String ONE_PASS = "one_pass";
    private static final String ONE_PASS_DIFFERENCE = "one_pass_difference";
    private static final String TEACHER = "teacher";

    /// The manifest keys that this type reads and writes.
    public static final Set<String> KEYS =
            Set.of(IMPORTED, VERIFICATIONS, CALIBRATIONS, CERTIFICATE, ONE_PASS, ONE_PASS_DIFFERENCE, TEACHER);

    /// The maximum number of verifications, more than there are pairs of an engine and a number format.
    private static final int MAX_VERIFICATIONS = 64;

    /// The maximum number of calibrations kept; the oldest are dropped.
    private static final int MAX_CALIBRATIONS = 16;

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

    /// Copies the mutable components.
    public Provenance {
        verifications = List.copyOf(verifications);
        calibrations = List.copyOf(calibrations);
    }

    /// Creates the provenance of an imported model.
    ///
    /// @param origin the source model
    /// @return the provenance, without verifications
    public static Provenance of(ModelOrigin origin) {
        return new Provenance(
                Optional.of(origin),
                NONE.verifications,
                NONE.calibrations,
                NONE.certificate,
                NONE.onePass,
                NONE.onePassDifference,
                NONE.teacher);
    }

    /// Adds a verification, which replaces an earlier one with the same engine and number format.
    ///
    /// @param verification the new verification
    /// @return the extended provenance
    public Provenance with(Verification verification) {
        List<Verification> all = new ArrayList<>(verifications);
        all.removeIf(verification::replaces);
        all.add(verification);
        return new Provenance(origin, all, calibrations, certificate, onePass, onePassDifference, teacher);
    }

    /// Adds a change of the thresholds.
    ///
    /// @param calibration the new calibration
    /// @return the extended provenance
    public Provenance with(Calibration calibration) {
        List<Calibration> all = new ArrayList<>(calibrations);
        all.add(calibration);
        return new Provenance(
                origin,
                verifications,
                all.subList(Math.max(0, all.size() - MAX_CALIBRATIONS), all.size()),
                certificate,
                onePass,
                onePassDifference,
                teacher);
    }

    /// Adds the certificate of an effort, which replaces the previous one.
    ///
    /// @param certificate the new certificate
    /// @return the extended provenance
    public Provenance with(EffortCertificate certificate) {
        return new Provenance(
                origin, verifications, calibrations, Optional.of(certificate), onePass, onePassDifference, teacher);
    }

    /// Adds the one-pass certificate.
    ///
    /// @param statement the certificate; empty for a model that was not deepened
    /// @return the extended provenance
    public Provenance withOnePass(Optional<OnePassCertificate> statement) {
        return new Provenance(origin, verifications, calibrations, certificate, statement, onePassDifference, teacher);
    }

    /// Adds the measured one-pass difference, which replaces the previous one.
    ///
    /// @param difference the measurement
    /// @return the extended provenance
    public Provenance with(OnePassDifference difference) {
        return new Provenance(
                origin, verifications, calibrations, certificate, onePass, Optional.of(difference), teacher);
    }

    /// Adds the teacher of the model.
    ///
    /// @param model the frozen model; empty if there was none
    /// @return the extended provenance
    public Provenance withTeacher(Optional<TeacherOrigin> model) {
        return new Provenance(origin, verifications, calibrations, certificate, onePass, onePassDifference, model);
    }

    /// Reads the keys of a manifest.
    ///
    /// @param manifest the whole object
    /// @return the provenance
    /// @throws InputException if a key is malformed; the message names it
    public static Provenance fromJson(JsonNode manifest) {
        return new Provenance(
                optional(manifest, IMPORTED, ModelOrigin.class),
                list(manifest, VERIFICATIONS, MAX_VERIFICATIONS, Verification.class),
                list(manifest, CALIBRATIONS, MAX_CALIBRATIONS, Calibration.class),
                optional(manifest, CERTIFICATE, EffortCertificate.class),
                optional(manifest, ONE_PASS, OnePassCertificate.class),
                optional(manifest, ONE_PASS_DIFFERENCE, OnePassDifference.class),
                optional(manifest, TEACHER, TeacherOrigin.class));
    }

    static TeacherOrigin teacherOf(JsonNode json) {
        return read(json, TEACHER, TeacherOrigin.class);
    }

    private static <T> Optional<T> optional(JsonNode manifest, String key, Class<T> type) {
        JsonNode value = manifest.path(key);
        return value.isMissingNode() || value.isNull() ? Optional.empty() : Optional.of(read(value, key, type));
    }

    private static <T> List<T> list(JsonNode manifest, String key, int max, Class<T> type) {
        JsonNode list = manifest.path(key);
        if (!(list.isMissingNode() || list.isNull() || list.isArray()) || list.size() > max) {
            throw ValueChecks.wrong(key, "a list of at most " + max, JsonFields.describe(list));
        }
        List<T> entries = new ArrayList<>();
        list.values().forEach(entry -> entries.add(read(entry, key, type)));
        return entries;
    }

    private static <T> T read(JsonNode json, String key, Class<T> type) {
        try {
            return MAPPER.treeToValue(json, type);
        } catch (JacksonException e) {
            throw new InputException(key + ": " + e.getOriginalMessage(), e);
        }
    }

    /// Writes the keys into a manifest; unknown values are omitted.
    ///
    /// @param manifest the whole object
    public void putInto(ObjectNode manifest) {
        origin.ifPresent(known -> manifest.set(IMPORTED, json(known)));
        if (!verifications.isEmpty()) {
            manifest.set(VERIFICATIONS, MAPPER.valueToTree(verifications));
        }
        if (!calibrations.isEmpty()) {
            manifest.set(CALIBRATIONS, MAPPER.valueToTree(calibrations));
        }
        certificate.ifPresent(known -> manifest.set(CERTIFICATE, json(known)));
        onePass.ifPresent(statement -> manifest.set(ONE_PASS, json(statement)));
        onePassDifference.ifPresent(known -> manifest.set(ONE_PASS_DIFFERENCE, json(known)));
        teacher.ifPresent(known -> manifest.set(TEACHER, json(known)));
    }

    /// Writes an entry in the form of a manifest.
    ///
    /// @param entry a component of the provenance, or an element of a component that is a list
    /// @return the entry as JSON
    public static ObjectNode json(Record entry) {
        return MAPPER.valueToTree(entry);
    }
}
