package dev.saiki.report.findings;

import dev.saiki.eval.Interval;
import dev.saiki.eval.TextScore;
import dev.saiki.eval.audit.RouterAudit;
import dev.saiki.report.ReportSection.PassageToken;
import dev.saiki.report.ReportSection.PromptSamples;
import dev.saiki.study.TrainingLog.Validation;
import dev.saiki.study.results.DatasetSummary;
import dev.saiki.study.results.RunResult;
import dev.saiki.study.results.StudyResults;
import dev.saiki.study.results.UnigramLoss;
import java.util.Comparator;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;
import java.util.stream.Collectors;
import java.util.stream.Stream;

/// The figures of the compared models.
///
/// Losses are in nats per token, on held-out documents, with causal routing. NaN stands for a number that was not
/// measured.
///
/// @param origin origin of the findings
/// @param text the facts about the text, if known
/// @param trainingBudget length of each model's training, in the unit of the study; NaN if the lengths differ
/// @param subjects the models, in the plan's order
/// @param contrasts differences between models
/// @param floor loss of a unigram model
/// @param study the study itself, for those sections that only studies have
/// @param examples text examples of the models
/// @param provenance provenance of the checkpoints
/// @param attachments measurements made by other commands
record Findings(
        Origin origin,
        Optional<DatasetSummary> text,
        double trainingBudget,
        List<ComparedModel> subjects,
        List<Contrast> contrasts,
        Optional<UnigramLoss> floor,
        Optional<StudyResults> study,
        Examples examples,
        List<Provenance> provenance,
        Attachments attachments) {

    /// Returns these findings with further measurements attached.
    Findings with(Optional<InspectedPassage> inspected, List<Provenance> origins, Attachments found) {
        return new Findings(
                origin,
                text,
                trainingBudget,
                subjects,
                contrasts,
                floor,
                study,
                inspected.isPresent() ? new Examples(inspected, examples.samples()) : examples,
                origins,
                attachments.and(found));
    }

    /// The command that produced findings.
    enum Kind {
        /// `saiki pilot`.
        PILOT,
        /// `saiki train`.
        RUN,
        /// `saiki study`.
        STUDY
    }

    /// The origin of the findings.
    ///
    /// @param kind the command that produced the findings
    /// @param folder the folder as named by the user
    /// @param name name of the corpus or the study; may be empty
    /// @param processors number of processors available to the program; 0 if not recorded
    /// @param platform operating system and architecture; may be empty
    /// @param finished the end of the work, in ISO 8601
    /// @param seeds the seeds of the trainings
    /// @param isComplete whether all planned work is finished
    /// @param command the command that repeats the work from the beginning
    record Origin(
            Kind kind,
            String folder,
            String name,
            int processors,
            String platform,
            String finished,
            List<Long> seeds,
            boolean isComplete,
            String command) {

        /// The path of a checkpoint, relative to the folder.
        String place(String checkpoint) {
            return kind == Kind.RUN ? checkpoint.substring(checkpoint.lastIndexOf('/') + 1) : checkpoint;
        }
    }

    /// Examples of text.
    ///
    /// @param passage a held-out passage with the depth of each token
    /// @param samples samples of the models
    record Examples(Optional<InspectedPassage> passage, List<PromptSamples> samples) {

        /// No examples.
        static final Examples NONE = new Examples(Optional.empty(), List.of());
    }

    /// A model, or several models that differ only in their seed.
    ///
    /// @param name name shown to readers
    /// @param role role of the model in the comparison
    /// @param checkpoints folders of the model's checkpoints, one per seed, relative to the findings' folder
    /// @param numRecursions number of recursions of a token at full depth
    /// @param nonEmbeddingParameters number of parameters without embedding and head
    /// @param training cost of the model's training, for one seed
    /// @param loss held-out loss of the model
    /// @param depth depths of the model's tokens
    /// @param flopsPerToken forward FLOPs per token at the measured depths
    /// @param cacheBytesPerToken bytes of keys and values per token at the measured depths, with two bytes
    ///     per number
    record ComparedModel(
            String name,
            ModelRole role,
            List<String> checkpoints,
            int numRecursions,
            long nonEmbeddingParameters,
            TrainingCost training,
            LossEstimate loss,
            DepthShares depth,
            double flopsPerToken,
            double cacheBytesPerToken) {}

    /// The cost of a training, and the held-out losses during the training.
    ///
    /// @param learningRate peak learning rate
    /// @param tokens number of training tokens, including repeats
    /// @param forwardFlops forward FLOPs spent
    /// @param seconds duration of the training steps
    /// @param curve held-out losses during training
    record TrainingCost(
            double learningRate, long tokens, double forwardFlops, double seconds, List<Validation> curve) {}

    /// A held-out loss.
    ///
    /// @param nll mean of the loss over seeds, in nats per token
    /// @param standardError standard error of the loss
    /// @param low lower end of the 95 % interval
    /// @param high upper end of the 95 % interval
    /// @param bitsPerByte the loss in bits per byte of text
    record LossEstimate(double nll, double standardError, double low, double high, double bitsPerByte) {}

    /// The depths that tokens took.
    ///
    /// @param mean mean number of recursions per held-out token
    /// @param shares share of the held-out tokens with each final depth, from 1
    /// @param trainedSecond share of the training tokens that took the second recursion, at the same effort
    ///     as in the measurement of `shares`; NaN if unknown
    record DepthShares(double mean, List<Double> shares, double trainedSecond) {}

    /// The loss of a model minus the loss of another model, paired on the same text.
    ///
    /// @param model name of the model
    /// @param baseline name of the other model
    /// @param difference nats per token; negative if the first model is better
    /// @param low lower end of the 95 % interval
    /// @param high upper end of the 95 % interval
    /// @param freedom degrees of freedom of the interval: those of documents or of seeds, whichever are fewer
    /// @param seeds number of trainings of each model
    /// @param observations number of independent pieces of text
    /// @param unit unit of the observations
    /// @param reason why no verdict is possible, whatever the interval; empty if a verdict is possible
    record Contrast(
            String model,
            String baseline,
            double difference,
            double low,
            double high,
            int freedom,
            int seeds,
            int observations,
            TextScore.Unit unit,
            String reason) {

        /// Tells whether the interval is known and excludes zero.
        boolean isClear() {
            return reason.isEmpty() && (low > 0 || high < 0);
        }

        /// Returns the same difference with the two models exchanged.
        Contrast reversed() {
            return with(baseline, model, -difference, -high, -low);
        }

        /// Returns the same difference, with an interval corrected for the fact that the difference is the
        /// best of several.
        ///
        /// @param choices number of differences that this one was selected from
        Contrast widened(int choices) {
            Interval wider = new Interval(difference, low, high).widened(choices, freedom);
            return with(model, baseline, difference, wider.low(), wider.high());
        }

        private Contrast with(String one, String other, double mean, double lower, double upper) {
            return new Contrast(one, other, mean, lower, upper, freedom, seeds, observations, unit, reason);
        }

        /// Tells whether the difference is clear and the first model has the lower loss.
        boolean isBetter() {
            return isClear() && high < 0;
        }
    }

    /// A passage with a model's routing and predictions.
    ///
    /// @param model the model's name
    /// @param numRecursions greatest depth of the model
    /// @param tokens the tokens
    record InspectedPassage(String model, int numRecursions, List<PassageToken> tokens) {}

    /// The origin of a checkpoint.
    ///
    /// @param model the model's name
    /// @param checkpoint folder of the checkpoint
    /// @param version version of Saiki that wrote the checkpoint
    /// @param created time of creation, in ISO 8601
    /// @param dataHash hash of the text; may be empty
    /// @param recipe the resolved recipe; may be empty
    record Provenance(
            String model, String checkpoint, String version, String created, String dataHash, String recipe) {}

    /// The measurements that other commands made.
    ///
    /// @param speeds measurements of the engine
    /// @param evaluations results of benchmarks
    /// @param audits audits of routers
    /// @param dials losses at several compute settings of one model
    record Attachments(
            List<EngineSpeed> speeds,
            List<TaskScores> evaluations,
            List<RouterAudit> audits,
            List<TradeoffCurve> dials) {

        /// Returns these measurements together with others.
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

    /// Returns the baseline: the best model without a router that is not judged itself and was compared with
    /// a judged model. A win against a worse model is worth nothing to users who can have the best one. The
    /// baseline is chosen by the loss on tuning documents if there are any, since a choice on the reported
    /// documents would bias the result. If no model qualifies, the first model is the baseline.
    ComparedModel baseline() {
        Set<String> names = judged().stream().map(ComparedModel::name).collect(Collectors.toSet());
        Set<String> opponents = judged().stream()
                .flatMap(model -> contrastsOf(model).stream())
                .map(Contrast::baseline)
                .collect(Collectors.toSet());
        return subjects.stream()
                .filter(subject -> subject.role() == ModelRole.VANILLA || subject.role() == ModelRole.FIXED_DEPTH)
                .filter(subject -> opponents.contains(subject.name()) && !names.contains(subject.name()))
                .min(Comparator.comparingDouble(this::lossToChooseBy))
                .orElseGet(subjects::getFirst);
    }

    private double lossToChooseBy(ComparedModel subject) {
        return study.stream()
                .flatMap(results -> results.runs().stream())
                .filter(run -> subject.checkpoints().contains(run.checkpoint()))
                .mapToDouble(RunResult::tuningNll)
                .average()
                .orElse(subject.loss().nll());
    }

    /// Lists a model's differences from other models, whichever of the two models the plan names first.
    List<Contrast> contrastsOf(ComparedModel model) {
        Map<String, Contrast> byOpponent = new LinkedHashMap<>();
        contrasts.stream()
                .flatMap(contrast -> Stream.of(contrast, contrast.reversed()))
                .filter(contrast -> contrast.model().equals(model.name()))
                .forEach(contrast -> byOpponent.putIfAbsent(contrast.baseline(), contrast));
        return List.copyOf(byOpponent.values());
    }

    /// Finds a routed model's difference from its twin with random routing.
    ///
    /// @param model the routed model
    Optional<Contrast> againstRandom(ComparedModel model) {
        return contrastsOf(model).stream()
                .filter(contrast -> subject(contrast.baseline())
                        .filter(other -> other.role() == ModelRole.RANDOM_ROUTER)
                        .filter(other -> other.numRecursions() == model.numRecursions())
                        .isPresent())
                .findFirst();
    }

    /// The number of passes over the training text by the model that read most tokens; NaN if the size of the text
    /// is unknown.
    double epochs() {
        double tokens = text.map(DatasetSummary::trainTokens).orElse(0L);
        return tokens == 0
                ? Double.NaN
                : subjects.stream()
                                .mapToLong(subject -> subject.training().tokens())
                                .max()
                                .orElse(0)
                        / tokens;
    }

    /// Finds a model by name.
    Optional<ComparedModel> subject(String name) {
        return subjects.stream().filter(subject -> subject.name().equals(name)).findFirst();
    }

    /// Returns the models with a learned router.
    List<ComparedModel> routed() {
        return inRole(ModelRole.ROUTED);
    }

    /// Returns the models to judge: those with a learned router or, without any, those whose shared layers
    /// every token passes equally often.
    List<ComparedModel> judged() {
        List<ComparedModel> routed = routed();
        return routed.isEmpty() ? inRole(ModelRole.FIXED_DEPTH) : routed;
    }

    private List<ComparedModel> inRole(ModelRole role) {
        return subjects.stream().filter(subject -> subject.role() == role).toList();
    }
}
