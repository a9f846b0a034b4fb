package dev.saiki.text.template;

import static org.assertj.core.api.Assertions.assertThat;
import static org.assertj.core.api.Assertions.assertThatThrownBy;

import dev.saiki.io.InputException;
import java.nio.file.Path;
import java.time.Clock;
import java.time.LocalDateTime;
import java.time.ZoneOffset;
import java.util.LinkedHashMap;
import java.util.List;
import java.util.Map;
import java.util.stream.Stream;
import org.junit.jupiter.api.Test;
import org.junit.jupiter.params.ParameterizedTest;
import org.junit.jupiter.params.provider.MethodSource;
import org.junit.jupiter.params.provider.ValueSource;
import tools.jackson.databind.JsonNode;
import tools.jackson.databind.json.JsonMapper;

class ChatTemplateTest {

    private static final JsonMapper JSON = JsonMapper.shared();
    private static final JsonNode GOLDEN = JSON.readTree(Path.of("..", "golden", "templates", "cases.json"));
    private static final Clock CLOCK =
            Clock.fixed(LocalDateTime.parse(GOLDEN.get("now").stringValue()).toInstant(ZoneOffset.UTC), ZoneOffset.UTC);
    private static final Map<String, JsonNode> NOTHING = Map.of();

    /// A template, its variables, and Jinja's output.
    record Case(String name, JsonNode golden) {
        @Override
        public String toString() {
            return name;
        }

        Map<String, JsonNode> variables() {
            Map<String, JsonNode> variables = new LinkedHashMap<>();
            golden.get("variables").properties().forEach(each -> variables.put(each.getKey(), each.getValue()));
            return variables;
        }
    }

    static Stream<Case> cases() {
        return GOLDEN.get("cases").values().stream()
                .map(golden -> new Case(golden.get("name").stringValue(), golden));
    }

    private static ChatTemplate parse(String source) {
        return ChatTemplate.parse(source, "chat_template.jinja", CLOCK);
    }

    private static String render(String source) {
        return parse(source).render(NOTHING);
    }

    @ParameterizedTest
    @MethodSource("cases")
    void aTemplateMakesWhatJinjaMakesOfIt(Case each) {
        String template = each.golden().get("template").stringValue();
        if (each.golden().has("text")) {
            assertThat(parse(template).render(each.variables()))
                    .isEqualTo(each.golden().get("text").stringValue());
        } else {
            assertThatThrownBy(() -> parse(template).render(each.variables()))
                    .isInstanceOf(InputException.class)
                    .hasMessageStartingWith("chat_template.jinja, line ");
        }
    }

