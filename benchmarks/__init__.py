"""Speed and quality of `comprehend_local` beside other programs, measured in one run. `python -m benchmarks --help`."""
