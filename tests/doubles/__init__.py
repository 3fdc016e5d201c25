"""A whole deployment in one process, for tests: moto for AWS, comprehend_local for Comprehend, an interpreter for the state machine."""
