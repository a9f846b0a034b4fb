package dev.saiki.train.parallel;

import dev.saiki.io.InputException;
import dev.saiki.tensor.Rendezvous;
import java.time.Duration;
import java.util.HashMap;
import java.util.Map;
import java.util.Optional;

/// The environment variables that give a process its rank; they are those of PyTorch's distributed training,
/// set by torchrun, Kubeflow's TrainJob and Slurm scripts.
public final class LaunchEnvironment {

    private static final String WORLD_SIZE = "WORLD_SIZE";
    private static final String RANK = "RANK";
    private static final String LOCAL_RANK = "LOCAL_RANK";
    private static final String LOCAL_WORLD_SIZE = "LOCAL_WORLD_SIZE";
    private static final String MASTER_ADDR = "MASTER_ADDR";
    private static final String MASTER_PORT = "MASTER_PORT";
    private static final String USE_AGENT_STORE = "TORCHELASTIC_USE_AGENT_STORE";
    private static final String RESTART_COUNT = "TORCHELASTIC_RESTART_COUNT";
    /// Processes may arrive at very different times, since each first fetches what it reads from object storage.
    private static final Duration JOINING = Duration.ofMinutes(30);

    private static final int MAX_PROCESSES = 65_536;
    private static final int MAX_PORT = 65_535;

    private LaunchEnvironment() {}

    /// Reads the variables.
    ///
    /// @param variables the environment variables of the process
    /// @param timeout the maximum time that processes wait for each other once all have arrived
    /// @return the rendezvous of this process; empty if the process runs alone
    /// @throws InputException if a variable is missing or invalid
    public static Optional<Rendezvous> read(Map<String, String> variables, Duration timeout) {
        if (!variables.containsKey(WORLD_SIZE)) {
            return Optional.empty();
        }
        int size = number(variables, WORLD_SIZE, 1, MAX_PROCESSES);
        if (size == 1) {
            return Optional.empty();
        }
        int rank = number(variables, RANK, 0, size - 1);
        int sizeHere = variables.containsKey(LOCAL_WORLD_SIZE) ? number(variables, LOCAL_WORLD_SIZE, 1, size) : 1;
        return Optional.of(new Rendezvous(
                text(variables, MASTER_ADDR),
                number(variables, MASTER_PORT, 1, MAX_PORT),
                rank,
                size,
                sizeHere,
                Boolean.parseBoolean(variables.getOrDefault(USE_AGENT_STORE, "")),
                "saiki/" + variables.getOrDefault(RESTART_COUNT, "0"),
                timeout.compareTo(JOINING) > 0 ? timeout : JOINING,
                timeout));
    }

    /// Whether a launcher made this process one that only follows another, the first, which alone writes files.
    ///
    /// @param variables the environment variables of the process
    /// @return whether its rank is above 0
    /// @throws InputException if a variable is missing or invalid
    public static boolean isFollower(Map<String, String> variables) {
        return read(variables, Duration.ZERO).filter(place -> place.rank() > 0).isPresent();
    }

    /// Returns the variables of one process in a group whose processes all run on this machine.
    ///
    /// @param rank the rank of the process
    /// @param size the number of processes
    /// @param port a free TCP port
    /// @return the values by name
    public static Map<String, String> ofLocal(int rank, int size, int port) {
        Map<String, String> variables = new HashMap<>();
        variables.put(MASTER_ADDR, "127.0.0.1");
        variables.put(MASTER_PORT, String.valueOf(port));
        variables.put(RANK, String.valueOf(rank));
        variables.put(LOCAL_RANK, String.valueOf(rank));
        variables.put(WORLD_SIZE, String.valueOf(size));
        variables.put(LOCAL_WORLD_SIZE, String.valueOf(size));
        return variables;
    }

    private static int number(Map<String, String> variables, String name, int min, int max) {
        String value = text(variables, name);
        try {
            int number = Integer.parseInt(value.strip());
            if (number >= min && number <= max) {
                return number;
            }
        } catch (NumberFormatException noNumber) {
            // The error below also covers text that is not a number.
        }
        throw new InputException("the environment variable " + name + " must be a whole number from " + min + " to "
                + max + ", got '" + value + "'; the launcher of the processes sets it");
    }

    private static String text(Map<String, String> variables, String name) {
        String value = variables.getOrDefault(name, "");
        if (value.isBlank()) {
            throw new InputException("the environment variable " + name + " must be set if " + WORLD_SIZE
                    + " is; the launcher of the processes sets it");
        }
        return value;
    }
}
