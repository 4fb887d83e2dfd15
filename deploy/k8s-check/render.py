"""Renders a folder of Kustomize: the part of it that deploy/k8s uses, and nothing that it does not.

What is not known here is refused, so that no field of a kustomization is passed over. Where kubectl is installed,
against.py holds every overlay's result against the real thing.
"""
import copy
import hashlib
import json
import pathlib

import yaml

FIELDS = {
    "apiVersion", "kind", "namespace", "resources", "components", "labels", "configMapGenerator", "patches", "images",
    # Tells Kustomize where kinds that it does not know name things; here every kind is looked into.
    "configurations",
}
# Lists that a patch merges, and by what; every other list of a patch goes in place of the one before.
KEYS = {
    "containers": "name", "initContainers": "name", "env": "name", "volumes": "name", "volumeMounts": "mountPath",
    "ports": "containerPort", "topologySpreadConstraints": "topologyKey",
}
# Kinds that belong to no namespace.
WIDE = {"Namespace"}
# The folder's file may be called either way.
NAMES = ("kustomization.yaml", "Kustomization")


LOADER = getattr(yaml, "CSafeLoader", yaml.SafeLoader)
_parsed = {}


def parsed(text):
    """The documents of a text; the same text is read once."""
    if text not in _parsed:
        _parsed[text] = [one for one in yaml.load_all(text, LOADER) if one]
    return copy.deepcopy(_parsed[text])


class Refused(Exception):
    """The folder holds what cannot be rendered."""


def render(folder, more=()):
    """Every object of a folder, in the order of its files; with more components than it names itself."""
    objects = _accumulate(pathlib.Path(folder), [], more)
    _name_config_maps(objects)
    return objects


def _accumulate(folder, before, more=()):
    found = [folder / name for name in NAMES if (folder / name).exists()]
    if len(found) != 1:
        raise Refused(f"{folder}: there is {'no' if not found else 'more than one'} kustomization")
    kustomization = parsed(found[0].read_text())[0]
    unknown = set(kustomization) - FIELDS
    if unknown:
        raise Refused(f"{found[0]}: {', '.join(sorted(unknown))} is not known to render.py")
    objects = list(before) if kustomization["kind"] == "Component" else []
    for name in kustomization.get("resources", []):
        path = folder / name
        if path.is_dir():
            objects += _accumulate(path, [])
            continue
        if not path.exists():
            raise Refused(f"{found[0]}: there is no {name}")
        if folder.resolve() not in path.resolve().parents:
            raise Refused(f"{found[0]}: {name} lies outside; only a folder may")
        objects += parsed(path.read_text())
    _generate(kustomization.get("configMapGenerator", []), folder, objects)
    for name in [*kustomization.get("components", []), *more]:
        objects = _accumulate(folder / name, objects)
    _transform(kustomization, folder, objects)
    seen = set()
    for one in objects:
        identity = (one["kind"], one["metadata"].get("namespace"), one["metadata"]["name"])
        if identity in seen:
            raise Refused(f"{found[0]}: {'/'.join(str(part) for part in identity)} is there twice")
        seen.add(identity)
    return objects


def _transform(kustomization, folder, objects):
    for patch in kustomization.get("patches", []):
        _patch(patch, folder, objects)
    for one in objects:
        if kustomization.get("namespace") and one["kind"] not in WIDE:
            one["metadata"]["namespace"] = kustomization["namespace"]
        for labels in kustomization.get("labels", []):
            one["metadata"].setdefault("labels", {}).update(labels["pairs"])
            found = template(one)
            if labels.get("includeTemplates") and found:
                job = [one["spec"]["jobTemplate"]] if one["kind"] == "CronJob" else []
                for made in [found] + job + one["spec"].get("volumeClaimTemplates", []):
                    made.setdefault("metadata", {}).setdefault("labels", {}).update(labels["pairs"])
    for image in kustomization.get("images", []):
        for container in (c for one in objects for c in containers(one)):
            if container.get("image") == image["name"]:
                container["image"] = f"{image['newName']}:{image['newTag']}"


