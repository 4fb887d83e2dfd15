#!/usr/bin/env python3
"""Writes the DDL of ClickHouse from the schemas of the events and the templates of source/.

    ddl.py            writes single/ and replicated/ anew
    ddl.py --check    writes nothing; names every file that is not as it would be written, and ends with status 3

Nobody edits the files in single/ and replicated/: they differ in engines and ON CLUSTER alone. What each file does and
how it is applied is told in docs/clickhouse.md. Needs python3 and python3-yaml.
"""

import pathlib
import sys

import render
import topics

HERE = pathlib.Path(__file__).resolve().parent
SCHEMAS = HERE.parent.parent / "schemas"


def files(variant):
    """Name and text of every file of a variant, in the order in which they are applied."""
    known = topics.load(SCHEMAS)
    templates = {path.name: path.read_text() for path in sorted((HERE / "source").glob("*.sql"))}
    texts = {"00-database.sql": templates["database.sql"] + render.stop(known)}
    for number, topic in enumerate(known):
        texts[f"{10 + number}-{topic.name.replace('_', '-')}.sql"] = render.topic(topic)
    texts["30-technical-analysis.sql"] = templates["technical-analysis.sql"]
    texts["40-views.sql"] = templates["views.sql"]
    texts["90-kafka.sql"] = render.kafka(known)
    return {name: render.variant(variant, text) for name, text in texts.items()}


def main(arguments):
    if arguments not in ([], ["--check"]):
        sys.exit(__doc__.strip())
    differing = []
    for variant in render.VARIANTS:
        folder = HERE / variant
        wanted = files(variant)
        there = {path.name: path.read_text() for path in folder.glob("*")} if folder.exists() else {}
        differing += [f"{variant}/{name}" for name in sorted(wanted.keys() | there.keys())
                      if wanted.get(name) != there.get(name)]
        if arguments:
            continue
        folder.mkdir(exist_ok=True)
        for name in there.keys() - wanted.keys():
            (folder / name).unlink()
        for name, text in wanted.items():
            (folder / name).write_text(text)
    for name in differing:
        print(f"{name} {'is not as ddl.py writes it' if arguments else 'written'}")
    return 3 if arguments and differing else 0


if __name__ == "__main__":
    sys.exit(main(sys.argv[1:]))
