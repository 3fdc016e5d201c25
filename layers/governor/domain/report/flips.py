"""The documents on which one model is right and the other is not: read from the file that the comparison wrote."""

import json
import shlex
from collections.abc import Mapping, Sequence
from typing import Any

from governor.domain.errors import UnexpectedReplyError
from governor.domain.report.content import Flip, Flips, FlipsOfFile


def flips_from_bytes(content: bytes, inbox: str) -> tuple[Flips, Flips]:
    """Return the documents that went from right to wrong, and those that went from wrong to right.

    `inbox`: the bucket that their keys are in. Raises UnexpectedReplyError if the file is not one.
    """
    try:
        document: dict[str, Any] = json.loads(content)
        if document["schema"] != 1:
            raise UnexpectedReplyError(
                f"The flips file has the form {document['schema']}, which this version does not know: update it."
            )
        wrong, right = (_flips(document[way], inbox) for way in ("right_to_wrong", "wrong_to_right"))
    except (KeyError, TypeError, ValueError) as error:
        raise UnexpectedReplyError("The flips file is not one: it was changed after it was written.") from error
    return wrong, right


def _flips(way: Mapping[str, Any], inbox: str) -> Flips:
    files: dict[tuple[str, str], list[Flip]] = {}
    for each in way["documents"]:
        truth, candidate, baseline = (tuple(map(str, each[name])) for name in ("truth", "candidate", "baseline"))
        flip = Flip(int(each["line"]), truth, candidate, baseline)
        files.setdefault((str(each["key"]), str(each["version"])), []).append(flip)
    return Flips(
        int(way["count"]),
        tuple(
            FlipsOfFile(key, version, fetching(inbox, key, version, flips[0].line), tuple(flips))
            for (key, version), flips in sorted(files.items())
            if flips.sort(key=lambda flip: flip.line) is None
        ),
    )


def fetching(bucket: str, key: str, version: str, line: int) -> str:
    """Return the command, for a shell, that fetches a version of an object and shows one line of it.

    In an archive the number is which document it is: only the archive is fetched.
    """
    file = key.rpartition("/")[2] or "file"
    # A name that begins with a dash would be taken for an option.
    file = f"./{file}" if file.startswith("-") else file
    words: Sequence[str] = (
        "aws", "s3api", "get-object", "--bucket", bucket, "--key", key, "--version-id", version, file
    )  # fmt: skip
    fetch = shlex.join(words)
    return fetch if key.endswith(".zip") else f"{fetch} && sed -n {line}p {shlex.quote(file)}"
