// The first file comes with its first type.