def template(one):
    """What the pods of an object are made of, if it has any."""
    spec = one.get("spec")
    if one["kind"] == "CronJob":
        spec = spec["jobTemplate"]["spec"]
    found = spec.get("template") if isinstance(spec, dict) else None
    return found if isinstance(found, dict) else None


def containers(one):
    """The containers of an object that has pods."""
    pod = (template(one) or {}).get("spec", {})
    return pod.get("initContainers", []) + pod.get("containers", [])


def _generate(generators, folder, objects):
    for generator in generators:
        data = {}
        for name in generator["envs"]:
            for line in (folder / name).read_text().splitlines():
                if line.strip() and not line.startswith("#"):
                    key, _, value = line.partition("=")
                    data[key] = value
        if generator.get("behavior") == "merge":
            place = (generator["name"], generator.get("namespace"))
            old = [o for o in objects if o["kind"] == "ConfigMap"
                   and (o["metadata"]["name"], o["metadata"].get("namespace")) == place]
            if len(old) != 1:
                raise Refused(f"{folder}: there is no one ConfigMap {generator['name']} to merge with")
            old[0]["data"].update(data)
        else:
            objects.append({"apiVersion": "v1", "kind": "ConfigMap", "metadata": {"name": generator["name"]},
                            "data": data, "generated": True})


def _patch(patch, folder, objects):
    change = parsed(patch.get("patch") or (folder / patch["path"]).read_text())[0]
    target = patch["target"]
    hit = False
    for one in list(objects):
        group = one["apiVersion"].rpartition("/")[0]
        if one["kind"] != target["kind"] or target.get("group", group) != group or target.get(
                "name", one["metadata"]["name"]) != one["metadata"]["name"]:
            continue
        labels = one["metadata"].get("labels", {})
        wanted = target.get("labelSelector", "").split("=")
        if wanted[0] and (wanted[0] not in labels or (len(wanted) > 1 and labels[wanted[0]] != wanted[1])):
            continue
        hit = True
        if isinstance(change, list):
            for step in change:
                _replace(one, step)
        elif change.get("$patch") == "delete":
            objects.remove(one)
        else:
            name = one["metadata"]["name"]
            _merge(one, change)
            one["metadata"]["name"] = name
    # A patch of a kind that a component may bring has nothing to do without it.
    if not hit and "group" not in target:
        raise Refused(f"{folder}: a patch of {target} meets nothing")


def _replace(one, step):
    if step["op"] != "replace":
        raise Refused(f"a patch wants to {step['op']}; render.py knows only replace")
    *path, last = [int(part) if part.isdigit() else part for part in step["path"].strip("/").split("/")]
    for part in path:
        one = one[part]
    one[last] = step["value"]


def _merge(old, new):
    for key, value in new.items():
        if isinstance(value, dict) and isinstance(old.get(key), dict):
            _merge(old[key], value)
        elif isinstance(value, list) and key in KEYS and isinstance(old.get(key), list):
            old[key] = _merged(old[key], value, KEYS[key])
        else:
            old[key] = copy.deepcopy(value)


def _merged(old, new, key):
    names = {one.get(key): one for one in old}
    fresh = []
    for one in new:
        if one.get(key) in names:
            _merge(names[one.get(key)], one)
        else:
            fresh.append(copy.deepcopy(one))
    # As Kustomize does: what a patch adds goes before what was there.
    return fresh + old


def _name_config_maps(objects):
    """A generated ConfigMap's name says what is in it, and whoever refers to it follows."""
    names = {}
    for one in objects:
        if one.pop("generated", False):
            name = one["metadata"]["name"]
            digest = hashlib.sha256(json.dumps(one["data"], sort_keys=True).encode()).hexdigest()[:10]
            names[name] = one["metadata"]["name"] = f"{name}-{digest}"
    for container in (c for one in objects for c in containers(one)):
        for source in container.get("envFrom", []):
            reference = source.get("configMapRef")
            if reference:
                reference["name"] = names.get(reference["name"], reference["name"])
