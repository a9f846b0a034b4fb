package dev.saiki.cli.model;

import dev.saiki.engine.GenerationRequest;
import dev.saiki.engine.sampling.SamplingSettings;
import dev.saiki.engine.sampling.StopConditions;
import dev.saiki.engine.settings.RouteSettings;
import dev.saiki.io.AtomicFiles;
import dev.saiki.io.CacheDirectory;
import dev.saiki.io.InputException;
import dev.saiki.io.Resources;
import java.io.IOException;
import java.nio.charset.StandardCharsets;
import java.nio.file.Files;
import java.nio.file.Path;
import java.nio.file.StandardCopyOption;
import java.util.HexFormat;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.zip.CRC32;

/// The model that comes with the command, for users who have no model yet; its model card is the README
/// beside its files.
///
/// The model's files are resources of this module. Since engines map files into memory, the resources are unpacked
/// into the user's cache folder, under a name that depends on their content. Every use verifies the checksums of
/// the unpacked files, and rewrites missing or damaged ones. A file is written under a temporary name and then
/// renamed, so that several processes may write it at the same time. If no cache folder is writable, a temporary
/// folder of this process is used.
///
/// CRC-32 detects damage in 10 MB in 5 ms; SHA-256 takes 90 ms in a JVM that has just started.
public final class BuiltInModel {

    /// The value of `--model` that selects the built-in model; a folder of this name can be given as `./built_in`.
    public static final String NAME = "built_in";

    /// The note of a command that uses the built-in model because no model was named.
    public static final String USED =
            "no --model given: using the built-in model, a tiny one for a first try;" + " --model DIR selects another";

    /// A demonstration of the model at one effort.
    ///
    /// @param heading the line above the text
    /// @param prompt the text to continue
    /// @param isProblem whether the prompt is a problem, answered by the likeliest text up to a full stop
    /// @param effort the effort
    record Sample(String heading, String prompt, boolean isProblem, double effort) {

        /// The request for the continuation.
        GenerationRequest.Builder asked(GenerationRequest.Builder request) {
            request.route(RouteSettings.builder().effort(effort).build());
            return isProblem
                    ? request.sampling(SamplingSettings.GREEDY)
                            .ending(StopConditions.builder().texts(List.of(".")).build())
                    : request;
        }
    }

    /// The default text to continue.
    public static final String PROMPT = "Once upon a time";

    private static final String PROBLEM =
            "The ball is under cup a. Swap a and d. Swap b and c. Swap d and e. Where is the ball? Under cup";

    /// The demonstrations of `generate`: a story, and one problem at two efforts.
    static final List<Sample> SAMPLES = List.of(
            new Sample("effort 0.5, the default: a story", PROMPT, false, 0.5),
            new Sample("effort 0: one pass, which learned stories alone (the ball is under e)", PROBLEM, true, 0),
            new Sample("effort 0.5: a second pass, which learned such problems", PROBLEM, true, 0.5));

    /// The list of the model's files, with their checksums.
    private static final String LIST = "checksums.txt";

    private BuiltInModel() {}

    /// A file of the model.
    ///
    /// @param checksum CRC-32, eight hexadecimal digits
    /// @param name the file's name in the model's folder
    private record Part(String checksum, String name) {}

    /// Resolves the value of an option to a folder.
    ///
    /// @param value the value of the option
    /// @param environment the environment of the process, which may name the cache folder
    /// @return the unpacked model's folder if the value names the built-in model, otherwise the value itself
    /// @throws InputException if the model's files cannot be written anywhere
    public static Path folderOf(Path value, Map<String, String> environment) {
        return isNamedBy(value) ? folder(CacheDirectory.of(environment)) : value;
    }

    /// Whether the value of an option names the built-in model.
    static boolean isNamedBy(Path value) {
        return value.equals(Path.of(NAME));
    }

    private static Path folder(Optional<Path> cache) {
        byte[] list = resource(LIST);
        List<Part> parts = new String(list, StandardCharsets.UTF_8)
                .lines()
                .map(line -> line.split(" +", 2))
                .map(words -> new Part(words[0], words[1]))
                .toList();
        if (cache.isPresent()) {
            Path folder = cache.get().resolve(NAME + "-" + checksum(list));
            try {
                fill(folder, parts);
                return folder;
            } catch (IOException notWritable) {
                // The temporary folder below is used instead.
            }
        }
        try {
            Path folder = Files.createTempDirectory("saiki-" + NAME);
            Runtime.getRuntime().addShutdownHook(new Thread(() -> remove(folder), "saiki-built-in-model"));
            fill(folder, parts);
            return folder;
        } catch (IOException e) {
            throw new InputException(
                    "the built-in model cannot be unpacked: neither "
                            + cache.map(Path::toString).orElse("a cache")
                            + " nor the folder for temporary files, " + System.getProperty("java.io.tmpdir")
                            + ", can be written; set XDG_CACHE_HOME to a writable folder, or choose another model with"
                            + " --model DIR",
                    e);
        }
    }

    /// Writes all files that are missing or different in a folder.
    private static void fill(Path folder, List<Part> parts) throws IOException {
        for (Part part : parts) {
            if (!isThere(folder.resolve(part.name()), part.checksum())) {
                write(folder, part);
            }
        }
    }

    private static boolean isThere(Path file, String checksum) {
        if (!Files.isRegularFile(file)) {
            return false;
        }
        try {
            return checksum(Files.readAllBytes(file)).equals(checksum);
        } catch (IOException unreadable) {
            return false;
        }
    }

    private static void write(Path folder, Part part) throws IOException {
        Files.createDirectories(folder);
        Path aside = Files.createTempFile(folder, part.name(), AtomicFiles.TEMPORARY_SUFFIX);
        try {
            Files.write(aside, resource(part.name()));
            Files.move(aside, folder.resolve(part.name()), StandardCopyOption.ATOMIC_MOVE);
        } finally {
            Files.deleteIfExists(aside);
        }
    }

    private static void remove(Path folder) {
        try {
            AtomicFiles.deleteRecursively(folder);
        } catch (IOException e) {
            // The folder is in the system's folder for temporary files, which the system cleans up.
        }
    }

    private static byte[] resource(String name) {
        return Resources.bytes(BuiltInModel.class.getResourceAsStream(NAME + "/" + name), name);
    }

    private static String checksum(byte[] content) {
        CRC32 digest = new CRC32();
        digest.update(content);
        return HexFormat.of().toHexDigits((int) digest.getValue());
    }
}
