internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON

/// A person's word about a discrepancy, and about an incident of the canary.
enum DiscrepancyOperations {
    static func all(_ desk: OperatorDesk, _ reads: ReadDesk) -> [Operation] {
        [explain(desk, reads), resolve(desk, reads)]
    }

    private static func explain(_ desk: OperatorDesk, _ reads: ReadDesk) -> Operation {
        Mutation(reflection: Reflection(reads, in: "discrepancies")).operation(
            "/trading/discrepancies/{id}/resolve", id: "resolveDiscrepancy", "Say why a discrepancy is as it is.",
            parameters: [Parameter("id", in: .path, .uuid, "The discrepancy's id in the list.")],
            problems: [.notFound, .conflict]
        ) { call in
            // Safe: the text's bytes are read inside the call; its shape was checked.
            let id = try unsafe EventID.read(call.part("id").utf8.span.bytes)
            let origin = try desk.origin(call)
            let place = try await desk.within(OperatorDesk.scanWait) { [house = desk.house, log = desk.log] in
                try await DiscrepancyDesk.explain(id, origin, at: house.time.now(), on: log)
            }
            return Mutation.Said("discrepancy \(id) is explained", at: place)
        }
    }

    private static func resolve(_ desk: OperatorDesk, _ reads: ReadDesk) -> Operation {
        Mutation(reflection: Reflection(reads, in: "lean_canary_incidents")).operation(
            "/trading/lean/canary/incidents/{id}/resolve", id: "resolveCanaryIncident",
            "Say that an incident is over, and why.",
            parameters: [Parameter("id", in: .path, .name(maximum: 128), "The incident's key.")],
            fields: [
                Shape.Field(
                    "resolution", .choice(IncidentDesk.resolutions.map(\.rawValue)), required: false,
                    "By whether it was rolled back, unless it is said.")
            ], problems: [.notFound, .conflict]
        ) { call in
            let resolution = try BodyReading.read(call) {
                $0.field("resolution")?.string.flatMap { IncidentResolution(rawValue: $0) }
            }
            let (key, origin) = (call.part("id"), try desk.origin(call))
            let place = try await desk.within(OperatorDesk.wait) { [house = desk.house, log = desk.log] in
                try await IncidentDesk.resolve(key, as: resolution, origin, at: house.time.now(), on: log)
            }
            return Mutation.Said("\(key) is resolved", at: place)
        }
    }
}
