package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.PromptSamples;
import dev.saiki.study.TrainingLog;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// What is known about some models, wherever it was measured.
///
/// Losses are natural logarithms, per token, on held-out documents, with causal routing. A number that was not measured
/// is NaN.
///
/// @param kind where it comes from
/// @param folder the folder as the user named it
/// @param setting where it ran
/// @param text the text, if it is described
/// @param trainingForwardFlops forward FLOPs that each model's training was given; NaN if they were not equal
/// @param subjects the models; the first is the one that others are compared with
/// @param contrasts differences between models
/// @param floor loss of token frequencies alone
/// @param study the study itself, for what only studies have
/// @param passage a held-out passage
/// @param samples what the models wrote
/// @param provenance where the checkpoints come from
/// @param attachments what was measured by other commands
record Findings(
        Kind kind,
        String folder,
        Setting setting,
        Optional<Text> text,
        double trainingForwardFlops,
        List<Subject> subjects,
        List<Contrast> contrasts,
        Optional<Floor> floor,
        Optional<StudyResults> study,
        Optional<InspectedPassage> passage,
        List<PromptSamples> samples,
        List<Provenance> provenance,
        Attachments attachments) {

    Findings {
        subjects = List.copyOf(subjects);
        contrasts = List.copyOf(contrasts);
        samples = List.copyOf(samples);
        provenance = List.copyOf(provenance);
    }

    /// Returns the same with what was found beside the results.
    Findings with(Optional<InspectedPassage> inspected, List<Provenance> origins, Attachments found) {
        return new Findings(
                kind,
                folder,
                setting,
                text,
                trainingForwardFlops,
                subjects,
                contrasts,
                floor,
                study,
                inspected.isPresent() ? inspected : passage,
                samples,
                origins,
                attachments.and(found));
    }

    /// Where findings come from.
    enum Kind {
        /// `saiki pilot`.
        PILOT,
        /// `saiki train`.
        RUN,
        /// `saiki study`.
        STUDY
    }

    /// Where it ran.
    ///
    /// @param name what the corpus or the study is called; may be empty
    /// @param processors processors that the program could use; 0 if nobody wrote it down
    /// @param platform operating system and architecture; may be empty
    /// @param finished when it ended, as ISO 8601 writes it
    /// @param seeds the seeds that the models were trained with
    /// @param isComplete whether nothing that was planned is left to do
    /// @param command what does it all once more
    record Setting(
            String name,
            int processors,
            String platform,
            String finished,
            List<Long> seeds,
            boolean isComplete,
            String command) {
        Setting {
            seeds = List.copyOf(seeds);
        }
    }

    /// The text.
    ///
    /// @param trainTokens tokens to train on
    /// @param heldOutDocuments documents held out
    /// @param scoredTokens held-out tokens that every model was scored on
    /// @param scoredBytes bytes of text that these stand for
    /// @param context tokens that a model sees at once
    /// @param vocabSize tokens in the vocabulary
    /// @param tailHeldOut whether the held-out text is the end of a single document
    /// @param dataHash identifies documents and splits; may be empty
    record Text(
            long trainTokens,
            long heldOutDocuments,
            long scoredTokens,
            long scoredBytes,
            int context,
            int vocabSize,
            boolean tailHeldOut,
            String dataHash) {}

    /// A model, or the models that differ in their seed only.
    ///
    /// @param name name for people
    /// @param role its part in the comparison
    /// @param checkpoints folders of its checkpoints, one a seed, relative to the findings' folder
    /// @param numRecursions recursions of a token at full depth
    /// @param nonEmbeddingParameters parameters without embedding and head
    /// @param training what its training took, of one seed
    /// @param loss its held-out loss
    /// @param depth how deep its tokens went
    /// @param flopsPerToken forward FLOPs of a token at the depths measured
    /// @param cacheBytesPerToken bytes of keys and values of a token at the depths measured, two bytes a number
    record Subject(
            String name,
            Role role,
            List<String> checkpoints,
            int numRecursions,
            long nonEmbeddingParameters,
            TrainingFacts training,
            Loss loss,
            Depth depth,
            double flopsPerToken,
            double cacheBytesPerToken) {
        Subject {
            checkpoints = List.copyOf(checkpoints);
        }
    }

    /// What a training took.
    ///
    /// @param learningRate peak learning rate
    /// @param tokens tokens trained on, repeats counted
    /// @param forwardFlops forward FLOPs spent
    /// @param seconds seconds of its steps
    /// @param curve held-out losses on the way
    record TrainingFacts(
            double learningRate, long tokens, double forwardFlops, double seconds, List<CurvePoint> curve) {
        TrainingFacts {
            curve = List.copyOf(curve);
        }
    }

    /// A held-out loss while training.
    ///
    /// @param tokens tokens trained on so far
    /// @param forwardFlops forward FLOPs spent so far
    /// @param nll nats per token
    record CurvePoint(double tokens, double forwardFlops, double nll) {

        /// Takes the losses out of the log of a training.
        static List<CurvePoint> of(TrainingLog log) {
            return log.curve().stream()
                    .map(point -> new CurvePoint(point.tokens(), point.forwardFlops(), point.nll()))
                    .toList();
        }
    }

    /// A held-out loss.
    ///
    /// @param nll nats per token, mean over seeds
    /// @param standardError its standard error
    /// @param low lower end of the 95 % interval
    /// @param high upper end of the 95 % interval
    /// @param bitsPerByte the same loss in bits for each byte of text
    record Loss(double nll, double standardError, double low, double high, double bitsPerByte) {}

    /// How deep tokens went.
    ///
    /// @param mean mean number of recursions of a held-out token
    /// @param shares share of them that ended at each depth, from 1
    /// @param trainedSecond share of training tokens that took the second recursion, at the effort that shares were
    ///     measured at; NaN if it is not known
    record Depth(double mean, List<Double> shares, double trainedSecond) {
        Depth {
            shares = List.copyOf(shares);
        }
    }

    /// The loss of a model minus that of another, paired over the same text.
    ///
    /// @param model the one
    /// @param baseline the other
    /// @param difference nats per token; negative if the first is better
    /// @param standardError of the difference; NaN if only the interval is known
    /// @param low lower end of the 95 % interval
    /// @param high upper end of the 95 % interval
    /// @param freedom degrees of freedom of the interval, the fewest of its parts
    /// @param seeds trainings of each behind it
    /// @param observations independent pieces of text behind it
    /// @param unit what these are
    /// @param reason why nothing may be said, whatever the interval; empty otherwise
    record Contrast(
            String model,
            String baseline,
            double difference,
            double standardError,
            double low,
            double high,
            int freedom,
            int seeds,
            int observations,
            Unit unit,
            String reason) {

        /// Tells whether an interval is known that leaves out zero.
        boolean isClear() {
            return reason.isEmpty() && (low > 0 || high < 0);
        }

        /// Returns the same difference seen from the other model.
        Contrast reversed() {
            return with(baseline, model, -difference, -high, -low);
        }

        /// Returns the same with the interval that it has as the best of several.
        ///
        /// @param choices differences that it was chosen from
        Contrast widened(int choices) {
            Interval wider = new Interval(difference, low, high).widened(choices, freedom);
            return with(model, baseline, difference, wider.low(), wider.high());
        }

        private Contrast with(String one, String other, double mean, double lower, double upper) {
            return new Contrast(
                    one, other, mean, standardError, lower, upper, freedom, seeds, observations, unit, reason);
        }

        /// Tells whether it is clear and the first model has the lower loss.
        boolean isBetter() {
            return isClear() && high < 0;
        }
    }

    /// What counts as one independent observation.
    enum Unit {
        /// Whole documents.
        DOCUMENTS,
        /// Windows of documents.
        WINDOWS
    }

    /// The loss of a model that knows token frequencies only.
    ///
    /// @param nll nats per token
    /// @param standardError its standard error
    /// @param bitsPerByte the same in bits for each byte
    record Floor(double nll, double standardError, double bitsPerByte) {}

    /// A passage that a model was asked about.
    ///
    /// @param model the model's name
    /// @param numRecursions its greatest depth
    /// @param tokens the tokens
    record InspectedPassage(String model, int numRecursions, List<PassageToken> tokens) {
        InspectedPassage {
            tokens = List.copyOf(tokens);
        }
    }

    /// Where a checkpoint comes from.
    ///
    /// @param model the model's name
    /// @param checkpoint folder of the checkpoint
    /// @param version version of Saiki that wrote it
    /// @param created when, as ISO 8601 writes it
    /// @param dataHash identifies the text; may be empty
    /// @param recipe the resolved recipe; may be empty
    record Provenance(
            String model, String checkpoint, String version, String created, String dataHash, String recipe) {}

    /// What other commands measured.
    ///
    /// @param speeds measurements of the engine
    /// @param evaluations results of benchmarks
    /// @param audits audits of routers
    /// @param dials losses at several settings of one model's compute
    record Attachments(
            List<Speed> speeds, List<TaskScores> evaluations, List<RouterAudit> audits, List<DialCurve> dials) {
        Attachments {
            dials = List.copyOf(dials);
            speeds = List.copyOf(speeds);
            evaluations = List.copyOf(evaluations);
            audits = List.copyOf(audits);
        }

        /// Returns these and others.
        Attachments and(Attachments others) {
            return new Attachments(
                    joined(speeds, others.speeds),
                    joined(evaluations, others.evaluations),
                    joined(audits, others.audits),
                    joined(dials, others.dials));
        }

        private static <T> List<T> joined(List<T> first, List<T> second) {
            return Stream.concat(first.stream(), second.stream()).toList();
        }

        static final Attachments NONE = new Attachments(List.of(), List.of(), List.of(), List.of());
    }

    /// Returns the model that others are compared with: the best of those without a router that a routed model was held
    /// against, for who can have that one is not helped by what beats a worse one. It is chosen on documents of its
    /// own where there are such: on those that are reported, the choice would flatter it.
    Subject baseline() {
        Set<String> names = routed().stream().map(Subject::name).collect(Collectors.toSet());
        Set<String> opponents = contrasts.stream()
                .filter(contrast -> names.contains(contrast.model()))
                .map(Contrast::baseline)
                .collect(Collectors.toSet());
        return subjects.stream()
                .filter(subject -> subject.role() == Role.VANILLA || subject.role() == Role.FIXED_DEPTH)
                .filter(subject -> opponents.contains(subject.name()))
                .min(Comparator.comparingDouble(this::lossToChooseBy))
                .orElseGet(subjects::getFirst);
    }

    private double lossToChooseBy(Subject subject) {
        return study.stream()
                .flatMap(results -> results.runs().stream())
                .filter(run -> subject.checkpoints().contains(run.checkpoint()))
                .mapToDouble(RunResult::tuningNll)
                .average()
                .orElse(subject.loss().nll());
    }

    /// Finds a routed model's difference from its twin that draws its tokens by lot, whichever of the two the plan held
    /// against the other.
    ///
    /// @param model the routed model
    Optional<Contrast> againstRandom(Subject model) {
        return contrasts.stream()
                .flatMap(contrast -> Stream.of(contrast, contrast.reversed()))
                .filter(contrast -> contrast.model().equals(model.name()))
                .filter(contrast -> subject(contrast.baseline())
                        .filter(other -> other.role() == Role.RANDOM_ROUTER)
                        .filter(other -> other.numRecursions() == model.numRecursions())
                        .isPresent())
                .findFirst();
    }

    /// How often the model that read most of it read the text; NaN if the text is not described.
    double epochs() {
        double tokens = text.map(Text::trainTokens).orElse(0L);
        return tokens == 0
                ? Double.NaN
                : subjects.stream()
                                .mapToLong(subject -> subject.training().tokens())
                                .max()
                                .orElse(0)
                        / tokens;
    }

    /// Finds a model by name.
    Optional<Subject> subject(String name) {
        return subjects.stream().filter(subject -> subject.name().equals(name)).findFirst();
    }

    /// Returns the models with a learned router, those of other findings left out.
    List<Subject> routed() {
        return subjects.stream()
                .filter(subject -> subject.role() == Role.ROUTED)
                .toList();
    }
}
