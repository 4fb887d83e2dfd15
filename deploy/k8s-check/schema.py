"""Holds objects against the schemas of their kinds: Kubernetes' own, and ours for the others."""
import json

import jsonschema
import kubernetes_validate

from crds import KNATIVE_ONLY, SCHEMAS

VERSION = "1.34"
_known = {}


def faults(objects):
    for one in objects:
        text = json.dumps(one, sort_keys=True)
        if text not in _known:
            _known[text] = list(_faults(one))
        yield from _known[text]


def _faults(one):
    title = f"{one['kind']}/{one['metadata']['name']}"
    schema = SCHEMAS.get((one["apiVersion"], one["kind"]))
    if schema is not None:
        for error in jsonschema.Draft202012Validator(schema).iter_errors(one):
            yield f"{title}: {'.'.join(str(part) for part in error.absolute_path)}: {error.message}"
        if one["apiVersion"] == "serving.knative.dev/v1":
            spec = {k: v for k, v in one["spec"]["template"]["spec"].items() if k not in KNATIVE_ONLY}
            pod = {"apiVersion": "v1", "kind": "Pod", "metadata": one["metadata"], "spec": spec}
            yield from (fault.replace("Pod/", "Service/") for fault in _standard(pod, f"Pod/{one['metadata']['name']}"))
        return
    yield from _standard(one, title)


def _standard(one, title):
    try:
        kubernetes_validate.validate(one, VERSION, strict=True)
    except kubernetes_validate.ValidationError as error:
        yield f"{title}: {'.'.join(str(part) for part in error.path)}: {error.message[:300]}"
    except (kubernetes_validate.SchemaNotFoundError, kubernetes_validate.InvalidSchemaError):
        yield f"{title}: there is no {one['kind']} in {one['apiVersion']}"
