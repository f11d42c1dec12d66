"""A task's whole life in another language, by the OpenAPI document alone: every path, method and place of a field is read from it."""

import json
import sys
import urllib.error
import urllib.parse
import urllib.request

server = sys.argv[1]
with urllib.request.urlopen(f"{server}/v1/openapi.json", timeout=30) as response:
    document = json.load(response)

operations = {
    operation["operationId"]: (method.upper(), path, operation)
    for path, methods in document["paths"].items()
    for method, operation in methods.items()
}


def call(name, **fields):
    """Sends each field where the document wants it: in the path, in the query or in the body."""
    method, path, operation = operations[name]
    query = {}
    for parameter in operation["parameters"]:
        field = parameter["name"]
        if parameter["in"] == "path":
            path = path.replace("{" + field + "}", urllib.parse.quote(str(fields.pop(field)), safe=""))
        elif "requestBody" not in operation and field in fields:
            value = fields.pop(field)
            query[field] = value if isinstance(value, str) else json.dumps(value)
    content = operation.get("requestBody", {}).get("content")
    body = None if content is None else json.dumps(fields).encode()
    if content is None and fields:
        raise ValueError(f"{name} has no place for {sorted(fields)}")
    url = server + path + ("?" + urllib.parse.urlencode(query) if query else "")
    request = urllib.request.Request(url, body, {"content-type": next(iter(content))} if content else {}, method=method)
    try:
        with urllib.request.urlopen(request, timeout=30) as response:
            status, answer = response.status, json.load(response)
    except urllib.error.HTTPError as error:
        status, answer = error.code, json.load(error)
    if str(status) not in operation["responses"]:
        raise ValueError(f"{name} answered {status}, which the document does not have")
    return answer


def example(name):
    return operations[name][2]["requestBody"]["content"]["application/json"]["example"]


queue = "python-life"
call("configure", queue=queue, **example("configure"))
[delayed, ready] = call("enqueue", queue=queue, **example("enqueue"))["tasks"]
[first] = call("claim", queue=queue, max=10)["tasks"]
call("extend", queue=queue, claims=[first["claim"]], claimTimeoutMs=60000)
call("nack", queue=queue, claims=[{"claim": first["claim"], "delayMs": 0, "error": "not yet"}])
[second] = call("claim", queue=queue, max=10, waitMs=5000)["tasks"]
found = call("getTask", queue=queue, id=second["id"])
changed = call("changeTask", queue=queue, id=delayed["id"], version=delayed["version"], priority=7)
acked = call("ack", queue=queue, claims=[second["claim"]])
page = call("browse", queue=queue, state="delayed", limit=10)
call("putDocument", queue=queue, key="python/life", value={"done": 1})
listed = call("listDocuments", queue=queue, prefix="python/")
gone = call("getTask", queue=queue, id=second["id"])
wrong = call("claim", queue=queue, max=0)
call("cancelTask", queue=queue, id=delayed["id"], force=False)
stats = call("getQueue", queue=queue)["stats"]
call("deleteQueue", queue=queue)

print(
    json.dumps(
        {
            "attempts": [first["attempts"], second["attempts"]],
            "error": second["error"],
            "state": found["state"],
            "priority": changed["priority"],
            "acked": acked["results"][0]["ok"],
            "delayed": [task["id"] for task in page["tasks"]],
            "documents": [one["key"] for one in listed["documents"]],
            "gone": gone["code"],
            "wrong": [wrong["code"], wrong["field"]],
            "left": stats["ready"] + stats["delayed"] + stats["claimed"] + stats["dead"],
        }
    )
)
