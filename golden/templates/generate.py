"""Writes cases.json: what Jinja, set up as transformers sets it up for chat templates, makes of templates.

Needs Jinja2 alone: transformers' apply_chat_template renders with an ImmutableSandboxedEnvironment that has these
settings, this filter and these functions, and tokenizes the text.
"""

import datetime
import json
import pathlib

import jinja2
import jinja2.ext
from jinja2.sandbox import ImmutableSandboxedEnvironment

NOW = datetime.datetime(2026, 11, 5, 9, 7, 3)

CHATML = """\
{%- if tools %}
    {{- '<|im_start|>system\\n' }}
    {%- if messages[0].role == 'system' %}
        {{- messages[0].content + '\\n\\n' }}
    {%- endif %}
    {{- 'You may call these functions:' }}
    {%- for tool in tools %}
        {{- '\\n' }}
        {{- tool | tojson }}
    {%- endfor %}
    {{- '<|im_end|>\\n' }}
{%- elif messages[0]['role'] == 'system' %}
    {{- '<|im_start|>system\\n' + messages[0]['content'] + '<|im_end|>\\n' }}
{%- endif %}
{%- for message in messages %}
    {%- if message.role == 'user' or (message.role == 'assistant' and not message.tool_calls) %}
        {{- '<|im_start|>' + message.role + '\\n' + message.content | trim + '<|im_end|>' + '\\n' }}
    {%- elif message.role == 'assistant' %}
        {{- '<|im_start|>assistant' }}
        {%- if message.content %}{{ '\\n' + message.content }}{% endif %}
        {%- for call in message.tool_calls %}
            {%- if call.function is defined %}{% set call = call.function %}{% endif %}
            {{- '\\n<call>{"name": "' ~ call.name ~ '", "arguments": ' ~ (call.arguments | tojson) ~ '}</call>' }}
        {%- endfor %}
        {{- '<|im_end|>\\n' }}
    {%- elif message.role == 'tool' %}
        {%- if loop.index0 == 0 or messages[loop.index0 - 1].role != 'tool' %}{{ '<|im_start|>user' }}{% endif %}
        {{- '\\n<result>' + message.content + '</result>' }}
        {%- if loop.last or messages[loop.index0 + 1].role != 'tool' %}{{ '<|im_end|>\\n' }}{% endif %}
    {%- endif %}
{%- endfor %}
{%- if add_generation_prompt %}
    {{- '<|im_start|>assistant\\n' }}
{%- endif %}
"""

LLAMA2 = """\
{% if messages[0]['role'] == 'system' %}
{% set turns = messages[1:] %}{% set rules = messages[0]['content'] %}
{% else %}
{% set turns = messages %}{% set rules = false %}
{% endif %}
{% for message in turns %}
{% if (message['role'] == 'user') != (loop.index0 % 2 == 0) %}
{{ raise_exception('User and assistant must take turns.') }}
{% endif %}
{% if loop.index0 == 0 and rules != false %}
{% set said = '<<SYS>>\\n' + rules + '\\n<</SYS>>\\n\\n' + message['content'] %}
{% else %}
{% set said = message['content'] %}
{% endif %}
{% if message['role'] == 'user' %}
{{- bos_token + '[INST] ' + said.strip() + ' [/INST]' -}}
{% elif message['role'] == 'assistant' %}
{{- ' ' + said.strip() + ' ' + eos_token -}}
{% endif %}
{% endfor %}
"""

ZEPHYR = """\
{% for message in messages %}
{% if message['role'] == 'user' %}
{{ '<|user|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'system' %}
{{ '<|system|>\\n' + message['content'] + eos_token }}
{% elif message['role'] == 'assistant' %}
{{ '<|assistant|>\\n'  + message['content'] + eos_token }}
{% endif %}
{% if loop.last and add_generation_prompt %}
{{ '<|assistant|>' }}
{% endif %}
{% endfor %}
"""

