package dev.saiki.report.findings;

import dev.saiki.checkpoint.Manifest;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.io.InputException;
import dev.saiki.io.Suggestions;
import dev.saiki.report.Report;
import dev.saiki.report.findings.Findings.Attachments;
import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.InspectedPassage;
import dev.saiki.report.findings.Findings.Provenance;
import dev.saiki.study.results.RunPurpose;
import dev.saiki.study.results.StudyResults;
import dev.saiki.train.RunDirectory;
import dev.saiki.train.recipe.Recipe;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import java.util.Optional;
import java.util.function.Consumer;
import java.util.stream.Stream;
import tools.jackson.core.JacksonException;
import tools.jackson.databind.DeserializationFeature;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

/// The files in the folder of a pilot, a training or a study, and the measurements that other commands made
/// of the models.
///
/// Files of measurements are recognised by their content: results of `saiki eval` and `saiki eval tradeoff`, lines
/// of `saiki bench … --json`, and router audits. Files next to the results are found automatically; other files
/// can be named.
public final class ReportInput {

    private static final JsonMapper JSON = JsonMapper.builder()
            .enable(DeserializationFeature.FAIL_ON_TRAILING_TOKENS)
            .build();
    private static final String MANIFEST = "manifest.json";
    private static final long MAX_BYTES = 64L << 20;
    private static final int MAX_LINES = 10_000;
    private static final int MAX_FILES = 1000;

    private final Findings findings;

    private ReportInput(Findings findings) {
        this.findings = findings;
    }

    /// Reads the files of a folder.
    ///
    /// @param folder folder of a pilot, a training or a study
    /// @param named measurement files outside the folder
    /// @param inspect whether to load a model with recursions and run it on a held-out passage
    /// @param warnings receives a sentence about each part of the report that could not be made
    /// @return the contents of the files
    /// @throws InputException if the folder contains no pilot, training or study, or a named file is not a
    ///     measurement
    /// @throws IOException if something cannot be read
    public static ReportInput read(Path folder, List<Path> named, boolean inspect, Consumer<String> warnings)
            throws IOException {
        Findings found = results(folder);
        AttachmentReader attachments = new AttachmentReader();
        attachments.addBeside(folder);
        for (Path file : named) {
            attachments.add(file);
        }
        Optional<InspectedPassage> passage = inspect ? inspect(folder, found, warnings) : Optional.empty();
        return new ReportInput(found.with(passage, provenance(folder, found), attachments.all()));
    }

    /// Builds the report from all files.
    ///
    /// @param options language and price
    /// @return the report
    public Report report(ReportOptions options) {
        return FindingsReport.of(findings, options);
    }

    private static Findings results(Path folder) throws IOException {
        if (!Files.isDirectory(folder)) {
            throw new InputException(folder + ": "
                    + (Files.exists(folder)
                            ? "must be the folder of a pilot, a training or a study, got a file"
                            : "no such folder" + Suggestions.forMissing(folder)));
        }
        String name = folder.toString();
        if (Files.exists(folder.resolve(StudyResults.NAME))) {
            StudyResults study = StudyResults.FILE.read(folder.resolve(StudyResults.NAME));
            if (study.runs().stream().noneMatch(run -> run.purpose() == RunPurpose.GRID)) {
                throw new InputException(
                        folder + ": no run of the study's grid is finished yet (learning-rate trials come first);"
                                + " wait for one");
            }
            return StudyFindings.of(study, folder, name);
        }
        if (Files.exists(folder.resolve(RunDirectory.RECIPE))) {
            return RunFindings.of(folder, name);
        }
        throw new InputException(folder + ": holds neither " + StudyResults.NAME + " of a pilot or a study nor "
                + RunDirectory.RECIPE + " of a training; name the --out folder of `saiki pilot`, `saiki study` or"
                + " `saiki train`");
    }

    /// Reads the provenance of the checkpoints that still exist.
    private static List<Provenance> provenance(Path folder, Findings findings) {
        List<Provenance> all = new ArrayList<>();
        for (ComparedModel subject : findings.subjects()) {
            for (String checkpoint : subject.checkpoints()) {
                Path file = folder.resolve(findings.origin().place(checkpoint)).resolve(MANIFEST);
                if (Files.isRegularFile(file)) {
                    Manifest manifest = Manifest.read(file);
                    all.add(new Provenance(
                            subject.name(),
                            checkpoint,
                            manifest.saikiVersion(),
                            manifest.created().toString(),
                            manifest.dataHash().orElse(""),
                            manifest.recipe().orElse("")));
                }
            }
        }
        return all;
    }

