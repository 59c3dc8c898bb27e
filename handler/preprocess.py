"""Image bytes to the array that the networks see.

This module is the one definition of a model input. The handler, the gateway and the training all call it, so a
picture means the same to the networks wherever it was decoded. It needs Pillow and numpy only.
"""

from __future__ import annotations

import io
import warnings

import numpy as np
from numpy.typing import NDArray
from PIL import ExifTags, Image, ImageOps, TiffImagePlugin, UnidentifiedImageError

SIZE = 128
"""Height and width of a model input, in pixels."""

MAX_PIXELS = 100_000_000
"""A larger picture is refused before it is decoded: a few kilobytes can announce gigapixels."""

# Pillow opens more kinds than anyone sends, some through other programs (EPS through Ghostscript). Only these are let in.
# MPO, several JPEGs in one file, comes with JPEG and has no entry of its own.
FORMATS = ("AVIF", "BMP", "DIB", "GIF", "ICO", "JPEG", "JPEG2000", "PNG", "PPM", "TIFF", "WEBP")

# Pillow refuses twice this number. Some of its readers decode while they open (a PNG inside an ICO may be larger than the ICO
# says), before a header could be measured here.
Image.MAX_IMAGE_PIXELS = MAX_PIXELS // 2

_UPRIGHT = {
    2: Image.Transpose.FLIP_LEFT_RIGHT, 3: Image.Transpose.ROTATE_180, 4: Image.Transpose.FLIP_TOP_BOTTOM,
    5: Image.Transpose.TRANSPOSE, 6: Image.Transpose.ROTATE_270, 7: Image.Transpose.TRANSVERSE, 8: Image.Transpose.ROTATE_90,
}  # fmt: skip

Pixels = NDArray[np.uint8]


class UndecodableImage(ValueError):
    """An image that cannot be turned into pixels.

    ``code`` is stable and for programs, ``detail`` is for people.
    """

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


def decode(data: bytes, max_pixels: int = MAX_PIXELS) -> Image.Image:
    """Decode the first frame of an encoded image to upright RGB, transparency composited on white.

    Raises:
        UndecodableImage: ``image_empty``, ``image_unsupported`` (no format that is let in), ``image_too_large``
            (more than ``max_pixels``, told before its pixels are decoded) or ``image_corrupt``.
    """
    if not data:
        raise UndecodableImage("image_empty", "the image has no bytes")
    try:
        with warnings.catch_warnings():
            warnings.simplefilter("ignore")  # odd EXIF or TIFF tags are the sender's affair; the pixels decide
            with Image.open(io.BytesIO(data), formats=FORMATS) as image:
                width, height = image.size
                if width * height > max_pixels:
                    raise UndecodableImage(
                        "image_too_large", f"the image announces {width}x{height} pixels; {max_pixels:,} are allowed"
                    )
                image.load()
                return _upright(_positive(image))
    except UndecodableImage:
        raise
    except Image.DecompressionBombError:
        raise UndecodableImage("image_too_large", f"the image has more than {MAX_PIXELS:,} pixels") from None
    except UnidentifiedImageError:
        raise UndecodableImage("image_unsupported", "not an image of a supported format") from None
    except Exception as error:  # Pillow's decoders raise nearly anything on damaged bytes
        raise UndecodableImage("image_corrupt", f"the image cannot be decoded ({type(error).__name__})") from error


def to_rgb(image: Image.Image) -> Image.Image:
    """Any Pillow mode to RGB: transparency on white, 16-bit and float scaled by their range."""
    if image.mode == "RGB" and "transparency" not in image.info:
        return image
    if _is_deep(image):
        return _scaled_by_range(image)
    if image.mode in ("LA", "La", "PA", "RGBA", "RGBa") or "transparency" in image.info:
        layer = image.convert("RGBA")
        return Image.alpha_composite(Image.new("RGBA", layer.size, "white"), layer).convert("RGB")
    return image.convert("RGB")


def to_input(image: Image.Image) -> Pixels:
    """Resize to the model's input, the aspect ratio given up: uint8 [128,128,3], RGB.

    The networks' figures were measured with the whole picture in view, squashed.
    """
    small = to_rgb(image).resize((SIZE, SIZE), Image.Resampling.BICUBIC, reducing_gap=3.0)
    return np.asarray(small, dtype=np.uint8)


def preprocess(data: bytes, max_pixels: int = MAX_PIXELS) -> Pixels:
    """Encoded image to model input, uint8 [128,128,3]. Raises :class:`UndecodableImage` as :func:`decode` does."""
    return to_input(decode(data, max_pixels))


def _positive(image: Image.Image) -> Image.Image:
    """In RGB, with zero as black: a TIFF may mean white by it, which Pillow minds up to eight bits (TIFF 6.0, section 4)."""
    rgb = to_rgb(image)
    if isinstance(image, TiffImagePlugin.TiffImageFile) and _is_deep(image):
        meaning = image.tag_v2.get(ExifTags.Base.PhotometricInterpretation)
        return ImageOps.invert(rgb) if meaning == 0 else rgb
    return rgb


def _is_deep(image: Image.Image) -> bool:
    """More than eight bits of grey."""
    return image.mode in ("I", "F") or image.mode.startswith("I;16")


def _upright(image: Image.Image) -> Image.Image:
    # Not Pillow's exif_transpose: it writes the rest of the EXIF data anew, and fails where any of it is odd.
    try:
        turn = _UPRIGHT.get(image.getexif().get(ExifTags.Base.Orientation, 1))
    except Exception:  # the sender's affair; the pixels are fine
        turn = None
    return image if turn is None else image.transpose(turn)


def _scaled_by_range(image: Image.Image) -> Image.Image:
    # Clipping at 255 turns a 12-bit scan white; the range that the picture uses is what its viewer would show.
    values = np.asarray(image, dtype=np.float32)
    finite = np.isfinite(values)
    if not finite.any():
        return Image.new("RGB", image.size, "white")
    low, high = float(values[finite].min()), float(values[finite].max())
    scaled = np.nan_to_num((values - low) / max(high - low, 1e-12), nan=0.0, posinf=1.0, neginf=0.0)
    return Image.fromarray((scaled.clip(0, 1) * 255).round().astype(np.uint8)).convert("RGB")
