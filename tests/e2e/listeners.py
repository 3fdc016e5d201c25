"""Which addresses a process group listens on, as the kernel knows it."""

import os
from pathlib import Path

_LISTEN = "0A"


def listening(groups: list[int]) -> dict[str, int]:
    """Local addresses ("127.0.0.1:4566") on which processes of these groups listen -> process id. Linux only."""
    sockets = {inode: address for table in ("tcp", "tcp6") for inode, address in _table(Path("/proc/net") / table)}
    return {sockets[inode]: pid for pid in _members(groups) for inode in _inodes(pid) if inode in sockets}


def _table(path: Path) -> list[tuple[str, str]]:
    if not path.exists():
        return []
    rows = [line.split() for line in path.read_text().splitlines()[1:]]
    return [(row[9], _address(row[1])) for row in rows if row[3] == _LISTEN]


def _address(field: str) -> str:
    address, port = field.split(":")
    words = [bytes.fromhex(address[start : start + 8])[::-1] for start in range(0, len(address), 8)]
    raw = b"".join(words)
    shown = ".".join(str(byte) for byte in raw) if len(raw) == 4 else f"[{raw.hex()}]"
    return f"{shown}:{int(port, 16)}"


def _members(groups: list[int]) -> list[int]:
    found = []
    for entry in Path("/proc").iterdir():
        if entry.name.isdecimal():
            try:
                if os.getpgid(int(entry.name)) in groups:
                    found.append(int(entry.name))
            except ProcessLookupError:
                continue
    return found


def _inodes(pid: int) -> list[str]:
    found = []
    try:
        for descriptor in (Path("/proc") / str(pid) / "fd").iterdir():
            target = str(descriptor.readlink())
            if target.startswith("socket:["):
                found.append(target[len("socket:[") : -1])
    except (FileNotFoundError, ProcessLookupError):
        pass  # it ended meanwhile
    return found
