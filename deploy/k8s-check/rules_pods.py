"""What a pod may do, what it may take, and how it is looked after."""
import re

LONG = ("Deployment", "StatefulSet")
# One pod, and why: a second connection to the broker, a second ledger, a second writer of an archive would harm.
ALONE = {"ingest": "Deployment", "lean-runner": "StatefulSet", "archiver": "StatefulSet"}
# The program ends what is in hand within 30 s; the runner within its drain of 10 s.
GRACE = {"torghut": 35, "lean-runner": 15}
# What ends a pod, and what only keeps requests from it.
LIVENESS = {"control": "/livez", "api": "/healthz", "lean-runner": "/healthz"}
READINESS = {"control": "/readyz", "api": "/readyz", "lean-runner": "/readyz"}
STARTUP = {"control": "/startupz", "api": "/startupz", "lean-runner": "/healthz"}


def faults(world, facts):
    for work in world.workloads:
        yield from work.faults
        yield from security(work)
        yield from resources(work)
        yield from volumes(work)
        yield from claims(work, world)
        if work.kind in LONG + ("Service",):
            yield from life(work, facts)
    yield from budgets(world)
    yield from replicas(world)
    yield from again(world)


def security(work):
    pod, title = work.pod, work.title
    context = pod.get("securityContext", {})
    if context.get("runAsNonRoot") is not True or context.get("runAsUser", 0) < 1000:
        yield f"{title}: may run as root"
    if context.get("seccompProfile", {}).get("type") != "RuntimeDefault":
        yield f"{title}: has no seccomp profile RuntimeDefault"
    if pod.get("automountServiceAccountToken") is not False:
        yield f"{title}: is handed a token of the cluster's API"
    for name in ("hostNetwork", "hostPID", "hostIPC"):
        if pod.get(name):
            yield f"{title}: {name}"
    for volume in pod.get("volumes", []):
        if "hostPath" in volume:
            yield f"{title}: volume {volume['name']} is a folder of the node"
    for container in work.containers:
        own = container.get("securityContext", {})
        place = f"{title}, container {container['name']}"
        if own.get("allowPrivilegeEscalation") is not False:
            yield f"{place}: may gain privileges"
        if own.get("readOnlyRootFilesystem") is not True:
            yield f"{place}: may write its root"
        if own.get("privileged"):
            yield f"{place}: is privileged"
        capabilities = own.get("capabilities", {})
        if capabilities.get("drop") != ["ALL"] or capabilities.get("add"):
            yield f"{place}: keeps capabilities"


def resources(work):
    for container in work.containers:
        place = f"{work.title}, container {container['name']}"
        told = container.get("resources", {})
        for kind, name in (("requests", "cpu"), ("requests", "memory"), ("limits", "memory")):
            if not told.get(kind, {}).get(name):
                yield f"{place}: has no {kind}.{name}"
        image = container.get("image", "")
        if not re.fullmatch(r"[a-z0-9.-]+\.[a-z]+/[a-z0-9/-]+(:[0-9][0-9A-Za-z.-]*|@sha256:[0-9a-f]{64})", image):
            yield f"{place}: image '{image}' is not pinned to a release"


def volumes(work):
    known = {v["name"] for v in work.pod.get("volumes", [])}
    known |= {c["metadata"]["name"] for c in work.one["spec"].get("volumeClaimTemplates", [])}
    mounts = {}
    for container in work.containers:
        for mount in container.get("volumeMounts", []):
            mounts[mount["mountPath"]] = mount
            if mount["name"] not in known:
                yield f"{work.title}: mounts {mount['name']}, which is no volume of its pod"
    for name in known - {mount["name"] for mount in mounts.values()}:
        yield f"{work.title}: volume {name} is mounted nowhere"
    texts = [value for value in work.environment.values() if value]
    for path in {p for text in texts for p in re.findall(r"/(?:etc|var|tmp|archive)/[\w./-]+", text)}:
        if not any(path == mount or path.startswith(mount + "/") for mount in mounts):
            yield f"{work.title}: is told of {path}, where nothing is mounted"
    for volume in work.pod.get("volumes", []):
        for source in [volume, *volume.get("projected", {}).get("sources", [])]:
            mode = source.get("secret", {}).get("defaultMode", volume.get("projected", {}).get("defaultMode"))
            if "secret" in source and mode != 0o440:
                yield f"{work.title}: secret in {volume['name']} is not of mode 0440, and the program refuses it"


