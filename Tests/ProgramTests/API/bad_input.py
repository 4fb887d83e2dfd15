"""Asks every route of a running API for what it cannot mean, by the API's own document.

bad_input.py ADDRESS TRADER READER EXPIRED: three tokens, of which the last one has expired. Prints how many requests were
made, then each answer that is not as promised.
"""

import http.client
import json
import sys
import urllib.parse

address, trader, reader, expired = sys.argv[1:]
host, port = urllib.parse.urlsplit(address).hostname, urllib.parse.urlsplit(address).port
connection = http.client.HTTPConnection(host, port, timeout=30)
failures = []
count = 0

# What one path or another needs to be found.
UUID = "00000000-0000-8000-8000-000000000001"
# Nothing of the inside may be told.
INSIDE = ["/tmp/", "SELECT ", "Swift", ".swift", "postgres", "libpq", "Fatal"]


def send(method, target, headers, body=None):
    global connection, count
    count += 1
    for _ in range(3):
        try:
            connection.request(method, target, body=body, headers=headers)
        except (BrokenPipeError, ConnectionResetError):
            pass  # It may answer before it has read all.
        except (http.client.CannotSendRequest, OSError):
            connection.close()
            continue
        try:
            answer = connection.getresponse()
            return answer.status, dict((k.lower(), v) for k, v in answer.getheaders()), answer.read()
        except (http.client.RemoteDisconnected, http.client.ResponseNotReady, ConnectionResetError):
            connection.close()
    return 0, {}, b""


def expect(wanted, code, what, method, target, headers=None, body=None, token=trader, names=None):
    """The status, a problem document that holds, and nothing that is not documented."""
    headers = dict(headers or {})
    if token is not None:
        headers.setdefault("Authorization", "Bearer " + token)
    status, answered, content = send(method, target, headers, body)
    said = f"{method} {target[:120]} ({what}): "
    if status != wanted:
        failures.append(said + f"{status}, not {wanted}: {content[:200]!r}")
        return
    if answered.get("content-type") != "application/problem+json":
        failures.append(said + f"is {answered.get('content-type')}")
        return
    try:
        problem = json.loads(content)
    except ValueError:
        failures.append(said + f"is no JSON: {content[:200]!r}")
        return
    if not {"type", "title", "status", "code", "detail"} <= set(problem) or problem["status"] != status:
        failures.append(said + f"is no whole problem: {problem}")
    if problem["code"] != code:
        failures.append(said + f"has the code {problem['code']}, not {code}")
    if names and not any(names in str(error["name"]) for error in problem.get("errors", [])):
        failures.append(said + f"does not name {names}: {problem.get('errors')}")
    if any(word in content.decode() for word in INSIDE):
        failures.append(said + f"tells of the inside: {content[:300]!r}")
    if status == 401 and "www-authenticate" not in answered:
        failures.append(said + "does not say how to show a token")


def good(schema):
    """A value that a schema takes."""
    if "anyOf" in schema:
        return good(schema["anyOf"][0])
    if "enum" in schema:
        return schema["enum"][0]
    kind, pattern = schema.get("type"), schema.get("pattern", "")
    if kind == "integer":
        return max(schema.get("minimum", 0), min(1, schema.get("maximum", 1)))
    if kind == "boolean":
        return True
    if kind == "array":
        return []
    if kind == "object":
        return {name: good(schema["properties"][name]) for name in schema.get("required", [])}
    if kind is None:
        return "x"
    if "{8}(-" in pattern:
        return UUID
    if "T(" in pattern:
        return "2026-02-12T14:03:07Z"
    if pattern.startswith("^-?[0-9]"):
        return "1.5"
    return "x"


