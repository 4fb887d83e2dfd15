public import Core

/// What the reconciler is called where it speaks.
public enum Reconciliation {
    /// In `detected_by`: discrepancies that others found are none of its business.
    public static let detector = Code(trusted: "reconciler")
    public static let source = SourceName(trusted: "reconciler")
}
