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
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The origin of a model elsewhere, and what it was compared with: the keys `imported` and `verifications` of a
/// manifest.
///
/// @param origin the model elsewhere, if it was imported
/// @param verifications the last one of each engine and number format
public record Provenance(Optional<ModelOrigin> origin, List<Verification> verifications) {

    /// Nothing is known.
    public static final Provenance NONE = new Provenance(Optional.empty(), List.of());

    /// The keys of a manifest that this reads and writes.
    public static final Set<String> KEYS = Set.of("imported", "verifications");

    private static final String IMPORTED = "imported";
    private static final String VERIFICATIONS = "verifications";

    /// More than there are engines and number formats.
    private static final int MOST_VERIFICATIONS = 64;

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

    /// Keeps its own copy.
    public Provenance {
        verifications = List.copyOf(verifications);
    }

    /// Makes that of an imported model.
    ///
    /// @param origin the model elsewhere
    /// @return its provenance, of which nothing was verified
    public static Provenance of(ModelOrigin origin) {
        return new Provenance(Optional.of(origin), List.of());
    }

    /// Adds a verification, in the place of one that was made the same way.
    ///
    /// @param verification the new one
    /// @return this with it
    public Provenance with(Verification verification) {
        List<Verification> all = new ArrayList<>(verifications);
        all.removeIf(verification::replaces);
        all.add(verification);
        return new Provenance(origin, all);
    }

    /// Reads the keys of a manifest.
    ///
    /// @param manifest the whole object
    /// @return what it says
    /// @throws InputException if a key is malformed; names it
    public static Provenance fromJson(JsonNode manifest) {
        JsonNode imported = manifest.path(IMPORTED);
        JsonNode list = manifest.path(VERIFICATIONS);
        if (!(list.isMissingNode() || list.isNull() || list.isArray()) || list.size() > MOST_VERIFICATIONS) {
            throw ValueChecks.wrong(
                    VERIFICATIONS, "a list of at most " + MOST_VERIFICATIONS, JsonFields.describe(list));
        }
        List<Verification> verifications = new ArrayList<>();
        list.values().forEach(entry -> verifications.add(read(entry, VERIFICATIONS, Verification.class)));
        return new Provenance(
                imported.isMissingNode() || imported.isNull()
                        ? Optional.empty()
                        : Optional.of(read(imported, IMPORTED, ModelOrigin.class)),
                verifications);
    }

    private static <T> T read(JsonNode json, String key, Class<T> type) {
        try {
            return MAPPER.treeToValue(json, type);
        } catch (JacksonException e) {
            throw new InputException(key + ": " + e.getOriginalMessage(), e);
        }
    }

    /// Writes the keys into a manifest; what is not known is left out.
    ///
    /// @param manifest the whole object
    public void putInto(ObjectNode manifest) {
        origin.ifPresent(known -> manifest.set(IMPORTED, json(known)));
        if (!verifications.isEmpty()) {
            ArrayNode list = manifest.putArray(VERIFICATIONS);
            verifications.forEach(verification -> list.add(json(verification)));
        }
    }

    /// Writes the origin as it stands in a manifest.
    ///
    /// @param origin the model elsewhere
    /// @return its JSON
    public static ObjectNode json(ModelOrigin origin) {
        return MAPPER.valueToTree(origin);
    }

    /// Writes a verification as it stands in a manifest.
    ///
    /// @param verification what was seen
    /// @return its JSON
    public static ObjectNode json(Verification verification) {
        return MAPPER.valueToTree(verification);
    }
}
