"""Fetches package files. Where a registry is, the machine's own package manager knows."""

from __future__ import annotations

import hashlib
import subprocess
from pathlib import Path

import requests
from pypi_simple import PyPISimple

from training.packages import Package


class Unfetched(Exception):
    """A package that cannot be had: no such registry on this machine, no such file there, or another digest."""


def fetch(package: Package, cache: Path) -> Path:
    """The package's file, from the cache or its registry.

    Raises:
        Unfetched: it cannot be had, or is not what the catalogue's digest says.
    """
    cache.mkdir(parents=True, exist_ok=True)
    place = cache / f"{package.sha256[:12]}-{package.file.rpartition('/')[2]}"
    if not place.exists():
        part = place.with_suffix(".part")
        try:
            with requests.get(address(package), stream=True, timeout=60) as answer, part.open("wb") as file:
                answer.raise_for_status()
                for block in answer.iter_content(1 << 20):
                    file.write(block)
        except requests.RequestException as error:
            raise Unfetched(f"{package.source}: {error}") from error
        with part.open("rb") as file:
            found = hashlib.file_digest(file, "sha256").hexdigest()
        if found != package.sha256:
            raise Unfetched(f"{package.source}: {package.file} has the digest {found}")
        part.rename(place)
    return place


def address(package: Package) -> str:
    """Where the file is. Raises Unfetched where this machine has no such registry, or that no such file."""
    if package.registry == "pypi":
        with PyPISimple() as index:
            for found in index.get_project_page(package.name).packages:
                if found.filename == package.file:
                    return found.url
        raise Unfetched(f"{package.source}: no file {package.file}")
    if package.registry == "npm":
        return f"{_ask('npm', 'config', 'get', 'registry').rstrip('/')}/{package.name}/-/{package.file}"
    if package.registry == "debian":
        sites = _ask("apt-get", "indextargets", "--format", "$(REPO_URI)", "Label: Debian").split()
        if sites:
            return f"{sites[0].rstrip('/')}/{package.file}"
    raise Unfetched(f"{package.source}: there is no registry {package.registry} here")


def _ask(*command: str) -> str:
    try:
        answer = subprocess.run(command, check=True, capture_output=True, text=True, timeout=60)  # noqa: S603  # two of our own
        return answer.stdout.strip()
    except (OSError, subprocess.SubprocessError) as error:
        raise Unfetched(f"{command[0]} does not say where its registry is: {error}") from error
