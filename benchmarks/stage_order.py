#!/usr/bin/env python3
"""Compares rules for the order of the engine's stages with the best possible order.

Each of N sequences has one token in flight, which waits for the entry, for another recursion, or for the exit. A run of a
stage takes all tokens that wait for it, and as long as the larger of reading its weights and computing its rows. The best
order knows the probabilities of the depths but not the depths; it comes from value iteration, for up to 8 sequences. Prints
tokens a second over those of a vanilla model of the same layers, for the 360M shape with two, three and four recursions
and equally likely depths.

    benchmarks/stage_order.py              # bfloat16 on two Zen 4 cores
    benchmarks/stage_order.py 1.0625 800   # bytes a weight, billions of operations a second
"""

import itertools
import math
import random
import sys

GIGABYTES_A_SECOND = 30
BYTES = float(sys.argv[1]) if len(sys.argv) > 1 else 2
GIGA_OPERATIONS = float(sys.argv[2]) if len(sys.argv) > 2 else 430
RECURSIONS = {2: 15, 3: 10, 4: 8}  # and the layers of the block
LARGEST = 8  # number of sequences for which the best order is computed

LAYER = (2 * 960 * 960 + 2 * 960 * 320 + 3 * 960 * 2560) / 1e6  # millions of weights
ENTRY, EXIT = LAYER, LAYER + 49152 * 960 / 1e6
BLOCK = 0.0  # of the model in hand


def milliseconds(weights, rows):
    return max(weights * BYTES / GIGABYTES_A_SECOND, 2 * weights * rows / GIGA_OPERATIONS)


def binomial(n, p):
    return [(k, math.comb(n, k) * p**k * (1 - p) ** (n - k)) for k in range(n + 1)]


def after_block(waiting):
    """Where the tokens that wait for each recursion are after it: those that go on, and how many leave; probabilities."""
    first, *others = waiting
    if not others:
        return [(1, (), first)]
    stays = len(others) / (len(others) + 1)
    return [
        (p * q, (going, *rest), leaving + first - going)
        for (going, p), (q, rest, leaving) in itertools.product(binomial(first, stays), after_block(others))
    ]


def actions(state):
    """The runs that are possible: name, milliseconds, tokens written, next states with probabilities."""
    entry, *waiting, leaving = state
    if entry:
        moved = (0, waiting[0] + entry, *waiting[1:], leaving)
        yield "entry", milliseconds(ENTRY, entry), 0, [(1, moved)]
    if leaving:
        yield "exit", milliseconds(EXIT, leaving), leaving, [(1, (entry + leaving, *waiting, 0))]
    if sum(waiting):
        nexts = [(p, (entry, 0, *rest, leaving + left)) for p, rest, left in after_block(waiting)]
        yield "block", milliseconds(BLOCK, sum(waiting)), 0, nexts


def speed(sequences, recursions, rule, runs=20_000):
    """Tokens a second of a rule, which maps a state to one of its actions."""
    draw = random.Random(1)
    state, time, tokens = (sequences, *[0] * recursions, 0), 0, 0
    for _ in range(runs):
        _, taken, written, nexts = rule(state)
        time, tokens = time + taken, tokens + written
        state = draw.choices([s for _, s in nexts], [p for p, _ in nexts])[0]
    return 1000 * tokens / time


def most_rows(state):
    """As until December 2026; in a tie the later stage runs."""
    rows = {"entry": (state[0], 0), "block": (sum(state[1:-1]), 1), "exit": (state[-1], 2)}
    return max(actions(state), key=lambda action: rows[action[0]])


def most_rows_a_byte(state):
    rows = {"entry": state[0] / ENTRY, "block": sum(state[1:-1]) / BLOCK, "exit": state[-1] / EXIT}
    return max(actions(state), key=lambda action: rows[action[0]])


def best(sequences, recursions):
    """The rule with the most tokens a second."""
    states = [s for s in itertools.product(range(sequences + 1), repeat=recursions + 2) if sum(s) == sequences]
    choices = {s: list(actions(s)) for s in states}
    value, rate, rule = dict.fromkeys(states, 0.0), 0.0, {}
    for _ in range(8):
        for _ in range(300):
            new = {}
            for s in states:
                worth = [t - rate * ms + sum(p * value[n] for p, n in nexts) for _, ms, t, nexts in choices[s]]
                new[s] = max(worth)
                rule[s] = choices[s][worth.index(new[s])]
            change = max(abs(new[s] - new[states[0]] - value[s]) for s in states)
            value = {s: (new[s] - new[states[0]] + value[s]) / 2 for s in states}
            if change < 1e-7:
                break
        before, rate = rate, speed(sequences, recursions, rule.__getitem__) / 1000
        if abs(rate - before) < 1e-4 * rate:
            break
    return rule.__getitem__


for recursions, layers in RECURSIONS.items():
    BLOCK = layers * LAYER
    for sequences in (1, 2, 4, 8, 32):
        vanilla = 1000 * sequences / milliseconds(ENTRY + recursions * BLOCK + EXIT, sequences)
        rules = {"most rows": most_rows, "most rows a byte": most_rows_a_byte}
        if sequences <= LARGEST:
            rules["best"] = best(sequences, recursions)
        line = [f"{name} {speed(sequences, recursions, rule) / vanilla:.3f}" for name, rule in rules.items()]
        print(f"MoR-{recursions}, {sequences} sequences over vanilla:", ", ".join(line), flush=True)
