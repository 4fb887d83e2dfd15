internal import HTTPServer
public import Telemetry

/// Rate, errors and duration of every route, by what it is declared as: a stranger's paths make no series.
public struct APIMetrics: Sendable {
    private let requests: Family<Counter>
    private let durations: Family<Histogram>
    private let open: Gauge
    public let streams: Gauge
    public let streamsCut: Counter
    private let control: ControlPlaneMetrics

    public init(in registry: Registry) {
        control = ControlPlaneMetrics(in: registry)
        requests = registry.counters(
            "torghut_http_requests_total", "Requests by route and status.", by: ["method", "route", "status"])
        durations = registry.histograms(
            "torghut_http_request_duration_seconds", "From a whole request to its answer.", by: ["method", "route"])
        open = registry.gauge("torghut_http_open_requests", "Requests that are being answered now.")
        streams = registry.gauge("torghut_http_streams", "Clients that listen to a stream of events.")
        streamsCut = registry.counter(
            "torghut_http_streams_cut_total", "Clients that did not keep up with a stream of events.")
    }

    /// Counts who was sent away for being one too many.
    func refused(_ problem: Problem) { if problem.code == .tooManyStreams { control.refused(.httpStreams) } }

    func began() { open.add(1) }

    func ended(_ operation: Operation?, _ status: Int, _ duration: Duration) {
        let (method, route) = (operation?.method.rawValue ?? "other", operation?.path ?? "other")
        if operation != nil { open.add(-1) }
        requests.labelled(method, route, "\(status)").increment()
        durations.labelled(method, route).observe(duration)
    }

    /// A page of the console, or a file that it loads: all of them are one route.
    func shown(_ status: Int, _ duration: Duration) {
        requests.labelled("GET", "console", "\(status)").increment()
        durations.labelled("GET", "console").observe(duration)
    }
}
