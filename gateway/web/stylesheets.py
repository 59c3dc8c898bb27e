"""The style sheets that a page links, and those that they import."""

from __future__ import annotations

from collections.abc import Callable, Iterable
from concurrent.futures import Executor

from gateway.errors import MedsiftError
from gateway.fetch import Response
from gateway.images import Skipped
from gateway.limits import Limits
from gateway.web import css
from gateway.web.addresses import data_of, is_data, shown
from gateway.web.pictures import Picture


def pictures_of(
    addresses: Iterable[str], get: Callable[[str, int], Response], pool: Executor, limits: Limits
) -> tuple[list[Picture], list[Skipped]]:
    """Fetch style sheets side by side, level by level of their imports, each once.

    Args:
        addresses: Of the sheets that the page links.
        get: Fetches an address, taking so many bytes at most.
        pool: Runs ``get``.
        limits: How many sheets, how large, how deep.

    Returns:
        What they draw, and one line per sheet that could not be read; the last is for all that were too many or too deep.
    """
    pictures: list[Picture] = []
    skipped: list[Skipped] = []
    level, seen = list(dict.fromkeys(addresses)), set[str]()
    beyond = set[str]()
    for _ in range(limits.sheet_depth):
        level = [address for address in level if address not in seen]
        level, cut = level[: limits.sheets - len(seen)], level[limits.sheets - len(seen) :]
        seen.update(level)
        beyond.update(cut)
        following: dict[str, None] = {}
        for answer in pool.map(lambda address: _read(address, get, limits), level):
            if isinstance(answer, Skipped):
                skipped.append(answer)
            else:
                pictures += answer.pictures
                following.update(dict.fromkeys(answer.imports))
        level = list(following)
    if left := len(beyond.union(level) - seen):
        skipped.append(Skipped("limit_sheets", f"{left:,} more style sheets were not searched"))
    return pictures, skipped


def _read(address: str, get: Callable[[str, int], Response], limits: Limits) -> css.Sheet | Skipped:
    try:
        if is_data(address):
            return css.of_sheet(data_of(address)[1][: limits.sheet_bytes], None)
        response = get(address, limits.sheet_bytes)
        return css.of_sheet(response.data, response.url, response.charset)
    except MedsiftError as error:
        return Skipped(error.code, f"a style sheet that was not searched: {error.detail}", url=shown(address))
    except ValueError:
        return Skipped("address_invalid", "a style sheet in a data: address that holds none", url=shown(address))
