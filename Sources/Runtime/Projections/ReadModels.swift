public import Projections

/// The read models of this release.
public enum ReadModels {
    public static let all: [any Projection.Type] = [OrderObservations.self]
}
