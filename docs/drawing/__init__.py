"""Draws `docs/<machine>.svg` from `statemachines/<machine>.asl.json`, so that the pictures are the machines.

`python -m docs.drawing` (or `make picture`) writes the files; a contract test compares them with what this draws.
"""
