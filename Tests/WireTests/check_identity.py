"""Checks the vectors of docs/identity.md with nothing but what that page says."""

import hashlib
import json
import re
import sys

page = open(sys.argv[1], encoding="utf-8").read()
vectors = [json.loads(line) for line in re.search(r"```jsonl\n(.*?)```", page, re.S).group(1).splitlines()]


def fields(text):
    """The fields of a canonical text; the lengths say where a value ends."""
    data = text.encode()
    head, _, rest = data.partition(b"\n")
    while rest:
        name, _, rest = rest.partition(b"=")
        length, _, rest = rest.partition(b":")
        value, end, rest = rest[: int(length)], rest[int(length) : int(length) + 1], rest[int(length) + 1 :]
        assert end == b"\n" and len(value) == int(length), text
        yield name.decode(), value.decode()


def uuid(digest):
    part = bytearray(digest[:16])
    part[6] = part[6] & 0x0F | 0x80
    part[8] = part[8] & 0x3F | 0x80
    digits = part.hex()
    return "-".join((digits[:8], digits[8:12], digits[12:16], digits[16:20], digits[20:]))


for vector in vectors:
    names = [name for name, _ in fields(vector["text"])]
    digest = hashlib.sha256(vector["text"].encode()).digest()
    gives = digest.hex() if len(vector["gives"]) == 64 else uuid(digest)
    assert gives == vector["gives"], vector
    first = vector["text"].split("\n")[0]
    rows = [row for row in page.splitlines() if row.startswith("|") and f"`{first}`" in row]
    described = " ".join(rows)
    for name in names:
        assert name.startswith("param.") or re.search(rf"\b{name}\b", described), (name, described)
    if first == "torghut.decision.v1":
        params = [name.encode() for name in names if name.startswith("param.")]
        assert params == sorted(params), names
print(f"{len(vectors)} vectors hold")
