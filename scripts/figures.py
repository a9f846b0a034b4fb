#!/usr/bin/env python3
"""Draws the pictures of docs/images from committed figures, with Python's standard library alone.

    python3 scripts/figures.py

recursions.svg       the model with its recursions (a drawing, no data)
loss-by-effort.svg   from studies/router-*/study.json
speed-by-effort.svg  from the table of PERFORMANCE.md, The compute dial
right-answers-by-moves.svg  from studies/depth-problems/results.json
"""

import html
import json
import pathlib
import re

ROOT = pathlib.Path(__file__).resolve().parent.parent
OUT = ROOT / "docs" / "images"
INK, MUTED, GRID = "#1f2933", "#5f6b76", "#d9dee3"
# The first three colours of a palette that people with any colour vision tell apart (Okabe and Ito).
BLUE, ORANGE, GREEN = "#0072b2", "#d55e00", "#009e73"
FONT = "system-ui, -apple-system, 'Segoe UI', Helvetica, Arial, sans-serif"


class Picture:
    """An SVG on a white ground, so that it reads in a light and in a dark theme."""

    def __init__(self, width, height, title):
        self.size = (width, height)
        self.title = title
        self.parts = []

    def text(self, x, y, words, size=14, colour=INK, anchor="start", weight="normal"):
        self.parts.append(
            f'<text x="{x:g}" y="{y:g}" font-size="{size}" fill="{colour}" text-anchor="{anchor}" '
            f'font-weight="{weight}">{html.escape(words)}</text>'
        )

    def box(self, x, y, width, height, fill, stroke="none", radius=6):
        self.parts.append(
            f'<rect x="{x:g}" y="{y:g}" width="{width:g}" height="{height:g}" rx="{radius}" '
            f'fill="{fill}" stroke="{stroke}"/>'
        )

    def path(self, d, colour=INK, width=1.5, dash="", arrow=False):
        more = (f' stroke-dasharray="{dash}"' if dash else "") + (' marker-end="url(#tip)"' if arrow else "")
        self.parts.append(f'<path d="{d}" fill="none" stroke="{colour}" stroke-width="{width:g}"{more}/>')

    def dot(self, x, y, colour):
        self.parts.append(f'<circle cx="{x:.1f}" cy="{y:.1f}" r="4" fill="{colour}"/>')

    def write(self, name):
        width, height = self.size
        tip = (
            '<defs><marker id="tip" viewBox="0 0 8 8" refX="7" refY="4" markerWidth="7" markerHeight="7" '
            f'orient="auto"><path d="M0 0L8 4L0 8z" fill="{MUTED}"/></marker></defs>'
        )
        lines = [
            f'<svg xmlns="http://www.w3.org/2000/svg" viewBox="0 0 {width} {height}" width="{width}" '
            f'height="{height}" role="img" font-family="{FONT}">',
            f"<title>{html.escape(self.title)}</title>",
            tip,
            f'<rect width="{width}" height="{height}" rx="8" fill="#ffffff"/>',
            *self.parts,
            "</svg>",
        ]
        (OUT / name).write_text("\n".join(lines) + "\n", encoding="utf-8")


def recursions():
    picture = Picture(860, 384, "A Mixture-of-Recursions: one block of layers, applied as often as the router decides")
    shades = ["#dbeafe", "#93c5fd", "#3b82f6"]
    tokens = [("The", 1), ("captain", 3), ("opened", 2), ("the", 1), ("old", 1), ("letter", 3), (".", 1)]
    left, wide, top, high = 150, 96, 40, 38
    rows = {"exit": top, 3: top + 52, 2: top + 104, 1: top + 156, "entry": top + 208}
    names = {"exit": "last layers", 3: "third pass", 2: "second pass", 1: "first pass", "entry": "first layers"}
    picture.text(24, 24, "One block of layers, applied one, two or three times", 15, weight="600")
    for key, y in rows.items():
        picture.text(left - 16, y + 24, names[key], 13, MUTED, "end")
    for i, (word, depth) in enumerate(tokens):
        x = left + i * wide + 4
        centre = x + wide / 2 - 4
        picture.box(x, rows["entry"], wide - 8, high, "#eef1f4")
        picture.box(x, rows["exit"], wide - 8, high, "#eef1f4")
        for step in (1, 2, 3):
            if step <= depth:
                picture.box(x, rows[step], wide - 8, high, shades[step - 1])
                picture.text(centre, rows[step] + 24, "block", 13, "#ffffff" if step == 3 else INK, "middle")
            else:
                picture.box(x, rows[step], wide - 8, high, "none", GRID)
        picture.path(f"M{centre:g} {rows['entry']}V{rows[1] + high + 2}", MUTED, arrow=True)
        for step in range(1, depth):
            picture.path(f"M{centre:g} {rows[step]}V{rows[step + 1] + high + 2}", MUTED, arrow=True)
        dash = "4 4" if depth < 3 else ""
        picture.path(f"M{centre:g} {rows[depth]}V{rows['exit'] + high + 2}", MUTED, dash=dash, arrow=True)
        picture.text(centre, rows["entry"] + high + 24, word, 14, INK, "middle", "600")
        picture.text(centre, rows["entry"] + high + 43, f"depth {depth}", 12, MUTED, "middle")
    picture.text(24, 352, "The blocks share their weights. After each pass a router decides, token by token and from", 13, MUTED)
    picture.text(24, 370, "nothing later, whether to go on; tokens that stop skip the rest of the computation.", 13, MUTED)
    picture.write("recursions.svg")


