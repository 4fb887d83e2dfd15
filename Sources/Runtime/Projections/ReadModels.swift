public import Projections

/// The read models this program folds.
public enum ReadModels {
    public static let all: [any Projection.Type] = Catalog.all
}
