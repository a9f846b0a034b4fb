#!/usr/bin/env python3
"""Prints the tables of this study: table.py FOLDER; with `results` behind it, writes results.json instead. Right answers in percent, by difficulty; the crossing in tokens a parameter."""
import collections
import glob
import json
import os
import re
import statistics
import sys

MODELS = ["one", "four", "six", "wide"]
TOKENS_A_STEP = 16 * 128
PARAMETERS_OF_FOUR = 150_976


def levels(file, setting="default"):
    for result in json.load(open(file)):
        if result["setting"] == setting:
            return {level["difficulty"]: level["accuracy"]["mean"] for level in result["levels"]}
    return {}


def runs(folder):
    found = collections.defaultdict(dict)
    for path in sorted(glob.glob(os.path.join(folder, "runs", "*", "problems.json"))):
        family, model, seed, rate = os.path.basename(os.path.dirname(path)).split("-", 3)
        found[family, model, rate][int(seed)] = path
    return found


def crossing(curves, other):
    """The first step from which four passes stay ahead of the other model, by mean accuracy over the difficulties."""
    steps = sorted(set(curves["four"]) & set(curves[other]))
    first = None
    for step in steps:
        ahead = curves["four"][step] > curves[other][step]
        first = (first or step) if ahead else None
    return first


def curve(path):
    points = {}
    for file in glob.glob(os.path.join(os.path.dirname(path), "problems-*.json")):
        points[int(re.search(r"problems-(\d+)", file).group(1))] = statistics.mean(levels(file).values())
    return points


def percent(value):
    return f"{100 * value:.0f}"


def results(folder):
    """Writes the shares of right answers of all runs to results.json, for scripts/figures.py."""
    found = []
    for path in sorted(glob.glob(os.path.join(folder, "r*", "*", "problems.json"))):
        kind, name = path.split(os.sep)[-3:-1]
        right = {}
        passes = {}
        for result in json.load(open(path)):
            right[result["setting"]] = {level["difficulty"]: level["accuracy"]["mean"] for level in result["levels"]}
            answers = sum(level["answers"] for level in result["levels"])
            passes[result["setting"]] = [round(result["depth_on_answers"], 3), round(result["depth_elsewhere"], 3), answers]
        found.append({"name": ("router " if kind == "routers" else "") + name, "right": right, "passes": passes})
    place = os.path.join(os.path.dirname(os.path.abspath(__file__)), "results.json")
    with open(place, "w") as file:
        file.write("[\n" + ",\n".join(json.dumps(one) for one in found) + "\n]\n")


def main():
    if sys.argv[2:] == ["results"]:
        return results(sys.argv[1])
    found = runs(sys.argv[1])
    families = sorted({key[0] for key in found})
    for family in families:
        shown = sorted({d for key, seeds in found.items() if key[0] == family for p in seeds.values() for d in levels(p)})
        print(f"\n### {family}\n\n| model | rate | seed | mean | " + " | ".join(map(str, shown)) + " |")
        print("| --- | --- | --- | --- |" + " --- |" * len(shown))
        for model in MODELS:
            for key in sorted(found):
                if key[:2] != (family, model):
                    continue
                for seed, path in sorted(found[key].items()):
                    right = levels(path)
                    cells = [percent(right[d]) if d in right else "" for d in shown]
                    print(f"| {model} | {key[2]} | {seed} | {percent(statistics.mean(right.values()))} | " + " | ".join(cells) + " |")
        seeds = collections.defaultdict(dict)
        for key, paths in found.items():
            if key[0] == family:
                for seed, path in paths.items():
                    if points := curve(path):
                        seeds[seed][key[1]] = points
        for seed, curves in sorted(seeds.items()):
            for other in [m for m in MODELS if m != "four" and m in curves and "four" in curves]:
                step = crossing(curves, other)
                when = "not crossed" if step is None else f"{step * TOKENS_A_STEP / PARAMETERS_OF_FOUR:.0f} tokens a parameter (step {step})"
                print(f"\nseed {seed}: four passes stay ahead of {other} from: {when}")


if __name__ == "__main__":
    main()
