import Core

/// What configurations of backtests need beyond the fields of orders.
extension StrictFields {
    /// A number that is zero or above, exact to nine digits.
    func decimal(_ name: String) -> Amount? {
        guard let value = raw(name) else { return nil }
        let text: String
        switch value {
        case .string(let written), .number(let written): text = written
        case .object, .array, .bool, .null: text = ""
        }
        guard text.utf8.count <= 64, let amount = try? Amount(text), !amount.isNegative else {
            report(name, "is no decimal from zero on with at most nine digits behind its point")
            return nil
        }
        return amount
    }

    /// A list with no more elements than the limit.
    func list(_ name: String, atMost limit: Int) -> [Document]? {
        guard let value = raw(name) else { return nil }
        guard let elements = value.elements, elements.count <= limit else {
            report(name, "is no list of at most \(limit)")
            return nil
        }
        return elements
    }

    /// An element of a list as an object whose findings are ours.
    func object(_ element: Document, _ name: String) -> StrictFields? {
        guard let object = element.fields else {
            report(name, "is no object")
            return nil
        }
        return inner(object, name)
    }
}
