"""Whether what a manifest names is there: settings, commands, roles, flags, services, metrics; and no secret in clear."""
import re

SECRET_NAME = re.compile(r"(KEY|KEY_ID|TOKEN|SECRET|PASSWORD|DSN|URI|CREDENTIALS)$")
SECRET_TEXT = re.compile(r"(?i)(password|passwd|secret|token)\s*[=:]\s*[^\s;$/]|://[^/\s:@$]+:[^@\s$]+@|-----BEGIN")
# Without these an account may be emptied by one wrong decision; unset, the program has none (docs/settings.md).
CAPS = ("TRADING_MAX_NOTIONAL_PER_TRADE", "TRADING_MAX_POSITION_PCT_EQUITY", "TRADING_PORTFOLIO_MAX_NOTIONAL_PER_SYMBOL",
        "TRADING_PORTFOLIO_MAX_POSITIONS", "TRADING_PORTFOLIO_MAX_GROSS_EXPOSURE", "TRADING_PORTFOLIO_MAX_NET_EXPOSURE")
# The jobs that deploy/prometheus/rules ask for.
JOBS = re.compile(r"torghut(-.*)?|lean-runner")
# What a switch is, beyond those that are true or false.
WORDS = {
    "TRADING_MODE": {"paper", "live"}, "TRADING_EXECUTION_ADAPTER": {"alpaca", "lean", "simulation"},
    "TRADING_EXECUTION_ADAPTER_POLICY": {"all", "allowlist"}, "TRADING_EXECUTION_FALLBACK_ADAPTER": {"alpaca", "none"},
}


def faults(world, facts):
    for work in world.workloads:
        yield from settings(work, facts)
        yield from commands(work, facts)
        yield from references(work)
    yield from secrets(world)
    yield from flags(world, facts)
    yield from services(world)
    yield from metrics(world, facts)
    yield from monitored(world, facts)


def settings(work, facts):
    for name in work.environment:
        if name not in facts.settings and name not in work.expanded:
            yield f"{work.title}: {name} is no setting of the program"
    if work.program == "torghut" and work.role and work.environment.get("TORGHUT_LOG", "").split(":")[0] != "kafka":
        yield f"{work.title}: keeps a journal of its own, and nobody else hears of it"


def commands(work, facts):
    arguments = work.container.get("args", [])
    if work.program == "torghut":
        if not facts.takes([a for a in arguments if not a.startswith("/")]):
            yield f"{work.title}: torghut {' '.join(arguments)}: there is no such command"
        if arguments[:1] == ["run"] and work.role not in facts.access:
            yield f"{work.title}: there is no role {work.role}"
        if work.role and work.component != work.role:
            yield f"{work.title}: is called {work.component} and runs {work.role}"
    elif work.program not in ("lean-runner", "torghut-sim"):
        yield f"{work.title}: there is no program {work.program}"


def references(work):
    """Of the variables that are secrets each comes from a Secret, or is made of one that does, or is a file's place."""
    for one in work.container.get("env", []):
        value = one.get("value")
        if value is None:
            source = one.get("valueFrom", {}).get("secretKeyRef", {})
            if not source.get("name") or not source.get("key"):
                yield f"{work.title}: {one['name']} has neither a value nor a secret"
        elif SECRET_NAME.search(one["name"]) and not value.startswith(("/", "$(")):
            yield f"{work.title}: {one['name']} is a secret in clear"
        elif SECRET_TEXT.search(value):
            yield f"{work.title}: {one['name']} holds a secret in clear"


def secrets(world):
    for one in world.of("Secret"):
        yield f"Secret/{one['metadata']['name']}: a secret in clear; manifests refer to secrets and hold none"
    for name, data in world.config_maps.items():
        for key, value in data.items():
            path = value.startswith("/")
            if (SECRET_NAME.search(key) and not path) or SECRET_TEXT.search(value):
                yield f"ConfigMap/{name}: {key} is a secret in clear"


def flags(world, facts):
    """Of every switch there is the base has the default; an overlay changes switches, and no other thing."""
    found = world.flags()
    for name, value in found.items():
        default = facts.defaults.get(name)
        if name not in WORDS and default not in ("true", "false"):
            yield f"flags: {name} is no switch; it belongs to settings.env"
        elif value not in WORDS.get(name, {"true", "false"}):
            yield f"flags: {name} cannot be '{value}'"
    live = found.get("TRADING_MODE") == "live"
    if live != (found.get("TRADING_LIVE_ENABLED") == "true"):
        yield "flags: real money needs both words, TRADING_MODE and TRADING_LIVE_ENABLED, or neither"
    address = world.settings().get("APCA_API_BASE_URL", "")
    if live != ("https://api.alpaca.markets" in address):
        yield f"flags: the mode is {'live' if live else 'paper'}, and the broker's address is '{address}'"
    if live and found.get("TRADING_EXECUTION_FALLBACK_ADAPTER") != "alpaca":
        yield "flags: live trading needs Alpaca to fall back to"
    for name in CAPS if live else ():
        if not re.fullmatch(r"[0-9]+(\.[0-9]+)?", world.settings().get(name, "")):
            yield f"settings: real money is traded without the cap {name}"
    account = {"paper": "torghut-alpaca-paper", "live": "torghut-alpaca-live"}[found.get("TRADING_MODE", "paper")]
    for work in world.workloads:
        for one in work.container.get("env", []):
            name = one.get("valueFrom", {}).get("secretKeyRef", {}).get("name")
            if one["name"].startswith("APCA_") and name != account:
                yield f"{work.title}: {one['name']} comes from {name}, and the mode's account is {account}"


