package dev.saiki.model.routing;

import dev.saiki.tensor.Device;
import dev.saiki.tensor.DeviceTensors;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.List;

/// The losses that train a router, each a scalar not yet multiplied by its coefficient; a loss that does not apply
/// is zero.
///
/// @param auxiliary the error of the raw logit as a prediction of the selection, summed over steps (MoR paper,
///     appendix A.2)
/// @param routerZ mean squared log-partition of the logits, summed over steps
/// @param balancing the imbalance of token-choice depths; 1 if balanced
/// @param auxiliaryRouter the error of the auxiliary router's prediction of the selection, summed over steps
public record RoutingLosses(Tensor auxiliary, Tensor routerZ, Tensor balancing, Tensor auxiliaryRouter) {

    /// Returns all losses.
    ///
    /// @return the losses in the order of the components
    public List<Tensor> all() {
        return List.of(auxiliary, routerZ, balancing, auxiliaryRouter);
    }

    /// Returns losses that are all zero.
    ///
    /// @param device the device of the losses
    /// @return the losses
    public static RoutingLosses zero(Device device) {
        DeviceTensors there = Tensors.on(device);
        return new RoutingLosses(there.scalar(0), there.scalar(0), there.scalar(0), there.scalar(0));
    }
}