SYSTEM = {"role": "system", "content": "Be brief."}
ASKED = {"role": "user", "content": " What is the whale's name? "}
SAID = {"role": "assistant", "content": "Moby \"D\" <é> \U0001f40b"}
AGAIN = {"role": "user", "content": "Why?\nSay it."}
TOOL = {
    "type": "function",
    "function": {
        "name": "find",
        "description": "Finds <a> \"whale\" & more, é.",
        "parameters": {
            "type": "object",
            "properties": {"depth": {"type": "number", "minimum": 0.5, "maximum": 1e16}, "deep": {"type": "boolean"}},
            "required": ["depth"],
        },
    },
}
CALLS = [
    ASKED,
    {
        "role": "assistant",
        "content": "",
        "tool_calls": [
            {"id": "c1", "type": "function", "function": {"name": "find", "arguments": {"depth": 2, "deep": True}}},
            {"id": "c2", "type": "function", "function": {"name": "find", "arguments": {"depth": 1e-05, "x": None}}},
        ],
    },
    {"role": "tool", "content": "{\"found\": 1}", "tool_call_id": "c1"},
    {"role": "tool", "content": "none", "tool_call_id": "c2"},
    SAID,
    AGAIN,
]
CONVERSATIONS = {
    "one turn": [ASKED],
    "system": [SYSTEM, ASKED],
    "turns": [ASKED, SAID, AGAIN],
    "system and turns": [SYSTEM, ASKED, SAID, AGAIN, SAID],
}

