package dev.saiki.rollout.proxy;

import dev.saiki.rollout.pair.RequestWords;
import dev.saiki.rollout.plan.GatewayPlan;
import java.nio.ByteBuffer;
import java.nio.charset.StandardCharsets;
import java.security.GeneralSecurityException;
import java.util.Arrays;
import java.util.HexFormat;
import java.util.Optional;
import javax.crypto.Mac;
import javax.crypto.spec.SecretKeySpec;
import tools.jackson.databind.JsonNode;

/// The conversations of requests, identified by a keyed hash of a header, or of the user and the first messages. The
/// user alone would make one conversation of all requests of a client that always sends the same name. A key reveals
/// nothing about the conversation, and maps to one side during a whole stage, even after a restart.
final class Conversations {

    private static final String ALGORITHM = "HmacSHA256";
    private static final int KEY_BYTES = 16;

    /// Cloned for each hash, since looking up an implementation takes longer than hashing.
    private final Mac prototype;

    Conversations(byte[] secret) {
        try {
            this.prototype = Mac.getInstance(ALGORITHM);
            prototype.init(new SecretKeySpec(secret, ALGORITHM));
        } catch (GeneralSecurityException e) {
            throw new IllegalStateException("this JDK lacks " + ALGORITHM, e);
        }
    }

    /// Identifies the conversation of a request.
    ///
    /// @param tenant name of the request's API key; empty if keys are off
    /// @return the key of the conversation
    String of(ForwardedRequest request, String tenant) {
        String name = request.header(GatewayPlan.CONVERSATION_HEADER)
                .map(value -> "header\0" + value)
                .orElseGet(() -> "messages\0" + user(request).orElse("") + "\0" + beginning(request.fields()));
        return key("conversation\0" + tenant + "\0" + name);
    }

    /// The user named by a request.
    static Optional<String> user(ForwardedRequest request) {
        JsonNode fields = request.fields();
        return Optional.of(fields.path("safety_identifier")
                        .asString(fields.path("user").asString("")))
                .filter(name -> !name.isBlank());
    }

    /// The keyed hash of a user's name.
    String subject(String name) {
        return key("subject\0" + name);
    }

    private String key(String text) {
        return HexFormat.of().formatHex(Arrays.copyOf(hash(text), KEY_BYTES));
    }

    /// The part of a conversation that stays the same as it grows: all messages up to and including the first user
    /// message.
    private static String beginning(JsonNode fields) {
        JsonNode messages = RequestWords.turns(fields);
        if (!messages.isArray()) {
            return fields.path("instructions").toString() + fields.path("prompt") + messages;
        }
        StringBuilder first = new StringBuilder(fields.path("instructions").toString());
        for (JsonNode message : messages) {
            first.append(message.path("role")).append(message.path("content"));
            if (message.path("role").asString("").equals("user")) {
                break;
            }
        }
        return first.toString();
    }

    /// Maps a conversation to a number from 0 to below 1; numbers for different purposes are independent.
    double place(String conversation, String purpose) {
        long bits = ByteBuffer.wrap(hash(purpose + "\0" + conversation)).getLong();
        return (bits >>> 11) * 0x1p-53;
    }

    private byte[] hash(String text) {
        try {
            return ((Mac) prototype.clone()).doFinal(text.getBytes(StandardCharsets.UTF_8));
        } catch (CloneNotSupportedException e) {
            throw new IllegalStateException("this JDK cannot copy " + ALGORITHM, e);
        }
    }
}