    /// Runs a model with recursions on a passage, if the model's checkpoint and the passage's text still exist.
    private static Optional<InspectedPassage> inspect(Path folder, Findings findings, Consumer<String> warnings)
            throws IOException {
        Optional<ComparedModel> routed = Conclusion.of(findings)
                .model()
                .filter(subject -> subject.role() != ModelRole.VANILLA)
                .or(() -> findings.routed().stream().findFirst());
        if (routed.isEmpty()) {
            return Optional.empty();
        }
        Path checkpoint = folder.resolve(
                findings.origin().place(routed.get().checkpoints().getFirst()));
        try {
            Recipe recipe = Recipe.load(checkpoint.resolveSibling(RunDirectory.RECIPE), List.of());
            Path dataset = recipe.data().dataset().orElseThrow(() -> new InputException("its recipe names no data"));
            return Optional.of(PassageInspector.inspect(routed.get().name(), checkpoint, dataset));
        } catch (InputException e) {
            warnings.accept("the predictions at each depth are omitted: " + e.getMessage());
            return Optional.empty();
        }
    }

    /// A reader of measurement files.
    private static final class AttachmentReader {
        private final List<EngineSpeed> speeds = new ArrayList<>();
        private final List<TaskScores> evaluations = new ArrayList<>();
        private final List<RouterAudit> audits = new ArrayList<>();
        private final List<TradeoffCurve> dials = new ArrayList<>();

        Attachments all() {
            return new Attachments(speeds, evaluations, audits, dials);
        }

        /// Reads the measurements in a folder and ignores its other files.
        void addBeside(Path folder) throws IOException {
            List<Path> files;
            try (Stream<Path> children = Files.list(folder)) {
                files = children.filter(Files::isRegularFile)
                        .filter(file -> file.toString().endsWith(".json")
                                || file.toString().endsWith(".jsonl"))
                        .sorted()
                        .limit(MAX_FILES)
                        .toList();
            }
            for (Path file : files) {
                if (Files.size(file) <= MAX_BYTES) {
                    addIfKnown(file);
                }
            }
        }

        /// Reads a file that must be a measurement.
        void add(Path file) throws IOException {
            if (!Files.isRegularFile(file)) {
                throw new InputException(file + ": no such file");
            }
            if (Files.size(file) > MAX_BYTES) {
                throw InputException.of(
                        file.toString(), "the file", "at most " + MAX_BYTES + " bytes long", Files.size(file));
            }
            if (!addIfKnown(file)) {
                throw new InputException(
                        file + ": is not a measurement that a report can show; supported are results of"
                                + " `saiki eval --out`, lines of `saiki bench … --json`, and the JSON of `saiki audit router`");
            }
        }

        private boolean addIfKnown(Path file) throws IOException {
            List<JsonNode> lines = lines(file);
            if (lines.isEmpty()) {
                return false;
            }
            JsonNode first = lines.getFirst();
            if (first.has("measure") && first.has("tokens_per_second")) {
                for (JsonNode line : lines) {
                    speeds.add(EngineSpeed.of(line, file.toString()));
                }
                return true;
            }
            if (first.has("results") && first.path("model_source").asString("").equals("saiki")) {
                evaluations.add(TaskScores.of(first, file.toString()));
                return true;
            }
            if (first.has("format_version") && first.has("interventions") && first.has("gains")) {
                audits.add(RouterAudit.FILE.read(file));
                return true;
            }
            if (TradeoffCurve.isOne(first)) {
                dials.add(TradeoffCurve.of(first, file.toString()));
                return true;
            }
            return false;
        }

        /// Reads a JSON document, or JSON Lines; empty if the file is neither.
        private static List<JsonNode> lines(Path file) throws IOException {
            String content;
            try {
                content = Files.readString(file);
            } catch (CharacterCodingException e) {
                return List.of();
            }
            try {
                return List.of(JSON.readTree(content));
            } catch (JacksonException e) {
                return separateLines(content);
            }
        }

        private static List<JsonNode> separateLines(String content) {
            List<JsonNode> lines = new ArrayList<>();
            for (String line : content.lines().limit(MAX_LINES).toList()) {
                if (!line.isBlank()) {
                    try {
                        lines.add(JSON.readTree(line));
                    } catch (JacksonException e) {
                        return List.of();
                    }
                }
            }
            return lines;
        }
    }
}
