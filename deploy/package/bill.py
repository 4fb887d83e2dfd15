"""Writes the bill of materials of a release, in CycloneDX 1.6: bill.py STAGE VERSION COMMIT MOMENT >sbom.cdx.json

What it names is what is there: the libraries that the programs load (asked of the loader), the Debian packages and
versions that they come from, the Swift runtime that lies in the programs, and every file of the release with its SHA-256.
"""
import datetime
import functools
import hashlib
import json
import pathlib
import re
import subprocess
import sys
import uuid


def run(*command):
    return subprocess.run(command, capture_output=True, text=True, check=True).stdout


@functools.cache
def owner(path):
    """The Debian package of a file; a package may name the place from before /usr was joined."""
    for place in (path, path.removeprefix("/usr")):
        found = subprocess.run(["dpkg-query", "--search", place], capture_output=True, text=True)
        if found.returncode == 0:
            return found.stdout.split(":")[0]
    raise SystemExit(f"bill: {path} is of no Debian package")


def loaded(program):
    """Packages that a program is linked with itself, and all that come with them."""
    direct = set(re.findall(r"\(NEEDED\).*\[(.*)\]", run("readelf", "--dynamic", program)))
    own, every = set(), set()
    for line in run("ldd", program).splitlines():
        match = re.match(r"\s*(\S+)(?: => (\S+))? \(0x", line)
        path = match and (match.group(2) or match.group(1))
        if not path or not path.startswith("/"):
            continue
        # Where it is not in the programs, Swift's runtime lies beside the compiler; it is a component of its own.
        if "/lib/swift/linux/" in path:
            continue
        package = owner(str(pathlib.Path(path).resolve()))
        every.add(package)
        if pathlib.Path(match.group(1)).name in direct:
            own.add(package)
    return own, every


def debian(package):
    fields = "${Version}\t${source:Package}\t${source:Version}\t${Architecture}\t${Maintainer}"
    version, source, source_version, architecture, maintainer = run(
        "dpkg-query", "--show", f"--showformat={fields}", f"{package}").split("\t")[:5]
    reference = f"pkg:deb/debian/{package}@{version.replace('+', '%2B').replace(':', '%3A')}?arch={architecture}&distro=bookworm"
    return {
        "type": "library", "bom-ref": reference, "name": package, "version": version, "purl": reference,
        "supplier": {"name": maintainer}, "properties": [
            {"name": "debian:source", "value": f"{source} {source_version}"}],
    }


def listed(stage):
    """Packages that a release asks for by name."""
    text = (stage / "share/torghut/packages.txt").read_text()
    return [line for line in text.splitlines() if line and not line.startswith("#")]


def main(stage, version, commit, moment):
    stage = pathlib.Path(stage)
    programs = sorted((stage / "bin").iterdir())
    swift = re.search(r"Swift version (\S+)", run("swift", "--version")).group(1)
    runtime = {"type": "framework", "bom-ref": f"swift-runtime-{swift}", "name": "swift-runtime", "version": swift,
               "purl": f"pkg:github/swiftlang/swift@swift-{swift}-RELEASE",
               "description": "Standard library, concurrency, dispatch and Foundation, linked into the programs."}
    root = {"type": "application", "bom-ref": f"torghut-{version}", "name": "torghut", "version": version,
            "properties": [{"name": "torghut:commit", "value": commit}]}
    packages, dependencies, parts = set(listed(stage)), [], []
    linked = {}
    for program in programs:
        own, every = loaded(str(program))
        packages |= every
        linked[program.name] = own
    known = {name: debian(name) for name in sorted(packages) if installed(name)}
    for program in programs:
        parts.append({"type": "application", "bom-ref": f"bin/{program.name}", "name": program.name, "version": version,
                      "hashes": [digest(program)]})
        dependencies.append({"ref": f"bin/{program.name}", "dependsOn": sorted(
            [known[name]["bom-ref"] for name in linked[program.name]] + [runtime["bom-ref"]])})
    files = [{"type": "file", "bom-ref": str(path.relative_to(stage)), "name": str(path.relative_to(stage)),
              "hashes": [digest(path)]}
             for path in sorted((stage / "share").rglob("*")) if path.is_file() and path.name != "sbom.cdx.json"]
    dependencies.insert(0, {"ref": root["bom-ref"], "dependsOn": sorted(part["bom-ref"] for part in parts)})
    document = {
        "bomFormat": "CycloneDX", "specVersion": "1.6", "version": 1,
        # The same release has the same bill.
        "serialNumber": "urn:uuid:" + str(uuid.uuid5(uuid.NAMESPACE_URL, f"torghut/{version}/{commit}")),
        "metadata": {
            "timestamp": datetime.datetime.fromtimestamp(int(moment), datetime.timezone.utc).strftime("%Y-%m-%dT%H:%M:%SZ"),
            "component": root,
            "tools": {"components": [{"type": "application", "name": "deploy/package/bill.py"}]},
        },
        "components": parts + [runtime] + list(known.values()) + files, "dependencies": dependencies,
    }
    json.dump(document, sys.stdout, indent=1)
    print()


def installed(package):
    found = subprocess.run(["dpkg-query", "--show", "--showformat=${db:Status-Status}", package],
                           capture_output=True, text=True)
    if found.stdout != "installed":
        raise SystemExit(f"bill: {package} of packages.txt is not installed here, and its version is not known")
    return True


def digest(path):
    return {"alg": "SHA-256", "content": hashlib.sha256(path.read_bytes()).hexdigest()}


if __name__ == "__main__":
    main(*sys.argv[1:5])
