internal import CLibpq

extension PostgresError {
    /// Reads what the server (or libpq in its place) put into a result.
    @safe init(_ operation: Operation, result: OpaquePointer, statement: Int? = nil) {
        let state = unsafe Self.field(TORGHUT_PG_SQLSTATE, of: result)
        guard let state else {
            let said = unsafe String(cString: PQresultErrorMessage(result))
            self.init(operation, .lost, Self.firstLine(said), statement: statement)
            return
        }
        let message = unsafe Self.field(TORGHUT_PG_MESSAGE, of: result) ?? ""
        let names = [
            ("schema", TORGHUT_PG_SCHEMA), ("table", TORGHUT_PG_TABLE), ("column", TORGHUT_PG_COLUMN),
            ("type", TORGHUT_PG_TYPE), ("constraint", TORGHUT_PG_CONSTRAINT),
        ].compactMap { name, code in unsafe Self.field(code, of: result).map { "\(name) \($0)" } }
        // Of `COPY orders, line 3, column price: "12x"` only what stands before the value.
        let copy = unsafe Self.field(TORGHUT_PG_CONTEXT, of: result).flatMap { context in
            context.hasPrefix("COPY ") ? String(Self.firstLine(context).prefix { $0 != ":" }) : nil
        }
        self.init(
            operation, .server, sqlState: state, Self.withoutValues(Self.firstLine(message), state),
            place: names + [copy].compactMap(\.self), statement: statement)
    }

    private static func field(_ code: some BinaryInteger, of result: OpaquePointer) -> String? {
        unsafe PQresultErrorField(result, Int32(code)).map { unsafe String(cString: $0) }
    }

    static func firstLine(_ text: String) -> String {
        text.split(whereSeparator: \.isNewline).first.map(String.init) ?? "the connection ended without a word"
    }

    /// Errors about data quote the data: `invalid input syntax for type integer: "12x"`.
    static func withoutValues(_ message: String, _ state: String) -> String {
        guard state.hasPrefix("22") else { return message }
        var kept = ""
        var quoted = false
        for character in message {
            if character == "\"" {
                if !quoted { kept += "\"…\"" }
                quoted.toggle()
            } else if !quoted {
                kept.append(character)
            }
        }
        return kept
    }
}
