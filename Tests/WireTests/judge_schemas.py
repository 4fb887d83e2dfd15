"""Judges JSON lines by the schemas in a folder, with Python's jsonschema: one process for all of them.

Each line of standard input is `NAME<tab>JSON`; for each, one line comes back: `ok`, or the first fault.
"""

import json
import pathlib
import sys

import jsonschema

validators = {}
for path in pathlib.Path(sys.argv[1]).glob("*.schema.json"):
    schema = json.loads(path.read_text())
    jsonschema.Draft202012Validator.check_schema(schema)
    validators[path.name.removesuffix(".schema.json")] = jsonschema.Draft202012Validator(schema)

for line in sys.stdin.buffer:
    name, text = line.rstrip(b"\n").split(b"\t", 1)
    error = next(validators[name.decode()].iter_errors(json.loads(text)), None)
    print("ok" if error is None else f"{error.json_path}: {error.validator}".replace("\n", " "))
