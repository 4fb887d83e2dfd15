public import Domain

/// A part of the house's work that a process can be told to do.
///
/// A role is one type, and one line in `RoleCatalog`. Starting it is also how it recovers: there is no other path.
public protocol Role: Sendable {
    static var name: RoleName { get }
    /// Reads its settings; throws what is missing or wrong, all of it at once. Touches nothing yet.
    init(_ house: House) throws(SettingsProblems)
    /// Gets ready as far as this machine alone allows; roles start one after another, in the order of the catalog.
    ///
    /// It waits for nobody: a role that waits here keeps those behind it from their work, and one of them takes stops.
    func start() async throws
    /// Waits for whatever else the role cannot work without, while the others go on; `run` follows.
    func prepare() async throws
    /// Works until its task is cancelled, then ends what is in hand and returns. Throws when it cannot go on.
    func run() async throws
}

extension Role {
    public func prepare() async throws {}
}

/// The roles of this release, in the order they start.
public enum RoleCatalog {
    public static let all: [any Role.Type] = [
        IngestRole.self, ProjectionsRole.self, CommandsRole.self, RouterRole.self, GatesRole.self, LanesRole.self,
        APIRole.self,
    ]

    /// The roles of these names, ready to start; every unknown name and every missing setting is named at once.
    public static func roles(_ names: [String], in house: House) throws(SettingsProblems) -> [any Role] {
        let known = all.map { $0.name.rawValue }
        let list = known.joined(separator: ", ")
        var problems: [String] = []
        for name in names where !known.contains(name) {
            problems.append("unknown role '\(name)'; this release has: \(list)")
        }
        var roles: [any Role] = []
        for type in all where names.contains(type.name.rawValue) {
            switch type.made(in: house.house(for: type.name)) {
            case .success(let role): roles.append(role)
            case .failure(let error): problems += error.problems.map { "role \(type.name.rawValue): \($0)" }
            }
        }
        guard problems.isEmpty else { throw SettingsProblems(problems: problems) }
        return roles
    }
}

extension Role {
    fileprivate static func made(in house: House) -> Result<any Role, SettingsProblems> {
        do throws(SettingsProblems) { return .success(try Self(house)) } catch { return .failure(error) }
    }
}
