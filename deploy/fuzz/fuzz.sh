#!/bin/bash
# Fuzzes the readers of Wire with libFuzzer, which comes with Swift's own clang: deploy/fuzz/fuzz.sh [SECONDS] [OPTIONS]
#
# The corpus starts with the samples of the tests and grows in .build/fuzz/corpus; words come from the schemas. An input
# that ends the run is kept in .build/fuzz/found: give its path as an option to run it alone.
set -euo pipefail

top="$(cd "$(dirname "${BASH_SOURCE[0]}")/../.." && pwd)"
cd "$top"
seconds="${1:-60}"
shift || true
[[ "$seconds" =~ ^[0-9]+$ ]] || { echo "fuzz: the first word is a number of seconds, not '$seconds'" >&2; exit 2; }

folder=.build/fuzz
swift build --scratch-path "$folder" -c release --target Wire -Xswiftc -sanitize=fuzzer
built="$(swift build --scratch-path "$folder" -c release --show-bin-path)"

objects=()
for room in Core Domain Digest JSON CSimdJSON Wire; do
    while IFS= read -r object; do objects+=("$object"); done < <(find "$built/$room.build" -name '*.o')
done
modules=()
for map in Sources/{CXXHash,CCrypto}/module.modulemap "$built/CSimdJSON.build/module.modulemap"; do
    modules+=(-Xcc "-fmodule-map-file=$map")
done
swiftc -O -swift-version 6 -strict-memory-safety -sanitize=fuzzer -parse-as-library -I "$built/Modules" \
    -Xcc -ISources/CSimdJSON/include "${modules[@]}" deploy/fuzz/FuzzEvents.swift "${objects[@]}" \
    -lsimdjson -lxxhash -lcrypto -lstdc++ -o "$folder/fuzz-events"

mkdir -p "$folder/corpus" "$folder/seeds" "$folder/found"
find Tests/WireTests/Samples -name '*.json' | while IFS= read -r sample; do
    cp "$sample" "$folder/seeds/$(tr / - <<<"${sample#Tests/WireTests/Samples/}")"
done
# Names of fields and words of closed sets: no mutation would find them.
grep -hoE '"[a-z_.]+"' schemas/*.schema.json | sort -u >"$folder/words.dict"

if [[ $# -gt 0 && -f "$1" ]]; then exec "$folder/fuzz-events" "$@"; fi
exec "$folder/fuzz-events" "$folder/corpus" "$folder/seeds" -dict="$folder/words.dict" -max_len=65536 \
    -max_total_time="$seconds" -timeout=10 -artifact_prefix="$folder/found/" -print_final_stats=1 "$@"
