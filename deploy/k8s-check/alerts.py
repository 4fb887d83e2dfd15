"""Writes the rules of deploy/prometheus/rules as Prometheus' operator takes them: one PrometheusRule for each file.

  python3 deploy/k8s-check/alerts.py      into deploy/k8s/components/monitoring/rules

The rules are deploy/prometheus/rules, and what is written is a copy that nobody edits: Kustomize cannot put a file into an
object by itself. Whoever changes a rule runs this, and the check says who did not.
"""
import pathlib
import sys

TOP = pathlib.Path(__file__).resolve().parents[2]
RULES = "deploy/prometheus/rules"
PLACE = "deploy/k8s/components/monitoring/rules"
REMARK = "# Written by deploy/k8s-check/alerts.py; the rules themselves are {}.\n"


def manifest(path):
    """A file of rules under the `spec` of an object: the text as it is, further in."""
    lines = path.read_text(encoding="utf-8").splitlines()
    inner = "".join(f"  {line}\n" if line else "\n" for line in lines)
    return (REMARK.format(f"{RULES}/{path.name}")
            + "apiVersion: monitoring.coreos.com/v1\nkind: PrometheusRule\nmetadata:\n"
            + f"  name: torghut-{path.stem}\n  labels:\n    app.kubernetes.io/name: torghut\nspec:\n{inner}")


def written(top):
    """Each file of the folder, by its name."""
    found = sorted((top / RULES).glob("*.yml"))
    files = {f"{path.stem}.yaml": manifest(path) for path in found}
    files["kustomization.yaml"] = (
        REMARK.format(RULES) + "apiVersion: kustomize.config.k8s.io/v1beta1\nkind: Kustomization\nnamespace: torghut\n"
        + "resources:\n" + "".join(f"  - {path.stem}.yaml\n" for path in found))
    return files


def faults(top):
    """What lies there is what would be written now."""
    wanted = written(top)
    there = {path.name for path in (top / PLACE).iterdir()}
    for name in sorted(set(wanted) | there):
        if name not in wanted:
            yield f"{PLACE}/{name}: there are no such rules; run alerts.py"
        elif name not in there or (top / PLACE / name).read_text(encoding="utf-8") != wanted[name]:
            yield f"{PLACE}/{name}: is not what the rules are; run alerts.py"


def main():
    place = TOP / PLACE
    place.mkdir(exist_ok=True)
    wanted = written(TOP)
    for path in place.iterdir():
        if path.name not in wanted:
            path.unlink()
    for name, text in wanted.items():
        (place / name).write_text(text, encoding="utf-8")
    print(f"alerts: {len(wanted) - 1} files of rules")
    return 0


if __name__ == "__main__":
    sys.exit(main())
