internal import Core

/// Spans as OTLP's JSON: one request to a collector.
public enum SpanText {
    /// `resource` says whose spans they are.
    public static func request(_ spans: [Span], resource: [(name: String, value: String)]) -> [UInt8] {
        var text: [UInt8] = []
        text.reserveCapacity(spans.count * 600 + 400)
        add("{\"resourceSpans\":[{\"resource\":{\"attributes\":[", to: &text)
        list(resource, to: &text) { attribute($0.name, .text($0.value), to: &$1) }
        add("]},\"scopeSpans\":[{\"scope\":{\"name\":\"torghut\"},\"spans\":[", to: &text)
        list(spans, to: &text) { span($0, to: &$1) }
        add("]}]}]}", to: &text)
        return text
    }

    private static func span(_ span: Span, to text: inout [UInt8]) {
        add("{\"traceId\":\"\(span.context.trace.text)\",\"spanId\":\"\(span.context.span.text)\"", to: &text)
        if let parent = span.parent { add(",\"parentSpanId\":\"\(parent.text)\"", to: &text) }
        if let state = span.state {
            add(",\"traceState\":", to: &text)
            string(state, to: &text)
        }
        add(",\"name\":", to: &text)
        string(span.name, to: &text)
        add(",\"kind\":\(span.kind.rawValue),\"startTimeUnixNano\":\"\(span.start.nanoseconds)\"", to: &text)
        add(",\"endTimeUnixNano\":\"\(span.end.nanoseconds)\",\"attributes\":[", to: &text)
        list(span.attributes, to: &text) { attribute($0.name, $0.value, to: &$1) }
        add("]", to: &text)
        if !span.links.isEmpty {
            add(",\"links\":[", to: &text)
            list(span.links, to: &text) { link, text in
                add("{\"traceId\":\"\(link.trace.text)\",\"spanId\":\"\(link.span.text)\"}", to: &text)
            }
            add("]", to: &text)
        }
        if let failure = span.failure {
            add(",\"status\":{\"code\":2,\"message\":", to: &text)
            string(failure, to: &text)
            add("}", to: &text)
        }
        add("}", to: &text)
    }

    private static func attribute(_ name: String, _ value: Span.Value, to text: inout [UInt8]) {
        add("{\"key\":", to: &text)
        string(name, to: &text)
        switch value {
        case .text(let value):
            add(",\"value\":{\"stringValue\":", to: &text)
            string(value, to: &text)
        // Numbers of 64 bits are text in this format.
        case .integer(let value): add(",\"value\":{\"intValue\":\"\(value)\"", to: &text)
        }
        add("}}", to: &text)
    }

    private static func list<Element>(
        _ elements: [Element], to text: inout [UInt8], _ write: (Element, inout [UInt8]) -> Void
    ) {
        for (number, element) in elements.enumerated() {
            if number > 0 { text.append(UInt8(ascii: ",")) }
            write(element, &text)
        }
    }

    private static func string(_ value: String, to text: inout [UInt8]) {
        JSONText.append(value, to: &text, limit: LogLineLimits.maximumTextBytes)
    }

    private static func add(_ part: String, to text: inout [UInt8]) { text.append(contentsOf: part.utf8) }
}
