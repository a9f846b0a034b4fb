package dev.saiki.engine.constraint;

import java.io.ByteArrayOutputStream;
import java.nio.charset.StandardCharsets;
import java.util.Optional;
import java.util.Random;
import java.util.stream.IntStream;

/// Random texts of a grammar, found by walking through its automaton, and the check whether a text matches.
final class Walks {

    private static final int LONGEST = 20_000;

    private Walks() {}

    /// A random text of the grammar, drawn byte by byte; empty if the text grew too long.
    static Optional<byte[]> random(Grammar grammar, Random random) {
        ByteAutomaton automaton = new ByteAutomaton(grammar);
        ByteArrayOutputStream text = new ByteArrayOutputStream();
        int state = automaton.start();
        while (text.size() < LONGEST) {
            if (automaton.mustEnd(state) || (automaton.mayEnd(state) && random.nextInt(4) == 0)) {
                return Optional.of(text.toByteArray());
            }
            int here = state;
            int[] may = IntStream.range(0, 256)
                    .filter(value -> automaton.next(here, value) != ByteAutomaton.DEAD)
                    .toArray();
            int value = may[random.nextInt(may.length)];
            // A random string would end at one byte in two hundred; ending strings more often keeps texts short.
            if (automaton.next(here, '"') != ByteAutomaton.DEAD && random.nextInt(8) == 0) {
                value = '"';
            }
            text.write(value);
            state = automaton.next(state, value);
        }
        return Optional.empty();
    }

    static boolean matches(Grammar grammar, String text) {
        ByteAutomaton automaton = new ByteAutomaton(grammar);
        int state = automaton.start();
        for (byte value : text.getBytes(StandardCharsets.UTF_8)) {
            state = automaton.next(state, value & 0xFF);
            if (state == ByteAutomaton.DEAD) {
                return false;
            }
        }
        return automaton.mayEnd(state);
    }
}
