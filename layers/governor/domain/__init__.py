"""The rules: pure functions and values, no AWS, no clock, no environment."""
