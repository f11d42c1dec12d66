"""A consumer in plain Python, with nothing but its standard library: claim, work, ack or nack, until nothing comes."""

import json
import os
import sys
import urllib.error
import urllib.request

URL = f"{os.environ['EDGEQ_URL']}/v1/queues/{os.environ.get('EDGEQ_QUEUE', 'jobs')}"
HEADERS = {"content-type": "application/json"}
if "EDGEQ_TOKEN" in os.environ:
    HEADERS["authorization"] = f"Bearer {os.environ['EDGEQ_TOKEN']}"


def call(operation, body):
    request = urllib.request.Request(f"{URL}/{operation}", json.dumps(body).encode(), HEADERS)
    try:
        # Longer than the longest wait on the server.
        with urllib.request.urlopen(request, timeout=30) as response:
            return json.load(response)
    except urllib.error.HTTPError as error:
        problem = json.load(error)
        sys.exit(f"{problem['code']}: {problem['detail']}")


def work(payload):
    if payload["n"] < 0:
        raise ValueError("a negative number")
    return payload["n"] ** 2


while tasks := call("claim", {"max": 5, "waitMs": 1000, "claimTimeoutMs": 30000, "claimant": "python"})["tasks"]:
    done, failed = [], []
    for task in tasks:
        try:
            print("python", work(task["payload"]))
            done.append(task["claim"])
        except ValueError as error:
            failed.append({"claim": task["claim"], "error": str(error), "dead": True})
    if done:
        for result in call("ack", {"claims": done})["results"]:
            if not result["ok"]:
                print("lost", result["claim"], file=sys.stderr)
    if failed:
        call("nack", {"claims": failed})
