public import Core
public import HTTPServer

/// A request whose caller, parameters and body were checked.
public struct Call: Sendable {
    public let request: HTTPServerRequest
    public let admission: Admission
    /// Its span, where somebody asks for traces.
    public var span: ServerSpan?
    let arguments: [String: Argument]

    public var caller: Caller { admission.caller }
    public var body: [UInt8] { request.body }

    /// What was given, by the kind its declaration has; asking for another kind is our mistake.
    public func text(_ name: String) -> String? {
        switch arguments[name] {
        case nil: nil
        case .text(let text): text
        case .integer, .time, .flag: preconditionFailure("'\(name)' was not declared as text")
        }
    }

    public func integer(_ name: String) -> Int64? {
        switch arguments[name] {
        case nil: nil
        case .integer(let number): number
        case .text, .time, .flag: preconditionFailure("'\(name)' was not declared as an integer")
        }
    }

    public func time(_ name: String) -> Timestamp? {
        switch arguments[name] {
        case nil: nil
        case .time(let time): time
        case .text, .integer, .flag: preconditionFailure("'\(name)' was not declared as a time")
        }
    }

    /// A parameter of the path is always there.
    public func part(_ name: String) -> String {
        guard let text = text(name) else { preconditionFailure("the path has no '\(name)'") }
        return text
    }
}
