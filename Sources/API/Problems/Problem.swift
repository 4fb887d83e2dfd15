public import HTTPServer
internal import JSON

/// Why a request is not answered as it was meant, told as RFC 9457 says; never with anything of the inside.
public struct Problem: Error, Sendable, Equatable {
    /// What is wrong with one parameter or field.
    public struct Fault: Sendable, Equatable {
        public let name: String
        public let reason: String

        public init(_ name: String, _ reason: String) {
            self.name = name
            self.reason = reason
        }
    }

    /// Each code has one status and one title, and clients may decide by it.
    public enum Code: String, Sendable, CaseIterable {
        case malformedRequest = "malformed_request"
        case invalidParameter = "invalid_parameter"
        case invalidBody = "invalid_body"
        case unauthorized
        case forbidden
        case notFound = "not_found"
        case methodNotAllowed = "method_not_allowed"
        case conflict
        case bodyTooLarge = "body_too_large"
        case unsupportedMediaType = "unsupported_media_type"
        case internalError = "internal_error"
        case databaseUnavailable = "database_unavailable"
        case logUnavailable = "log_unavailable"
        case runnerUnavailable = "runner_unavailable"
        case simulatorUnavailable = "simulator_unavailable"
        case notReady = "not_ready"
        case stopping
        case tooManyStreams = "too_many_streams"
        case consoleUnavailable = "console_unavailable"

        public var status: Int {
            switch self {
            case .malformedRequest, .invalidParameter: 400
            case .unauthorized: 401
            case .forbidden: 403
            case .notFound: 404
            case .methodNotAllowed: 405
            case .conflict: 409
            case .bodyTooLarge: 413
            case .unsupportedMediaType: 415
            case .invalidBody: 422
            case .internalError: 500
            case .databaseUnavailable, .logUnavailable, .runnerUnavailable, .simulatorUnavailable, .notReady, .stopping,
                .tooManyStreams, .consoleUnavailable:
                503
            }
        }

        public var title: String { rawValue.replacing("_", with: " ") }
    }

    /// A client that is told to come again should not come at once.
    public static let defaultRetryAfter = 2

    public let code: Code
    public let detail: String
    public let faults: [Fault]
    public var headers: [(name: String, value: String)] = []

    public init(_ code: Code, _ detail: String, faults: [Fault] = []) {
        self.code = code
        self.detail = detail
        self.faults = faults
    }

    public static func == (left: Problem, right: Problem) -> Bool {
        left.code == right.code && left.detail == right.detail && left.faults == right.faults
    }

    public static let mediaType = "application/problem+json"

    public var response: HTTPServerResponse {
        var json = JSONWriter()
        json.object { json in
            json.key("type")
            json.string("urn:torghut:problem:\(code.rawValue)")
            json.key("title")
            json.string(code.title)
            json.key("status")
            json.integer(code.status)
            json.key("code")
            json.string(code.rawValue)
            json.key("detail")
            json.string(detail)
            guard !faults.isEmpty else { return }
            json.key("errors")
            json.array { json in
                for fault in faults {
                    json.object { json in
                        json.key("name")
                        json.string(fault.name)
                        json.key("reason")
                        json.string(fault.reason)
                    }
                }
            }
        }
        var headers = [(name: "Content-Type", value: Self.mediaType), (name: "Cache-Control", value: "no-store")]
        if code.status == 503 { headers.append((name: "Retry-After", value: "\(Self.defaultRetryAfter)")) }
        if code == .unauthorized { headers.append((name: "WWW-Authenticate", value: "Bearer")) }
        return HTTPServerResponse(status: code.status, headers: headers + self.headers, body: .bytes(json.finish()))
    }
}
