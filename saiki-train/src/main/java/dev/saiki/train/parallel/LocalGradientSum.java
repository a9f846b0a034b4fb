package dev.saiki.train.parallel;

import dev.saiki.model.RecursiveTransformer;
import dev.saiki.tensor.DType;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.TensorScope;
import dev.saiki.tensor.Tensors;
import java.util.List;

/// The sum of one process's gradients, in the order of its micro-batches.
final class LocalGradientSum implements GradientSum {

    private final Tensor gradient;

    LocalGradientSum(long count, Device device) {
        this.gradient = TensorScope.release(Tensors.on(device).zeros(DType.FLOAT32, count));
    }

    static Cost cost(long count) {
        return new Cost(Float.BYTES * count, 0);
    }

    @Override
    public Tensor gradient() {
        return gradient;
    }

    @Override
    public void add(List<RecursiveTransformer> models, Lanes lanes) {
        if (models.isEmpty() && lanes.first() == 0) {
            gradient.zeroInPlace();
        }
        for (int i = 0; i < models.size(); i++) {
            if (lanes.first() + i == 0) {
                models.get(i).copyGradientsTo(gradient);
            } else {
                models.get(i).addGradientsTo(gradient);
            }
        }
    }

    @Override
    public ProcessGroup.Pending startTotal() {
        return () -> {};
    }

    @Override
    public void close() {
        gradient.close();
    }
}
