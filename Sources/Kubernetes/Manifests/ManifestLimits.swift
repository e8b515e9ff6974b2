/// How much a folder of manifests may hold.
package struct ManifestLimits: Sendable {
    package var yaml = YAMLLimits()
    /// Manifest files in the folder and its subfolders.
    package var files = 100_000
    /// Folders inside each other.
    package var depth = 16
    /// `List` objects inside each other.
    package var listDepth = 8
    /// Problems reported of one file.
    package var problems = 1_000
    /// Whether the folder keeps each object as its file has it, for those who pass it on. Secrets are not passed on.
    package var keepsDocuments = false
    /// Whether objects of kinds that no proxy reads are kept, for people who look at all that there is.
    package var keepsOthers = false

    package init() {}
}