def defaults(world, facts):
    """Of the base alone: all that there is, as the program has it by itself."""
    for name, default in facts.defaults.items():
        if default in ("true", "false") and name in facts.settings and name not in world.flags():
            yield f"flags: {name} is a switch of the program, and is not declared"
    for name, value in world.flags().items():
        default = facts.defaults.get(name)
        if value != default:
            yield f"flags: {name} is '{value}' in the base, and the program's default is '{default}'"


def services(world):
    for one in (o for o in world.of("Service") if o["apiVersion"] == "v1"):
        title = f"Service/{one['metadata']['name']}"
        found = world.selected(one["spec"]["selector"])
        if not found:
            yield f"{title}: selects nobody"
        for port in one["spec"]["ports"]:
            for work in found:
                if port["targetPort"] not in work.ports:
                    yield f"{title}: {work.title} has no port {port['targetPort']}"
                elif port["port"] not in (443, work.ports[port["targetPort"]]):
                    yield f"{title}: port {port['port']} is not {work.ports[port['targetPort']]}, which stands behind it"
        if found and one["spec"].get("clusterIP") != "None":
            if len(found) != 1:
                yield f"{title}: is in front of {len(found)} workloads"
    for work in world.workloads:
        for name, value in work.environment.items():
            match = re.match(r"https?://(torghut-[a-z-]+):(\d+)$", value or "")
            if not match:
                continue
            named = [o for o in world.of("Service") if o["metadata"]["name"] == match.group(1)]
            ports = {p["port"] for o in named for p in o["spec"].get("ports", [])}
            if int(match.group(2)) not in ports:
                yield f"{work.title}: {name} is {value}, and no Service has that port"


def monitored(world, facts):
    """Monitors of pods, and the roles that one of either kind asks: none is left out, and the rules know its job."""
    asked = set()
    for one in world.of("PodMonitor"):
        title = f"PodMonitor/{one['metadata']['name']}"
        found = world.selected(one["spec"]["selector"]["matchLabels"])
        if not found:
            yield f"{title}: is about no pod"
        for work in found:
            asked.add(work.title)
            if not JOBS.fullmatch(work.labels.get(one["spec"].get("jobLabel"), "")):
                yield f"{title}: the rules do not know the job of {work.title}"
            for end in one["spec"]["podMetricsEndpoints"]:
                # Of a Knative service: the port of the container has this name, and no other.
                named = {"user-port": number for number in work.ports.values()} if work.kind == "Service" else work.ports
                server = work.server(named.get(end["port"]))
                if server is None or end["path"] not in facts.routes[server]:
                    yield f"{title}: {work.title} has no {end['path']} at {end['port']}"
                elif not opened(world, work, named[end["port"]]):
                    yield f"{title}: no policy lets a scraper come to {work.title}"
    for one in world.of("ServiceMonitor"):
        labels = one["spec"]["selector"]["matchLabels"].items()
        for service in world.of("Service"):
            if service["apiVersion"] == "v1" and labels <= service["metadata"].get("labels", {}).items():
                asked |= {work.title for work in world.selected(service["spec"]["selector"])}
                if not JOBS.fullmatch(service["metadata"]["name"]):
                    yield f"ServiceMonitor/{one['metadata']['name']}: the rules do not know its job"
    for work in world.workloads:
        if world.of("ServiceMonitor") and work.ports and work.title not in asked:
            yield f"{work.title}: nobody asks what it measures"


def opened(world, work, number):
    """Whether Prometheus' namespace may come to this port of a pod."""
    return any(
        (one["spec"]["podSelector"].get("matchLabels") or {}).items() <= work.labels.items()
        and any(port["port"] == number for port in rule.get("ports", []))
        and any("torghut/scraper" in peer.get("namespaceSelector", {}).get("matchLabels", {}) for peer in rule["from"])
        for one in world.of("NetworkPolicy") for rule in one["spec"].get("ingress", []))


def metrics(world, facts):
    services = {o["metadata"]["name"]: o for o in world.of("Service") if o["apiVersion"] == "v1"}
    for one in world.of("ServiceMonitor"):
        title = f"ServiceMonitor/{one['metadata']['name']}"
        labels = one["spec"]["selector"]["matchLabels"]
        found = [s for s in services.values() if labels.items() <= s["metadata"].get("labels", {}).items()]
        if len(found) != 1:
            yield f"{title}: finds {len(found)} Services, not one"
            continue
        for end in one["spec"]["endpoints"]:
            port = next((p for p in found[0]["spec"]["ports"] if p["name"] == end["port"]), None)
            if port is None:
                yield f"{title}: the Service has no port {end['port']}"
                continue
            for work in world.selected(found[0]["spec"]["selector"]):
                server = work.server(port["targetPort"])
                if server is None or end["path"] not in facts.routes[server]:
                    yield f"{title}: {work.title} has no {end['path']} at {end['port']}"
    for one in world.of("HorizontalPodAutoscaler"):
        for metric in one["spec"]["metrics"]:
            name = metric.get("pods", {}).get("metric", {}).get("name")
            if metric["type"] == "Pods" and name not in facts.families:
                yield f"HorizontalPodAutoscaler/{one['metadata']['name']}: the program has no metric {name}"
