internal import Core
internal import HTTPServer
internal import JSON

extension Operation {
    /// The arguments of a request, all of them checked and every fault named at once.
    func arguments(
        _ parts: [String: String], _ query: [(name: String, value: String)]
    ) throws(Problem) -> [String: Argument] {
        var given: [String: Argument] = [:]
        var faults: [Problem.Fault] = []
        for (name, value) in query {
            guard let parameter = parameters.first(where: { $0.place == .query && $0.name == name }) else {
                faults.append(Problem.Fault(String(name.prefix(64)), "unknown parameter\(nearest(name))"))
                continue
            }
            guard given[name] == nil else {
                faults.append(Problem.Fault(name, "given twice"))
                continue
            }
            guard let argument = parameter.shape.argument(value) else {
                faults.append(Problem.Fault(name, "not \(parameter.shape.wanted)"))
                continue
            }
            given[name] = argument
        }
        for (name, value) in parts {
            guard let parameter = parameters.first(where: { $0.place == .path && $0.name == name }) else {
                preconditionFailure("'\(name)' of \(path) is not declared")
            }
            // What no resource can be called names none.
            guard let argument = parameter.shape.argument(value) else {
                faults.append(Problem.Fault(name, "not \(parameter.shape.wanted)"))
                continue
            }
            given[name] = argument
        }
        guard faults.isEmpty else {
            throw Problem(.invalidParameter, "a parameter cannot be used as it stands", faults: faults)
        }
        return given
    }

    private func nearest(_ name: String) -> String {
        let known = parameters.filter { $0.place == .query }.map(\.name)
        return NearestWord.to(String(name.prefix(64)), among: known).map { "; did you mean \($0)?" } ?? ""
    }

    /// A body is one JSON value of the declared shape, or there is none.
    func checkBody(_ request: HTTPServerRequest) throws(Problem) {
        guard let shape = body else {
            guard request.body.isEmpty else { throw Problem(.malformedRequest, "this takes no body") }
            return
        }
        let type = (request.header("Content-Type") ?? "").prefix { $0 != ";" }.lowercased()
        guard type.filter({ $0 != " " }) == "application/json" else {
            throw Problem(.unsupportedMediaType, "the body is application/json")
        }
        var parser = JSONParser()
        let faults: [Problem.Fault]
        do throws(JSONError) { faults = shape.faults(of: try parser.parse(request.body)) } catch {
            throw Problem(.malformedRequest, "the body is no JSON: \(error)")
        }
        guard faults.isEmpty else {
            throw Problem(.invalidBody, "the body has another shape", faults: Array(faults.prefix(32)))
        }
    }
}
