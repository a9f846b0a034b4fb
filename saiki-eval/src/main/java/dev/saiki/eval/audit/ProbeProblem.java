package dev.saiki.eval.audit;

import dev.saiki.eval.RecordJson;
import dev.saiki.io.InputException;
import java.io.IOException;
import java.nio.charset.CharacterCodingException;
import java.nio.file.Files;
import java.nio.file.Path;
import java.util.ArrayList;
import java.util.List;
import tools.jackson.core.JacksonException;

/// A small problem of known difficulty: a prompt and its answer.
///
/// @param task the kind of problem
/// @param difficulty difficulty of the problem, from 1
/// @param prompt the question
/// @param answer the expected answer, including the space before it
public record ProbeProblem(String task, int difficulty, String prompt, String answer) {

    /// Maximum number of problems in a file.
    static final int MOST = 100_000;

    /// Maximum size of a file of problems in bytes.
    static final long LARGEST_FILE = 100_000_000;

    /// Maximum number of characters in a problem.
    static final int LONGEST = 10_000;

    /// Checks the values.
    ///
    /// @throws InputException if the task, the prompt or the answer is empty, the difficulty is below 1, or the
    ///     text is too long
    public ProbeProblem {
        if (task.isEmpty() || prompt.isEmpty() || answer.isEmpty()) {
            throw new InputException("a probe problem needs a task, a prompt and an answer, got task '" + task
                    + "', prompt '" + prompt + "', answer '" + answer + "'");
        }
        if (difficulty < 1) {
            throw InputException.of("a probe problem", "difficulty", "at least 1", difficulty);
        }
        if (prompt.length() + answer.length() > LONGEST) {
            throw InputException.of(
                    "a probe problem",
                    "prompt and answer",
                    "at most " + LONGEST + " characters",
                    prompt.length() + answer.length());
        }
    }

    /// Returns the problem as it appears in a training text.
    ///
    /// @return prompt and answer
    public String text() {
        return prompt + answer;
    }

    /// Reads problems.
    ///
    /// @param file JSON Lines with `task`, `difficulty`, `prompt` and `answer`
    /// @return the problems, at least one
    /// @throws InputException if the file is missing, empty or too large, or a line is not a problem
    /// @throws IOException if the file cannot be read
    public static List<ProbeProblem> read(Path file) throws IOException {
        if (!Files.isRegularFile(file)) {
            throw new InputException(file + ": no such file; `saiki data probes` writes one");
        }
        if (Files.size(file) > LARGEST_FILE) {
            throw InputException.of(
                    file.toString(), "its size", "at most " + LARGEST_FILE + " bytes", Files.size(file));
        }
        List<ProbeProblem> problems = new ArrayList<>();
        for (String line : text(file).lines().toList()) {
            if (problems.size() == MOST) {
                throw new InputException(file + ": more than " + MOST + " problems");
            }
            problems.add(parse(line, file + ", line " + (problems.size() + 1)));
        }
        if (problems.isEmpty()) {
            throw new InputException(file + ": must have at least one problem, got none");
        }
        return problems;
    }

    private static String text(Path file) throws IOException {
        try {
            return Files.readString(file);
        } catch (CharacterCodingException e) {
            throw new InputException(file + ": not UTF-8 text", e);
        }
    }

    private static ProbeProblem parse(String line, String where) {
        try {
            return RecordJson.MAPPER.readValue(line, ProbeProblem.class);
        } catch (JacksonException e) {
            throw new InputException(where + ": not a probe problem: " + e.getOriginalMessage(), e);
        }
    }
}
