package dev.saiki.text.template;

import dev.saiki.text.template.Lexer.Kind;
import dev.saiki.text.template.Lexer.Token;
import dev.saiki.text.template.Statement.Branch;
import dev.saiki.text.template.Statement.Target;
import java.util.ArrayList;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.Optional;
import java.util.Set;

/// A parser of templates.
final class TemplateParser {

    /// A name that no template can write.
    private static final String FILTERED = " filtered";

    private final Tokens tokens;
    private final ExpressionParser expressions;
    private int loops;

    private TemplateParser(Tokens tokens) {
        this.tokens = tokens;
        this.expressions = new ExpressionParser(tokens);
    }

    /// Reads a template.
    ///
    /// @throws dev.saiki.io.InputException naming the line and the invalid construct
    static List<Statement> parse(String source) {
        TemplateParser parser = new TemplateParser(new Tokens(Lexer.cut(source)));
        List<Statement> body = parser.body(Set.of());
        if (parser.tokens.peek().kind() != Kind.END) {
            throw parser.tokens.unexpected("the end");
        }
        return body;
    }

    /// Parses up to one of the tags that end the body, without consuming it.
    private List<Statement> body(Set<String> ends) {
        tokens.enter();
        List<Statement> body = new ArrayList<>();
        while (true) {
            Token token = tokens.peek();
            switch (token.kind()) {
                case TEXT -> body.add(new Statement.Write(tokens.next().text()));
                case PRINT -> {
                    tokens.next();
                    body.add(new Statement.Print(token.line(), expressions.tuple()));
                    tokens.require(Kind.PRINT_END, "}}");
                }
                case BLOCK -> {
                    if (ends.contains(tokens.peekSecond().text())) {
                        tokens.next();
                        tokens.leave();
                        return body;
                    }
                    tokens.next();
                    body.addAll(statement());
                }
                case END -> {
                    if (!ends.isEmpty()) {
                        throw tokens.unexpected("one of the tags " + String.join(", ", ends));
                    }
                    tokens.leave();
                    return body;
                }
                case PRINT_END, BLOCK_END, NAME, STRING, INTEGER, FLOAT, OPERATOR -> throw tokens.unexpected("text");
            }
        }
    }

    /// Parses a tag and its body; a tag without effect on the output is replaced by its body.
    private List<Statement> statement() {
        int line = tokens.peek().line();
        String tag = tokens.requireName();
        return switch (tag) {
            case "if" -> List.of(conditional(line));
            case "for" -> List.of(loop(line));
            case "set" -> List.of(assignment(line));
            case "macro" -> List.of(macro(line));
            case "filter" -> filtered(line);
            case "break", "continue" -> List.of(jump(line, tag.equals("break")));
            // This tag marks model output for training and does not change the text.
            case "generation" -> {
                endTag();
                List<Statement> body = body(Set.of("endgeneration"));
                endTag("endgeneration");
                yield body;
            }
            default -> throw tokens.wrong("the tag " + tag + " is not supported");
        };
    }

    private void endTag() {
        tokens.require(Kind.BLOCK_END, "%}");
    }

    private void endTag(String name) {
        if (!tokens.takeName(name)) {
            throw tokens.unexpected("the tag " + name);
        }
        endTag();
    }

    private Statement conditional(int line) {
        List<Branch> branches = new ArrayList<>();
        Set<String> ends = Set.of("elif", "else", "endif");
        do {
            Expression condition = expressions.tuple();
            endTag();
            branches.add(new Branch(condition, body(ends)));
        } while (tokens.takeName("elif"));
        return new Statement.If(line, branches, otherwise("endif"));
    }

    private List<Statement> otherwise(String end) {
        List<Statement> otherwise = List.of();
        if (tokens.takeName("else")) {
            endTag();
            otherwise = body(Set.of(end));
        }
        endTag(end);
        return otherwise;
    }

    private Statement loop(int line) {
        List<String> names = new ArrayList<>();
        do {
            names.add(tokens.requireName());
        } while (tokens.takeOperator(","));
        if (!tokens.takeName("in")) {
            throw tokens.unexpected("in");
        }
        Expression items = expressions.withoutChoice();
        Optional<Expression> only = tokens.takeName("if") ? Optional.of(expressions.expression()) : Optional.empty();
        endTag();
        loops++;
        List<Statement> body = body(Set.of("else", "endfor"));
        loops--;
        return new Statement.For(line, names, items, only, body, otherwise("endfor"));
    }

    private Statement assignment(int line) {
        Target target = target();
        if (tokens.takeOperator("=")) {
            Statement assigned = new Statement.Assign(line, target, expressions.tuple());
            endTag();
            return assigned;
        }
        endTag();
        List<Statement> body = body(Set.of("endset"));
        endTag("endset");
        return new Statement.AssignBlock(line, target, body);
    }

    private List<Statement> filtered(int line) {
        Expression result = expressions.block(new Expression.Name(FILTERED));
        endTag();
        List<Statement> body = body(Set.of("endfilter"));
        endTag("endfilter");
        return List.of(
                new Statement.AssignBlock(line, new Target(Optional.empty(), List.of(FILTERED)), body),
                new Statement.Print(line, result));
    }

    private Target target() {
        String first = tokens.requireName();
        if (tokens.takeOperator(".")) {
            return new Target(Optional.of(first), List.of(tokens.requireName()));
        }
        List<String> names = new ArrayList<>(List.of(first));
        while (tokens.takeOperator(",")) {
            names.add(tokens.requireName());
        }
        return new Target(Optional.empty(), names);
    }

    private Statement macro(int line) {
        String name = tokens.requireName();
        List<String> parameters = new ArrayList<>();
        Map<String, Expression> defaults = new LinkedHashMap<>();
        tokens.requireOperator("(");
        tokens.readItems(")", () -> {
            String parameter = tokens.requireName();
            parameters.add(parameter);
            if (tokens.takeOperator("=")) {
                defaults.put(parameter, expressions.expression());
            }
        });
        endTag();
        int outside = loops;
        loops = 0;
        List<Statement> body = body(Set.of("endmacro"));
        loops = outside;
        tokens.takeName("endmacro");
        // The end tag may repeat the name.
        tokens.takeName(name);
        endTag();
        return new Statement.Macro(line, name, parameters, defaults, body);
    }

    private Statement jump(int line, boolean leaves) {
        if (loops == 0) {
            throw tokens.wrong("break and continue must be inside a loop");
        }
        endTag();
        return leaves ? new Statement.Break(line) : new Statement.Continue(line);
    }
}
