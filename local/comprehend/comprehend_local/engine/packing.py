"""Arrays and a few facts about them as bytes, for the store: no pickle, and damage is noticed.

A line with the kind and its version, a JSON header (length first), the arrays one after the other, a CRC-32 of it all.
"""

from __future__ import annotations

import json
import struct
import zlib
from collections.abc import Mapping
from typing import Any

import numpy as np
from numpy.typing import NDArray

Arrays = dict[str, NDArray[Any]]
_NUMBER = struct.Struct("<I")


def pack(kind: str, facts: Mapping[str, Any], arrays: Mapping[str, NDArray[Any]]) -> bytes:
    """`kind` names what it is and its version, e.g. "classifier/2"; `facts` are JSON-able."""
    shapes = [[name, array.dtype.str, list(array.shape)] for name, array in arrays.items()]
    header = json.dumps({"facts": facts, "arrays": shapes}, sort_keys=True).encode()
    body = [kind.encode(), b"\n", _NUMBER.pack(len(header)), header]
    body += [np.ascontiguousarray(array).tobytes() for array in arrays.values()]
    content = b"".join(body)
    return content + _NUMBER.pack(zlib.crc32(content))


def unpack(kind: str, content: bytes) -> tuple[dict[str, Any], Arrays]:
    """The facts and the arrays that were packed; the arrays cannot be written to. Raises ValueError for other bytes."""
    start = len(kind.encode()) + 1
    if content[:start] != kind.encode() + b"\n":
        raise ValueError(f"these bytes are not of the kind {kind}")
    if len(content) < start + 2 * _NUMBER.size or _NUMBER.unpack(content[-4:])[0] != zlib.crc32(content[:-4]):
        raise ValueError(f"these bytes of the kind {kind} are damaged")
    at = start + _NUMBER.size + _NUMBER.unpack_from(content, start)[0]
    header = json.loads(content[start + _NUMBER.size : at])
    arrays = {}
    for name, dtype, shape in header["arrays"]:
        array = np.frombuffer(content, dtype=np.dtype(dtype), count=int(np.prod(shape)), offset=at)
        arrays[name] = array.reshape(shape)
        at += array.nbytes
    return header["facts"], arrays
