package dev.saiki.eval.certificate;

import dev.saiki.checkpoint.CertifiedEffort;
import dev.saiki.checkpoint.CheckpointDirectory;
import dev.saiki.checkpoint.ContentHash;
import dev.saiki.checkpoint.Manifest;
import dev.saiki.checkpoint.config.ModelConfig;
import dev.saiki.checkpoint.config.Routing;
import dev.saiki.checkpoint.provenance.EffortCertificate;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import dev.saiki.model.Continuation;
import dev.saiki.model.ScoredContinuation;
import java.nio.ByteBuffer;
import java.security.MessageDigest;
import java.time.InstantSource;
import java.util.ArrayList;
import java.util.HexFormat;
import java.util.List;
import java.util.Locale;
import java.util.Optional;
import java.util.TreeSet;
import java.util.function.Consumer;

/// A certifier that finds the cheapest effort whose two risks ({@link EffortLosses}) pass a test of being below a
/// limit. The efforts are tested in a fixed sequence (the method Learn then Test, see {@link RiskTest}). Every
/// fifth conversation is used to order the efforts, and the others to test them.
///
/// The conversations must be independent draws from the traffic. Equal conversations among them are draws like any
/// other, on both sides of the split: the order of the tests must not depend on the tested draws, which may well have
/// the same content. Removing duplicates would bound the risk of distinct conversations instead of the traffic's.
public final class EffortCertifier {

    /// Of this number of successive conversations, one is used to order the efforts.
    static final int ORDERING_STRIDE = 5;

    private final CheckpointDirectory checkpoint;
    private final Routing.ExpertThreshold routing;
    private final String weights;
    private final List<Double> efforts;
    private final RiskTest test;

    /// Plans the tests of a model.
    ///
    /// @param checkpoint the model
    /// @param weights number format of the scored model
    /// @param efforts the efforts to test; if empty, the efforts that the model was trained at and its
    ///     default
    /// @param test the test of each risk
    /// @throws InputException if the model has no effort control, or an effort is above 1 or below the lowest
    ///     trained effort
    public EffortCertifier(CheckpointDirectory checkpoint, String weights, List<Double> efforts, RiskTest test) {
        if (!(checkpoint.config().routing() instanceof Routing.ExpertThreshold expert)) {
            throw InputException.of(
                    "certify effort",
                    "routing.type",
                    "expert_threshold, which has effort control",
                    checkpoint.config().routing().key());
        }
        this.checkpoint = checkpoint;
        this.routing = expert;
        this.weights = weights;
        this.test = test;
        TreeSet<Double> wanted = new TreeSet<>(efforts.isEmpty() ? expert.effortGrid() : efforts);
        if (efforts.isEmpty()) {
            wanted.add(expert.defaultEffort());
        }
        double least = expert.effortGrid().getFirst();
        for (double effort : wanted) {
            if (!(effort >= least && effort <= 1)) {
                throw InputException.of(
                        "certify effort", "an effort", "from " + least + ", the lowest trained effort, to 1", effort);
            }
        }
        this.efforts = List.copyOf(wanted.descendingSet());
    }

    /// The outcome of the tests.
    ///
    /// @param certificate certificate of the cheapest effort that passed; empty if none did
    /// @param config the model's configuration with that effort as its default; unchanged if none passed
    /// @param tests the tests in their order
    public record Outcome(
            Optional<EffortCertificate> certificate, ModelConfig config, List<EffortCertificate.Test> tests) {

        /// Copies the list.
        public Outcome {
            tests = List.copyOf(tests);
        }
    }

    /// States, before anything is measured, how many conversations are needed for an effort to pass.
    ///
    /// @param sample the conversations
    /// @return one sentence
    /// @throws InputException if there are too few conversations for any effort to pass
    public String requirement(List<ScoredConversation> sample) {
        int conversations = sample.size();
        int least = test.conversations(0);
        int tested = conversations - ordering(conversations);
        if (tested < least) {
            throw new InputException("certify effort: risk " + test.limit() + " and confidence " + test.confidence()
                    + " need at least " + total(least) + " conversations, " + least
                    + " of them for the tests, even without any loss, got " + conversations
                    + "; give more conversations or allow a larger risk");
        }
        return String.format(
                Locale.ROOT,
                "%d conversations test the efforts, and %d others order them (%d of all are distinct); to pass, an effort needs %d conversations"
                        + " without any loss, about %d if the loss is a quarter of the allowed risk, about %d if it is"
                        + " half",
                tested,
                conversations - tested,
                sample.stream().map(ScoredConversation::ids).distinct().count(),
                least,
                test.conversations(test.limit() / 4),
                test.conversations(test.limit() / 2));
    }

