extension JSONValue {
    /// Refuses an object that names a field twice, here or anywhere inside: simdjson takes them, and two readers of
    /// one document could then believe different values.
    ///
    /// Whoever looks into the inner values anyway may ask not to go deep.
    public func refuseDuplicateKeys(path: String = "$", deep: Bool = true) throws(JSONError) {
        if var fields = fields() {
            var keys: [Int] = []
            while let field = fields.next() {
                keys.append(field.key.index)
                guard deep, field.value.kind == .object || field.value.kind == .array else { continue }
                try field.value.refuseDuplicateKeys(path: "\(path).\(field.name)")
            }
            try refuseRepeats(among: &keys, path: path)
        } else if deep, var elements = elements() {
            var position = 0
            while let element = elements.next() {
                try element.refuseDuplicateKeys(path: "\(path)[\(position)]")
                position += 1
            }
        }
    }

    private func refuseRepeats(among keys: inout [Int], path: String) throws(JSONError) {
        // Sorted, so that an object with very many fields costs n log n.
        keys.sort { sibling(at: $0).text.precedes(sibling(at: $1).text) }
        for (left, right) in zip(keys, keys.dropFirst()) {
            let key = sibling(at: left).text
            // Neighbours in order: equal when neither comes first.
            guard !key.precedes(sibling(at: right).text) else { continue }
            throw .duplicateKey(key.copiedString, path: path)
        }
    }
}

extension RawSpan {
    fileprivate func precedes(_ other: RawSpan) -> Bool {
        // Safe: both are read inside the calls only.
        unsafe withUnsafeBytes { left in
            unsafe other.withUnsafeBytes { right in unsafe left.lexicographicallyPrecedes(right) }
        }
    }
}
