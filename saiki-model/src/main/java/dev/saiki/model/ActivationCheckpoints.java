package dev.saiki.model;

import dev.saiki.model.routing.ActiveTokens;
import dev.saiki.tensor.Autograd;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import java.util.ArrayList;
import java.util.List;

/// Activation checkpointing: only the input of each layer is kept, and the rest is computed again in the
/// backward pass.
///
/// The forward pass computes each layer without recording, and the layer's output starts a new segment of the
/// graph. The backward pass visits the segments in reverse: it takes the gradient at a layer's output, recomputes
/// the layer with recording, runs the layer's backward pass, and passes the gradient of the input to the previous
/// segment (Chen et al., "Training deep nets with sublinear memory cost", arXiv:1604.06174, with one layer per
/// segment). Several layers may read the same segment of the residual stream, so a segment is kept until the
/// whole backward pass is done. Layers that pass keys and values to later recursions have more than one output and
/// are recorded as usual.
final class ActivationCheckpoints implements AutoCloseable {

    /// The computation of a layer.
    @FunctionalInterface
    interface Layer {
        Tensor compute(int unrolled, Tensor input, ActiveTokens active);
    }

    /// A layer to recompute.
    ///
    /// @param unrolled the index of the unrolled layer
    /// @param active the tokens of the layer
    /// @param source the input tensor, in the preceding graph
    /// @param input the start of the layer's own graph
    /// @param output the start of the following graph
    private record Segment(int unrolled, ActiveTokens active, Tensor source, Tensor input, Tensor output) {}

    private final Layer layer;
    private final List<Segment> segments = new ArrayList<>();

    ActivationCheckpoints(Layer layer) {
        this.layer = layer;
    }

    /// Computes a layer, and keeps only what is needed to compute it again.
    Tensor compute(int unrolled, Tensor source, ActiveTokens active) {
        Tensor input = TensorScope.release(Autograd.leaf(source));
        try (TensorScope _ = TensorScope.open();
                Autograd _ = Autograd.off()) {
            Tensor output = TensorScope.release(Autograd.leaf(layer.compute(unrolled, input, active)));
            segments.add(new Segment(unrolled, active, TensorScope.release(Autograd.alias(source)), input, output));
        }
        return Autograd.alias(segments.getLast().output());
    }

    /// Adds the gradient of a loss to every leaf, through all layers.
    void backward(Tensor loss) {
        if (segments.isEmpty()) {
            Autograd.backward(loss);
            return;
        }
        Autograd.backwardKeepingGraph(loss);
        for (int i = segments.size() - 1; i >= 0; i--) {
            Segment segment = segments.get(i);
            try (TensorScope _ = TensorScope.open();
                    ActiveTokens active = segment.active().copy()) {
                Tensor output = layer.compute(segment.unrolled(), segment.input(), active);
                Autograd.backward(output, Autograd.gradient(segment.output()));
                // The first layer's input has no gradient if nothing below that layer is trained.
                if (Autograd.isRecorded(segment.source())) {
                    Autograd.backwardKeepingGraph(segment.source(), Autograd.gradient(segment.input()));
                }
            }
        }
        close();
    }

    /// Discards all segments, whether or not a backward pass was run.
    @Override
    public void close() {
        segments.forEach(segment -> {
            segment.source().close();
            segment.input().close();
            segment.output().close();
        });
        segments.clear();
    }
}
