"""Builds small ledgers from docs/ledger.md alone: it shares no line with the program that it tests."""

import hashlib
from dataclasses import dataclass, field

SCHOOL = "0198f2aa-0000-7000-8000-00000000000a"
OTHER_SCHOOL = "0198f2aa-0000-7000-8000-00000000000b"
NOTHING = "0" * 64

AUTHORITY = (
    r'{"at":"2020-09-01T08:00:00.000000Z","kind":"go_live","n":1}',
    r'{"at":"2020-09-02T08:00:00.000000Z","kind":"authorise","purposes":["vendor_offers"],"until":"2021-08-31"}',
    r'{"at":"2020-09-11T10:00:00.000000Z","kind":"revoke","z\"\\":null}',
)
DISPATCH = (
    r'{"codes":["DENY_COUNCIL_OPPOSED","DENY_NO_OPT_IN"],"policy":1,"subject":"9f","verdict":"DENY"}',
    r'{"codes":[],"note":"č€😀\n\u001f/","policy":1,"subject":"a0","verdict":"ALLOW","versions":{"a2":-1,"b":2}}',
    r'{"codes":["DENY_NO_CONTACT"],"policy":1,"subject":"a1","urgent":false,"verdict":"DENY"}',
    r'{"codes":[],"policy":1,"subject":"a2","verdict":"ALLOW"}',
)


def sha256(data: bytes) -> bytes:
    return hashlib.sha256(data).digest()


def hash_of(leaf: str) -> bytes:
    return sha256(b"\x00" + leaf.encode())


def chains_of(leaves: tuple[str, ...]) -> list[str]:
    chain, chains = bytes(32), []
    for leaf in leaves:
        chain = sha256(b"\x01" + chain + hash_of(leaf))
        chains.append(chain.hex())
    return chains


def root_of(leaves: tuple[str, ...]) -> str:
    return [NOTHING, *chains_of(leaves)][-1]


@dataclass(frozen=True, slots=True)
class Ledger:
    """Leaves are given as the text that is hashed."""

    school: str = SCHOOL
    streams: dict[str, tuple[str, ...]] = field(
        default_factory=lambda: {"authority": AUTHORITY, "dispatch": DISPATCH, "vendor": ()}
    )

    def header(self) -> str:
        heads = ",".join(
            f'"{name}":{{"root":"{root_of(leaves)}","size":{len(leaves)}}}'
            for name, leaves in sorted(self.streams.items())
        )
        return f'{{"format":"zgoda-ledger/1","school":"{self.school}","streams":{{{heads}}}}}'

    def lines(self) -> list[str]:
        lines = [self.header()]
        for name, leaves in sorted(self.streams.items()):
            for seq, (leaf, chain) in enumerate(zip(leaves, chains_of(leaves), strict=True), start=1):
                lines.append(
                    f'{{"chain":"{chain}","hash":"{hash_of(leaf).hex()}","leaf":{leaf},"seq":{seq},"stream":"{name}"}}'
                )
        return lines

    def export(self) -> bytes:
        return "".join(f"{line}\n" for line in self.lines()).encode()

    def checkpoint(self, stream: str, size: int | None = None) -> str:
        leaves = self.streams[stream] if size is None else self.streams[stream][:size]
        origin = f"zgoda/{self.school}/{stream}"
        return f'{{"at":"2020-09-12T00:00:00Z","origin":"{origin}","root":"{root_of(leaves)}","size":{len(leaves)}}}'

    def receipt(self, seq: int, stream: str = "dispatch") -> str:
        leaf = self.streams[stream][seq - 1]
        return (
            f'{{"format":"zgoda-receipt/1","hash":"{hash_of(leaf).hex()}","leaf":{leaf},'
            f'"school":"{self.school}","seq":{seq},"stream":"{stream}"}}'
        )

    def with_leaf(self, stream: str, seq: int, leaf: str) -> "Ledger":
        """The forgery of somebody who can recompute everything: hashes, chain and header agree again."""
        leaves = list(self.streams[stream])
        leaves[seq - 1] = leaf
        return Ledger(self.school, {**self.streams, stream: tuple(leaves)})
