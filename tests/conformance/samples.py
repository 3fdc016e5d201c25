"""Strings for every pattern of the service's model: ones that match, of any length, and ones that must not.

Written by hand from the patterns, so that the server's reading of them is held against another one.
"""

from __future__ import annotations

import sys
from collections.abc import Callable
from dataclasses import dataclass

NAME = r"[a-zA-Z0-9](-*[a-zA-Z0-9])*"
VERSION = rf"(/version/{NAME})?"
COMPREHEND = "arn:aws(-[^:]+)?:comprehend:[a-zA-Z0-9-]*:"
ARABIC = "\u0661"
"""A digit, but not one of 0 to 9."""
ARN = "arn:aws:comprehend:us-east-1:000000000000:"


@dataclass(frozen=True, slots=True)
class Sample:
    """`of` gives a matching string of a length from `shortest` to `longest`; `wrong` do not match."""

    of: Callable[[int], str]
    shortest: int
    wrong: tuple[str, ...]
    longest: int = sys.maxsize


ANY = Sample(lambda length: "é" * length, 0, ())
"""For strings without a pattern."""


def _after(prefix: str, wrong: tuple[str, ...], filler: str = "a") -> Sample:
    return Sample(lambda length: prefix + filler * (length - len(prefix)), len(prefix) + 1, wrong)


def _arn(kind: str, *wrong: str, account: str = "000000000000") -> Sample:
    prefix = f"arn:aws:comprehend:us-east-1:{account}:{kind}/"
    ends = (prefix, f"{prefix}a_b", f"{prefix}-a", f"{prefix}a-", f"{prefix}a\n", f" {prefix}a", f"{prefix}a/b")
    heads = (
        f"arn:aws:comprehend:us_east:000000000000:{kind}/a",
        f"arn:aws:comprehend:us-east-1:00000000000:{kind}/a",
        f"arn:aws:comprehend:us-east-1:{ARABIC * 12}:{kind}/a",
        f"arn:aws-:comprehend:us-east-1:000000000000:{kind}/a",
        f"arn:gcp:comprehend:us-east-1:000000000000:{kind}/a",
        f"arn:aws:s3:us-east-1:000000000000:{kind}/a",
        "a",
        "",
    )
    return _after(prefix, (*ends, *heads, *wrong))


_NAME = Sample(
    lambda length: ("a-0Z" * length)[:length].rstrip("-").ljust(length, "z"),
    1,
    ("", "-a", "a-", "a_b", "a b", "a.b", "é", "news\n", "a/b", ARABIC),
)
_S3 = _after(
    "s3://b-c.d/",
    (
        "s3://ab",
        "s3://Lake",
        "s3://lake-",
        "s3://.lake",
        f"s3://{'a' * 64}",
        "http://lake",
        "lake",
        "s3://la_ke",
        "s3:///x",
        "s3://lake\n",
        "s3://lake/a\nb",
        "s3://lake/a\u2028b",
        "",
    ),
    "é",
)

