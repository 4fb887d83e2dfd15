public import HTTPServer

/// The console's pages, and the files they are made of: what is not in its list is not served.
///
/// They hold no data, so nobody is asked who he is; whatever they show they ask of the operations, with a token. They are
/// no operations themselves and stand in no document of the API: they take any query, for the page's code to read.
public struct Console: Sendable {
    /// Which page stands where.
    static let pages = [
        "": "overview.html", "orders": "orders.html", "order": "order.html", "gate": "gate.html",
        "safety": "safety.html", "control-plane": "control-plane.html", "backtests": "backtests.html",
    ]
    /// The folder of everything that pages load.
    static let folder = "console"

    /// By name; the library that draws charts among them.
    private let files: [String: ConsoleFile]
    /// Why there are no pages; `nil` when there are.
    private let fault: String?
    private let metrics: APIMetrics

    public init(_ files: [String: ConsoleFile], fault: String?, _ metrics: APIMetrics) {
        self.files = files
        self.fault = fault
        self.metrics = metrics
    }

    /// `nil` when what is asked for is none of the console's.
    public func answer(_ request: HTTPServerRequest) -> HTTPServerResponse? {
        let began = ContinuousClock.now
        guard let response = response(to: request) else { return nil }
        metrics.shown(response.status, ContinuousClock.now - began)
        return response
    }

    private func response(to request: HTTPServerRequest) -> HTTPServerResponse? {
        let page = Self.page(at: request.path)
        guard page != nil || request.path.first == Self.folder else { return nil }
        guard ["GET", "HEAD"].contains(request.method) else {
            var problem = Problem(.methodNotAllowed, "this path does not take \(request.method.prefix(16))")
            problem.headers.append((name: "Allow", value: "GET, HEAD"))
            return problem.response
        }
        if let page {
            if let fault { return Problem(.consoleUnavailable, fault).response }
            guard let file = files[page] else {
                return Problem(.consoleUnavailable, "\(page) is not among the console's files").response
            }
            return file.answer(to: request)
        }
        // A page is served where it belongs, and not among what it loads.
        guard request.path.count == 2, let file = files[request.path[1]], file.kind != .page else {
            return Problem(.notFound, "there is nothing at this path").response
        }
        return file.answer(to: request)
    }

    private static func page(at path: [String]) -> String? {
        guard let name = path.first else { return pages[""] }
        return path.count == 1 && !name.isEmpty ? pages[name] : nil
    }
}
