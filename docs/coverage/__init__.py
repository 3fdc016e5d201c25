"""The page docs/comprehend-coverage.md, written from the server's own registry, its settings and a table of remarks."""
