"""Objects as the rules look at them."""
import re

from render import containers, template

EXPANSION = re.compile(r"\$\(([A-Z0-9_]+)\)")


class Workload:
    """Something that has pods, with what its one container is told."""

    def __init__(self, one, config_maps):
        self.one = one
        self.kind = one["kind"]
        self.name = one["metadata"]["name"]
        self.title = f"{self.kind}/{self.name}"
        self.template = template(one)
        self.pod = self.template["spec"]
        self.labels = self.template.get("metadata", {}).get("labels", {})
        self.component = self.labels.get("app.kubernetes.io/component")
        self.containers = containers(one)
        self.container = self.containers[0]
        self.config_maps = config_maps
        self.faults = []
        self.environment = self._environment()

    def _environment(self):
        """Name and value, in the order in which they count; `None` for one that comes from a secret."""
        found = {}
        for source in self.container.get("envFrom", []):
            name = source.get("configMapRef", {}).get("name")
            if name not in self.config_maps:
                self.faults.append(f"{self.title}: envFrom names {name}, and there is no such ConfigMap")
            found.update(self.config_maps.get(name, {}))
        earlier = set(found)
        for one in self.container.get("env", []):
            for other in EXPANSION.findall(one.get("value", "")):
                if other not in earlier:
                    self.faults.append(f"{self.title}: {one['name']} is made of {other}, which no entry before it sets")
            earlier.add(one["name"])
            found[one["name"]] = one.get("value")
        return found

    @property
    def expanded(self):
        """Names that are there to be put into others."""
        values = [one.get("value", "") for one in self.container.get("env", [])]
        return {name for value in values for name in EXPANSION.findall(value)}

    @property
    def ports(self):
        return {port["name"]: port["containerPort"] for port in self.container.get("ports", [])}

    @property
    def program(self):
        return (self.container.get("command") or [""])[0]

    @property
    def role(self):
        arguments = self.container.get("args", [])
        return arguments[2] if arguments[:2] == ["run", "--roles"] and len(arguments) == 3 else None

    def server(self, port):
        """Which of our servers listens at a port, by what the container is told; by its name or its number."""
        number = self.ports.get(port, port)
        told = {"TORGHUT_HTTP_PORT": "control", "TORGHUT_API_PORT": "api", "LEAN_RUNNER_PORT": "lean-runner"}
        for name, server in told.items():
            if self.environment.get(name) == str(number):
                return server
        return None


class World:
    def __init__(self, objects):
        self.objects = objects
        self.config_maps = {o["metadata"]["name"]: o["data"] for o in objects if o["kind"] == "ConfigMap"}
        self.workloads = [
            Workload(o, self.config_maps) for o in objects
            if containers(o)]

    def of(self, *kinds):
        return [o for o in self.objects if o["kind"] in kinds]

    def flags(self):
        return next((d for n, d in self.config_maps.items() if n.startswith("torghut-flags")), {})

    def settings(self):
        return next((d for n, d in self.config_maps.items() if n.startswith("torghut-settings")), {})

    def selected(self, labels):
        """Workloads whose pods have all of these labels; an empty selector means all."""
        return [w for w in self.workloads if all(w.labels.get(k) == v for k, v in (labels or {}).items())]
