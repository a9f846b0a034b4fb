package dev.saiki.text.tokenizer;

import java.nio.charset.StandardCharsets;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.databind.ObjectMapper;
import tools.jackson.databind.json.JsonMapper;
import tools.jackson.databind.node.ArrayNode;
import tools.jackson.databind.node.ObjectNode;

/// A writer of a trained tokenizer as a `tokenizer.json` for Hugging Face's library.
final class TokenizerWriter {

    private static final ObjectMapper MAPPER = JsonMapper.builder().build();

    private TokenizerWriter() {}

    /// Returns the bytes of the file.
    ///
    /// @param merges pairs of ids, numbered as in {@link BytePairTrainer}
    static byte[] write(List<Long> merges) {
        ObjectNode root = MAPPER.createObjectNode();
        root.put("version", "1.0");
        root.putNull("truncation");
        root.putNull("padding");
        ObjectNode endOfText = root.putArray("added_tokens").addObject();
        endOfText.put("id", 0);
        endOfText.put("content", Tokenizer.END_OF_TEXT);
        List.of("single_word", "lstrip", "rstrip", "normalized").forEach(option -> endOfText.put(option, false));
        endOfText.put("special", true);
        root.putNull("normalizer");
        byteLevel(root.putObject("pre_tokenizer"));
        root.putNull("post_processor");
        byteLevel(root.putObject("decoder"));
        model(root.putObject("model"), merges);
        return MAPPER.writerWithDefaultPrettyPrinter().writeValueAsString(root).getBytes(StandardCharsets.UTF_8);
    }

    private static void byteLevel(ObjectNode node) {
        node.put("type", "ByteLevel");
        node.put("add_prefix_space", false);
        node.put("trim_offsets", true);
        node.put("use_regex", true);
    }

    private static void model(ObjectNode model, List<Long> merges) {
        model.put("type", "BPE");
        model.putNull("dropout");
        model.putNull("unk_token");
        model.putNull("continuing_subword_prefix");
        model.putNull("end_of_word_suffix");
        model.put("fuse_unk", false);
        model.put("byte_fallback", false);
        model.put("ignore_merges", false);
        ObjectNode vocab = model.putObject("vocab");
        ArrayNode list = model.putArray("merges");
        List<String> spellings = new ArrayList<>();
        spellings.add(Tokenizer.END_OF_TEXT);
        for (int rank = 0; rank < ByteAlphabet.SIZE; rank++) {
            spellings.add(ByteAlphabet.spell(new byte[] {(byte) ByteAlphabet.byteOfRank(rank)}));
        }
        for (long merge : merges) {
            String left = spellings.get(PairTable.left(merge));
            String right = spellings.get(PairTable.right(merge));
            spellings.add(left + right);
            list.add(left + " " + right);
        }
        for (int id = 0; id < spellings.size(); id++) {
            vocab.put(spellings.get(id), id);
        }
    }
}
