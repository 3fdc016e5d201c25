"""Faults on request, for rehearsals and tests: what goes wrong, when, and what was seen of it.

It is reached over HTTP below `/control`, never through calls of AWS. `Control` is its client::

    control = Control("http://127.0.0.1:4580")     # or Control(comprehend), in the same process
    control.throttle("StartFlywheelIteration", times=2)
    control.end("iteration", "FAILED", message="INSUFFICIENT_CAPACITY: ...")
    control.advance(3600)
    control.clear()

`python -m comprehend_local.control --help` is the same for a terminal.
"""

from comprehend_local.control.client import Control, ControlRefused

__all__ = ["Control", "ControlRefused"]