    @Test
    void whatATemplateRefusesItRefusesInItsOwnWords() {
        ChatTemplate template = parse("a\n{% if true %}\n{{ raise_exception('Take turns, please.') }}\n{% endif %}");
        assertThatThrownBy(() -> template.render(NOTHING))
                .isInstanceOf(InputException.class)
                .hasMessage("chat_template.jinja, line 3: Take turns, please.");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% for i in range(100000) %}{% for j in range(100000) %}{% endfor %}{% endfor %}",
                "{% set ns = namespace(x='a') %}{% for i in range(90) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(90) %}{% set ns.x = ns.x + ns.x %}{% endfor %}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}{{ ns.x }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}"
                        + "{{ ns.x | tojson }}",
                "{% set ns = namespace(x=[1], y=[1]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}"
                        + "{% set ns.y = [ns.y, ns.y] %}{% endfor %}{{ ns.x == ns.y }}",
                "{% set ns = namespace(x=[1]) %}{% for i in range(9000) %}{% set ns.x = [ns.x] %}{% endfor %}{{ ns.x }}",
                "{% for i in range(100000) %}{{ 'x' * 100000 }}{% endfor %}",
                "{{ 'x' * 1000000000000 }}",
                "{% for i in range(100000) %}{{ ('a' * 100000) | replace('a', 'bbbb') | length }}{% endfor %}",
                "{% for i in range(100000) %}{{ ('a' * 1000000) in ('b' * 1000000) }}{% endfor %}",
                "{% for i in range(100000) %}{% set x = ('a b ' * 10000).split() %}{% endfor %}",
                "{% macro f() %}{{ f() }}{% endmacro %}{{ f() }}",
                "{% macro f(n) %}{% for i in range(9) %}{{ f(n) }}{% endfor %}{% endmacro %}{{ f(1) }}",
                "{{ range(1000000000) | length }}",
                "{{ 999999999999999999 * 999999999999999999 }}",
                "{% for i in range(100000) %}{{ range(100000) | unique | list }}{% endfor %}",
                "{% for i in range(100000) %}{{ 'x' | indent(64) }}{{ ('x' * 100000)[::-1] | length }}{% endfor %}"
            })
    void oneThatWouldNotEndIsStopped(String hostile) {
        ChatTemplate template = parse(hostile);
        assertThatThrownBy(() -> template.render(NOTHING))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("chat_template.jinja, line 1: ");
    }

    @Test
    void aListOfManyListsIsNoKey() {
        assertThat(render(
                        "{% set ns = namespace(x=[1]) %}{% for i in range(90) %}{% set ns.x = [ns.x, ns.x] %}{% endfor %}"
                                + "{{ ns.x in {} }}{{ {'a': 1}.get(ns.x, 1) }}{{ {'a': 1}[ns.x] }}"))
                .isEqualTo("False1");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{{ ''.__class__.__mro__ }}",
                "{{ messages.getClass() }}",
                "{{ ''.class.forName('java.lang.Runtime') }}",
                "{{ ''['__class__']['__base__'] }}",
                "{{ self._TemplateReference__context }}",
                "{{ cycler.__init__.__globals__.os.popen('id') }}",
                "{{ 'a'.getBytes() }}",
                "{{ [].append(1) }}",
                "{{ raise_exception.__globals__ }}x{{ raise_exception.code.call() }}"
            })
    void nothingLeadsToAnObjectOfJava(String hostile) {
        ChatTemplate template = parse(hostile);
        assertThatThrownBy(() -> template.render(Map.of("messages", JSON.readTree("[{\"role\":\"user\"}]"))))
                .isInstanceOf(InputException.class)
                .hasMessageContaining("undefined");
    }

    @ParameterizedTest
    @ValueSource(
            strings = {
                "{% include '/etc/passwd' %}",
                "{% import 'os' as os %}",
                "{% extends 'x' %}",
                "{% from 'x' import y %}",
                "{% raw %}{% endraw %}",
                "{% call f() %}{% endcall %}",
                "{{ messages | attr('x') }}",
                "{{ messages | urlize }}",
                "{{ x is filter }}",
                "{% if x %}",
                "{% endif %}",
                "{% if %}{% endif %}",
                "{{ x",
                "{% x",
                "{# x",
                "{{ 'x }}",
                "{{ x) }}",
                "{{ (x }}",
                "{{ x ? y }}",
                "{{ x..y }}",
                "{{ x[ }}",
                "{{ {1.5: 2} }}",
                "{{ f(a=1, 2) }}",
                "{{ 99999999999999999999 }}",
                "{{ '\\u00' }}",
                "{{ if }}",
                "{% break %}",
                "{% for in x %}{% endfor %}",
                "{% set %}",
                "{{ x y }}"
            })
    void whatIsNotUnderstoodIsRefusedWithItsLine(String source) {
        assertThatThrownBy(() -> parse("\n\n" + source))
                .isInstanceOf(InputException.class)
                .hasMessageStartingWith("chat_template.jinja, line 3: ");
    }

    @Test
    void nestingIsBoundedWhereItIsReadAndWhereItIsRun() {
        for (String deep :
                List.of("(".repeat(5000) + "1" + ")".repeat(5000), "not ".repeat(5000) + "1", "-".repeat(5000) + "1")) {
            assertThatThrownBy(() -> parse("{{ " + deep + " }}")).hasMessageContaining("levels deep");
        }
        assertThatThrownBy(() -> parse("{% if 1 %}".repeat(5000))).hasMessageContaining("levels deep");
        assertThatThrownBy(() -> render("{{ 1" + " + 1".repeat(5000) + " }}")).hasMessageContaining("levels deep");
        assertThatThrownBy(() -> render("{{ 'a'" + ".upper()".repeat(5000) + " }}"))
                .hasMessageContaining("levels deep");
        assertThat(render("{{ 1" + " + 1".repeat(100) + " }}")).isEqualTo("101");
        assertThat(render("{{ " + "(".repeat(60) + "1" + ")".repeat(60) + " }}"))
                .isEqualTo("1");
    }

    @Test
    void aTemplateOfAnyLengthIsNot() {
        assertThatThrownBy(() -> parse("a".repeat(1 << 19))).hasMessageContaining("at most 262144 characters");
    }

    @Test
    void aLongConversationIsWellWithinWhatATemplateMayDo() {
        JsonNode messages = JSON.readTree("[{\"role\":\"user\",\"content\":\"" + "x".repeat(1 << 22) + "\"}]");
        Case chatMl = cases().filter(each -> each.name().equals("chatml, one turn"))
                .findFirst()
                .orElseThrow();
        String text = parse(chatMl.golden().get("template").stringValue()).render(Map.of("messages", messages));
        assertThat(text).hasSizeGreaterThan(1 << 22);
    }
}
