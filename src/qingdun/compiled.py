"""Compiled loops, with a cache on disk that knows of every change to what is compiled.

numba tells by the file of a function alone whether what it has compiled of it is out of date; a loop of
another file that is compiled into it, or a constant from there, may have changed meanwhile (by an upgrade in
place, say). So the cache lies in a folder named after all those files, and `njit` is imported from here.
"""

from __future__ import annotations

import contextlib
import hashlib
import re
import shutil
import tempfile
from collections.abc import Iterable, Iterator
from pathlib import Path
from typing import Any, Final

from numba import config, njit
from numba.misc.appdirs import AppDirs

__all__ = ["njit"]

_PACKAGE: Final = Path(__file__).parent
_IMPORTS: Final = re.compile(rb"^from (\w+(?:\.\w+)+) import (\([^)]*\)|.*)$", re.MULTILINE)
_PREFIX: Final = "compiled-"
_KEPT: Final = 3
"""Folders of earlier sources that stay, for processes that still run them."""


def sources(package: Path) -> list[Path]:
    """The files of a package whose digest names the folder: those that import its `compiled`, and what these
    import from the package, since constants are taken from there."""
    wanted = f"from {package.name}.compiled import".encode()
    files = {path: path.read_bytes() for path in package.rglob("*.py")}
    compiled = {path for path, text in files.items() if wanted in text}
    taken = {path for one in compiled for path in _imported(files[one], package)}
    return sorted(compiled | (taken & set(files)))


def _imported(text: bytes, package: Path) -> Iterator[Path]:
    """The files from which a source of the package may take something."""
    for module, names in _IMPORTS.findall(text):
        where = package.parent.joinpath(*module.decode().split("."))
        yield where.with_suffix(".py")
        yield from (where / f"{name}.py" for name in re.findall(r"\w+", names.decode()))


def folder_name(package: Path) -> str:
    """The name of the folder for what is compiled of the package as it is now."""
    digest = hashlib.sha256()
    for path in sources(package):
        digest.update(path.relative_to(package).as_posix().encode() + b"\0")
        digest.update(hashlib.sha256(path.read_bytes()).digest())
    return _PREFIX + digest.hexdigest()[:16]


def cache_folder(name: str, places: Iterable[Path]) -> Path | None:
    """The folder of that name, made in the first place where one may write; None if there is none."""
    for place in places:
        folder = place / name
        try:
            fresh = not folder.exists()
            folder.mkdir(parents=True, exist_ok=True)
            tempfile.TemporaryFile(dir=folder).close()
        except OSError:
            continue
        if fresh:
            _clear(place, folder)
        return folder
    return None


def _clear(place: Path, own: Path) -> None:
    """Of the folders of other sources only the latest are left."""
    with contextlib.suppress(OSError):  # somebody else clears too
        others = [folder for folder in place.glob(f"{_PREFIX}*") if folder != own]
        others.sort(key=lambda folder: folder.stat().st_mtime)
        for folder in others[:-_KEPT]:
            shutil.rmtree(folder, ignore_errors=True)


def is_new(folder: Path | None) -> bool:
    """Whether nothing compiled lies there: whoever runs first takes most of a minute."""
    return folder is None or next(folder.rglob("*.nbi"), None) is None


_numba: Any = config
_own: Any = AppDirs
_places = [_PACKAGE / "__pycache__", Path(_own(appname="numba", appauthor=False).user_cache_dir)]
if _numba.CACHE_DIR:  # somebody has said where
    _places.insert(0, Path(_numba.CACHE_DIR))
FOLDER: Final = cache_folder(folder_name(_PACKAGE), _places)
"""Where what is compiled lies; None if nowhere."""
if FOLDER is not None:  # otherwise numba says that it can keep nothing
    _numba.CACHE_DIR = str(FOLDER)
