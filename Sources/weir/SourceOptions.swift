import ArgumentParser

/// Where the resources come from.
struct SourceOptions: ParsableArguments {
    @Option(
        help: ArgumentHelp("Folder of manifests: *.yaml, *.yml and *.json, watched and reloaded.", valueName: "folder"))
    var manifests: String = FlagEnvironment.text("manifests") ?? ""

    @Flag(help: "Read from the Kubernetes API (not in this version).")
    var kubernetes = false

    func validate() throws {
        if kubernetes {
            throw ValidationError("--kubernetes: not in this version; give --manifests FOLDER")
        }
    }

    /// The folder, which every command needs.
    func folder() throws -> String {
        guard !manifests.isEmpty else {
            throw ValidationError("--manifests: missing; without it there is nothing to serve (or WEIR_MANIFESTS)")
        }
        return manifests
    }
}
