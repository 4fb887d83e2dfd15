"""Schemas of kinds that Kubernetes itself does not know: the fields that we use, and no other.

Kubernetes' own kinds are held against its own schemas (kubernetes-validate). These are ours, written from the kinds'
documentation, and strict: a field that is misspelled here is refused, as a cluster would drop it without a word.
"""


def _object(required, **optional):
    return {"type": "object", "additionalProperties": False, "properties": required | optional,
            "required": sorted(required)}


TEXT = {"type": "string", "minLength": 1}
TEXTS = {"type": "array", "items": TEXT}
NUMBER = {"type": "integer"}
LABELS = {"type": "object", "additionalProperties": {"type": "string"}}
TIME = {"type": "string", "pattern": r"^[0-9]+(ms|s|m|h)$"}
META = _object({"name": TEXT}, namespace=TEXT, labels=LABELS, annotations=LABELS, finalizers=TEXTS)
SECRET = _object({"name": TEXT, "key": TEXT})


def _kind(spec):
    return _object({"apiVersion": TEXT, "kind": TEXT, "metadata": META, "spec": spec})


_ACL = _object(
    {"resource": _object({"type": {"enum": ["topic", "group", "cluster", "transactionalId"]}}, name=TEXT,
                         patternType={"enum": ["literal", "prefix"]}),
     "operations": {"type": "array", "minItems": 1, "uniqueItems": True, "items": {"enum": [
         "Read", "Write", "Create", "Delete", "Alter", "Describe", "ClusterAction", "AlterConfigs", "DescribeConfigs",
         "IdempotentWrite", "All"]}}}, host=TEXT, type={"enum": ["allow", "deny"]})

# What else is wrong with rules is for promtool to say (deploy/prometheus/judge.py).
_RULE = _object({"expr": TEXT}, alert=TEXT, record=TEXT, labels=LABELS, annotations=LABELS,
                **{"for": {"type": "string", "pattern": r"^([0-9]+(d|h|m|s))+$"}})

_ENDPOINT = _object(
    {"port": TEXT, "path": TEXT}, interval=TIME, scrapeTimeout=TIME, scheme={"enum": ["http", "https"]},
    tlsConfig=_object({"serverName": TEXT}, ca=_object({"secret": SECRET})),
    authorization=_object({"type": TEXT, "credentials": SECRET}))

SCHEMAS = {
    ("kafka.strimzi.io/v1beta2", "KafkaTopic"): _kind(_object(
        {"partitions": NUMBER, "replicas": NUMBER, "config": {"type": "object"}}, topicName=TEXT)),
    ("kafka.strimzi.io/v1beta2", "KafkaUser"): _kind(_object(
        {"authentication": _object({"type": {"enum": ["tls", "tls-external", "scram-sha-512"]}}),
         "authorization": _object({"type": {"const": "simple"}, "acls": {"type": "array", "items": _ACL}})})),
    ("monitoring.coreos.com/v1", "ServiceMonitor"): _kind(_object(
        {"selector": _object({"matchLabels": LABELS}), "endpoints": {"type": "array", "minItems": 1, "items": _ENDPOINT}},
        namespaceSelector=_object({"matchNames": TEXTS}), podTargetLabels=TEXTS)),
    ("monitoring.coreos.com/v1", "PodMonitor"): _kind(_object(
        {"selector": _object({"matchLabels": LABELS}),
         "podMetricsEndpoints": {"type": "array", "minItems": 1, "items": _ENDPOINT}},
        namespaceSelector=_object({"matchNames": TEXTS}), podTargetLabels=TEXTS, jobLabel=TEXT)),
    ("monitoring.coreos.com/v1", "PrometheusRule"): _kind(_object(
        {"groups": {"type": "array", "minItems": 1, "items": _object(
            {"name": TEXT, "rules": {"type": "array", "minItems": 1, "items": _RULE}}, interval=TIME)}})),
    ("argoproj.io/v1alpha1", "Application"): _kind(_object(
        {"project": TEXT,
         "source": _object({"repoURL": {"type": "string", "pattern": "^https://"}, "targetRevision": TEXT, "path": TEXT}),
         "destination": _object({"server": TEXT, "namespace": TEXT})},
        syncPolicy=_object({}, automated=_object({}, prune={"type": "boolean"}, selfHeal={"type": "boolean"}),
                           retry=_object({"limit": NUMBER}, backoff=_object({"duration": TIME, "factor": NUMBER,
                                                                            "maxDuration": TIME})),
                           syncOptions=TEXTS),
        ignoreDifferences={"type": "array", "items": _object({"kind": TEXT}, group=TEXT, name=TEXT, jsonPointers=TEXTS)})),
    # The pod's own fields are held against Kubernetes' schema of a pod.
    ("serving.knative.dev/v1", "Service"): _kind(_object(
        {"template": _object({"spec": {"type": "object", "required": ["containerConcurrency", "containers"],
                                       "properties": {"containerConcurrency": NUMBER, "timeoutSeconds": NUMBER}}},
                             metadata=_object({}, labels=LABELS, annotations=LABELS))})),
}

# Fields of a Knative service's template that a pod does not have.
KNATIVE_ONLY = ("containerConcurrency", "timeoutSeconds")
