package dev.saiki.eval.verify;

import dev.saiki.checkpoint.provenance.Verification;
import dev.saiki.io.InputException;
import dev.saiki.io.Sha256;
import java.io.IOException;
import java.io.InputStream;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Optional;
import org.jspecify.annotations.Nullable;
import tools.jackson.core.JacksonException;
import tools.jackson.core.JsonParser;
import tools.jackson.core.JsonToken;
import tools.jackson.core.ObjectReadContext;
import tools.jackson.core.StreamReadConstraints;
import tools.jackson.core.StreamReadFeature;
import tools.jackson.core.TokenStreamLocation;
import tools.jackson.core.exc.UnexpectedEndOfInputException;
import tools.jackson.core.json.JsonFactory;

/// A reference in a JSON Lines file: a header that names the tool that computed it, then one object per text.
///
/// The file is parsed number by number. The model's vocabulary and context bound the memory per text, whatever the
/// file contains.
public final class ReferenceFile implements Reference {

    /// The name of the format in the header.
    static final String FORMAT = "saiki-reference";

    /// The only version of the format.
    static final int VERSION = 1;

    private static final int MAX_NAME = 200;
    private static final int MAX_STRING = 1 << 20;

    private static final JsonFactory FACTORY = JsonFactory.builder()
            .streamReadConstraints(StreamReadConstraints.builder()
                    .maxNestingDepth(8)
                    .maxNameLength(64)
                    .maxStringLength(MAX_STRING)
                    .maxNumberLength(64)
                    .build())
            .enable(StreamReadFeature.STRICT_DUPLICATE_DETECTION)
            .build();

    private final Path file;
    private final ModelBounds bounds;
    private final String sha256;
    private final InputStream input;
    private final JsonParser parser;
    private String tool = "";
    private String model = "";

    private ReferenceFile(Path file, ModelBounds bounds, String sha256, InputStream input) {
        this.file = file;
        this.bounds = bounds;
        this.sha256 = sha256;
        this.input = input;
        this.parser = FACTORY.createParser(ObjectReadContext.empty(), input);
    }

    /// Opens a file and reads its header.
    ///
    /// @param file a JSON Lines file
    /// @param bounds bounds of the model
    /// @return the reference, to be closed
    /// @throws InputException if the file does not exist or has another format
    /// @throws IOException if the file cannot be read
    public static ReferenceFile open(Path file, ModelBounds bounds) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": no such file; --against takes a reference file, or a URL that"
                    + " begins with http:// or https://");
        }
        String sha256 = Sha256.hex(file);
        ReferenceFile reference = new ReferenceFile(file, bounds, sha256, Files.newInputStream(file));
        try {
            reference.readHead();
            return reference;
        } catch (IOException | RuntimeException | Error e) {
            reference.close();
            throw e;
        }
    }

    private void readHead() throws IOException {
        try {
            ReferenceLine line = new ReferenceLine(parser, bounds);
            if (parser.nextToken() != JsonToken.START_OBJECT) {
                throw line.wrong("the first line", "an object with \"format\": \"" + FORMAT + "\"");
            }
            boolean isReference = false;
            int version = 0;
            for (@Nullable String key = parser.nextName(); key != null; key = parser.nextName()) {
                parser.nextToken();
                switch (key) {
                    case "format" -> {
                        line.requireEqual(key, FORMAT);
                        isReference = true;
                    }
                    case "version" -> version = line.whole(key, VERSION, VERSION);
                    case "tool" -> tool = named(line.string(key));
                    case "model" -> model = named(line.string(key));
                    default -> throw line.unknown(key, "format, version, tool, model");
                }
            }
            if (!isReference || version == 0) {
                throw new InputException("the first line must have format \"" + FORMAT + "\" and version " + VERSION);
            }
        } catch (JacksonException e) {
            throw notJson(e);
        } catch (InputException e) {
            throw new InputException(file + ": " + e.getMessage(), e);
        }
    }

    /// Makes a string safe for a terminal: replaces control characters with spaces, and shortens the string.
    static String named(String text) {
        String plain = text.replaceAll("\\p{Cntrl}", " ").strip();
        return plain.length() <= MAX_NAME ? plain : plain.substring(0, MAX_NAME);
    }

    private InputException notJson(JacksonException e) {
        @Nullable TokenStreamLocation location = e.getLocation();
        String line = location == null ? "" : " (line " + location.getLineNr() + ")";
        return e instanceof UnexpectedEndOfInputException
                ? InputException.damaged(file.toString(), "not valid JSON Lines: it ends in the middle" + line, e)
                : new InputException(file + ": not valid JSON Lines" + line + ": " + e.getOriginalMessage(), e);
    }

    @Override
    public Optional<ReferenceText> next() {
        try {
            @Nullable JsonToken token = parser.nextToken();
            if (token == null) {
                return Optional.empty();
            }
            ReferenceLine line = new ReferenceLine(parser, bounds);
            line.require(token == JsonToken.START_OBJECT, "a line", "an object");
            return Optional.of(line.read());
        } catch (JacksonException e) {
            throw notJson(e);
        } catch (InputException e) {
            throw new InputException(file + ": " + e.getMessage(), e);
        }
    }

    @Override
    public Verification.Reference description() {
        return new Verification.Reference(
                Verification.Kind.FILE, String.valueOf(file.getFileName()), tool, model, sha256);
    }

    @Override
    public void close() throws IOException {
        parser.close();
        input.close();
    }
}
