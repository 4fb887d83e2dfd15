"""Holds a release against its bill of materials: check_bill.py RELEASE [SCHEMAS]

Every file is in the bill with the digest that it has, and the bill names no other. With a folder of CycloneDX's schemas the
bill is held against them too.
"""
import hashlib
import json
import pathlib
import sys

BILL = "share/torghut/sbom.cdx.json"


def faults(release):
    bill = json.loads((release / BILL).read_text())
    told = {}
    for one in bill["components"]:
        if one["type"] == "file" or one["bom-ref"].startswith("bin/"):
            told[one["bom-ref"]] = one["hashes"][0]["content"]
    there = {str(path.relative_to(release)) for path in release.rglob("*") if path.is_file()} - {BILL}
    for name in sorted(there ^ set(told)):
        yield f"{name} is {'not in the bill' if name in there else 'not there'}"
    for name in sorted(there & set(told)):
        if hashlib.sha256((release / name).read_bytes()).hexdigest() != told[name]:
            yield f"{name} is not the one of the bill"
    references = [one["bom-ref"] for one in bill["components"]] + [bill["metadata"]["component"]["bom-ref"]]
    if len(references) != len(set(references)):
        yield "two components have one bom-ref"
    for one in bill["dependencies"]:
        for reference in [one["ref"], *one["dependsOn"]]:
            if reference not in references:
                yield f"{reference} is depended on, and is no component"
    libraries = {one["name"] for one in bill["components"] if one["type"] == "library"}
    for line in (release / "share/torghut/packages.txt").read_text().splitlines():
        if line and not line.startswith("#") and line not in libraries:
            yield f"{line} is in packages.txt, and not in the bill"


def against_schemas(release, schemas):
    import jsonschema
    import referencing

    documents = {}
    for name in ("bom-1.6.SNAPSHOT.schema.json", "spdx.SNAPSHOT.schema.json", "jsf-0.82.SNAPSHOT.schema.json"):
        text = json.loads((schemas / name).read_text())
        documents[name] = text
    registry = referencing.Registry().with_resources(
        [(place, referencing.Resource.from_contents(text))
         for text in documents.values() for place in {text["$id"]}])
    validator = jsonschema.Draft7Validator(documents["bom-1.6.SNAPSHOT.schema.json"], registry=registry)
    for error in validator.iter_errors(json.loads((release / BILL).read_text())):
        yield f"{'.'.join(str(part) for part in error.absolute_path)}: {error.message[:200]}"


if __name__ == "__main__":
    place = pathlib.Path(sys.argv[1])
    found = list(faults(place))
    if len(sys.argv) > 2:
        found += against_schemas(place, pathlib.Path(sys.argv[2]))
    print("\n".join(found) or "bill: every file and every library is in it")
    sys.exit(1 if found else 0)
