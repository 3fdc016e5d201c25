"""The laptop's cloud: an AWS emulator, a Comprehend server and a mailbox, with the real template deployed to them.

Start with `rig.Rig`, a context manager that starts all of it and stops all of it.
"""
