package dev.saiki.cli.training;

import dev.saiki.train.plan.DeviceProfile;
import dev.saiki.train.plan.DeviceProfiles;
import org.jspecify.annotations.Nullable;
import picocli.CommandLine.Option;

/// The option that names the device of a plan.
public final class DeviceOption {

    @Option(names = "--device", paramLabel = "NAME|FILE", required = true)
    private String device = "";

    private @Nullable DeviceProfile profile;

    DeviceProfile profile() {
        if (profile == null) {
            profile = DeviceProfiles.find(device);
        }
        return profile;
    }
}
