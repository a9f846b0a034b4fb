package dev.saiki.cli.model;

import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.provenance.Provenance;
import dev.saiki.checkpoint.provenance.Verification;
import dev.saiki.checkpoint.provenance.VerificationStatistics;
import dev.saiki.cli.terminal.ExitCode;
import dev.saiki.cli.terminal.JsonCommand;
import dev.saiki.engine.settings.EngineOptions;
import dev.saiki.engine.settings.WeightFormat;
import dev.saiki.eval.verify.Disagreements;
import dev.saiki.eval.verify.EndpointReference;
import dev.saiki.eval.verify.EngineLogits;
import dev.saiki.eval.verify.LogitModel;
import dev.saiki.eval.verify.ModelBounds;
import dev.saiki.eval.verify.Prompts;
import dev.saiki.eval.verify.Reference;
import dev.saiki.eval.verify.ReferenceFile;
import dev.saiki.eval.verify.TorchLogits;
import dev.saiki.eval.verify.Verifier;
import dev.saiki.io.InputException;
import dev.saiki.model.Precision;
import dev.saiki.text.tokenizer.Tokenizer;
import java.io.IOException;
import java.net.URI;
import java.net.URISyntaxException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.Duration;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.regex.Pattern;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Command;
import picocli.CommandLine.Option;
import tools.jackson.databind.node.ObjectNode;

/// `saiki verify`: compares the results of a model in Saiki with those of another run of the same model.
@Command(name = "verify")
public final class VerifyCommand extends JsonCommand {

    private static final int MAX_TOKENS = 1_000;

    /// A large model may take minutes for a prompt.
    private static final Duration TIMEOUT = Duration.ofMinutes(5);

    @Option(names = "--model", paramLabel = "DIR", required = true)
    private Path model = Path.of("");

    @Option(names = "--against", paramLabel = "FILE|URL", required = true)
    private String against = "";

    @Option(names = "--engine", paramLabel = "NAME")
    private ScoringOptions.Computing engine = ScoringOptions.Computing.TORCH;

    @Option(names = "--weights", paramLabel = "TYPE")
    private WeightFormat weights = WeightFormat.FLOAT32;

    @Option(names = "--tolerance", paramLabel = "X")
    private @Nullable Double tolerance;

    @Option(names = "--prompts", paramLabel = "FILE")
    private @Nullable Path prompts;

    @Option(names = "--tokens", paramLabel = "N")
    private int tokens = 16;

    @Option(names = "--reference-model", paramLabel = "NAME")
    private @Nullable String referenceModel;

    @Option(names = "--api-key", paramLabel = "KEY")
    private @Nullable String apiKey;

    @Override
    protected void run() throws IOException, InterruptedException {
        require();
        CheckpointDirectory checkpoint = CheckpointDirectory.open(model);
        Optional<Tokenizer> tokenizer =
                checkpoint.hasTokenizer() ? Optional.of(Tokenizer.load(checkpoint.tokenizer())) : Optional.empty();
        ModelBounds bounds = ModelBounds.of(checkpoint.config());
        double allowed = tolerance == null ? Disagreements.usualTolerance(weights) : tolerance;
        VerificationStatistics statistics;
        Verification.Reference compared;
        try (Reference reference = reference(checkpoint, bounds, tokenizer);
                LogitModel computing = computing(checkpoint)) {
            statistics = Verifier.compare(reference, computing, tokenizer, bounds, allowed, this::printProgress);
            compared = reference.description();
        }
        List<String> disagreements = Disagreements.of(statistics, allowed);
        Verification verification = new Verification(
                compared,
                Clock.systemUTC().instant(),
                Manifest.currentVersion(),
                ContentHash.of(checkpoint),
                key(engine),
                key(weights),
                allowed,
                disagreements.isEmpty(),
                statistics);
        ObjectNode result = Provenance.json(verification);
        disagreements.forEach(result.putArray("disagreements")::add);
        print(result, () -> {
            new VerificationText(verification, tokenizer).rows().forEach(row -> row(row.name(), row.value()));
            disagreements.forEach(problem -> row("", problem));
        });
        save(checkpoint, verification);
        exit(disagreements.isEmpty() ? ExitCode.DONE : ExitCode.FAILED);
    }

    private void require() {
        if (tolerance != null && !(tolerance >= 0 && tolerance < Double.POSITIVE_INFINITY)) {
            throw new InputException("--tolerance must be a number of at least 0, got " + tolerance);
        }
        InputException.requireBetween("--tokens", tokens, 1, MAX_TOKENS);
        if (engine == ScoringOptions.Computing.TORCH && weights.blocks().isPresent()) {
            throw new InputException(
                    "--weights " + weights.key() + " needs --engine cpu, got --engine torch; change one of them");
        }
        if (!isUrl() && (prompts != null || referenceModel != null || apiKey != null)) {
            throw new InputException(
                    "--prompts, --reference-model and --api-key are for a URL; a reference file has its own texts");
        }
    }

    private boolean isUrl() {
        return Pattern.compile("(?i)https?://").matcher(against).lookingAt();
    }

    private static String key(Enum<?> value) {
        return value.name().toLowerCase(Locale.ROOT);
    }

    private Reference reference(CheckpointDirectory checkpoint, ModelBounds bounds, Optional<Tokenizer> tokenizer)
            throws IOException, InterruptedException {
        if (!isUrl()) {
            return ReferenceFile.open(Path.of(against), bounds);
        }
        if (tokenizer.isEmpty()) {
            throw new InputException(
                    checkpoint.path() + ": has no tokenizer, which the comparison with a server needs");
        }
        Optional<String> key = Optional.ofNullable(apiKey)
                .or(() -> Optional.ofNullable(console.environment().get("SAIKI_API_KEY")));
        return EndpointReference.open(
                new EndpointReference.Server(
                        url(),
                        key,
                        Optional.ofNullable(referenceModel),
                        prompts == null ? Prompts.USUAL : Prompts.read(prompts),
                        tokens,
                        TIMEOUT),
                tokenizer.get(),
                bounds);
    }

    private URI url() {
        try {
            return new URI(against);
        } catch (URISyntaxException e) {
            throw new InputException("--against must be a file or a URL: " + e.getReason(), e);
        }
    }

    private LogitModel computing(CheckpointDirectory checkpoint) {
        return switch (engine) {
            case TORCH ->
                new TorchLogits(checkpoint, weights == WeightFormat.FLOAT32 ? Precision.FLOAT32 : Precision.BFLOAT16);
            case CPU ->
                new EngineLogits(
                        checkpoint, EngineOptions.builder().weights(weights).build());
        };
    }

    private void printProgress(int compared) {
        if (console.errIsTerminal()) {
            note(compared + (compared == 1 ? " text compared" : " texts compared"));
        }
    }

    /// If the model's folder is read-only, the comparison is only printed.
    private void save(CheckpointDirectory checkpoint, Verification verification) {
        try {
            checkpoint.writeVerification(verification);
        } catch (IOException e) {
            note("saiki: note: could not save the result: the manifest in " + checkpoint.path() + " cannot be written: "
                    + e.getMessage());
        }
    }
}