def bad(schema):
    """Texts that a parameter of this schema cannot be."""
    values = [""]
    kind, pattern = schema.get("type"), schema.get("pattern", "")
    if "enum" in schema:
        first = schema["enum"][0]
        # In capitals a number is what it was.
        wrong = ["nonesuch", first.upper(), first + " ", first + ",x"]
        return values + [one for one in wrong if one not in schema["enum"]]
    if kind == "integer":
        low, high = schema["minimum"], schema["maximum"]
        return values + [str(low - 1), str(high + 1), "x", "1.5", "+1", "01", "1e1", "0x1", "9" * 30, " 1", "1 ", "١"]
    if "{8}(-" in pattern:
        return values + ["x", UUID.upper().replace("8", "A", 1), UUID + "0", UUID[:-1], "{" + UUID + "}"]
    if "T(" in pattern:
        return values + ["yesterday", "2026-13-01T00:00:00Z", "2026-02-30T00:00:00Z", "1771000000", "2026-02-12", "x" * 40]
    return values + ["a b", "é", "a" * (schema["maxLength"] + 1), "a\tb", "a;b", "a'b", '"', "<a>", "\u202e"]


def wrong(schema):
    """Values that a field of this schema cannot be."""
    if "type" not in schema and "enum" not in schema:
        return []
    if "enum" in schema:
        return ["nonesuch", 1, None, [], {}, True, ""]
    kind, pattern = schema["type"], schema.get("pattern", "")
    if kind == "integer":
        return ["1", 1.5, None, [], {}, True, schema["minimum"] - 1, schema["maximum"] + 1]
    if kind == "boolean":
        return ["true", 1, None, [], {}]
    if kind == "object":
        return ["x", 1, None, [], True]
    values = [1, 1.5, None, [], {}, True]
    if "maxLength" in schema and schema["maxLength"] < 100_000:
        values.append("a" * (schema["maxLength"] + 1))
    if schema.get("minLength"):
        values.append("")
    if "{8}(-" in pattern or "T(" in pattern or pattern.startswith("^-?[0-9]"):
        values += ["x", "1,5", "NaN", "Infinity"]
    elif pattern:
        values += ["a\u0000b", "a\nb"]
    return values


def encoded(value):
    return urllib.parse.quote(str(value), safe="")