# One line of the language each: what Python and Jinja make of it.
SNIPPETS = [
    "{{ messages[1:] | length }}|{{ messages[-1]['role'] }}|{{ messages[7] }}|{{ messages[::-1][0].role }}",
    "{% set ns = namespace(found=false, n=0) %}{% for m in messages %}{% if m.role == 'user' %}"
    "{% set ns.found = true %}{% set ns.n = ns.n + 1 %}{% endif %}{% endfor %}{{ ns.found }}{{ ns.n }}",
    "{% set x = 1 %}{% for i in range(3) %}{% set x = x + i %}{{ x }}{% endfor %}|{{ x }}",
    "{{ tools | tojson }}|{{ tools | tojson(indent=2) }}|{{ [] | tojson(indent=2) }}{{ {} | tojson }}",
    "{{ tools }}|{{ messages }}|{{ none }}{{ true }}{{ 1.0 }}{{ 1e16 }}{{ 'it''s' }}{{ [\"it's\", 'a\"b', 'c\\n'] }}",
    "{% for m in messages %}{{ loop.index }}{{ loop.index0 }}{{ loop.revindex }}{{ loop.revindex0 }}{{ loop.first }}"
    "{{ loop.last }}{{ loop.length }}{{ loop.previtem is defined }}{{ loop.nextitem is defined }},{% endfor %}",
    "{{ 'a' in 'abc' }}{{ 'x' not in ['y'] }}{{ 'role' in messages[0] }}{{ 1 in [1.0] }}{{ true == 1 }}{{ 'a' < 'b' }}",
    "{{ 1 < 2 < 3 }}{{ 1 < 3 < 2 }}{{ not true }}{{ not none is none }}{{ 2 if false else 'y' }}",
    "{% if messages[0]['tool_calls'] is not defined and tools is iterable and tools is not mapping and tools is not "
    "string and tools[0] is mapping and 'a' is string and 1 is number and 1 is integer and 1.5 is float %}ok{% endif %}",
    "{{ 5 // 2 }}{{ -5 // 2 }}{{ -5 % 3 }}{{ 5 / 2 }}{{ 4 / 2 }}{{ 2 * 3 + 1 }}{{ 'ab' * 2 }}{{ 1 ~ 'a' ~ none }}"
    "{{ -(2 - 5) }}{{ 1.5 + 1 }}{{ 1 - 2 - 3 }}",
    "{%- macro f(x, y='z') -%}<{{ x }}{{ y }}{{ kind }}>{%- endmacro -%}{{ f('a') }}{{ f('b', y='c') }}{{ f(1) | upper }}",
    "{%- macro down(n) -%}{{ n }}{% if n > 0 %}{{ down(n - 1) }}{% endif %}{%- endmacro -%}{{ down(5) }}",
    "{{ true and 'x' or 'y' }}{{ '' or 'z' }}{{ none or [] }}{{ 0 and 1 }}{{ 'x' if missing else 'y' }}{{ 'x' if false }}",
    "{{ messages | selectattr('role', 'equalto', 'user') | list | length }}{{ messages | map(attribute='role') | "
    "join(', ') }}{{ messages | rejectattr('role', 'in', ['user']) | map(attribute='role') | first }}"
    "{{ [1, 2, 3] | select('odd') | list }}{{ ['a', ''] | select | list }}{{ ['a', 'b'] | map('upper') | list }}",
    "{% for k, v in messages[0].items() %}{{ k }}={{ v }};{% endfor %}{% for k, v in messages[0] | dictsort %}{{ k }}"
    "{% endfor %}{% for k in messages[0] %}{{ k }}{% endfor %}{{ messages[0].keys() | list }}{{ messages[0].get('x', 1) }}",
    "{% for k, v in messages[0] | items %}{{ k }}={{ v }};{% endfor %}{% for k, v in missing | items %}{{ k }}{% endfor %}!",
    "{{ 'abc'.startswith('a') }}{{ 'abc'.endswith(('b', 'c')) }}{{ 'ABC'.lower() }}{{ 'a b'.title() }}{{ 'aB'.upper() }}"
    "{{ 'x,y,z'.split(',') }}{{ 'x,y,z'.split(',', 1) }}{{ 'x,y,z'.rsplit(',', 1) }}{{ ' a  b '.split() }}"
    "{{ 'aXb'.replace('X', 'y') }}{{ '-'.join(['a', 'b']) }}{{ 'aXbX'.count('X') }}{{ 'abc'.find('c') }}"
    "{{ '  a '.strip() }}|{{ '  a '.lstrip() }}|{{ '  a '.rstrip() }}|{{ 'xxaxx'.strip('x') }}{{ '12'.isdigit() }}"
    "{{ 'hELLO wORLD'.capitalize() }}{{ 'a-b'.removeprefix('a-') }}{{ 'a\\nb'.splitlines() }}",
    "{{ 'a\\n\\tb\\\\ \\'q\\' \\u00e9 \\x41 \\U0001f40b' 'joined' \"d\" }}",
    "a\n  {% if true %}\n  b\n  {% endif %}\nc\n\n",
    "a  {%- if true -%}  b  {%- endif -%}  c",
    "  {%+ if true %}  x {% endif +%}\n y{# note #}\n z\n{#- gone -#}\n w",
    "{{ {'a': {'b': 1}}['a']['b'] }}{{ {'a': [1, (2, 3)]}.a[1][0] }}{{ {} }}{{ [] }}{{ () | list }}",
    "{% for i in range(5) %}{% if i == 1 %}{% continue %}{% endif %}{% if i == 4 %}{% break %}{% endif %}{{ i }}{% endfor %}",
    "{% for i in [] %}x{% else %}none{% endfor %}{% for i in range(6) if i is divisibleby 2 %}{{ i }}{{ loop.length }}{% endfor %}",
    "{% for a, b in [(1, 2), (3, 4)] %}{{ a }}{{ b }}{% endfor %}{% set a, b = 'xy' %}{{ b }}{{ a }}",
    "{% set text %}a{{ 1 }}\nb{% endset %}{{ text | upper }}{{ text | length }}{{ text | indent(2) }}",
    "{{ missing }}{{ missing is defined }}{{ missing | default('d') }}{{ '' | default('d', true) }}{{ messages[0].x }}"
    "{{ missing | length }}{% for i in missing %}x{% endfor %}",
    "{{ 'héllo🐋'[1] }}{{ 'héllo🐋'[-1] }}{{ 'héllo🐋'[1:4] }}{{ 'héllo🐋' | length }}{{ 'abc'[::-1] }}{{ 'abc'[5:] }}",
    "{{ ' 7 ' | int + 1 }}{{ 'x' | int }}{{ 2.9 | int }}{{ '1.5' | float }}{{ -3 | abs }}{{ [3, 1] | first }}{{ [3, 1] | last }}",
    "{{ [1, 1, 2] | unique | list }}{{ [1, 2] | reverse | list }}{{ ' a ' | trim }}|{{ 'a' | string }}{{ [1, 2] | join('-') }}",
    "{{ strftime_now('%d %b %Y, %A %H:%M:%S %%') }}",
    "{% generation %}{{ messages[0].content }}{% endgeneration %}",
    "{{ messages[0].content | trim | replace('whale', 'ship') | upper }}",
    "{{ 0.1 }}{{ 1e-5 }}{{ 123456789.125 }}{{ 1e22 }}{{ -0.0 }}{{ 100.0 }}{{ 1e15 }}",
    "{{ raise_exception('no') }}",
    "{{ 'a' + none }}",
    "{{ 'a' + 1 }}",
    "{{ missing.part }}",
    "{{ missing['part'] }}",
    "{{ 1 / 0 }}",
    "{{ 1 < 'a' }}",
    "{{ none | length }}",
    "{% for i in 5 %}{% endfor %}",
    "{% set messages.x = 1 %}",
    "{{ messages[0]() }}",
    "{{ nothing() }}",
    "{{ [3, 1, 2] | sort }}{{ ['b', 'A', 'c'] | sort }}{{ ['b', 'A'] | sort(case_sensitive=true, reverse=true) }}"
    "{{ messages | sort(attribute='role') | map(attribute='role') | list }}{{ [2, 1] | min }}{{ ['a', 'B'] | max }}"
    "{{ messages | max(attribute='role') | length }}{{ [] | min }}|{{ {'b': 1, 'A': 0} | dictsort | map('join', '=') | join }}"
    "{{ {'b': 1, 'a': 2} | dictsort(by='value', reverse=true) | map('first') | join }}",
    "{% set x = {0: 'a', 512: {'k': 1}, 'n': 2} %}{{ x }}{{ x[0] }}{{ x[512].k }}{{ x.get(512) }}{{ 0 in x }}"
    "{% for k, v in x.items() %}{{ k + 1 if k is number else k }}{% endfor %}{{ x | tojson }}{{ {2: 1, 1: 2} | dictsort | map('first') | join }}",
    "{% filter upper %}a{{ kind }}{% set kind = 'z' %}{% endfilter %}{{ kind }}{% filter trim | replace('b', 'c') %}"
    " {% filter upper %}x{% endfilter %}b {% endfilter %}{% set y %}{% set kind = 2 %}{{ kind }}{% endset %}{{ y }}{{ kind }}",
    "{{ {'é\U0001f40b\x7f<': 1} | tojson(ensure_ascii=true) }}{{ {'b': [1, 2], 'a': 'é'} | tojson(separators=(',', ':')) }}"
    "{{ {'b': [1], 'a': 'é'} | tojson(sort_keys=true, indent=2) }}{{ tools | tojson(none, 1) }}",
    "{{ '%s is %d, %03d, %.2f and 100%%' | format('a', 7, 5, 1.5) }}{{ '%r' | format('a') }}{{ '%5s|%5d|' % ('a', 7) }}"
    "{{ 'x%s' % 1 }}{{ '{} {} {{}} {0:02d}'.format(1, 'b') if false else '{} {}{{}}'.format(1, 'b') }}"
    "{{ '{0}{1}{0} {name} {1:.1f}'.format(1, 2, name='n') }}",
    "{{ '<' ~ kind ~ '>' ~ ('<&>' | safe) ~ '</' ~ kind ~ '>' }}{{ '<b>' | safe + '\"' + \"'\" }}{{ '<' | safe }}"
    "{{ '<&' | escape }}{{ '>' + '<' }}",
    "{{ '%06.2f|%.2f|%.0f|%f|%d|%i' | format(-1.5, 0.125, 2.5, 1, -2.9, true) }}|{{ '%03d|%5s' % (-7, 'é') }}|{{ '%s%%' % 1 }}",
    "{{ '%d' | format('a') }}",
    "{{ '%s' | format }}",
    "{{ '{}'.format() }}",
    "{{ none | map('upper') | list }}{{ none | selectattr('a') | list }}{{ messages | map(attribute='a.b') | list "
    "if false else [{'a': {'b': 1}, 'items': 2}] | map(attribute='a.b') | list }}{{ [{'items': 2}] | map(attribute='items') | list }}",
    "{{ big }}{{ big | tojson }}{{ big is integer }}{{ big > 1 }}{{ big == big }}{{ [big] | tojson }}{{ big | string }}",
    "{{ dict(a=1, b='c') }}{{ range(2, 8, 3) | list }}{{ range(3, 0, -1) | list }}",
]


