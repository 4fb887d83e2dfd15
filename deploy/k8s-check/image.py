"""Holds the Containerfile against the manifests and the release; there is nobody here to build it."""
import re

import yaml

PATH = "deploy/image/Containerfile"


def instructions(text):
    """Pairs of an instruction and what follows, lines that go on joined, remarks left out."""
    lines = [line for line in text.splitlines() if not line.startswith("#")]
    joined = re.sub(r"\\\n\s*", " ", "\n".join(lines))
    return [tuple(line.split(None, 1)) for line in joined.splitlines() if line.strip()]


def stages(steps):
    found = []
    for word, rest in steps:
        if word == "FROM":
            found.append([])
        if found:
            found[-1].append((word, rest))
    return found


def faults(top, facts):
    steps = instructions((top / PATH).read_text())
    built = stages(steps)
    arguments = dict(rest.split("=", 1) for word, rest in steps if word == "ARG" and "=" in rest)
    if len(built) < 2:
        yield f"{PATH}: the compiler is in the image"
        return
    for stage in built:
        base = re.sub(r"\$\{(\w+)\}", lambda match: arguments.get(match.group(1), ""), stage[0][1].split()[0])
        if not re.search(r":[a-z-]*[0-9][\w.-]*[0-9][\w.-]*$|@sha256:[0-9a-f]{64}$", base):
            yield f"{PATH}: the base '{base}' is not pinned to a release"
    last = built[-1]
    users = [rest for word, rest in last if word == "USER"]
    manifest = yaml.safe_load((top / "deploy/k8s/base/patches/role.yaml").read_text())
    wanted = manifest["spec"]["template"]["spec"]["securityContext"]["runAsUser"]
    if not users or users[-1] != f"{wanted}:{wanted}":
        yield f"{PATH}: runs as {users[-1] if users else 'root'}, and the manifests as {wanted}"
    ports = {int(port) for word, rest in last if word == "EXPOSE" for port in rest.split()}
    told = dict(line.split("=", 1) for line in (top / "deploy/k8s/base/settings.env").read_text().splitlines()
                if "=" in line and not line.startswith("#"))
    needed = {8181, 8088, int(told["TORGHUT_HTTP_PORT"])}
    if ports != needed:
        yield f"{PATH}: exposes {sorted(ports)}, and the manifests use {sorted(needed)}"
    if any(word == "ADD" for word, _ in steps) or any("curl" in rest or "wget" in rest for _, rest in steps):
        yield f"{PATH}: fetches from the network what apt does not check"
    for script in re.findall(r"bash (\S+\.sh)", " ".join(rest for _, rest in steps)):
        if not (top / script).exists():
            yield f"{PATH}: there is no {script}"
    tag = yaml.safe_load((top / "deploy/k8s/base/kustomization.yaml").read_text())["images"][0]["newTag"]
    if tag != facts.version:
        yield f"{PATH}: the manifests name the image {tag}, and this is release {facts.version}"
