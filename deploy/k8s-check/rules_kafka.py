"""Topics are the program's own, and a role's user may do what its role does: nothing less, nothing more."""

CLUSTER = "kafka"
DAY = 24 * 60 * 60 * 1000
# Who comes as another than it is called: both archivers copy the same log.
COMES_AS = {"archive-daily": "torghut-archiver"}
# Only while a log is given back (components/restore).
RESTORE = "torghut-restore"
# Everybody asks which topics there are, and how they are set.
EVERYBODY = {("topic", "torghut.", "prefix"): {"Describe", "DescribeConfigs"}}


def wanted(facts):
    """The rules of each user that is always there, by what the program says of its roles."""
    users = {}
    for role, access in facts.access.items():
        rules = dict(EVERYBODY)
        for topic in access["read"] | access["write"]:
            rules[("topic", topic, "literal")] = (
                {"Describe"} | ({"Read"} if topic in access["read"] else set())
                | ({"Write"} if topic in access["write"] else set()))
        for group in access["group"]:
            rules[("group", group, "prefix")] = {"Describe", "Read"}
        for writer in access["writer"]:
            rules[("transactionalId", writer, "prefix")] = {"Describe", "Write"}
        users[f"torghut-{role}"] = rules
    users["torghut-archiver"] = EVERYBODY | {("topic", name, "literal"): {"Describe", "Read"} for name in facts.topics}
    users["torghut-topics-check"] = dict(EVERYBODY)
    return users


def restoring(facts):
    """The rules of the user who gives a log back: the topics are made by Strimzi, so he makes none."""
    return EVERYBODY | {("topic", name, "literal"): {"Describe", "Read", "Write"} for name in facts.topics} | {
        ("transactionalId", RESTORE.replace("-", "."), "literal"): {"Describe", "Write"}}


def said(user):
    rules = {}
    for one in user["spec"]["authorization"]["acls"]:
        resource = one["resource"]
        key = (resource["type"], resource.get("name"), resource.get("patternType", "literal"))
        rules.setdefault(key, set()).update(one["operations"])
    return rules


def faults(world, facts):
    yield from topics(world, facts)
    users = {o["metadata"]["name"]: o for o in world.of("KafkaUser")}
    expected = wanted(facts)
    if any(work.component == "restore" for work in world.workloads):
        expected[RESTORE] = restoring(facts)
    for name in sorted(set(users) ^ set(expected)):
        yield f"KafkaUser/{name}: {'nobody comes as it' if name in users else 'is missing'}"
    for name in sorted(set(users) & set(expected)):
        user = users[name]
        if user["spec"]["authentication"]["type"] not in ("tls", "scram-sha-512"):
            yield f"KafkaUser/{name}: proves nothing"
        if user["metadata"].get("labels", {}).get("strimzi.io/cluster") != CLUSTER:
            yield f"KafkaUser/{name}: is of another cluster"
        found = said(user)
        for key in sorted(set(found) | set(expected[name])):
            more, less = found.get(key, set()) - expected[name].get(key, set()), expected[name].get(key, set()) - found.get(
                key, set())
            for operation in sorted(more):
                yield f"KafkaUser/{name}: may {operation} {key[0]} {key[1]}, which its role never does"
            for operation in sorted(less):
                yield f"KafkaUser/{name}: may not {operation} {key[0]} {key[1]}, which its role does"
    yield from comers(world, users)
    yield from archived(world, facts)


def archived(world, facts):
    """Once a day everything that can wait so long is copied; the follower keeps what is forgotten sooner."""
    daily = [work for work in world.workloads if work.component == "archive-daily"]
    if len(daily) != 1:
        yield f"archive: {len(daily)} workloads copy what Kafka keeps, not one"
        return
    arguments = daily[0].container["args"]
    found = {value for name, value in zip(arguments, arguments[1:]) if name == "--topic"}
    waiting = {name for name, topic in facts.topics.items() if not 0 < topic["retention_ms"] < 2 * DAY}
    for name in sorted(waiting - found):
        yield f"{daily[0].title}: {name} is in no archive that a restore takes"
    for name in sorted(found - waiting):
        yield f"{daily[0].title}: {name} is forgotten before a day is over, or is no topic"


def comers(world, users):
    """Each pod comes as its own user, and as no other."""
    for work in world.workloads:
        if work.labels.get("torghut/kafka") != "true":
            continue
        sources = [s["secret"]["name"] for v in work.pod.get("volumes", [])
                   for s in v.get("projected", {}).get("sources", []) if v["name"] == "kafka"]
        name = COMES_AS.get(work.component, f"torghut-{work.component}")
        if name not in users or sources != [name, f"{CLUSTER}-cluster-ca-cert"]:
            yield f"{work.title}: comes to Kafka by {sources}, and not as {name}"


def topics(world, facts):
    found = {o["spec"]["topicName"]: o for o in world.of("KafkaTopic")}
    for name in sorted(set(found) ^ set(facts.topics)):
        yield f"KafkaTopic/{name}: {'the program knows no such topic' if name in found else 'is missing'}"
    for name in sorted(set(found) & set(facts.topics)):
        spec, topic = found[name]["spec"], facts.topics[name]
        told = {
            "partitions": (spec["partitions"], topic["partitions"]),
            "retention.ms": (int(spec["config"]["retention.ms"]), topic["retention_ms"]),
            "cleanup.policy": (spec["config"]["cleanup.policy"], topic["cleanup_policy"]),
        }
        for field, (ours, theirs) in told.items():
            if ours != theirs:
                yield f"KafkaTopic/{name}: {field} is {ours}, and the program's is {theirs}"
        if spec["replicas"] < 3 or int(spec["config"]["min.insync.replicas"]) < 2:
            yield f"KafkaTopic/{name}: does not outlive the loss of a broker"
