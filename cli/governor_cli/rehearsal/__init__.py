"""`governor rehearse`: one's own files and policy on the local stack, batch by batch.

`files` reads and cuts the files, `place` is where they are dropped, `play` drops them and waits, `table` shows it.
"""
