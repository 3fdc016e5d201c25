"""After a regression: which files of the batch are looked at first.

Training is cumulative and no dataset can be taken back, so what made the model worse is in the files that were new.
Those that carry most of the labels that got worse come first.
"""

from collections.abc import Collection, Iterable, Mapping
from dataclasses import dataclass

from governor.domain.decision import UploadFacts

_MOST_LABELS = 3


@dataclass(frozen=True)
class Suspect:
    """A TRAIN file of the batch, and how much of it carries labels that got worse.

    `affected`: documents of each of those labels that the file has, the most frequent first; of a recognizer mentions.
    `share`: theirs of all labels in the file.
    """

    key: str
    version: str
    documents: int
    affected: Mapping[str, int]
    share: float


def suspects(uploads: Iterable[UploadFacts], worse: Collection[str]) -> list[Suspect]:
    """Rank the batch's TRAIN files by the share of them that carries labels that got worse.

    `worse` empty: it is not known which did (Comprehend told averages alone), and the largest file comes first.
    """
    found = [_suspect(upload, frozenset(worse)) for upload in uploads if upload.kind == "train"]
    return sorted(found, key=lambda each: (-each.share, -each.documents, each.key, each.version))


def _suspect(upload: UploadFacts, worse: frozenset[str]) -> Suspect:
    own = sorted(((-count, name) for name, count in upload.labels.items() if name in worse))
    affected = {name: -count for count, name in own}
    share = sum(affected.values()) / (sum(upload.labels.values()) or 1)
    return Suspect(upload.key, upload.version, upload.documents, affected, share)


def sentence(found: Iterable[Suspect], most: int = 5) -> str:
    """Return the suspects in words, without anything of a document; empty if there are none."""
    listed = list(found)
    if not listed:
        return ""
    shown = "; ".join(_words(each) for each in listed[:most])
    rest = len(listed) - most
    return f"Look first at {shown}{f'; and {rest} more files' if rest > 0 else ''}."


def _words(suspect: Suspect) -> str:
    key = "".join(sign if sign.isprintable() else "?" for sign in suspect.key)
    counts = [f"{name} {count:,}" for name, count in suspect.affected.items()]
    named = ", ".join(counts[:_MOST_LABELS]) + (
        f" and {len(counts) - _MOST_LABELS} more" * (len(counts) > _MOST_LABELS)
    )
    documents = "1 document" if suspect.documents == 1 else f"{suspect.documents:,} documents"
    return f"{key} ({documents}{f', of the labels that got worse: {named}' if named else ''})"
