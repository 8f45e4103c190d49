"""Attacks on rewards that ask for a form: tags, JSON, tool calls, instructions."""

from __future__ import annotations

from r1rewards.testing.attacks.attack import Attack

_THINK = "<think>We look at each of them in turn.</think> "
_GOOD = "<think>Two and two.</think> It is 4."
_TAGGED = "<think>Two and two.</think><answer>4</answer>"
_SCHEMA = {"schema": {"type": "object", "required": ["n"], "properties": {"n": {"type": "integer"}}}}
_TOOLS = {
    "tools": [
        {
            "type": "function",
            "function": {
                "name": "weather",
                "parameters": {
                    "type": "object",
                    "required": ["city"],
                    "properties": {"city": {"type": "string"}, "days": {"type": "integer"}},
                },
            },
        }
    ]
}
_CALL = '<tool_call>{"name": "weather", "arguments": {"city": "Paris"}}</tool_call>'


def _format(
    name: str, source: int, attack: str, guard: str, *, transcript: str = "think", honest: str = _GOOD
) -> Attack:
    """Return an attack on the format reward."""
    return Attack(name, "format", (source,), attack, honest, guard, transcript=transcript)


def _asked(
    name: str, source: int, asked: str, kwargs: dict[str, object], attack: str, honest: str, guard: str
) -> Attack:
    """Return an attack on one constraint of the instructions reward."""
    shared = {"instruction_id_list": [asked], "kwargs": [kwargs]}
    return Attack(name, "instructions", (source,), _THINK + attack, _THINK + honest, guard, shared)


