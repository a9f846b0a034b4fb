package dev.saiki.train;

import dev.saiki.io.InputException;
import dev.saiki.tensor.Device;
import dev.saiki.tensor.ProcessGroup;
import dev.saiki.tensor.TorchRuntime;
import dev.saiki.train.recipe.Recipe;

/// The device of a run, verified to be available.
final class TrainingDevice {

    private TrainingDevice() {}

    /// Checks that the recipe's device is available.
    ///
    /// @throws InputException if LibTorch cannot use the device, or several processes would share it
    static void require(Recipe recipe, ProcessGroup group) {
        Device device = recipe.parallelism().device();
        TorchRuntime.obstacle(device).ifPresent(obstacle -> {
            throw new InputException("parallelism.device must be available to LibTorch, got " + device + ": " + obstacle
                    + "; otherwise train with parallelism.device=cpu");
        });
        if (group.size() > 1 && !(device instanceof Device.Cpu)) {
            throw new InputException(
                    "parallelism.device must be cpu with several processes, since they exchange gradients"
                            + " by Gloo, got " + device + "; train in one process, or with parallelism.device=cpu");
        }
    }
}
