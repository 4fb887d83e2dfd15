#!/usr/bin/python3
"""Asks every query of the dashboards of servers that watch a running system, as Grafana would.

  ask.py PROMETHEUS [DSN]     each must be understood, and answer with data; those that only a fault fills may be empty

Exit code 1 names each that failed. The last line counts, and names what was empty.
"""
import json
import re
import subprocess
import sys
import time
import urllib.error
import urllib.parse
import urllib.request

import dashboards

# Grafana gives all values where a variable is not narrowed.
VARIABLES = {"$__rate_interval": "1m", "$job": ".+", "$instance": ".+", "$role": ".+", "$projection": ".+",
             "$partition": ".+"}
SPAN = 600


def plain(query):
    for name, value in VARIABLES.items():
        query = query.replace(name, value)
    return query


def get(address, path, parameters):
    url = f"{address}/api/v1/{path}?{urllib.parse.urlencode(parameters)}"
    try:
        with urllib.request.urlopen(url, timeout=20) as answer:
            return json.load(answer)["data"]
    except urllib.error.HTTPError as error:
        raise ValueError(json.load(error).get("error", str(error))) from error


def by_prometheus(address, query):
    """Samples that are numbers."""
    now = time.time()
    found = get(address, "query_range", {"query": plain(query), "start": now - SPAN, "end": now, "step": 1})
    return sum(value != "NaN" for one in found["result"] for _, value in one["values"])


def by_labels(address, query):
    selector, label = re.fullmatch(r"label_values\((.*), (\w+)\)", plain(query)).groups()
    return len(get(address, f"label/{label}/values", {"match[]": selector}))


def by_postgres(dsn, query):
    query = re.sub(r"\$__timeFilter\((\w+)\)", rf"\1 BETWEEN now() - interval '{SPAN} s' AND now()", query)
    done = subprocess.run(["psql", dsn, "--no-psqlrc", "-tA", "--set=ON_ERROR_STOP=1", "-c", query],
                          capture_output=True, text=True, check=False)
    if done.returncode != 0:
        raise ValueError(done.stderr.strip())
    return len(done.stdout.splitlines())


def main(words):
    if len(words) not in (1, 2):
        print(__doc__.strip(), file=sys.stderr)
        return 2
    faults, empty, count = [], [], 0
    for one in dashboards.queries():
        count += 1
        name = f"{one['board']}: {one['panel']}"
        try:
            if one["source"] == "postgres":
                if len(words) == 1:
                    continue
                samples = by_postgres(words[1], one["query"])
            else:
                samples = {"prometheus": by_prometheus, "labels": by_labels}[one["source"]](words[0], one["query"])
        except (ValueError, OSError) as error:
            faults.append(f"{name}: {one['query']}: {error}")
            continue
        if samples == 0 and not one["fault"]:
            faults.append(f"{name}: {one['query']}: answers without data")
        elif samples == 0:
            empty.append(f"{one['panel']} ({one['fault']})")
    for fault in faults:
        print(fault, file=sys.stderr)
    print(f"{count} queries asked, {len(faults)} failed; empty, as they should be: {'; '.join(empty) or 'none'}")
    return 1 if faults else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
