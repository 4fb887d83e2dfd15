"""Who may talk to whom: nobody, but for the ports that are really there."""
import ipaddress

INSIDE = [ipaddress.ip_network(text) for text in (
    "10.0.0.0/8", "172.16.0.0/12", "192.168.0.0/16", "100.64.0.0/10", "169.254.0.0/16", "127.0.0.0/8")]
# Of what is not ours: who is reached at which port, and who of ours has business there.
OUTSIDE = {53: None, 9093: "torghut/kafka", 5432: "torghut/database", 443: "torghut/broker"}


def faults(world, facts):
    policies = world.of("NetworkPolicy")
    yield from denied(world, policies)
    for one in policies:
        spec, title = one["spec"], f"NetworkPolicy/{one['metadata']['name']}"
        if spec.get("podSelector", {}).get("matchLabels") and not world.selected(spec["podSelector"]["matchLabels"]):
            yield f"{title}: is about no pod"
        for kind in ("Ingress", "Egress"):
            if kind.lower() in spec and kind not in spec.get("policyTypes", []):
                yield f"{title}: has {kind.lower()} and does not say so in policyTypes"
        for rule in spec.get("ingress", []):
            yield from ingress(world, one, rule, title)
        for rule in spec.get("egress", []):
            yield from egress(world, one, rule, title)
    yield from reached(world, policies)
    yield from activated(world)


def activated(world):
    """A Knative service whose gateway no policy admits has Knative's activator in front of it at all times."""
    for work in world.workloads:
        annotations = work.template.get("metadata", {}).get("annotations", {})
        if work.kind == "Service" and annotations.get("autoscaling.knative.dev/target-burst-capacity") != "-1":
            yield f"{work.title}: is gone to by Knative's gateway at times, whom no policy lets in"


def denies_all(one):
    spec = one["spec"]
    return (set(spec.get("policyTypes", [])) == {"Ingress", "Egress"} and not spec.get("ingress")
            and not spec.get("egress"))


def about(one, labels):
    """Whether a policy is about pods with these labels."""
    return (one["spec"]["podSelector"].get("matchLabels") or {}).items() <= labels.items()


def denied(world, policies):
    """Each pod of ours may do nothing by itself; whoever lives beside us, and is gone to, is not cut off by that."""
    for work in world.workloads:
        if not any(denies_all(one) and about(one, work.labels) for one in policies):
            yield f"{work.title}: nothing denies what no policy allows"
    beside = [peer["podSelector"].get("matchLabels", {}) for one in policies for rule in one["spec"].get("egress", [])
              for peer in rule.get("to", []) if "podSelector" in peer and "namespaceSelector" not in peer]
    for labels in beside:
        for one in policies:
            if not world.selected(labels) and "Ingress" in one["spec"].get("policyTypes", []) and about(one, labels):
                yield f"NetworkPolicy/{one['metadata']['name']}: cuts off {labels}, who is not ours and whom we ask"


def ports(rule, title):
    """The numbers of a rule; none at all means every port there is."""
    if not rule.get("ports"):
        yield f"{title}: opens every port"
    for port in rule.get("ports", []):
        if not isinstance(port.get("port"), int) or port.get("endPort"):
            yield f"{title}: {port} is not one port"


def peers(rule, side, title):
    if not rule.get(side):
        yield f"{title}: opens to everybody"
    for peer in rule.get(side, []):
        if peer in ({}, {"podSelector": {}}) or peer.get("namespaceSelector") == {}:
            yield f"{title}: opens to everybody"


def ingress(world, one, rule, title):
    yield from ports(rule, title)
    yield from peers(rule, "from", title)
    for peer in rule.get("from", []):
        if "ipBlock" in peer:
            yield f"{title}: lets addresses in, and not pods"
    knative = any("knative" in str(peer) for peer in rule.get("from", []))
    for work in world.selected(one["spec"]["podSelector"].get("matchLabels")):
        for port in rule.get("ports", []):
            if not knative and port["port"] not in work.ports.values():
                yield f"{title}: {work.title} has no port {port['port']}"


def egress(world, one, rule, title):
    yield from ports(rule, title)
    yield from peers(rule, "to", title)
    labels = one["spec"]["podSelector"].get("matchLabels") or {}
    ours = [w for peer in rule.get("to", []) if "podSelector" in peer and "namespaceSelector" not in peer
            for w in world.selected(peer["podSelector"].get("matchLabels"))]
    for port in rule.get("ports", []):
        number = port["port"]
        if ours:
            for work in ours:
                if number not in work.ports.values():
                    yield f"{title}: {work.title} has no port {number}"
        elif number not in OUTSIDE:
            yield f"{title}: nobody of ours has business at port {number}"
        elif OUTSIDE[number] and OUTSIDE[number] not in labels:
            yield f"{title}: lets more than {OUTSIDE[number]} go to port {number}"
    for peer in rule.get("to", []):
        block = peer.get("ipBlock")
        if block:
            kept = [ipaddress.ip_network(text) for text in block.get("except", [])]
            for inside in INSIDE:
                if ipaddress.ip_network(block["cidr"]).overlaps(inside) and not any(
                        inside.subnet_of(one) for one in kept):
                    yield f"{title}: lets go to {inside}, which is inside"


def reached(world, policies):
    """What a container is told to talk to, it is allowed to."""
    def allowed(work, number):
        for one in policies:
            labels = one["spec"].get("podSelector", {}).get("matchLabels", {})
            if all(work.labels.get(k) == v for k, v in labels.items()):
                for rule in one["spec"].get("egress", []):
                    if any(port["port"] == number for port in rule.get("ports", [])):
                        return True
        return False

    for work in world.workloads:
        told = work.environment
        needs = {53}
        if work.program == "torghut" and (work.role or "log" in work.container["args"] or "topics" in work.container["args"]):
            needs |= {int(server.rpartition(":")[2]) for server in told["TORGHUT_LOG"].partition(":")[2].split(",")}
        if "TORGHUT_DB_DSN" in told:
            needs.add(5432)
        if "APCA_API_KEY_ID" in told:
            needs.add(443)
        if work.role and "TRADING_LEAN_RUNNER_TOKEN" in told:
            needs.add(int(told["TRADING_LEAN_RUNNER_URL"].rpartition(":")[2]))
        for number in sorted(needs):
            if not allowed(work, number):
                yield f"{work.title}: needs port {number}, and no policy lets it go there"
        for name, number in work.ports.items():
            serving = [one for one in policies for rule in one["spec"].get("ingress", [])
                       if all(work.labels.get(k) == v for k, v in one["spec"]["podSelector"].get("matchLabels", {}).items())
                       and any(port["port"] == number for port in rule.get("ports", []))]
            if not serving and name in ("https", "http1") and work.kind != "Service":
                yield f"{work.title}: nobody may come to its port {name}"
