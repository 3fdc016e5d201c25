"""The version of this code, which every decision names. pyproject.toml has the same; a contract test compares."""

VERSION = "0.1.0"
