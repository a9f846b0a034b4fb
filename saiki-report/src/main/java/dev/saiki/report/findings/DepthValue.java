package dev.saiki.report.findings;

import dev.saiki.report.findings.Findings.ComparedModel;
import dev.saiki.report.findings.Findings.Contrast;
import dev.saiki.study.TrainingLog.Validation;
import java.util.Comparator;
import java.util.List;
import java.util.Optional;
import java.util.OptionalDouble;

/// The worth of passing shared layers several times: the loss of a model with a fixed number of recursions minus that
/// of the vanilla model with the same number of parameters, which passes its layers once; both at equal training
/// compute.
///
/// Repeated passes pay late in training, if at all, so a single difference says little. Both models are compared
/// whenever the recursive one was validated, at equal forward FLOPs. The learning rates of the two then stand at the
/// same point of their schedules.
///
/// @param recursive the model that passes its shared layers several times
/// @param onePass the vanilla model with the same number of parameters
/// @param difference the difference at the end, in nats per token; negative if the passes pay
/// @param contrast the same with its interval, if the study compared the two models
/// @param course how the difference changed
/// @param earlier the difference after a third of the training
/// @param tokens for {@link Course#CROSSED} the tokens of the recursive model after which it stayed ahead
record DepthValue(
        ComparedModel recursive,
        ComparedModel onePass,
        double difference,
        Optional<Contrast> contrast,
        Course course,
        double earlier,
        double tokens) {

    /// The number of points of a course that a statement needs.
    private static final int MIN_POINTS = 4;

    /// A difference that lost less than this share of itself in the last two thirds of a training is not closing.
    private static final double CLOSING_SHARE = 0.1;

    /// The change of a difference during a training.
    enum Course {
        /// The recursive model was ahead at every validation.
        ALWAYS_AHEAD,
        /// The recursive model was behind at first and stayed ahead later.
        CROSSED,
        /// The recursive model is behind, by less than before.
        CLOSING,
        /// The recursive model is behind, by as much as before or more.
        OPEN,
        /// There are too few validations.
        UNKNOWN
    }

    /// The difference of two models at a point of their trainings.
    private record Gap(double tokens, double nats) {}

    /// Compares the best model of fixed depth with the vanilla model of as many parameters.
    ///
    /// @param findings the models
    /// @return the worth of depth; empty if the findings lack one of the two models
    static Optional<DepthValue> of(Findings findings) {
        return findings.subjects().stream()
                .filter(model -> model.role() == ModelRole.FIXED_DEPTH)
                .flatMap(recursive -> findings.subjects().stream()
                        .filter(model -> model.role() == ModelRole.VANILLA
                                && model.nonEmbeddingParameters() == recursive.nonEmbeddingParameters())
                        .limit(1)
                        .map(onePass -> between(recursive, onePass, findings)))
                .min(Comparator.comparingDouble(
                        value -> value.recursive().loss().nll()));
    }

    private static DepthValue between(ComparedModel recursive, ComparedModel onePass, Findings findings) {
        Optional<Contrast> contrast = findings.contrastsOf(recursive).stream()
                .filter(one -> one.baseline().equals(onePass.name()))
                .findFirst();
        double atEnd = contrast.map(Contrast::difference)
                .orElse(recursive.loss().nll() - onePass.loss().nll());
        List<Gap> gaps = gaps(recursive.training().curve(), onePass.training().curve());
        if (gaps.size() < MIN_POINTS) {
            return new DepthValue(recursive, onePass, atEnd, contrast, Course.UNKNOWN, Double.NaN, Double.NaN);
        }
        double earlier = gaps.get(gaps.size() / 3).nats();
        int lastBehind = gaps.size() - 1;
        while (lastBehind >= 0 && gaps.get(lastBehind).nats() < 0) {
            lastBehind--;
        }
        Course course = atEnd >= 0
                ? atEnd < (1 - CLOSING_SHARE) * earlier ? Course.CLOSING : Course.OPEN
                : lastBehind < 0 ? Course.ALWAYS_AHEAD : Course.CROSSED;
        double tokens = course == Course.CROSSED
                ? gaps.get(Math.min(lastBehind + 1, gaps.size() - 1)).tokens()
                : Double.NaN;
        return new DepthValue(recursive, onePass, atEnd, contrast, course, earlier, tokens);
    }

    private static List<Gap> gaps(List<Validation> recursive, List<Validation> onePass) {
        return recursive.stream()
                .<Gap>mapMulti((point, gaps) -> at(onePass, point.forwardFlops())
                        .ifPresent(nll -> gaps.accept(new Gap(point.tokens(), point.nll() - nll))))
                .toList();
    }

    /// The loss after so many FLOPs, on the line between two validations.
    private static OptionalDouble at(List<Validation> curve, double flops) {
        for (int i = 1; i < curve.size(); i++) {
            Validation before = curve.get(i - 1);
            Validation after = curve.get(i);
            if (before.forwardFlops() <= flops && flops <= after.forwardFlops()) {
                double share = (flops - before.forwardFlops()) / (after.forwardFlops() - before.forwardFlops());
                return OptionalDouble.of(before.nll() + share * (after.nll() - before.nll()));
            }
        }
        return OptionalDouble.empty();
    }
}
