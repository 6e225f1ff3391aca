"""How each client from PyPI is driven, as its own README does it, and the tasks it is measured at.

    python clients.py TASK CLIENT JSON     prints what it measured after RESULT
"""

import contextlib
import importlib
import io
import json
import os
import resource
import sys
import threading
import time


def chain(nodes, bench):
    """The prompt of client-process.mjs."""
    prompt = {"0": {"class_type": "Step", "inputs": {"bench": bench}}}
    for at in range(1, nodes):
        prompt[str(at)] = {"class_type": "Step", "inputs": {"from": [str(at - 1), 0]}}
    return prompt


def rss():
    with open("/proc/self/statm", encoding="ascii") as file:
        return int(file.read().split()[1]) * os.sysconf("SC_PAGE_SIZE")


def ignore(_event):
    pass


def submit(module, url, prompt, on_event=ignore, **options):
    """comfyui-autoflow and its successor comfyui-autograph."""
    flow = importlib.import_module(module).ApiFlow(json.dumps(prompt))
    options.setdefault("wait_timeout", 600)
    return flow.submit(server_url=url, wait=True, on_event=on_event, **options)


def comfy_cli(url, prompt):
    """`comfy run --workflow FILE --host HOST --port PORT --wait`, without the start of a process."""
    import tempfile

    from comfy_cli.command.run import execute

    host, port = url.split("//")[1].split(":")
    with tempfile.NamedTemporaryFile("w", suffix=".json") as file:
        json.dump(prompt, file)
        file.flush()
        execute(file.name, host, int(port), wait=True, timeout=600)


MODULES = {"comfyui-autoflow (Python)": "autoflow", "comfyui-autograph (Python)": "autograph"}


def run(client, url, prompt, **options):
    if client in MODULES:
        return submit(MODULES[client], url, prompt, **options)
    return comfy_cli(url, prompt)


def frames(client, work):
    run(client, work["url"], chain(work["nodes"], {**work, "frames": work["warm"], "paceMs": 0}))
    heard, moments = 0, []

    def moment():
        moments.append((time.perf_counter(), time.process_time(), rss()))

    def on_event(event):
        nonlocal heard
        if event["type"] != work["kind"]:
            return
        heard += 1
        if heard in (1, work["frames"]):
            moment()

    run(client, work["url"], chain(work["nodes"], work), on_event=on_event)
    moment()
    (wall, cpu, before), (wall_end, cpu_end, _) = moments[:2]
    count = max(1, heard - 1)
    return {
        "heard": heard,
        "previews": 0,
        "wallUs": 1e6 * (wall_end - wall) / count,
        "cpuUs": 1e6 * (cpu_end - cpu) / count,
        "grownMB": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / 1e6,
        "keptMB": (rss() - before) / 1e6,
    }


def end(client, work):
    outcome = "resolved"
    try:
        with contextlib.redirect_stdout(io.StringIO()):
            result = run(client, work["url"], work["prompt"])
        history = (result or {}).get("history") if isinstance(result, dict) else "unknown"
        if not history:
            outcome = "resolved without history"
    except BaseException as error:  # comfy-cli exits
        if getattr(error, "exit_code", getattr(error, "code", 1)) not in (0, None):
            outcome = f"rejected: {error!r}"
    return {"settledAt": 1000 * time.time(), "outcome": outcome}


def many(client, work):
    """Its submit blocks: a thread a run, each under a client id of its own."""
    url = work["url"]

    def prompt(seed):
        """The short run of clients.mjs."""
        inputs = {"steps": 2, "delay_ms": 6, "preview": False, "size": 8, "seed": seed}
        return {
            "1": {"class_type": "LabProgress", "inputs": inputs},
            "2": {"class_type": "PreviewImage", "inputs": {"images": ["1", 0]}},
        }

    run(client, url, prompt(0))
    before = rss()
    results = []

    def one(at):
        try:
            run(client, url, prompt(at), client_id=f"bench-{at}")
            results.append(True)
        except Exception:
            results.append(False)

    threads = [threading.Thread(target=one, args=(at,), daemon=True) for at in range(1, work["seeds"] + 1)]
    print("\nbegin", flush=True)
    wall, cpu = time.perf_counter(), time.process_time()
    for thread in threads:
        thread.start()
    deadline = wall + work["boundMs"] / 1000
    for thread in threads:
        thread.join(max(0, deadline - time.perf_counter()))
    return {
        "settled": sum(results),
        "ms": 1000 * (time.perf_counter() - wall),
        "cpuMs": 1000 * (time.process_time() - cpu),
        "grownMB": (resource.getrusage(resource.RUSAGE_SELF).ru_maxrss * 1024 - before) / 1e6,
    }


if __name__ == "__main__":
    task, client, work = sys.argv[1], sys.argv[2], json.loads(sys.argv[3])
    result = {"frames": frames, "end": end, "many": many}[task](client, work)
    print("\nRESULT " + json.dumps(result), flush=True)
    os._exit(0)  # without its threads
