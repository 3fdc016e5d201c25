"""The file formats of training data: bytes to documents and back (developer guide, "Preparing training data").

Every reader takes a file's bytes and its name, and raises `UnreadableData` at the first thing that is not as the format
says. The message names the file and the line, from 1, and never quotes what is there: texts are nobody's business in
a log. Offsets are counted in code points, as in Python strings.
"""