class Generation(jinja2.ext.Extension):
    """transformers' tag around what a model wrote."""

    tags = {"generation"}

    def parse(self, parser):
        next(parser.stream)
        return parser.parse_statements(["name:endgeneration"], drop_needle=True)


def environment():
    made = ImmutableSandboxedEnvironment(
        trim_blocks=True, lstrip_blocks=True, extensions=[Generation, "jinja2.ext.loopcontrols"])

    def tojson(value, ensure_ascii=False, indent=None, separators=None, sort_keys=False):
        return json.dumps(value, ensure_ascii=ensure_ascii, indent=indent, separators=separators, sort_keys=sort_keys)

    def raise_exception(message):
        raise jinja2.exceptions.TemplateError(message)

    made.filters["tojson"] = tojson
    made.globals["raise_exception"] = raise_exception
    made.globals["strftime_now"] = NOW.strftime
    return made


def case(name, template, **variables):
    result = {"name": name, "template": template, "variables": variables}
    try:
        result["text"] = environment().from_string(template).render(**variables)
    except Exception as failure:  # pylint: disable=broad-except
        result["error"] = str(failure)
    return result


def cases():
    tokens = {"bos_token": "<s>", "eos_token": "</s>"}
    for style, template in (("chatml", CHATML), ("llama-2", LLAMA2), ("zephyr", ZEPHYR)):
        for conversation, messages in CONVERSATIONS.items():
            for prompt in (True, False):
                yield case(
                    f"{style}, {conversation}{', to be continued' if prompt else ''}",
                    template, messages=messages, add_generation_prompt=prompt, **tokens)
    yield case("chatml, tools", CHATML, messages=[SYSTEM, ASKED], tools=[TOOL, TOOL], add_generation_prompt=True, **tokens)
    yield case("chatml, calls", CHATML, messages=CALLS, tools=[TOOL], add_generation_prompt=True, **tokens)
    yield case("llama-2, out of turn", LLAMA2, messages=[ASKED, ASKED], add_generation_prompt=True, **tokens)
    for snippet in SNIPPETS:
        yield case(snippet, snippet, messages=[SYSTEM, ASKED, SAID], tools=[TOOL], kind="k", big=12345678901234567890, **tokens)


if __name__ == "__main__":
    file = pathlib.Path(__file__).parent / "cases.json"
    lines = ",\n".join(json.dumps(each, ensure_ascii=False) for each in cases())
    head = json.dumps({"jinja2": jinja2.__version__, "now": NOW.isoformat()})[:-1]
    file.write_text(f'{head}, "cases": [\n{lines}\n]}}\n', encoding="utf-8")
