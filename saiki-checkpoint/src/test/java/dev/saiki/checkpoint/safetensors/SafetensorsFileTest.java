package dev.saiki.checkpoint.safetensors;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.io.IOException;
import java.io.InputStream;
import java.lang.foreign.ValueLayout;
import java.nio.ByteBuffer;
import java.nio.ByteOrder;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.Arrays;
import java.util.List;
import java.util.Map;
import java.util.Objects;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.api.io.TempDir;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.CsvSource;

class SafetensorsFileTest {

    private static final String UNICODE = "Umlaut \u00e4 \u518d\u5e30";

    @TempDir
    Path folder;

    private Path file(byte[] bytes) throws IOException {
        return Files.write(folder.resolve("x.safetensors"), bytes);
    }

    private void refuses(byte[] bytes, String message) throws IOException {
        Path file = file(bytes);
        assertThatThrownBy(() -> SafetensorsFile.open(file).close())
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith(file + ": ")
                .hasMessageContaining(message);
    }

    private static byte[] pythonFile() throws IOException {
        try (InputStream input =
                Objects.requireNonNull(SafetensorsFileTest.class.getResourceAsStream("python.safetensors"))) {
            return input.readAllBytes();
        }
    }

    @Test
    void fileOfTheReferenceImplementationIsRead() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(file(pythonFile()))) {
            assertThat(file.metadata()).containsExactly(Map.entry("format", "pt"));
            assertThat(file.names())
                    .containsExactlyInAnyOrder(
                            "wide", "brain", "half", "double", "counts", "bytes", "flags", "scalar", "empty", UNICODE);
            assertThat(file.tensor("wide").shape()).containsExactly(3L, 4L);
            assertThat(file.tensor("wide").toFloats())
                    .containsExactly(
                            -0.5f, -0.375f, -0.25f, -0.125f, 0f, 0.125f, 0.25f, 0.375f, 0.5f, 0.625f, 0.75f, 0.875f);
            assertThat(file.tensor("brain").toFloats())
                    .startsWith(1f, -2.5f, 3.140625f, Float.POSITIVE_INFINITY)
                    .endsWith(Float.intBitsToFloat(1 << 16));
            assertThat(file.tensor("half").toFloats()).containsExactly(0.5f, -65504f, 0x1p-24f);
            assertThat(file.tensor("double").type()).isEqualTo(StoredType.F64);
            assertThat(file.tensor("counts").toLongs()).containsExactly(1L, -(1L << 62));
            assertThat(file.tensor("bytes").data().toArray(ValueLayout.JAVA_BYTE))
                    .containsExactly(0, 7, -1);
            assertThat(file.tensor("flags").type()).isEqualTo(StoredType.BOOL);
            assertThat(file.tensor("scalar").shape()).isEmpty();
            assertThat(file.tensor("scalar").toFloats()).containsExactly(4.25f);
            assertThat(file.tensor("empty").toFloats()).isEmpty();
            assertThat(file.tensor(UNICODE).toFloats()).containsExactly(1.5f);
        }
    }

    @Test
    void writerGivesTheBytesOfTheReferenceImplementation() throws IOException {
        byte[] original = pythonFile();
        Path copy = folder.resolve("copy.safetensors");
        try (SafetensorsFile file = SafetensorsFile.open(file(original))) {
            SafetensorsWriter.write(copy, List.copyOf(file.tensors().values()), file.metadata());
        }

        assertThat(Files.readAllBytes(copy)).isEqualTo(original);
    }

    @Test
    void everyTensorStartsAtAMultipleOfItsSize() throws IOException {
        List<StoredTensor> tensors = List.of(
                Safetensors.bytes("a", new byte[3]),
                StoredTensor.ofFloats("b", List.of(1L), new float[] {1.5f}),
                Safetensors.bytes("c", new byte[] {7}),
                Safetensors.longs("d", -5));
        byte[] bytes = Safetensors.of(tensors);
        long headerLength =
                ByteBuffer.wrap(bytes).order(ByteOrder.LITTLE_ENDIAN).getLong();

        assertThat(headerLength % 8).isZero();
        assertThat(bytes.length).isEqualTo(8 + headerLength + 8 + 4 + 3 + 1);
        try (SafetensorsFile file = SafetensorsFile.open(file(bytes))) {
            assertThat(file.names()).containsExactly("d", "b", "a", "c");
            assertThat(file.tensor("d").toLongs()).containsExactly(-5L);
            assertThat(file.tensor("b").toFloats()).containsExactly(1.5f);
            assertThat(file.tensor("c").data().toArray(ValueLayout.JAVA_BYTE)).containsExactly(7);
        }
    }

    @Test
    void tensorsLargerThanTheCopyBufferAreWrittenWhole() throws IOException {
        float[] values = new float[700_000];
        for (int i = 0; i < values.length; i++) {
            values[i] = i;
        }
        Path target = folder.resolve("large.safetensors");
        SafetensorsWriter.write(
                target, List.of(StoredTensor.ofFloats("x", List.of(700L, 1000L), values)), Map.of("step", "7"));

        try (SafetensorsFile file = SafetensorsFile.open(target)) {
            assertThat(file.tensor("x").toFloats()).isEqualTo(values);
            assertThat(file.metadata()).containsExactly(Map.entry("step", "7"));
        }
    }

    @Test
    void sameTensorsGiveTheSameBytes() {
        List<StoredTensor> tensors = List.of(Safetensors.bytes("a", new byte[3]));

        assertThat(Safetensors.of(tensors)).isEqualTo(Safetensors.of(tensors));
    }

    @Test
    void twoTensorsOfOneNameAreNotWritten() {
        List<StoredTensor> tensors = List.of(Safetensors.bytes("a", new byte[3]), Safetensors.bytes("a", new byte[3]));

        assertThatThrownBy(() -> Safetensors.of(tensors))
                .isInstanceOf(IllegalArgumentException.class)
                .hasMessage("two tensors named a");
    }

    @Test
    void emptyFileOfNoTensorsIsFine() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(file(Safetensors.of("{}", 0)))) {
            assertThat(file.names()).isEmpty();
        }
    }

    @Test
    void tensorsMayBeListedInAnyOrder() throws IOException {
        String header = "{\"b\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]},"
                + "\"a\":{\"data_offsets\":[0,1],\"shape\":[1],\"dtype\":\"U8\"}}";

        try (SafetensorsFile file = SafetensorsFile.open(file(Safetensors.of(header, 2)))) {
            assertThat(file.names()).containsExactly("a", "b");
        }
    }

    @Test
    void unknownTensorIsRefusedByName() throws IOException {
        try (SafetensorsFile file = SafetensorsFile.open(file(Safetensors.of("{}", 0)))) {
            assertThatThrownBy(() -> file.tensor("x"))
                    .isInstanceOf(InputException.class)
                    .hasMessageEndingWith("no tensor x");
        }
    }

    @ParameterizedTest
    @CsvSource(
            delimiter = '|',
            value = {
                "[] | 0 | must start with {",
                "{ | 0 | header is not valid",
                "{} x | 0 | header is not valid",
                "{}{} | 0 | there is text after the header's JSON object",
                "{\"a\":1} | 0 | a must be an object",
                "{\"a\":{}} | 0 | a must have dtype, shape and data_offsets",
                "{\"a\":{\"dtype\":\"F99\",\"shape\":[],\"data_offsets\":[0,4]}} | 4 | a.dtype must be one of",
                "{\"a\":{\"dtype\":7,\"shape\":[],\"data_offsets\":[0,4]}} | 4 | a.dtype must be a string",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":1,\"data_offsets\":[0,4]}} | 4 | a.shape must be a list",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[-1],\"data_offsets\":[0,4]}} | 4 | a.shape must not be negative",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1.0],\"data_offsets\":[0,4]}} | 4 | a.shape must be a list of whole",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[[1]],\"data_offsets\":[0,4]}} | 4 | a.shape must be a list of whole",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[[[[[1]]]]],\"data_offsets\":[0,4]}} | 4 | ",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[99999999999999999999],\"data_offsets\":[0,4]}} | 4 | not valid",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[4611686018427387904,4],\"data_offsets\":[0,0]}} | 0 | larger than any memory",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[2],\"data_offsets\":[0,4]}} | 4 | takes 8 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,0]}} | 4 | takes 4 bytes",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0]}} | 4 | a.data_offsets must have two entries",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4],\"b\":1}} | 4 | a.b is not a known key",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[4,8]}} | 8 | a must start at byte 0",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | 3 | the file is truncated",
                "{\"a\":{\"dtype\":\"F32\",\"shape\":[1],\"data_offsets\":[0,4]}} | 5 | data after the last tensor",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]},\"a\":{\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[1,2]}} | 2 | uplicate",
                "{\"a\":{\"dtype\":\"U8\",\"dtype\":\"U8\",\"shape\":[1],\"data_offsets\":[0,1]}} | 1 | uplicate",
                "{\"a\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[0,2]},\"b\":{\"dtype\":\"U8\",\"shape\":[2],\"data_offsets\":[1,3]}} | 3 | b must start at byte 2",
                "{\"__metadata__\":{\"a\":1}} | 0 | __metadata__.a must be a string",
                "{\"__metadata__\":[]} | 0 | __metadata__ must be an object"
            })
    void malformedHeadersAreRefused(String header, int bodyBytes, String message) throws IOException {
        refuses(Safetensors.of(header, bodyBytes), message == null ? "" : message);
    }

    @Test
    void everyTruncationIsRefused() throws IOException {
        byte[] whole = pythonFile();
        for (int length = 0; length < whole.length; length++) {
            refuses(Arrays.copyOf(whole, length), "");
        }
    }

    @Test
    void absurdHeaderLengthsAreRefusedWithoutReading() throws IOException {
        for (long length : new long[] {-1, Long.MIN_VALUE, Long.MAX_VALUE, 100_000_001}) {
            refuses(
                    ByteBuffer.allocate(16)
                            .order(ByteOrder.LITTLE_ENDIAN)
                            .putLong(length)
                            .array(),
                    "at most 100000000 bytes");
        }
        refuses(
                ByteBuffer.allocate(16)
                        .order(ByteOrder.LITTLE_ENDIAN)
                        .putLong(9)
                        .array(),
                "the header is truncated");
    }

    @Test
    void otherEncodingsAreRefused() throws IOException {
        byte[] bytes = Safetensors.of("{\"ab\":{}}", 0);
        bytes[10] = (byte) 0xff;
        refuses(bytes, "not valid");

        refuses(Safetensors.of("{\u0000}\u0000", 0), "not valid");
    }

    @Test
    void longNamesAreRefused() throws IOException {
        refuses(
                Safetensors.of(
                        "{\"" + "n".repeat(100_000) + "\":{\"dtype\":\"U8\",\"shape\":[0],\"data_offsets\":[0,0]}}", 0),
                "not valid");
    }

    @Test
    void missingFilesAndFoldersAreRefused() {
        Path absent = folder.resolve("absent");

        assertThatThrownBy(() -> SafetensorsFile.open(absent).close())
                .isInstanceOf(InputException.class)
                .hasMessage(absent + ": no such file");
        assertThatThrownBy(() -> SafetensorsFile.open(folder).close())
                .isInstanceOf(InputException.class)
                .hasMessage(folder + ": not a regular file");
    }
}
