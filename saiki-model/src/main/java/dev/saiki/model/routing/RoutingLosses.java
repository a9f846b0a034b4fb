package dev.saiki.model.routing;

import dev.saiki.tensor.Device;
import dev.saiki.tensor.DeviceTensors;
import dev.saiki.tensor.Tensor;
import dev.saiki.tensor.Tensors;
import java.util.List;

/// The losses that train a router, each a scalar without its coefficient; zero where it does not apply.
///
/// @param auxiliary how well the raw logit predicts who was chosen, summed over steps (MoR paper, appendix A.2)
/// @param routerZ mean squared log-partition of the logits, summed over steps
/// @param balancing unevenness of token-choice depths; 1 when even
/// @param auxiliaryRouter how well the auxiliary router predicts who was chosen, summed over steps
public record RoutingLosses(Tensor auxiliary, Tensor routerZ, Tensor balancing, Tensor auxiliaryRouter) {

    /// Returns all of them.
    ///
    /// @return in the order of the components
    public List<Tensor> all() {
        return List.of(auxiliary, routerZ, balancing, auxiliaryRouter);
    }

    /// Makes losses that are all zero.
    ///
    /// @param device where they are
    /// @return the losses
    public static RoutingLosses zero(Device device) {
        DeviceTensors there = Tensors.on(device);
        return new RoutingLosses(there.scalar(0), there.scalar(0), there.scalar(0), there.scalar(0));
    }
}
