"""A whole deployment in one process, for tests: moto, comprehend_local, and an interpreter for the state machine."""
