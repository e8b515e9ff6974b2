import Injection
import Testing

@Suite struct ImageReferenceTests {
    @Test(arguments: [
        ("weir", "docker.io/library/weir"), ("weir:1", "docker.io/library/weir"), ("team/weir", "docker.io/team/weir"),
        ("docker.io/weir", "docker.io/library/weir"), ("index.docker.io/library/weir", "docker.io/library/weir"),
        ("registry.example.com/weir:1.0", "registry.example.com/weir"),
        ("Registry.Example.COM/weir", "registry.example.com/weir"),
        ("registry.example.com:5000/team/weir", "registry.example.com:5000/team/weir"),
        ("registry.example.com:5000/weir:1.0", "registry.example.com:5000/weir"),
        ("localhost/weir", "localhost/weir"), ("localhost:5000/weir", "localhost:5000/weir"),
        ("[fd00::1]:5000/weir:2", "[fd00::1]:5000/weir"),
        ("a.example/weir:1@sha256:0123456789abcdef0123456789abcdef0123456789abcdef0123456789abcdef", "a.example/weir"),
        ("a.example/weir@sha256:0123456789abcdef0123456789abcdef", "a.example/weir"),
        ("a.example/we-ir__x.y", "a.example/we-ir__x.y"),
    ])
    func aNameHasARepository(_ text: String, _ repository: String) {
        #expect(ImageReference(text)?.repository == repository)
    }

    @Test func tagAndDigestAreNoPartOfIt() {
        let image = ImageReference("a.example:5000/weir:1.0@sha256:0123456789abcdef0123456789abcdef")
        #expect(image?.tag == "1.0")
        #expect(image?.digest == "sha256:0123456789abcdef0123456789abcdef")
        #expect(ImageReference("a.example:5000/weir")?.tag == nil)
    }

    @Test(arguments: [
        "", " ", "weir ", "weir:", ":1", "weir:-1", "weir@", "weir@sha256", "weir@sha256:xyz", "weir@sha256:0123",
        "a.example/Weir", "Weir", "a.example//weir", "/weir", "weir/", "a.example/weir/", "a.example/../weir",
        "a.example/weir:1/evil", "a.example/we ir", "a.example/weir\n", "a.example/weir@b@c", "https://a.example/weir",
        "a.example:/weir", "a.example:x/weir", "-a.example/weir", "a..example/weir", "a.example/wéir", "[::1/weir",
        "a.example/-weir", "a.example/weir-", "a.example/we___ir", "user@a.example/weir", "a.example:1:2/weir",
    ])
    func whatIsNoNameIsRefused(_ text: String) {
        #expect(ImageReference(text) == nil)
    }
}
