package dev.saiki.text.template;

import dev.saiki.io.InputException;
import dev.saiki.text.template.Lexer.Kind;
import dev.saiki.text.template.Lexer.Token;
import java.util.List;

/// The tokens of a template, and the position up to which they were read.
final class Tokens {

    /// The maximum nesting of a template, far more than any template needs.
    private static final int DEEPEST = 100;

    private final List<Token> tokens;
    private int at;
    private int depth;

    Tokens(List<Token> tokens) {
        this.tokens = tokens;
    }

    Token peek() {
        return tokens.get(at);
    }

    Token peekSecond() {
        return tokens.get(Math.min(at + 1, tokens.size() - 1));
    }

    Token next() {
        Token token = peek();
        at += at < tokens.size() - 1 ? 1 : 0;
        return token;
    }

    boolean isOperator(String operator) {
        return peek().is(Kind.OPERATOR, operator);
    }

    boolean isName(String name) {
        return peek().is(Kind.NAME, name);
    }

    /// Consumes an operator if it is next.
    boolean takeOperator(String operator) {
        return take(isOperator(operator));
    }

    /// Consumes a name if it is next.
    boolean takeName(String name) {
        return take(isName(name));
    }

    private boolean take(boolean isWanted) {
        if (isWanted) {
            next();
        }
        return isWanted;
    }

    /// Reads items separated by commas, with an optional comma after the last item, and then the closing
    /// bracket.
    void readItems(String close, Runnable item) {
        while (!takeOperator(close)) {
            item.run();
            if (!isOperator(close)) {
                requireOperator(",");
            }
        }
    }

    void requireOperator(String operator) {
        if (!takeOperator(operator)) {
            throw unexpected("'" + operator + "'");
        }
    }

    String requireName() {
        return require(Kind.NAME, "a name").text();
    }

    Token require(Kind kind, String what) {
        if (peek().kind() != kind) {
            throw unexpected(what);
        }
        return next();
    }

    void enter() {
        depth++;
        if (depth > DEEPEST) {
            throw wrong("nested more than " + DEEPEST + " levels deep");
        }
    }

    void leave() {
        depth--;
    }

    InputException unexpected(String instead) {
        Token token = peek();
        String got = token.kind() == Kind.END ? "the end" : "'" + token.text() + "'";
        return wrong("expected " + instead + ", got " + got);
    }

    InputException wrong(String what) {
        return new InputException("line " + peek().line() + ": " + what);
    }
}