SAMPLES: dict[str, Sample] = {
    rf"^{NAME}$": _NAME,
    rf"^{NAME}": _NAME,
    "^[a-zA-Z0-9-]+$": Sample(lambda length: "-" * length, 1, ("a_b", "a b", "é", "a\n")),
    "arn:aws(-[^:]+)?:iam::[0-9]{12}:role/.+": _after(
        "arn:aws-us-gov:iam::000000000000:role/",
        (
            "arn:aws:iam::000000000000:role/",
            "arn:aws:iam::0000000000:role/role",
            "arn:aws:iam:us-east-1:000000000000:role/a",
            "arn:aws:iam::000000000000:user/someone",
            "arn:aws:iam::000000000000:role/a\nb",
            "a" * 30,
        ),
        "é",
    ),
    r"s3://[a-z0-9][\.\-a-z0-9]{1,61}[a-z0-9](/.*)?": _S3,
    r"^\P{C}*$": Sample(
        lambda length: "日" * length, 0, ("a\tb", "a\nb", "a\u200bb", "\x00", "\x7f", "\ue000", "\u00ad", "\U000e0001")
    ),
    r"^(?![^\n\r\t,]*\\n|\\r|\\t)[^\n\r\t,]+$": Sample(
        lambda length: "É " * (length // 2) + "X" * (length % 2),
        1,
        ("", "A,B", "A\nB", "A\tB", "A\rB", "A\\nB", "\\rA", "\\tA"),
    ),
    r"^\p{ASCII}+$": Sample(lambda length: "k~" * (length // 2) + "\x00" * (length % 2), 1, ("", "é", "a\u00a0")),
    "[-0-9a-zA-Z]+": Sample(lambda length: "-" * length, 1, ("a_b", "a b", "é", "a\n")),
    r"^([a-zA-Z0-9_])[\\a-zA-Z0-9_@#%*+=:?./!\s-]*$": Sample(
        lambda length: ("_\\@ \n\t-!" * length)[:length], 1, ("", " a", "-a", "a,b", "aé", "a\u00a0b", "a&b")
    ),
    r"^[ ~!@#$%^*\-_+=|\\:;\t>?/]$": Sample(
        lambda length: "\t"[:length], 1, (",", "a", "\n", ".", "<", "§"), longest=1
    ),
    r"^([\p{L}\p{Z}\p{N}_.:/=+\-%@]*)$": Sample(
        lambda length: ("é ²_:/" * length)[:length], 0, ("a\tb", "a\n", "(", "a,b", "é\u0301", "é\n", "\u200b", "😀")
    ),
    r"[\u0009\u000A\u000D\u0020-\u00FF]+": Sample(
        lambda length: ("{\t\n ÿ" * length)[:length], 1, ("Ā", "\x00", "\x0b", "日")
    ),
    "[0-9A-Fa-f]+": Sample(lambda length: ("09afAF" * length)[:length], 1, ("", "g", "0x1", " 1", ARABIC, "1\n")),
    "[0-9]{8}T[0-9]{6}Z": Sample(
        lambda length: "20261123T063542Z"[:length],
        16,
        ("", "20261123T063542", "2026-11-23T06:35Z", "20261123t063542z", "20261123T063542Z\n", f"{ARABIC * 8}T063542Z"),
        longest=16,
    ),
    rf"{COMPREHEND}[0-9]{{12}}:flywheel/{NAME}": _arn("flywheel", f"{ARN}flywheel/a/dataset/b"),
    rf"{COMPREHEND}[0-9]{{12}}:flywheel/{NAME}/dataset/{NAME}": _arn("flywheel/a/dataset", f"{ARN}flywheel/a"),
    rf"{COMPREHEND}[0-9]{{12}}:(document-classifier|entity-recognizer){'/'}{NAME}{VERSION}": _arn(
        "entity-recognizer/a/version", f"{ARN}document-classifier-endpoint/a", f"{ARN}flywheel/a"
    ),
    rf"{COMPREHEND}[0-9]{{12}}:document-classifier/{NAME}{VERSION}": _arn(
        "document-classifier", f"{ARN}entity-recognizer/a", f"{ARN}document-classifier/a/version/"
    ),
    rf"{COMPREHEND}[0-9]{{12}}:entity-recognizer/{NAME}{VERSION}": _arn(
        "entity-recognizer", f"{ARN}document-classifier/a", f"{ARN}entity-recognizer/a/version/b/c"
    ),
    rf"{COMPREHEND}[0-9]{{12}}:(document-classifier-endpoint|entity-recognizer-endpoint)/{NAME}": _arn(
        "entity-recognizer-endpoint", f"{ARN}document-classifier/a"
    ),
    rf"{COMPREHEND}([0-9]{{12}}|aws):document-classifier-endpoint/{NAME}": _arn(
        "document-classifier-endpoint", f"{ARN}entity-recognizer-endpoint/a", account="aws"
    ),
    rf"{COMPREHEND}[0-9]{{12}}:entity-recognizer-endpoint/{NAME}": _arn(
        "entity-recognizer-endpoint", f"{ARN}document-classifier-endpoint/a"
    ),
    rf"{COMPREHEND}[0-9]{{12}}:[a-zA-Z0-9-]{{1,64}}/{NAME}((/dataset/{NAME})|(/version/{NAME}))?": _arn(
        "some-thing", f"{ARN}{'a' * 65}/b", f"{ARN}/b", f"{ARN}flywheel/a/dataset/", f"{ARN}a/b/version/c/dataset/d"
    ),
}