def chart(name, title, lines, y_label, y_ticks, y_format, x_label="effort", x_ticks=(0, 0.25, 0.5, 0.75, 1)):
    """Effort, or another quantity, against a figure; a line is a name, a colour, and its points."""
    width, height, left, right, top, bottom = 720, 390, 76, 168, 74, 56
    low, high = y_ticks[0], y_ticks[-1]
    picture = Picture(width, height, title)

    def at(effort, value):
        return (
            left + (effort - x_ticks[0]) / (x_ticks[-1] - x_ticks[0]) * (width - left - right),
            height - bottom - (value - low) / (high - low) * (height - top - bottom),
        )

    picture.text(24, 30, title, 15, weight="600")
    for tick in y_ticks:
        y = at(x_ticks[0], tick)[1]
        picture.path(f"M{left} {y:.1f}H{width - right}", GRID, 1)
        picture.text(left - 10, y + 5, y_format(tick), 13, MUTED, "end")
    for tick in x_ticks:
        picture.text(at(tick, low)[0], height - bottom + 22, f"{tick:g}", 13, MUTED, "middle")
    picture.text(left + (width - left - right) / 2, height - 12, x_label, 13, MUTED, "middle")
    picture.text(left - 10, top - 12, y_label, 13, MUTED)
    label_y = -height
    for label, colour, points in sorted(lines, key=lambda line: -line[2][-1][1]):
        places = [at(*point) for point in points]
        picture.path("M" + "L".join(f"{x:.1f} {y:.1f}" for x, y in places), colour, 2)
        for x, y in places:
            picture.dot(x, y, colour)
        label_y = max(places[-1][1] + 5, label_y + 17)
        picture.text(places[-1][0] + 12, label_y, label, 13, colour, weight="600")
    picture.write(name)


def mean_losses(study):
    """The mean loss over seeds of the family `gain` at each effort."""
    names = {"one_pass": 0.0, "effort_25": 0.25, "causal": 0.5, "effort_75": 0.75, "effort_100": 1.0}
    found = {effort: [] for effort in names.values()}
    for run in json.loads((ROOT / "studies" / study / "study.json").read_text())["runs"]:
        if run["purpose"] == "GRID" and run["family"] == "gain":
            for measurement in run["measurements"]:
                found[names[measurement["name"]]].append(measurement["nll"])
    return [(effort, sum(losses) / len(losses)) for effort, losses in sorted(found.items())]


def loss_by_effort():
    chart(
        "loss-by-effort.svg",
        "Loss by effort of three deepened models, means of five seeds",
        [
            ("Japanese prose", GREEN, mean_losses("router-japanese")),
            ("novels", BLUE, mean_losses("router-small")),
            ("manuals", ORANGE, mean_losses("router-documentation")),
        ],
        "nats a token",
        [2.5, 3.0, 3.5, 4.0, 4.5, 5.0],
        lambda tick: f"{tick:.1f}",
    )


def speed_by_effort():
    table = (ROOT / "PERFORMANCE.md").read_text().split("## The compute dial", 1)[1].split("\n#", 1)[0]
    rows = re.findall(r"^\| ([\d.]+)[^|]*\| [\d.]+ \| ([\d,]+) \|", table, re.MULTILINE)
    points = [(float(effort), int(speed.replace(",", ""))) for effort, speed in rows]
    if len(points) < 3:
        raise SystemExit("PERFORMANCE.md, The compute dial: no table of effort, mean depth and tokens a second")
    chart(
        "speed-by-effort.svg",
        "Decoding speed by effort, tiny-mor3-threshold",
        [("one core", BLUE, points)],
        "tokens a second",
        [0, 5000, 10000, 15000],
        lambda tick: f"{tick:,}",
    )


def right_answers_by_moves():
    results = json.loads((ROOT / "studies" / "depth-problems" / "results.json").read_text())

    def mean(names, setting):
        found = [run["right"][setting] for run in results if run["name"] in names]
        return [(moves, 100 * sum(one[str(moves)] for one in found) / len(found)) for moves in range(1, 11)]

    router = ["router ball-12-gain"]
    chart(
        "right-answers-by-moves.svg",
        "Where is the ball? One model with a router",
        [
            ("four passes", BLUE, mean(router, "depth 4")),
            ("router: 1.6 passes", ORANGE, mean(router, "default")),
            ("two passes", GREEN, mean(router, "depth 2")),
            ("one pass", MUTED, mean(router, "depth 1")),
        ],
        "per cent right",
        [0, 25, 50, 75, 100],
        lambda tick: f"{tick}",
        "moves",
        tuple(range(1, 11)),
    )


if __name__ == "__main__":
    OUT.mkdir(parents=True, exist_ok=True)
    recursions()
    loss_by_effort()
    speed_by_effort()
    right_answers_by_moves()
