package dev.saiki.text.problem;

import dev.saiki.text.corpus.MarkedAnswer;
import dev.saiki.text.hash.SplitMix64;
import java.util.ArrayList;
import java.util.Iterator;
import java.util.List;

/// A problem being written in one form, and its identity, which does not depend on the form.
final class Problem {

    private final ProblemForm form;
    private final List<String> names;
    private final Iterator<Integer> numbers;
    private final StringBuilder text = new StringBuilder();
    private final StringBuilder identity = new StringBuilder();
    private final List<MarkedAnswer> answers = new ArrayList<>();

    /// Begins a problem.
    ///
    /// @param form the form of the text
    /// @param names the names of persons, boxes and the like in sentences; symbols are letters
    /// @param numbers the numbers of all names, in the order in which the problem takes them
    Problem(ProblemForm form, List<String> names, Iterator<Integer> numbers) {
        this.form = form;
        this.names = names;
        this.numbers = numbers;
    }

    /// The number of a name that the problem does not use yet.
    int newName() {
        return numbers.next();
    }

    /// Appends a part of the question.
    void say(String symbols, String sentence) {
        identity.append(symbols).append(' ');
        appendWord(form == ProblemForm.SYMBOLS ? symbols : sentence);
    }

    /// Appends an answer and what ends its sentence.
    void answer(String symbols, String sentence, int difficulty) {
        String answer = form == ProblemForm.SYMBOLS ? symbols : sentence;
        appendWord(answer);
        answers.add(new MarkedAnswer(text.length() - answer.length(), text.length(), difficulty));
        text.append(form == ProblemForm.SYMBOLS ? " ;" : ".");
    }

    private void appendWord(String word) {
        if (!text.isEmpty()) {
            text.append(' ');
        }
        text.append(word);
    }

    /// The name with a number, in sentences.
    String name(int number) {
        return names.get(number);
    }

    /// A hash of the question, the same in both forms and with any names.
    long hash() {
        long hash = 0;
        for (int i = 0; i < identity.length(); i++) {
            hash = SplitMix64.mix(hash, identity.charAt(i));
        }
        return hash;
    }

    /// The finished problem.
    MarkedText finish() {
        return new MarkedText(text.toString(), answers);
    }
}