    private static int ordering(int conversations) {
        return (conversations + ORDERING_STRIDE - 1) / ORDERING_STRIDE;
    }

    private static int total(int tested) {
        int all = tested;
        while (all - ordering(all) < tested) {
            all++;
        }
        return all;
    }

    /// Runs the tests.
    ///
    /// @param name name of the source of the conversations
    /// @param conversations the conversations
    /// @param scorer the model
    /// @param clock source of the time
    /// @param progress receives a line for each finished step
    /// @return the outcome of the tests
    public Outcome certify(
            String name,
            List<ScoredConversation> conversations,
            DepthScorer scorer,
            InstantSource clock,
            Consumer<String> progress) {
        List<ScoredConversation> ordering = new ArrayList<>();
        List<ScoredConversation> tested = new ArrayList<>();
        for (int i = 0; i < conversations.size(); i++) {
            (i % ORDERING_STRIDE == 0 ? ordering : tested).add(conversations.get(i));
        }
        List<Double> order = FixedSequence.order(losses(ordering, efforts, scorer));
        progress.accept("order of the tests: " + order);
        FixedSequence sequence = FixedSequence.test(losses(tested, order, scorer), test);
        List<EffortCertificate.Test> tests = sequence.results().stream()
                .map(result -> new EffortCertificate.Test(
                        result.losses().effort(),
                        result.losses().meanDepth(),
                        result.losses().meanIncrease(),
                        result.losses().meanFlipped(),
                        result.pValue(),
                        result.passed()))
                .toList();
        Optional<Double> effort =
                sequence.cheapest().map(result -> result.losses().effort());
        ModelConfig config = effort.map(this::withDefault).orElse(checkpoint.config());
        EffortCertificate.Prompts prompts = new EffortCertificate.Prompts(
                name,
                sha256(conversations),
                ordering.size(),
                tested.size(),
                tested.stream().mapToLong(ScoredConversation::scored).sum());
        return new Outcome(
                effort.map(certified -> new EffortCertificate(
                        clock.instant(),
                        Manifest.currentVersion(),
                        ContentHash.of(
                                config.toJson().toString(), checkpoint.tensors().values()),
                        weights,
                        CertifiedEffort.referenceDepth(checkpoint),
                        certified,
                        test.limit(),
                        test.confidence(),
                        prompts,
                        tests)),
                config,
                tests);
    }

    private List<EffortLosses> losses(
            List<ScoredConversation> conversations, List<Double> efforts, DepthScorer scorer) {
        List<Continuation> texts =
                conversations.stream().flatMap(one -> one.parts().stream()).toList();
        int most = checkpoint.config().numRecursions();
        List<ScoredContinuation> reference = scorer.score(texts, 1, CertifiedEffort.referenceDepth(checkpoint));
        return efforts.stream()
                .map(effort -> EffortLosses.of(effort, conversations, reference, scorer.score(texts, effort, most)))
                .toList();
    }

    private ModelConfig withDefault(double effort) {
        Routing changed = new Routing.ExpertThreshold(routing.router(), routing.effortGrid(), effort);
        ModelConfig config = checkpoint.config();
        return config.withRecursion(config.recursion(), changed, config.kvSharing());
    }

    private static String sha256(List<ScoredConversation> conversations) {
        MessageDigest digest = Sha256.digest();
        for (ScoredConversation conversation : conversations) {
            for (Continuation part : conversation.parts()) {
                ByteBuffer bytes = ByteBuffer.allocate(Integer.BYTES * (part.ids().length + 2));
                bytes.putInt(part.ids().length).putInt(part.firstScored());
                for (int id : part.ids()) {
                    bytes.putInt(id);
                }
                digest.update(bytes.array());
            }
        }
        return HexFormat.of().formatHex(digest.digest());
    }
}
