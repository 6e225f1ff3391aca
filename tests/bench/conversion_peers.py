"""Converts the corpus with comfyui-autograph or comfy-cli.

    python conversion_peers.py PEER JSON     prints what it measured after RESULT
"""

import contextlib
import io
import json
import logging
import os
import random
import sys
import time

peer, work = sys.argv[1], json.loads(sys.argv[2])
workflows, prompts, passes = work["workflows"], work["prompts"], work["passes"]
logging.disable(logging.CRITICAL)
# Where a text has alternatives, the first: so the prompts were recorded.
random.random = lambda: 0.0
random.choice = lambda options: options[0]
random.randint = lambda low, high: low


def autograph():
    from autograph.convert import workflow_to_api_format

    # As its `convert` calls it where it has an object info.
    return lambda workflow, object_info: workflow_to_api_format(workflow, object_info, True)


def comfy_cli():
    from comfy_cli.workflow_to_api import convert_ui_to_api

    return convert_ui_to_api


def same(a, b):
    """JSON equality; in Python True == 1."""
    if isinstance(a, bool) or isinstance(b, bool):
        return a is b
    if isinstance(a, dict) and isinstance(b, dict):
        return a.keys() == b.keys() and all(same(a[key], b[key]) for key in a)
    if isinstance(a, list) and isinstance(b, list):
        return len(a) == len(b) and all(map(same, a, b))
    return a == b


def exact(prompt, expected):
    def essence(node):
        return {"class_type": node.get("class_type"), "inputs": node.get("inputs")}

    return same(
        {key: essence(node) for key, node in prompt.items()},
        {key: essence(node) for key, node in expected.items()},
    )


def read(*path):
    with open(os.path.join(*path), encoding="utf-8") as file:
        return file.read()


def timed(text):
    with contextlib.redirect_stdout(io.StringIO()), contextlib.redirect_stderr(io.StringIO()):
        started = time.perf_counter()
        try:
            prompt = convert(json.loads(text), object_info)
        except Exception:
            prompt = None
        return 1000 * (time.perf_counter() - started), prompt


names = sorted(name for name in os.listdir(prompts) if name.endswith(".json"))
texts = [read(workflows, name) for name in names]
expected = [json.loads(read(prompts, name)) for name in names]
object_info = json.loads(read(work["objectInfo"]))
convert = {"comfyui-autograph (Python)": autograph, "comfy-cli (Python)": comfy_cli}[peer]()
best = [float("inf")] * len(names)
right = 0
for turn in range(passes):
    for at, text in enumerate(texts):
        ms, prompt = timed(text)
        best[at] = min(best[at], ms)
        if turn == 0 and prompt is not None:
            right += exact(prompt, expected[at])
growth = {}
for name in os.listdir(work["growth"]):
    text = read(work["growth"], name)
    growth[name.split(".")[0]] = min(timed(text)[0] for _ in range(passes))
result = {"ms": sum(best) / len(best), "exact": right, "count": len(names), "growth": growth}
print("\nRESULT " + json.dumps(result))
