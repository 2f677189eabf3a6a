"""Pictures as phones send them, made harmless: decoded, shrunk, drawn anew without anything but their pixels.

What is kept is a JPEG of ours: no EXIF, no place, no profile, no comment, nothing hidden behind the picture.
HEIC is refused: its decoder is large and has had holes; phones give JPEG to a page that asks for it.
"""

from __future__ import annotations

import hashlib
import io
import struct
import zlib
from dataclasses import dataclass

from django.utils.translation import gettext as _
from PIL import Image, ImageOps, UnidentifiedImageError

from qingdun.errors import InputError

TYPES = {"image/jpeg": "JPEG", "image/png": "PNG", "image/webp": "WEBP"}
"""What is taken, by the type the sender names."""
MOST_PIXELS = 64_000_000
"""More than any phone's camera; a file that claims more is a bomb."""
LONGEST_SIDE = 2048
"""Enough to read a screen by; greater pictures are shrunk."""
QUALITY = 82
_BROKEN = (
    OSError, SyntaxError, ValueError, EOFError, TypeError, LookupError, ArithmeticError, AttributeError,
    NotImplementedError, struct.error, zlib.error,
)  # fmt: skip
"""What the decoder raises on files, and on the notes inside them, that are not what they should be."""
_HEIC = (b"ftypheic", b"ftypheix", b"ftyphevc", b"ftypmif1", b"ftypmsf1", b"ftypheim", b"ftypheis")


@dataclass(frozen=True, slots=True)
class Picture:
    """A harmless JPEG."""

    data: bytes
    sha256: str
    width: int
    height: int


def clean(data: bytes, named_type: str) -> Picture:
    """The picture alone, upright, at most LONGEST_SIDE on a side.

    Errors: InputError says whether the file is HEIC, no picture, another type than it says, too large in
    pixels, or broken.
    """
    if named_type in ("image/heic", "image/heif") or data[4:12] in _HEIC:
        raise InputError(_("HEIC is not taken. Set the camera to JPEG (“most compatible”) and try again."))
    if named_type not in TYPES:
        raise InputError(
            _("Photo: found %(found)s, expected JPEG, PNG or WebP.") % {"found": named_type[:40] or "–"}
        )
    bombs = (Image.DecompressionBombError, Image.DecompressionBombWarning)
    try:
        with Image.open(io.BytesIO(data), formats=tuple(TYPES.values())) as image:
            if image.format != TYPES[named_type]:
                raise InputError(
                    _("Photo: the file says %(said)s and is %(found)s.")
                    % {"said": TYPES[named_type], "found": image.format}
                )
            _refuse_bomb(image.width * image.height)
            image.draft("RGB", (LONGEST_SIDE, LONGEST_SIDE))
            return _drawn_anew(image)
    except bombs as error:
        raise _too_many() from error
    except UnidentifiedImageError as error:
        raise InputError(_("Photo: the file is no JPEG, PNG or WebP picture.")) from error
    except _BROKEN as error:
        raise InputError(_("Photo: the file is broken. Take it again.")) from error


def _drawn_anew(image: Image.Image) -> Picture:
    upright = ImageOps.exif_transpose(image)
    upright.thumbnail((LONGEST_SIDE, LONGEST_SIDE))
    seen = upright.convert("RGBA") if "A" in upright.mode or "transparency" in upright.info else upright
    # A new image has no metadata to carry over.
    drawn = Image.new("RGB", upright.size, "white")
    drawn.paste(seen, mask=seen.getchannel("A") if seen.mode == "RGBA" else None)
    out = io.BytesIO()
    drawn.save(out, "JPEG", quality=QUALITY, optimize=True)
    data = out.getvalue()
    return Picture(data, hashlib.sha256(data).hexdigest(), drawn.width, drawn.height)


def _refuse_bomb(pixels: int) -> None:
    if pixels > MOST_PIXELS:
        raise _too_many()


def _too_many() -> InputError:
    return InputError(
        _("Photo: more than %(most)s million pixels; that is no photo of a phone.")
        % {"most": MOST_PIXELS // 1_000_000}
    )