def claims(work, world):
    """A volume that is another's: it is there, may be mounted beside its owner, and on the owner's node."""
    for volume in work.pod.get("volumes", []):
        name = volume.get("persistentVolumeClaim", {}).get("claimName")
        if not name:
            continue
        owners = [(owner, claim) for owner in world.workloads for claim in owner.one["spec"].get("volumeClaimTemplates", [])
                  if name == f"{claim['metadata']['name']}-{owner.name}-0"]
        if not owners:
            yield f"{work.title}: claims {name}, which nobody makes"
        for owner, claim in owners:
            if claim["spec"]["accessModes"] != ["ReadWriteOnce"]:
                yield f"{work.title}: mounts {name}, which is {owner.title}'s alone"
            near = work.pod.get("affinity", {}).get("podAffinity", {}).get("requiredDuringSchedulingIgnoredDuringExecution", [])
            if work.kind == "CronJob" and not any(
                    one["topologyKey"] == "kubernetes.io/hostname"
                    and owner in world.selected(one["labelSelector"]["matchLabels"]) for one in near):
                yield f"{work.title}: mounts {name}, and may come to another node than {owner.title}"


def again(world):
    """What is done by the clock is not done twice at once."""
    for one in world.of("CronJob"):
        if one["spec"].get("concurrencyPolicy") != "Forbid":
            yield f"CronJob/{one['metadata']['name']}: two of it may run at once"
        rules = one["spec"]["jobTemplate"]["spec"].get("podFailurePolicy", {}).get("rules", [])
        if not any(rule["action"] == "FailJob" and rule["onExitCodes"]["values"] == [3] for rule in rules):
            yield f"CronJob/{one['metadata']['name']}: a 'no' is tried again until it is none"


def life(work, facts):
    # Its port tells figures, and nothing that a probe could ask for.
    if work.component == "archiver":
        told = work.container["args"][work.container["args"].index("--metrics-port") + 1]
        if [told] != [str(port["containerPort"]) for port in work.container.get("ports", [])]:
            yield f"{work.title}: tells its figures at {told}, and that is not its port"
        return
    if not work.ports:
        yield f"{work.title}: has no port, and so no probe"
        return
    wanted = {"startupProbe": STARTUP, "livenessProbe": LIVENESS, "readinessProbe": READINESS}
    for probe, meaning in wanted.items():
        told = work.container.get(probe, {}).get("httpGet")
        if not told:
            yield f"{work.title}: has no {probe}"
            continue
        server = work.server(told["port"])
        if server is None:
            yield f"{work.title}: {probe} asks port {told['port']}, where nothing of ours listens"
        elif told["path"] not in facts.routes[server]:
            yield f"{work.title}: {probe} asks for {told['path']}, and the {server} has no such route"
        elif told["path"] != meaning[server]:
            yield f"{work.title}: {probe} asks {told['path']}, which means something else than {meaning[server]}"
        secure = server in ("api", "lean-runner") and any(n in work.environment for n in ("TORGHUT_API_CERT",
                                                                                      "LEAN_RUNNER_CERT"))
        if server and told.get("scheme", "HTTP") != ("HTTPS" if secure else "HTTP"):
            yield f"{work.title}: {probe} speaks {told.get('scheme', 'HTTP')}, and the {server} does not"
    for name, number in work.ports.items():
        if work.server(number) is None:
            yield f"{work.title}: port {name} is {number}, and nothing of ours is told to listen there"
    if work.kind in LONG and work.pod.get("terminationGracePeriodSeconds", 30) < GRACE[work.program]:
        yield f"{work.title}: is killed before it has ended what is in hand"


def budgets(world):
    covered = {}
    for one in world.of("PodDisruptionBudget"):
        found = world.selected(one["spec"]["selector"]["matchLabels"])
        if len(found) != 1:
            yield f"PodDisruptionBudget/{one['metadata']['name']}: is about {len(found)} workloads, not one"
        if one["spec"].get("maxUnavailable") != 1:
            yield f"PodDisruptionBudget/{one['metadata']['name']}: blocks a drained node, or lets all go at once"
        covered.update({work.name: one for work in found})
    for work in world.workloads:
        if work.kind in LONG and work.name not in covered:
            yield f"{work.title}: has no PodDisruptionBudget"


def replicas(world):
    for work in world.workloads:
        if work.kind not in LONG:
            continue
        count = work.one["spec"].get("replicas", 1)
        if work.component in ALONE:
            if count != 1 or work.kind != ALONE[work.component]:
                yield f"{work.title}: there may be one {work.component}, as a {ALONE[work.component]}"
            if work.kind == "Deployment" and work.one["spec"].get("strategy", {}).get("type") != "Recreate":
                yield f"{work.title}: two of it would run while it is rolled out"
        elif count < 2:
            yield f"{work.title}: nobody stands by"
    for one in world.of("HorizontalPodAutoscaler"):
        target = one["spec"]["scaleTargetRef"]
        found = [w for w in world.workloads if (w.kind, w.name) == (target["kind"], target["name"])]
        if len(found) != 1 or found[0].component in ALONE:
            yield f"HorizontalPodAutoscaler/{one['metadata']['name']}: scales {target['name']}, which cannot be scaled"
        if one["spec"]["minReplicas"] < 2 or one["spec"]["maxReplicas"] > 12:
            yield f"HorizontalPodAutoscaler/{one['metadata']['name']}: from 2 to the 12 partitions, no further"
