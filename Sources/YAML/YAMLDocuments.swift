/// Reads all documents of a text into small trees.
public enum YAMLDocuments {
    /// One node per document, in order; an empty text has none.
    public static func parse(_ bytes: [UInt8], limits: YAMLLimits = YAMLLimits()) throws(YAMLError) -> [YAMLNode] {
        guard bytes.count <= limits.maximumBytes else {
            throw .limitExceeded(name: "maximumBytes", allowed: limits.maximumBytes, line: 1)
        }
        var builder = Builder(events: EventStream(bytes), limits: limits)
        return try builder.documents()
    }

    private struct Builder: ~Copyable {
        var events: EventStream
        let limits: YAMLLimits
        var nodes = 0

        init(events: consuming EventStream, limits: YAMLLimits) {
            self.events = events
            self.limits = limits
        }

        mutating func documents() throws(YAMLError) -> [YAMLNode] {
            var documents: [YAMLNode] = []
            while true {
                switch try events.next() {
                case .end: return documents
                case .documentEnd: continue
                case .documentStart: documents.append(try node(try events.next(), depth: 0))
                case .scalar, .sequenceStart, .sequenceEnd, .mappingStart, .mappingEnd:
                    preconditionFailure("libyaml reported a value outside a document")
                }
            }
        }

        mutating func node(_ event: YAMLEvent, depth: Int) throws(YAMLError) -> YAMLNode {
            let line = events.line
            nodes += 1
            guard nodes <= limits.maximumNodes else {
                throw .limitExceeded(name: "maximumNodes", allowed: limits.maximumNodes, line: line)
            }
            switch event {
            case .scalar(let text, let plain): return YAMLNode(line: line, content: .scalar(text, plain: plain))
            case .sequenceStart:
                try refuse(depth: depth, line: line)
                return YAMLNode(line: line, content: .sequence(try elements(depth: depth + 1)))
            case .mappingStart:
                try refuse(depth: depth, line: line)
                return YAMLNode(line: line, content: .mapping(try entries(depth: depth + 1)))
            case .documentStart, .documentEnd, .sequenceEnd, .mappingEnd, .end:
                preconditionFailure("libyaml reported an end where a value begins")
            }
        }

        private func refuse(depth: Int, line: Int) throws(YAMLError) {
            guard depth < limits.maximumDepth else {
                throw .limitExceeded(name: "maximumDepth", allowed: limits.maximumDepth, line: line)
            }
        }

        private mutating func elements(depth: Int) throws(YAMLError) -> [YAMLNode] {
            var elements: [YAMLNode] = []
            while true {
                let event = try events.next()
                if case .sequenceEnd = event { return elements }
                elements.append(try node(event, depth: depth))
            }
        }

        private mutating func entries(depth: Int) throws(YAMLError) -> [YAMLNode.Entry] {
            var entries: [YAMLNode.Entry] = []
            var seen: Set<String> = []
            while true {
                let event = try events.next()
                if case .mappingEnd = event { return entries }
                let line = events.line
                guard case .scalar(let key, _) = event else {
                    throw .unsupported("keys that are no scalars", line: line)
                }
                guard seen.insert(key).inserted else { throw .duplicateKey(key, line: line) }
                entries.append(.init(key: key, line: line, value: try node(try events.next(), depth: depth)))
            }
        }
    }
}
