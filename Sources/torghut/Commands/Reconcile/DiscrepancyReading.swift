import Core
import Domain

/// Which discrepancy is meant.
enum DiscrepancyReading {
    static let operand = Operand(name: "ID", summary: "the discrepancy's id")

    static func id(_ invocation: Invocation) throws(UsageError) -> EventID {
        let text = try invocation.requiredOperand()
        // Safe: the text's bytes are read inside the call.
        do { return try unsafe EventID.read(text.utf8.span.bytes) } catch { throw UsageError("ID: \(error)") }
    }
}
