"""Draws `docs/flywheel.svg` from `statemachines/flywheel.asl.json`, so that the picture is the machine.

`python -m docs.drawing` (or `make picture`) writes the file; a contract test compares it with what this draws.
"""
