package dev.saiki.text.cleaning;

import java.nio.charset.StandardCharsets;
import java.util.List;
import java.util.Optional;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// The record of a dataset's sources and filters, and the number of documents that each filter removed.
///
/// @param options the rules
/// @param sources the sources, in order
public record Lineage(CleaningOptions options, List<Source> sources) {

    /// The name of the file beside a dataset's `dataset.json`.
    public static final String FILE = "lineage.json";

    private static final int FORMAT_VERSION = 1;
    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    /// Copies the mutable components.
    ///
    /// @param options the rules
    /// @param sources the sources, in order
    public Lineage {
        sources = List.copyOf(sources);
    }

    /// A source.
    ///
    /// @param name the name of the source, without its folder
    /// @param sha256 the SHA-256 of the file in hexadecimal digits, or nothing if the text came from no file
    /// @param counts the counts of the source's documents
    public record Source(String name, Optional<String> sha256, SourceCounts counts) {}

    /// The counts of all sources.
    ///
    /// @return the sums
    public SourceCounts total() {
        return sources.stream().map(Source::counts).reduce(SourceCounts.NONE, SourceCounts::plus);
    }

    /// The record as a file.
    ///
    /// @return JSON in UTF-8
    public byte[] toJson() {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("format_version", FORMAT_VERSION);
        ObjectNode rules = root.putObject("cleaning");
        rules.put("min_characters", options.minCharacters());
        rules.put("min_letters", options.minLetters());
        rules.put("max_repeated_lines", options.maxRepeatedLines());
        options.languages().forEach(language -> rules.withArray("languages").add(language));
        options.rules().forEach(published -> rules.withArray("quality").add(published.key()));
        for (EvaluationSets.SetFile file : options.evaluation().files()) {
            rules.withArray("evaluation_sets")
                    .addObject()
                    .put("name", file.name())
                    .put("sha256", file.sha256());
        }
        rules.put("mask_personal_data", options.masksPersonalData());
        rules.put("duplicates", options.duplicates().key());
        rules.put("similarity", options.similarity());
        rules.put("unique_paragraphs", options.uniqueParagraphs());
        put(root.putObject("documents"), total());
        ArrayNode all = root.putArray("sources");
        for (Source source : sources) {
            ObjectNode node = all.addObject();
            node.put("name", source.name());
            source.sha256().ifPresent(digits -> node.put("sha256", digits));
            put(node.putObject("documents"), source.counts());
        }
        return (MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root) + "\n")
                .getBytes(StandardCharsets.UTF_8);
    }

    private static void put(ObjectNode node, SourceCounts counts) {
        node.put("read", counts.read());
        for (DocumentVerdict verdict : DocumentVerdict.values()) {
            if (verdict == DocumentVerdict.KEPT || counts.of(verdict) > 0) {
                node.put(verdict.key(), counts.of(verdict));
            }
        }
        node.put("kept_bytes", counts.keptBytes());
        node.put("masked", counts.masked());
        node.put("paragraphs_removed", counts.repeatedParagraphs());
    }
}
