"""How a command fails: with one sentence that says what is wrong and what to do."""


class Complaint(Exception):
    """The command cannot do what it was asked for. The message is for the person who ran it."""
