internal import Domain
internal import JSON

extension Safety {
    /// One object on one line: what `torghut status --json` prints and the API answers.
    public func json() -> [UInt8] {
        var json = JSONWriter()
        json.object { json in
            json.key("safe")
            json.bool(isSafe)
            json.field("looked_at", lookedAt)
            json.key("reasons")
            json.array { json in for finding in reasons { Self.write(finding, &json) } }
            json.key("findings")
            json.array { json in for finding in findings { Self.write(finding, &json) } }
        }
        return json.finish()
    }

    private static func write(_ finding: Finding, _ json: inout JSONWriter) {
        json.object { json in
            json.field("what", finding.what)
            json.field("name", finding.name)
            json.field("state", finding.state)
            json.field("reason", finding.reason)
            json.field("next", finding.next)
        }
    }
}
