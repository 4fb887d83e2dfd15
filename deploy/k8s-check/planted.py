"""Breaks copies of the files on purpose, each in one way, and looks that the check says so."""
import pathlib
import shutil
import tempfile

from facts import ROOT

K8S = "deploy/k8s/"
# File, what stands there, what is put in its place, and a word of what has to be said.
FAULTS = [
    # Ports, paths, names.
    ("base/patches/role.yaml", "containerPort: 9090", "containerPort: 9091", "nothing of ours is told to listen there"),
    ("base/settings.env", "TORGHUT_HTTP_PORT=9090", "TORGHUT_HTTP_PORT=9092", "nothing of ours is told to listen there"),
    ("base/patches/role.yaml", "path: /livez", "path: /alivez", "has no such route"),
    ("base/patches/role.yaml", "path: /livez", "path: /readyz", "means something else"),
    ("base/patches/api-probes.yaml", "path: /healthz, port: https, scheme: HTTPS", "path: /healthz, port: https",
     "speaks HTTP"),
    ("base/patches/database.yaml", "name: TORGHUT_DB_DSN", "name: TORGHUT_DATABASE_DSN", "is no setting of the program"),
    ("base/flags.env", "TRADING_ALLOW_SHORTS=", "TRADING_ALLOW_SHORT=", "is no setting of the program"),
    ("base/roles/gates.yaml", "args: [run, --roles, gates]", "args: [run, --roles, gate]", "there is no role gate"),
    ("base/migrations.yaml", "args: [projections, migrate]", "args: [projections, migrat]", "there is no such command"),
    ("base/services.yaml", "targetPort: control", "targetPort: metrics", "has no port metrics"),
    ("base/archiver.yaml", '--metrics-port, "9090"', '--metrics-port, "9191"', "tells its figures at 9191"),
    ("base/services.yaml", "{name: https, port: 8088", "{name: https, port: 8089", "is not 8088"),
    ("components/monitoring/servicemonitors.yaml", "port: control", "port: metrics", "has no port metrics"),
    ("components/monitoring/servicemonitors.yaml", "path: /metrics", "path: /metric", "has no /metric at"),
    ("components/autoscaling/projections.yaml", "torghut_role_lag_events", "torghut_role_lag", "has no metric"),
    ("components/autoscaling/projections.yaml", "name: torghut-projections\n  minReplicas", "name: torghut-ingest\n  minReplicas",
     "cannot be scaled"),
    ("components/knative-api/metrics.yaml", "port: user-port", "port: http1", "has no /metrics at http1"),
    ("components/knative-api/metrics.yaml", "port: 8181", "port: 8012", "no policy lets a scraper come"),
    ("components/knative-api/metrics.yaml", "  jobLabel: app.kubernetes.io/name\n", "", "the rules do not know the job"),
    ("components/knative-api/kustomization.yaml", "  - metrics.yaml\n", "", "nobody asks what it measures"),
    ("components/knative-api/service.yaml", "target-burst-capacity: \"-1\"", "target-burst-capacity: \"200\"",
     "by Knative's gateway at times"),
    ("../prometheus/rules/stops.yml", "for: 1m", "for: 2m", "is not what the rules are"),
    ("components/monitoring/rules/stream.yaml", "severity: ", "severitty: ", "is not what the rules are"),
    ("components/monitoring/rules/kustomization.yaml", "  - orders.yaml\n", "", "is not what the rules are"),
    # What a pod may do and take.
    ("base/roles/router.yaml", "              memory: 2Gi\n", "", "has no limits.memory"),
    ("base/patches/role.yaml", "readOnlyRootFilesystem: true", "readOnlyRootFilesystem: false", "may write its root"),
    ("base/patches/role.yaml", "drop: [ALL]", "drop: [NET_RAW]", "keeps capabilities"),
    ("base/lean-runner.yaml", "runAsNonRoot: true", "runAsNonRoot: false", "may run as root"),
    ("base/lean-runner.yaml", "automountServiceAccountToken: false", "automountServiceAccountToken: true", "is handed a token"),
    ("base/archiver.yaml", "        - name: tmp\n          emptyDir: {sizeLimit: 64Mi}", "        - name: tmp\n          hostPath: {path: /tmp}",
     "a folder of the node"),
    ("base/kustomization.yaml", "newTag: 0.1.0", "newTag: latest", "is not pinned"),
    ("base/roles/ingest.yaml", "replicas: 1", "replicas: 2", "there may be one ingest"),
    ("base/roles/ingest.yaml", "type: Recreate", "type: RollingUpdate", "two of it would run"),
    ("base/lean-runner.yaml", "replicas: 1", "replicas: 3", "there may be one lean-runner"),
    ("base/disruption.yaml", "component: gates", "component: gate", "is about 0 workloads"),
    ("base/patches/role.yaml", "terminationGracePeriodSeconds: 40", "terminationGracePeriodSeconds: 20", "is killed before"),
    ("base/roles/lanes.yaml", "defaultMode: 0440", "defaultMode: 0444", "not of mode 0440"),
    # Secrets.
    ("base/roles/api.yaml", "          ports:\n", "            - {name: TORGHUT_CONTROL_TOKEN, value: hunter2}\n          ports:\n",
     "is a secret in clear"),
    ("base/settings.env", "ssl.key.location=", "sasl.password=hunter2;ssl.key.location=", "is a secret in clear"),
    ("overlays/live/account.yaml", "torghut-alpaca-live", "torghut-alpaca-paper", "the mode's account is"),
    # The network.
    ("base/network/default.yaml", "policyTypes: [Ingress, Egress]", "policyTypes: [Ingress]", "nothing denies"),
    ("base/network/default.yaml", "app.kubernetes.io/name: torghut", "app.kubernetes.io/name: torghut-db", "nothing denies"),
    ("base/network/default.yaml", "  podSelector:\n    matchLabels:\n      app.kubernetes.io/name: torghut\n", "  podSelector: {}\n",
     "cuts off {'cnpg.io/cluster': 'torghut-db'}"),
    ("base/network/egress.yaml", "app.kubernetes.io/name: torghut", "torghut/kafka: \"true\"", "needs port 53"),
    ("base/network/ingress.yaml", "        - namespaceSelector:\n            matchLabels:\n              torghut/api-client: \"true\"",
     "        - namespaceSelector: {}", "opens to everybody"),
    ("base/network/egress.yaml", "        - {protocol: TCP, port: 9093}", "        - {protocol: TCP, port: 9092}",
     "nobody of ours has business"),
    ("base/network/egress.yaml", "10.0.0.0/8, ", "", "which is inside"),
    ("base/network/ingress.yaml", "- {protocol: TCP, port: 8088}", "- {protocol: TCP, port: 8080}", "has no port 8080"),
    ("base/network/egress.yaml", "      ports:\n        - {protocol: TCP, port: 443}\n", "", "opens every port"),
    # Kafka: topics and users.
    ("../../topics/torghut.quotes.v1.yaml", "retention.ms: 604800000", "retention.ms: 86400000", "retention.ms is 86400000"),
    ("../../topics/torghut.route.v1.yaml", "partitions: 12", "partitions: 6", "partitions is 6"),
    ("../../topics/Kustomization", "  - torghut.route.v1.yaml\n", "", "KafkaTopic/torghut.route.v1: is missing"),
    ("kafka/users.yaml", "resource: {type: topic, name: torghut.decisions.v1, patternType: literal}\n        operations: [Describe, Read]",
     "resource: {type: topic, name: torghut.decisions.v1, patternType: literal}\n        operations: [Describe, Read, Write]",
     "which its role never does"),
    ("kafka/users.yaml", "      - resource: {type: transactionalId, name: torghut.gates, patternType: prefix}\n        operations: [Describe, Write]\n",
     "", "may not Write transactionalId torghut.gates"),
    ("kafka/users.yaml", "      - resource: {type: group, name: torghut.order-feed, patternType: prefix}\n        operations: [Describe, Read]\n",
     "", "may not Read group torghut.order-feed"),
    ("components/restore/user.yaml", "name: torghut.restore, patternType: literal", "name: torghut., patternType: prefix",
     "which its role never does"),
    # The archive.
    ("base/archive-daily.yaml", "                - --topic\n                - torghut.decisions.v1\n", "", "is in no archive"),
    ("base/archive-daily.yaml", "torghut.quotes.v1", "torghut.heartbeats.v1", "is forgotten before a day is over"),
    ("base/archive-daily.yaml", "values: [3]", "values: [1]", "is tried again until it is none"),
    ("base/archive-daily.yaml", "concurrencyPolicy: Forbid", "concurrencyPolicy: Allow", "two of it may run"),
    ("base/archive-daily.yaml", "claimName: archive-torghut", "claimName: torghut", "which nobody makes"),
    ("base/archive-daily.yaml", "component: archiver", "component: router", "may come to another node"),
    ("base/archive-daily.yaml", "            app.kubernetes.io/name: torghut\n", "", "nothing denies"),
    ("base/archiver.yaml", "accessModes: [ReadWriteOnce]", "accessModes: [ReadWriteOncePod]", "'s alone"),
    ("components/restore/job.yaml", "args: [log, restore,", "args: [log, restored,", "there is no such command"),
    ("base/roles/commands.yaml", "name: torghut-commands\n                  items", "name: torghut-router\n                  items",
     "and not as torghut-commands"),
    # Flags.
    ("base/flags.env", "TRADING_LEAN_LIVE_CANARY_HARD_ROLLBACK_ENABLED=true", "TRADING_LEAN_LIVE_CANARY_HARD_ROLLBACK_ENABLED=false",
     "the program's default is 'true'"),
    ("base/flags.env", "TRADING_REQUIRE_STREAM_READY=false\n", "", "is not declared"),
    ("overlays/paper/flags.env", "TRADING_ENABLED=true", "TRADING_ENABLED=true\nTRADING_MODE=live", "real money needs both words"),
    ("overlays/live/settings.env", "https://api.alpaca.markets", "https://paper-api.alpaca.markets", "the broker's address is"),
    ("overlays/live/settings.env", "TRADING_MAX_POSITION_PCT_EQUITY=0\n", "", "without the cap TRADING_MAX_POSITION_PCT_EQUITY"),
    ("overlays/live/settings.env", "TRADING_PORTFOLIO_MAX_GROSS_EXPOSURE=0", "TRADING_PORTFOLIO_MAX_GROSS_EXPOSURE=",
     "without the cap TRADING_PORTFOLIO_MAX_GROSS_EXPOSURE"),
    # Argo CD.
    ("kafka/kustomization.yaml", "Prune=false,Delete=false", "Prune=false", "KafkaTopic/torghut.route.v1: goes with the application"),
    ("base/namespace.yaml", "Prune=false,Delete=false", "PruneLast=true", "Namespace/torghut: goes with the application"),
    ("base/lean-runner.yaml", "Prune=false,Delete=false", "Delete=false", "volume ledger: goes with the application"),
    ("argocd/application.yaml", "  namespace: argocd\n", "  namespace: argocd\n  finalizers:\n    - resources-finalizer.argocd.argoproj.io\n",
     "everything goes with it"),
    ("argocd/application.yaml", "      - RespectIgnoreDifferences=true\n", "", "sets them back at each sync"),
    ("argocd/application.yaml", "name: torghut-projections", "name: torghut-router", "which an autoscaler owns"),
    # Schemas, and the rest.
    ("base/roles/router.yaml", "replicas: 2", "replica: 2", "replica"),
    ("base/services.yaml", "clusterIP: None", "clusterip: None", "clusterip"),
    ("kafka/users.yaml", "type: simple", "type: Simple", "simple"),
    ("argocd/application.yaml", "overlays/paper", "overlays/demo", "there is no overlay"),
    ("argocd/application.yaml", "selfHeal: true", "selfheal: true", "selfheal"),
    ("../image/Containerfile", "USER 10001:10001", "USER root", "runs as root"),
    ("../image/Containerfile", "debian:bookworm-20250520-slim", "debian:latest", "is not pinned"),
]


def run(check):
    """Prints what was not found; 1 when something was not, or when the copy has a fault before it is broken."""
    missed = []
    with tempfile.TemporaryDirectory() as name:
        top = pathlib.Path(name)
        for part in ("deploy/k8s", "deploy/image", "deploy/package", "deploy/prometheus/rules", "topics"):
            shutil.copytree(ROOT / part, top / part)
        shutil.copy(ROOT / "deploy/setup.sh", top / "deploy")
        before = check(top)
        missed += [f"before anything is broken: {fault}" for fault in before]
        for file, there, instead, word in FAULTS:
            path = (top / K8S / file).resolve()
            text = path.read_text()
            if there not in text:
                missed.append(f"{file} does not hold {there!r}")
                continue
            path.write_text(text.replace(there, instead, 1))
            found = check(top)
            if not any(word in fault for fault in found):
                missed.append(f"{file}: {there!r} became {instead!r}, and nobody said '{word}': {found}")
            path.write_text(text)
    print("\n".join(missed) or f"planted: {len(FAULTS)} faults, each was found")
    return 1 if missed else 0
