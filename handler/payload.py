"""One request body to images, and predictions to one response body. Knows nothing of TorchServe but its vocabulary.

What TorchServe 0.12 hands over is no longer the body itself: a ``multipart/form-data`` body arrives taken apart into parts, a
JSON body already parsed, anything else as the bytes of one part named ``body``. :class:`Request` is that, and no more.
"""

from __future__ import annotations

import base64
import binascii
import io
import json
import math
from collections.abc import Mapping, Sequence
from dataclasses import dataclass
from typing import Any

import numpy as np
from numpy.lib import format as npy
from numpy.typing import NDArray

from handler import LABELS
from handler.ensemble import MEMBERS, ReviewBand
from handler.preprocess import MAX_PIXELS, SIZE, Pixels, UndecodableImage, decode, to_input

MAX_IMAGES = 128
"""Images in one request. 133 packed ones are all that TorchServe's 6,553,500 bytes hold."""

PIXEL_BUDGET = 2 * MAX_PIXELS
"""Pixels that the images of one request may announce together: some two seconds of decoding."""

Value = bytes | bytearray | str | dict[str, Any] | list[Any] | int | float | bool | None
"""What TorchServe makes of a part: bytes, text where the part says ``text/*``, anything where it says JSON."""


class PayloadInvalid(ValueError):
    """A body that cannot be unpacked. ``code`` is stable and for programs, ``detail`` is for people."""

    def __init__(self, code: str, detail: str) -> None:
        super().__init__(detail)
        self.code = code
        self.detail = detail


@dataclass(frozen=True)
class Part:
    """One part of a body; ``content_type`` is empty for a form field without a file name."""

    name: str
    content_type: str
    value: Value


@dataclass(frozen=True)
class Request:
    """One request as the server hands it over."""

    content_type: str
    parts: tuple[Part, ...]


@dataclass(frozen=True)
class Failure:
    """Why an image, or a whole body, has no prediction."""

    code: str
    detail: str

    def as_dict(self) -> dict[str, dict[str, str]]:
        """The failure as the response has it."""
        return {"error": {"code": self.code, "detail": self.detail}}


Item = Pixels | Failure
"""One image's place in a request: uint8 [128,128,3], or why it has none."""


def unpack(request: Request) -> list[Item]:
    """The images of a request in order, those that cannot be decoded as a failure in their own place.

    Raises:
        PayloadInvalid: ``body_empty``, ``content_type_unsupported``, ``json_invalid``, ``npy_invalid`` or ``too_many_images``.
    """
    kind = request.content_type.partition(";")[0].strip().lower() or "application/octet-stream"
    if kind == "multipart/form-data":
        return _decode_all([_part(part) for part in request.parts])
    if kind not in ("application/json", "application/x-npy", "application/octet-stream") and not kind.startswith("image/"):
        raise _unsupported(kind)
    # Query parameters come as parts, too; the body is the last one.
    body = next((part.value for part in reversed(request.parts) if part.name == "body"), b"")
    if kind == "application/json":
        return _decode_all(_instances(body))
    if not body or not isinstance(body, bytes | bytearray):
        raise PayloadInvalid("body_empty", "the request has no body")
    if kind == "application/x-npy":
        return list(_packed(body))
    return _decode_all([bytes(body)])


def predictions(opinions: NDArray[np.float32], band: ReviewBand) -> list[dict[str, Any]]:
    """Each network's medical probability, [N,2] with columns as in MEMBERS, to N predictions as the response has them."""
    return [_prediction([round(float(value), 5) for value in row], band) for row in opinions]


def document(name: str, version: str, entries: Sequence[Mapping[str, Any]]) -> bytes:
    """The response body: which model answered, and one entry per image."""
    answer = {"model": {"name": name, "version": version}, "predictions": entries}
    return json.dumps(answer, separators=(",", ":")).encode()


def refusal(failure: Failure) -> bytes:
    """The response body for a request that cannot be answered at all."""
    return json.dumps(failure.as_dict(), separators=(",", ":")).encode()


