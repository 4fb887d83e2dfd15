"""Holds what render.py makes of an overlay against kubectl's own Kustomize; prints what differs."""
import json
import re
import subprocess
import sys

import yaml

from render import render

GENERATED = re.compile(r"^(torghut-(?:flags|settings))-[a-z0-9]{10}$")


def plain(value):
    """Without the names' hashes, which are Kustomize's own, and with lists of named things in one order.

    Nor with the empty lines that Kustomize puts into a folded text: to PromQL they are one space more.
    """
    if isinstance(value, dict):
        return {key: " ".join(one.split()) if key == "expr" and isinstance(one, str) else plain(one)
                for key, one in value.items()}
    if isinstance(value, list):
        found = [plain(one) for one in value]
        if all(isinstance(one, dict) for one in found):
            found.sort(key=lambda one: json.dumps(one, sort_keys=True))
        return found
    if isinstance(value, str):
        match = GENERATED.match(value)
        return match.group(1) if match else value
    return value


def by_name(objects):
    return {(o["kind"], o["metadata"].get("namespace", ""), plain(o["metadata"]["name"])): plain(o) for o in objects}


def differences(folder):
    real = subprocess.run(["kubectl", "kustomize", folder], capture_output=True, text=True)
    if real.returncode:
        return [f"kubectl kustomize {folder}: {real.stderr.strip()}"]
    theirs, ours = by_name(yaml.safe_load_all(real.stdout)), by_name(render(folder))
    return [f"{folder}: {'/'.join(name)} is not what kubectl kustomize makes"
            for name in sorted(set(theirs) | set(ours)) if theirs.get(name) != ours.get(name)]


if __name__ == "__main__":
    found = [one for folder in sys.argv[1:] for one in differences(folder)]
    print("\n".join(found) or f"the same as kubectl's: {len(sys.argv) - 1} folders")
    sys.exit(1 if found else 0)