def check(path, method, operation):
    parameters = operation.get("parameters", [])
    in_path = {p["name"]: p["schema"] for p in parameters if p["in"] == "path"}
    in_query = {p["name"]: p["schema"] for p in parameters if p["in"] == "query"}
    secured = operation.get("security")
    body_schema = operation.get("requestBody", {}).get("content", {}).get("application/json", {}).get("schema")
    verb = method.upper()

    def target(**parts):
        filled = path
        for name, schema in in_path.items():
            filled = filled.replace("{" + name + "}", encoded(parts.get(name, good(schema))))
        return filled

    headers = {"Content-Type": "application/json"} if body_schema else {}
    body = json.dumps(good(body_schema)) if body_schema else None

    def refused(wanted, code, what, at, **more):
        given = {"headers": headers, "body": body}
        given.update(more)
        expect(wanted, code, what, verb, at, **given)

    if secured:
        for what, token, header in [
            ("no token", None, None), ("a wrong token", "nobody-has-this-token", None), ("an expired token", expired, None),
            ("another scheme", None, "Basic YW5uYTp0b2tlbg=="), ("no scheme", None, trader),
            ("an empty token", None, "Bearer "), ("a long token", "a" * 4000, None), ("odd bytes", None, "Bearer \xff\xfe"),
        ]:
            extra = {"Authorization": header} if header else {}
            refused(401, "unauthorized", what, target(), token=token, headers={**headers, **extra})
        if {} not in secured:
            refused(403, "forbidden", "a token that only reads", target(), token=reader)
    for name, schema in in_path.items():
        for value in bad(schema):
            if value in ("", ".", ".."):
                continue
            refused(400, "invalid_parameter", f"{name}={value!r}", target(**{name: value}), names=name)
    for name, schema in in_query.items():
        for value in bad(schema):
            refused(400, "invalid_parameter", f"{name}={value!r}", f"{target()}?{name}={encoded(value)}", names=name)
        once = f"{name}={encoded(good(schema))}"
        refused(400, "invalid_parameter", f"{name} twice", f"{target()}?{once}&{once}", names=name)
        refused(400, "invalid_parameter", f"{name} in capitals", f"{target()}?{once.upper()}")
        refused(400, "malformed_request", f"{name} with NUL", f"{target()}?{name}=a%00b")
        refused(400, "malformed_request", f"{name} in no UTF-8", f"{target()}?{name}=%ff%fe")
    refused(400, "invalid_parameter", "an unknown parameter", target() + "?nonesuch=1", names="nonesuch")
    refused(400, "invalid_parameter", "a parameter without a name", target() + "?=1")
    for other in {"GET", "POST", "PUT", "DELETE", "PATCH"} - {m.upper() for m in document["paths"][path]}:
        expect(405, "method_not_allowed", "another method", other, target())
    if not body_schema:
        expect(400, "malformed_request", "a body that nobody wants", verb, target(), {"Content-Type": "text/plain"}, "x")
        return
    for what, wanted, code, kind, content in [
        ("no body", 400, "malformed_request", "application/json", ""),
        ("half a body", 400, "malformed_request", "application/json", body[:-1]),
        ("two bodies", 400, "malformed_request", "application/json", body + body),
        ("text", 415, "unsupported_media_type", "text/plain", body),
        ("a form", 415, "unsupported_media_type", "application/x-www-form-urlencoded", "reason=x"),
        ("no kind", 415, "unsupported_media_type", None, body),
        ("a list", 422, "invalid_body", "application/json", "[]"),
        ("null", 422, "invalid_body", "application/json", "null"),
        ("a number", 422, "invalid_body", "application/json", "1"),
        ("no UTF-8", 400, "malformed_request", "application/json", b'{"reason":"\xff\xfe"}'),
        ("half a character", 400, "malformed_request", "application/json", b'{"reason":"\xc3"}'),
        ("half a surrogate", 400, "malformed_request", "application/json", b'{"reason":"\\ud800"}'),
        ("a deep body", 400, "malformed_request", "application/json", "[" * 10_000 + "]" * 10_000),
        ("a large body", 413, "body_too_large", "application/json", '{"reason":"' + "a" * (1 << 20) + '"}'),
    ]:
        refused(wanted, code, what, target(), headers={"Content-Type": kind} if kind else {}, body=content)
    whole = good(body_schema)
    for name in body_schema.get("required", []):
        less = {key: value for key, value in whole.items() if key != name}
        refused(422, "invalid_body", f"no {name}", target(), body=json.dumps(less), names=name)
    refused(422, "invalid_body", "an unknown field", target(), body=json.dumps({**whole, "nonesuch": 1}), names="nonesuch")
    for name, schema in body_schema["properties"].items():
        twice = body[:-1] + (", " if whole else "") + f'{json.dumps(name)}: {json.dumps(good(schema))}, '
        twice += f"{json.dumps(name)}: {json.dumps(good(schema))}}}"
        refused(422, "invalid_body", f"{name} twice", target(), body=twice, names=name)
        for value in wrong(schema):
            changed = {**whole, name: value}
            refused(422, "invalid_body", f"{name}={value!r}"[:80], target(), body=json.dumps(changed), names=name)


status, _, content = send("GET", "/openapi.json", {})
document = json.loads(content)
for path, operations in document["paths"].items():
    for method, operation in operations.items():
        check(path, method, operation)
for target in ["/nothing", "/trading//executions", "/trading/../healthz", "/%2e%2e/etc/passwd"]:
    expect(404, "not_found", "nothing there", "GET", target)
print(count, "requests")
for failure in failures[:40]:
    print(failure)
print(len(failures), "failures")
sys.exit(1 if failures or status != 200 else 0)