def _prediction(opinions: list[float], band: ReviewBand) -> dict[str, Any]:
    medical = round(sum(opinions) / len(opinions), 5)
    return {
        "label": LABELS[0] if medical >= 0.5 else LABELS[1],
        "confidence": round(max(medical, 1 - medical), 5),
        "probabilities": {"medical": medical, "non_medical": round(1 - medical, 5)},
        "models": dict(zip(MEMBERS, opinions, strict=True)),
        "review": band.holds(medical),
    }


def _unsupported(kind: str) -> PayloadInvalid:
    known = "image/*, application/octet-stream, multipart/form-data, application/json or application/x-npy"
    return PayloadInvalid("content_type_unsupported", f"the body is {kind[:60]}; send {known}")


def _decode_all(encoded: Sequence[bytes | Failure]) -> list[Item]:
    if not encoded:
        raise PayloadInvalid("body_empty", "the request holds no image")
    _check_count(len(encoded))
    items: list[Item] = []
    budget = PIXEL_BUDGET
    for data in encoded:
        if isinstance(data, Failure):
            items.append(data)
            continue
        try:
            image = decode(data, min(MAX_PIXELS, budget))
            budget -= image.width * image.height
            items.append(to_input(image))
        except UndecodableImage as error:
            items.append(Failure(error.code, error.detail))
        except Exception as error:  # whatever a strange picture does must not spoil its neighbours
            items.append(Failure("image_corrupt", f"the image cannot be decoded ({type(error).__name__})"))
    return items


def _check_count(images: int) -> None:
    if images > MAX_IMAGES:
        raise PayloadInvalid("too_many_images", f"the request holds {images:,} images; {MAX_IMAGES} are allowed")


def _part(part: Part) -> bytes | Failure:
    # A field without a file name has been read as text on the way here, which destroys an image beyond repair.
    if part.content_type and isinstance(part.value, bytes | bytearray):
        return bytes(part.value)
    return Failure("part_not_a_file", "the part is a form field; send images as files, with a file name")


def _instances(body: Value) -> list[bytes | Failure]:
    if isinstance(body, bytes | bytearray):  # not parsed yet, or beyond parsing
        try:
            body = json.loads(body)
        except (ValueError, RecursionError):
            raise PayloadInvalid("json_invalid", "the body is not JSON") from None
    instances = body.get("instances") if isinstance(body, dict) else None
    if not isinstance(instances, list):
        raise PayloadInvalid("json_invalid", 'the body is not of the form {"instances": [{"b64": "..."}]}')
    _check_count(len(instances))
    return [_instance(instance) for instance in instances]


def _instance(instance: Any) -> bytes | Failure:
    encoded = instance.get("b64") if isinstance(instance, dict) else None
    if not isinstance(encoded, str):
        return Failure("instance_invalid", 'the instance is not of the form {"b64": "..."}')
    try:
        return base64.b64decode(encoded, validate=True)
    except (binascii.Error, ValueError):
        return Failure("image_not_base64", "the image is not base64")


def _packed(body: bytes | bytearray) -> Pixels:
    """A .npy body to uint8 [N,128,128,3]; header and length are checked before any array is made."""
    file = io.BytesIO(body)
    try:
        version = npy.read_magic(file)
        read_header = {(1, 0): npy.read_array_header_1_0, (2, 0): npy.read_array_header_2_0}[version]
        shape, fortran_order, dtype = read_header(file)
    except Exception:  # numpy's reader raises what its tokenizer and literal_eval raise
        raise PayloadInvalid("npy_invalid", "the body is not an array in .npy format") from None
    if dtype != np.uint8 or fortran_order or len(shape) != 4 or shape[1:] != (SIZE, SIZE, 3):
        order = " in Fortran order" if fortran_order else ""
        raise PayloadInvalid("npy_invalid", f"the array is {dtype} {list(shape)}{order}, not uint8 [N,{SIZE},{SIZE},3]"[:200])
    if shape[0] < 1:
        raise PayloadInvalid("body_empty", "the array holds no image")
    _check_count(shape[0])
    offset, size = file.tell(), math.prod(shape)
    if len(body) - offset != size:
        raise PayloadInvalid("npy_invalid", f"the array announces {size:,} bytes and has {len(body) - offset:,}")
    return np.frombuffer(body, np.uint8, size, offset).reshape(shape)
