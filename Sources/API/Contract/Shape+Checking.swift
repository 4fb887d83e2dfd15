internal import JSON

extension Shape {
    /// What is wrong with a body's value, each fault with its path; nothing when it has this shape.
    func faults(of value: JSONValue, at path: String = "$") -> [Problem.Fault] {
        switch self {
        case .any: return []
        case .nullable(let shape): return value.isNull ? [] : shape.faults(of: value, at: path)
        case .number:
            let isNumber = value.isOf(.integer) || value.isOf(.unsigned) || value.isOf(.fraction)
            return isNumber ? [] : [Problem.Fault(path, wanted)]
        case .document: return value.isOf(.object) ? [] : [Problem.Fault(path, wanted)]
        case .boolean: return value.bool == nil ? [Problem.Fault(path, wanted)] : []
        case .integer(let range):
            return value.int64.map(range.contains) ?? false ? [] : [Problem.Fault(path, wanted)]
        case .text, .content, .name, .choice, .choices, .timestamp, .day, .uuid, .decimal:
            return value.string.flatMap(argument) == nil ? [Problem.Fault(path, wanted)] : []
        case .list(let shape, let maximum):
            guard var elements = value.elements() else { return [Problem.Fault(path, wanted)] }
            var faults: [Problem.Fault] = []
            var count = 0
            while let element = elements.next() {
                faults += shape.faults(of: element, at: "\(path)[\(count)]")
                count += 1
            }
            return count > maximum ? [Problem.Fault(path, wanted)] : faults
        case .object(let fields, let isClosed): return Self.faults(of: value, fields, isClosed, path)
        }
    }

    private static func faults(
        of value: JSONValue, _ wanted: [Field], _ isClosed: Bool, _ path: String
    ) -> [Problem.Fault] {
        guard var fields = value.fields() else { return [Problem.Fault(path, "an object")] }
        var faults: [Problem.Fault] = []
        var seen: Set<String> = []
        while let field = fields.next() {
            let name = field.name
            let place = "\(path).\(name.prefix(64))"
            guard seen.insert(name).inserted else {
                faults.append(Problem.Fault(place, "given twice"))
                continue
            }
            if let known = wanted.first(where: { $0.name == name }) {
                faults += known.shape.faults(of: field.value, at: place)
            } else if isClosed {
                faults.append(Problem.Fault(place, "unknown field"))
            }
        }
        for field in wanted where field.isRequired && !seen.contains(field.name) {
            faults.append(Problem.Fault("\(path).\(field.name)", "missing"))
        }
        return faults
    }
}
