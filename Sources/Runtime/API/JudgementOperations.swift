internal import API
internal import Core
internal import Domain
internal import HTTPServer
internal import JSON
internal import Wire

/// What a named person vouches for: exceptions, strategies, the policy in force.
enum JudgementOperations {
    static func all(_ desk: OperatorDesk, _ reads: ReadDesk) -> [Operation] {
        let control = Mutation(reflection: Reflection(reads, in: "control_state"))
        let strategies = Mutation(reflection: Reflection(reads, in: "strategies", "control_state"))
        return [
            override(control, desk), enable(strategies, desk), disable(strategies, desk), policy(desk),
            control.operation(
                "/trading/control/policy", id: "recordPolicy",
                "Write down the policy that this process judges by, unless it is the last one written down."
            ) { call in
                let place = try await desk.recordPolicy(try desk.origin(call))
                let hash = "\(desk.house.settings.policy.policyHash)"
                return Mutation.Said(
                    place == nil ? "\(hash) is written down already" : "\(hash) is in force", at: place)
            },
        ]
    }

    private static func override(_ control: Mutation, _ desk: OperatorDesk) -> Operation {
        control.operation(
            "/trading/control/overrides", id: "grantOverride",
            "Vouch for one thing about one intent, for a while.",
            fields: [
                Shape.Field("kind", .choice(OverrideKind.allCases.map(\.rawValue))), Shape.Field("intent_id", .uuid),
                Shape.Field("attempt_id", .uuid, required: false, "Only this attempt of it."),
                Shape.Field("adapter", .choice(["lean", "alpaca"]), required: false, "route needs it."),
                Shape.Field("alpaca_order_id", .name(maximum: 64), required: false, "attempt_live needs it."),
                Shape.Field("expires_in_seconds", .integer(1...86_400), required: false, "600 unless it is said."),
                Shape.Field("evidence", .document, required: false, "What was seen."),
            ]
        ) { call in
            let draft = try BodyReading.read(call, draft)
            let granted: OverrideGranted
            do throws(OperatorRefusal) {
                granted = try draft.granted(try origin(desk, call), at: desk.house.time.now())
            } catch { throw Problem(error) }
            return Mutation.Said("override \(granted.kind.rawValue)", at: try await desk.say(.overrideGranted(granted)))
        }
    }

    private static func origin(_ desk: OperatorDesk, _ call: Call) throws(OperatorRefusal) -> OperatorOrigin {
        do { return try desk.origin(call) } catch { throw OperatorRefusal(.words, "reason: \(error)") }
    }

    private static func draft(_ root: JSONValue) throws -> OverrideDraft {
        guard let kind = OverrideKind(rawValue: root.field("kind")?.string ?? "") else {
            throw BodyReading.fault("kind", "unknown")
        }
        var draft = OverrideDraft(kind, intent: try uuid(root.field("intent_id")?.string ?? ""))
        if let text = root.field("attempt_id")?.string { draft.attempt = try uuid(text) }
        draft.adapter = root.field("adapter")?.string.flatMap { Adapter(rawValue: $0) }
        if let text = root.field("alpaca_order_id")?.string { draft.alpacaOrder = try BrokerOrderID(text) }
        if let value = root.field("evidence") {
            draft.evidence = try CompactJSON(parsing: Array(value.sourceText.utf8))
        }
        if let seconds = root.field("expires_in_seconds")?.int64 { draft.expiry = .seconds(seconds) }
        return draft
    }

    /// Safe: the text's bytes are read inside the call.
    private static func uuid<Kind>(_ text: String) throws -> UUID128<Kind> {
        try unsafe UUID128<Kind>.read(text.utf8.span.bytes)
    }

    private static let strategy = Parameter(
        "strategy", in: .path, .name(maximum: 128), "Its id, as its decisions name it.")

    private static func enable(_ strategies: Mutation, _ desk: OperatorDesk) -> Operation {
        strategies.operation(
            "/trading/control/strategies/{strategy}/enable", id: "enableStrategy",
            "Let a strategy trade; refused while order ids diverge or parity failed.", parameters: [strategy],
            fields: [
                Shape.Field("definition", .document, required: false, "Type, parameters, quantity, universe, limits."),
                Shape.Field(
                    "definition_hash", .name(maximum: 64), required: false,
                    "What the definition hashes to; checked where one is given."),
                Shape.Field(
                    "parity_event_id", .uuid, required: false, "The verdict that is relied on; must be the last one."),
            ], problems: [.conflict]
        ) { call in
            let id = try strategyID(call)
            let (definition, hash, parity) = try BodyReading.read(call) { root in
                var definition: CompactJSON?
                if let value = root.field("definition") {
                    definition = try StrategyDesk.definition(Array(value.sourceText.utf8))
                }
                let hash: ContentHash? = try root.field("definition_hash")?.string.map {
                    try unsafe ContentHash.read($0.utf8.span.bytes)
                }
                let parity: EventID? = try root.field("parity_event_id")?.string.map { try uuid($0) }
                return (definition, hash, parity)
            }
            let place = try await desk.enable(
                id, definition: definition, hash: hash, parity: parity, try desk.origin(call))
            return Mutation.Said("\(id) may trade", at: place)
        }
    }

    private static func disable(_ strategies: Mutation, _ desk: OperatorDesk) -> Operation {
        strategies.operation(
            "/trading/control/strategies/{strategy}/disable", id: "disableStrategy", "Stop a strategy from trading.",
            parameters: [strategy]
        ) { call in
            let id = try strategyID(call)
            return Mutation.Said(
                "\(id) may not trade", at: try await desk.say(StrategyDesk.disable(id, try desk.origin(call))))
        }
    }

    private static func strategyID(_ call: Call) throws -> StrategyID {
        do { return try StrategyID(call.part("strategy")) } catch {
            throw Problem(.invalidParameter, "strategy: \(error)")
        }
    }

    private static func policy(_ desk: OperatorDesk) -> Operation {
        Operation(
            .get, "/trading/control/policy", id: "getPolicy", "What this process judges by.",
            answers: [
                Operation.Answer(
                    200, "Each setting as it is in force.",
                    .object(
                        [
                            Shape.Field("policy_hash", .name(maximum: 64)),
                            Shape.Field("config_hash", .name(maximum: 64)),
                            Shape.Field("kill_switch_in_environment", .boolean),
                            Shape.Field("settings", .document),
                            Shape.Field("misconfigurations", .list(.any, maximum: 1_000)),
                        ], isClosed: true))
            ]
        ) { _ in .json(text(of: desk.house.settings.policy)) }
    }

    private static func text(of policy: PolicyInForce) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("policy_hash")
            json.string("\(policy.policyHash)")
            json.key("config_hash")
            json.string("\(policy.configHash)")
            json.key("kill_switch_in_environment")
            json.bool(policy.policy.killSwitchInEnvironment)
            json.key("settings")
            json.raw(PolicyDesk.settings(of: policy))
            json.key("misconfigurations")
            json.array { json in
                for fault in policy.policy.misconfigurations {
                    json.object { json in
                        json.key("name")
                        json.string(fault.name)
                        json.key("problem")
                        json.string(fault.problem)
                        json.key("instead")
                        json.string(fault.instead)
                    }
                }
            }
        }
        return json.finish()
    }
}
