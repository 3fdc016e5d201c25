"""The commands, one module for what belongs together. Each is a click command that gets the stack."""