FORM_ATTACKS: tuple[Attack, ...] = (
    _format("several reasonings", 1, "<think>a</think><think>b</think> 4", "exactly one of each tag"),
    _format(
        "several answers",
        1,
        "<think>a</think><answer>4</answer><answer>5</answer>",
        "exactly one of each tag",
        transcript="think_answer",
        honest=_TAGGED,
    ),
    _format(
        "text behind the answer",
        2,
        "<think>a</think><answer>4</answer>\nand much more",
        "the whole completion is judged",
        transcript="think_answer",
        honest=_TAGGED,
    ),
    _format("no reasoning between the tags", 3, "<think></think> 4", "the reasoning must hold something visible"),
    _format("invisible reasoning", 3, "<think>\u200b\u2060</think> 4", "the reasoning must hold something visible"),
    _format("no answer", 4, "<think>Two and two.</think> \n", "the answer must hold something visible"),
    _format(
        "four tags and nothing in them",
        5,
        "<think></think><answer></answer>",
        "both parts must hold something visible",
        transcript="think_answer",
        honest=_TAGGED,
    ),
    _format("only a closing tag", 7, "Two and two.</think> It is 4.", "whether the prompt opened it is declared"),
    Attack(
        "a second opening tag behind the prompt's",
        "format",
        (6,),
        "<think>Two and two.</think> It is 4.",
        "Two and two.</think> It is 4.",
        "the prompt's own tag counts",
        {"prompt": "What is 2+2? <think>\n"},
    ),
    Attack(
        "a box to be filled and nothing else",
        "json",
        (18,),
        _THINK + 'The object {"n": 3} would do, or {"n": 4}.',
        _THINK + '{"n": 3}',
        "the answer is one JSON value and nothing else",
        _SCHEMA,
    ),
    Attack(
        "two values for one key",
        "json",
        (14,),
        _THINK + '{"n": "no", "n": 3}',
        _THINK + '{"n": 3}',
        "doubled keys are no JSON",
        _SCHEMA,
    ),
    Attack("not a number", "json", (25,), _THINK + '{"n": NaN}', _THINK + '{"n": 3}', "NaN is no JSON", _SCHEMA),
    Attack(
        "several blocks",
        "json",
        (14,),
        _THINK + '```json\n{"n": 3}\n```\n```json\n{"n": 4}\n```',
        _THINK + '```json\n{"n": 3}\n```',
        "one fenced block at most",
        _SCHEMA,
    ),
    Attack("no answer", "json", (4,), _THINK, _THINK + '{"n": 3}', "an empty answer is no answer", _SCHEMA),
    Attack(
        "a schema that is none",
        "json",
        (15,),
        _THINK + "{}",
        _THINK + '{"n": 3}',
        "the row is without a value",
        {"schema": {"type": "nonsense"}},
        unscored=True,
    ),
    Attack(
        "a call in the reasoning",
        "tool_call",
        (18,),
        f"<think>{_CALL}</think> Done.",
        f"<think>Paris.</think> {_CALL}",
        "only calls behind the reasoning are calls",
        _TOOLS,
    ),
    Attack(
        "a call quoted in a code block",
        "tool_call",
        (9,),
        f"{_THINK}\n```\n{_CALL}\n```\n",
        _THINK + _CALL,
        "what is quoted is text",
        _TOOLS,
    ),
    Attack(
        "tags around nothing",
        "tool_call",
        (5,),
        _THINK + "<tool_call></tool_call>",
        _THINK + _CALL,
        "a call is a JSON object with a name",
        _TOOLS,
    ),
    Attack(
        "a tool that is not there",
        "tool_call",
        (13,),
        _THINK + '<tool_call>{"name": "", "arguments": {"city": "Paris"}}</tool_call>',
        _THINK + _CALL,
        "the name must be that of a tool",
        _TOOLS,
    ),
    Attack(
        "invented arguments",
        "tool_call",
        (18,),
        _THINK + '<tool_call>{"name": "weather", "arguments": {"city": "Paris", "please": true}}</tool_call>',
        _THINK + _CALL,
        "arguments that the tool does not name are wrong",
        _TOOLS,
    ),
    Attack(
        "one good call among bad ones",
        "tool_call",
        (1,),
        f"{_THINK}{_CALL}<tool_call>{{}}</tool_call>",
        _THINK + _CALL,
        "all calls must be valid",
        _TOOLS,
    ),
    Attack(
        "any valid call",
        "tool_call",
        (18,),
        _THINK + _CALL.replace("Paris", "x"),
        _THINK + _CALL,
        "`match` compares the calls with the ground truth",
        {**_TOOLS, "ground_truth": {"name": "weather", "arguments": {"city": "Paris"}}},
        {"match": True},
    ),
    _asked("nothing at all", 13, "punctuation:no_comma", {}, "", "No comma here.", "an empty answer keeps nothing"),
    _asked("another script's comma", 18, "punctuation:no_comma", {}, "Well， yes", "Well yes", "commas of all scripts"),
    _asked(
        "all permitted answers",
        14,
        "detectable_format:constrained_response",
        {},
        "My answer is yes. My answer is no.",
        "My answer is yes.",
        "exactly one of them",
    ),
    _asked(
        "headings without sections",
        5,
        "detectable_format:multiple_sections",
        {"section_spliter": "Section", "num_sections": 2},
        "Section 1\nSection 2",
        "Section 1\nOne.\nSection 2\nTwo.",
        "a heading alone is no section",
    ),
    _asked(
        "an empty title",
        5,
        "detectable_format:title",
        {},
        "<<>>\nText",
        "<<Title>>\nText",
        "a title holds something",
    ),
    _asked(
        "the request alone",
        13,
        "combination:repeat_prompt",
        {"prompt_to_repeat": "Say hello."},
        "Say hello.",
        "Say hello.\nHello!",
        "an answer must follow",
    ),
    _asked(
        "a forbidden word with a gap nobody sees",
        18,
        "keywords:forbidden_words",
        {"forbidden_words": ["sea"]},
        "The s\u200bea.",
        "The water.",
        "invisible characters are taken out",
    ),
    _asked(
        "bullets without items",
        10,
        "detectable_format:number_bullet_lists",
        {"num_bullets": 3},
        "-\n-\n-",
        "- a\n- b\n- c",
        "a bullet holds something",
    ),
)
