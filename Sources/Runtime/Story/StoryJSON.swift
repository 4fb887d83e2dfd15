internal import Core
public import Domain
internal import JSON

/// A story as one JSON object: what the command prints with `--json`, and what the API answers.
public enum StoryJSON {
    public static func bytes(_ account: StoryAccount) -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            names(account, &json)
            json.key("verdict")
            json.string(account.verdict.rawValue)
            json.key("holes")
            json.array { json in for hole in account.holes { write(hole, to: &json) } }
            json.key("tree")
            json.array { json in for node in account.roots { write(node, to: &json) } }
        }
        return json.finish()
    }

    private static func names(_ account: StoryAccount, _ json: inout JSONWriter) {
        for (name, values) in [
            ("decision_hash", account.decisions), ("intent_id", account.intents),
            ("client_order_id", account.clientOrderIDs), ("alpaca_order_id", account.brokerOrderIDs),
        ] {
            json.key(name)
            json.array { json in for value in values { json.string(value) } }
        }
        for (name, value) in [
            ("account_label", account.account?.text), ("symbol", account.symbol?.text),
            ("strategy_id", account.strategy?.text),
        ] {
            json.key(name)
            if let value { json.string(value) } else { json.null() }
        }
    }

    static func write(_ hole: StoryHole, to json: inout JSONWriter) {
        json.object { json in
            json.key("link")
            json.string(hole.link.rawValue)
            json.key("subject")
            json.string(hole.subject)
            json.key("missing")
            json.string(hole.missing)
            json.key("types")
            json.array { json in for type in hole.types { json.string(type.name) } }
            json.key("shown_by")
            json.string("\(hole.shownBy)")
            json.key("signs")
            json.array { json in for sign in hole.signs { json.string(sign) } }
            json.key("next")
            json.string(hole.next)
        }
    }

    private static func write(_ node: StoryNode, to json: inout JSONWriter) {
        json.object { json in
            json.key("type")
            json.string(node.type)
            json.key("role")
            json.string(node.role.rawValue)
            json.key("position")
            json.string("\(node.place)")
            if !node.repeated.isEmpty {
                json.key("repeated_at")
                json.array { json in for place in node.repeated { json.string("\(place)") } }
            }
            json.key("event_id")
            if let id = node.id { json.string("\(id)") } else { json.null() }
            json.key("at")
            json.string("\(node.at)")
            if let source = node.source {
                json.key("source")
                json.string(source)
            }
            json.key("latency_us")
            if let latency = node.latencyMicroseconds { json.integer(latency) } else { json.null() }
            if let cause = node.cause {
                json.key("cause")
                json.string("\(cause)")
            }
            json.key("facts")
            json.object { json in for fact in node.facts { write(fact, to: &json) } }
            json.key("children")
            json.array { json in for child in node.children { write(child, to: &json) } }
        }
    }

    private static func write(_ fact: StoryFact, to json: inout JSONWriter) {
        json.key(fact.name)
        switch fact.value {
        case .text(let text): json.string(text)
        case .number(let number): json.integer(number)
        case .flag(let flag): json.bool(flag)
        case .json(let bytes): json.raw(bytes)
        }
    }
}
