"""What Argo CD does by itself: it installs one overlay, undoes no autoscaler's work, and deletes nothing that holds records."""
import yaml

import schema

KEPT = ("KafkaTopic", "Namespace", "PersistentVolumeClaim")
OPTIONS = "argocd.argoproj.io/sync-options"


def faults(world, facts):
    """Whatever goes from git, or the application itself: what cannot be made again stays."""
    lasting = [(f"{one['kind']}/{one['metadata']['name']}", one) for one in world.of(*KEPT)]
    lasting += [(f"{work.title}, volume {claim['metadata']['name']}", claim) for work in world.workloads
                for claim in work.one["spec"].get("volumeClaimTemplates", [])]
    for title, one in lasting:
        said = one["metadata"].get("annotations", {}).get(OPTIONS, "").split(",")
        if not {"Prune=false", "Delete=false"} <= set(said):
            yield f"{title}: goes with the application, and its records with it"


def application(top, overlays, scaled):
    """Argo CD's application points at one of the overlays, and leaves the numbers alone that autoscalers own."""
    one = yaml.safe_load((top / "deploy/k8s/argocd/application.yaml").read_text())
    yield from schema.faults([one])
    spec = one["spec"]
    if spec["source"]["path"] not in [f"deploy/k8s/overlays/{name}" for name in overlays]:
        yield f"Application/torghut: there is no overlay {spec['source']['path']}"
    if one["metadata"].get("finalizers"):
        yield "Application/torghut: everything goes with it when it is deleted"
    ignored = {(each["kind"], each.get("name")) for each in spec.get("ignoreDifferences", [])
               if "/spec/replicas" in each.get("jsonPointers", [])}
    for kind, name in sorted(scaled - ignored):
        yield f"Application/torghut: sets the number of {kind}/{name} back, which an autoscaler owns"
    if ignored and "RespectIgnoreDifferences=true" not in spec["syncPolicy"].get("syncOptions", []):
        yield "Application/torghut: ignores differences, and sets them back at each sync"
