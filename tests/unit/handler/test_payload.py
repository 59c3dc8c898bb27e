"""Bodies of every kind, and of no kind."""

import base64
import io
import json
import struct

import numpy as np
import pytest
from hypothesis import given
from hypothesis import strategies as st
from PIL import Image

from handler import payload
from handler.ensemble import ReviewBand
from handler.payload import Failure, Part, PayloadInvalid, Request, unpack
from handler.preprocess import preprocess


def png(size=(40, 30), colour="red"):
    buffer = io.BytesIO()
    Image.new("RGB", size, colour).save(buffer, "PNG")
    return buffer.getvalue()


def npy(array, **options):
    buffer = io.BytesIO()
    np.lib.format.write_array(buffer, array, allow_pickle=options.pop("allow_pickle", False), **options)
    return buffer.getvalue()


def body(content_type, value):
    return Request(content_type, (Part("body", content_type, value),))


def refused(request):
    with pytest.raises(PayloadInvalid) as caught:
        unpack(request)
    assert caught.value.detail
    return caught.value.code


@pytest.mark.parametrize("kind", ["image/png", "image/x-unheard-of", "application/octet-stream", "IMAGE/PNG; q=1", ""])
def test_one_encoded_image(kind):
    (item,) = unpack(body(kind, bytearray(png())))
    assert np.array_equal(item, preprocess(png()))


def test_several_parts_in_order_whatever_their_names():
    colours = ["red", "green", "blue"]
    parts = tuple(Part(name, "image/png", png(colour=colour)) for name, colour in zip(["a", "a", "body"], colours, strict=True))
    items = unpack(Request("multipart/form-data; boundary=x", parts))
    assert [item[0, 0].tolist() for item in items] == [[255, 0, 0], [0, 128, 0], [0, 0, 255]]


def test_a_form_field_without_a_file_name_is_told_so_in_its_own_place():
    parts = (Part("field", "", b"text"), Part("file", "image/png", png()), Part("words", "text/plain", "read as text"))
    items = unpack(Request("multipart/form-data", parts))
    assert [item.code if isinstance(item, Failure) else "image" for item in items] == [
        "part_not_a_file", "image", "part_not_a_file",
    ]  # fmt: skip


@pytest.mark.parametrize("parsed", [True, False])
def test_instances(parsed):
    document = {"instances": [{"b64": base64.b64encode(png()).decode()}, {"b64": "###"}, {"other": 1}, 7, {"b64": ""}]}
    items = unpack(body("application/json", document if parsed else json.dumps(document).encode()))
    assert np.array_equal(items[0], preprocess(png()))
    assert [item.code for item in items[1:]] == ["image_not_base64", "instance_invalid", "instance_invalid", "image_empty"]


@pytest.mark.parametrize("version", [(1, 0), (2, 0)])
def test_packed_images_pass_as_they_are(pictures, version):
    assert np.array_equal(unpack(body("application/x-npy", npy(pictures, version=version))), pictures)


def test_one_damaged_image_spoils_no_other():
    parts = [Part(str(n), "image/png", data) for n, data in enumerate([png(), b"junk", png()[:60], png(), b""])]
    items = unpack(Request("multipart/form-data", tuple(parts)))
    assert [item.code if isinstance(item, Failure) else "image" for item in items] == [
        "image", "image_unsupported", "image_corrupt", "image", "image_empty",
    ]  # fmt: skip


def test_images_share_a_budget_of_pixels(monkeypatch):
    monkeypatch.setattr(payload, "PIXEL_BUDGET", 3000)
    parts = tuple(Part(str(n), "image/png", png(size)) for n, size in enumerate([(50, 40), (50, 40), (20, 20)]))
    first, second, third = unpack(Request("multipart/form-data", parts))
    assert (first.shape, second.code, third.shape) == ((128, 128, 3), "image_too_large", (128, 128, 3))


@pytest.mark.parametrize(
    ("request_", "code"),
    [
        (body("image/png", b""), "body_empty"),
        (Request("", ()), "body_empty"),
        (Request("multipart/form-data", ()), "body_empty"),
        (body("application/json", {"instances": []}), "body_empty"),
        (body("application/json", b"{"), "json_invalid"),
        (body("application/json", b"[" * 100_000), "json_invalid"),
        (body("application/json", b"\xff\xfe"), "json_invalid"),
        (body("application/json", [1]), "json_invalid"),
        (body("application/json", {"instances": {"b64": ""}}), "json_invalid"),
        (body("application/json", {"instances": [{}] * 129}), "too_many_images"),
        (body("text/html", "<html>"), "content_type_unsupported"),
        (body("application/pdf", b"%PDF"), "content_type_unsupported"),
        (Request("multipart/form-data", (Part("a", "image/png", png()),) * 129), "too_many_images"),
    ],
)
def test_bodies_that_cannot_be_unpacked(request_, code):
    assert refused(request_) == code


IMAGE = np.zeros((1, 128, 128, 3), np.uint8)


@pytest.mark.parametrize(
    ("data", "code"),
    [
        (npy(IMAGE)[:-1], "npy_invalid"),
        (npy(IMAGE) + b"x", "npy_invalid"),
        (npy(IMAGE.astype(np.float32)), "npy_invalid"),
        (npy(IMAGE[0]), "npy_invalid"),
        (npy(np.asfortranarray(np.zeros((2, 128, 128, 3), np.uint8))), "npy_invalid"),
        (npy(np.array([{}], dtype=object), allow_pickle=True), "npy_invalid"),
        (npy(IMAGE[:0]), "body_empty"),
        (npy(np.zeros((129, 128, 128, 3), np.uint8)), "too_many_images"),
        (b"\x93NUMPY\x09\x00", "npy_invalid"),
        (b"PK\x03\x04", "npy_invalid"),
    ],
)
def test_arrays_that_are_no_images(data, code):
    assert refused(body("application/x-npy", data)) == code


@pytest.mark.parametrize("images", [10**12, -1, 2**63])
def test_an_announced_size_allocates_nothing(images):
    header = f"{{'descr': '|u1', 'fortran_order': False, 'shape': ({images}, 128, 128, 3)}}\n".encode()
    data = b"\x93NUMPY\x01\x00" + struct.pack("<H", len(header)) + header
    assert refused(body("application/x-npy", data)) in ("too_many_images", "body_empty", "npy_invalid")


def outcome(request):
    """The images, or the one error's code."""
    try:
        return unpack(request)
    except PayloadInvalid as error:
        return [error.code]


KINDS = st.sampled_from(["image/png", "application/json", "application/x-npy", "multipart/form-data", "text/plain", ""])
JSON = st.recursive(
    st.none() | st.booleans() | st.floats() | st.text(max_size=8),
    lambda inner: st.lists(inner, max_size=4) | st.dictionaries(st.sampled_from(["instances", "b64", "x"]), inner, max_size=3),
)


@given(kind=KINDS | st.text(max_size=12), value=st.binary(max_size=200) | st.text(max_size=20) | JSON)
def test_odd_bodies_give_images_or_one_clear_error(kind, value):
    assert all(isinstance(item, str | Failure) or item.shape == (128, 128, 3) for item in outcome(body(kind, value)))


@given(place=st.integers(0, 120), byte=st.integers(0, 255))
def test_a_damaged_header_is_refused_or_harmless(place, byte):
    data = bytearray(npy(IMAGE))
    data[place] = byte
    (item,) = outcome(body("application/x-npy", data))
    assert item in ("npy_invalid", "body_empty", "too_many_images") if isinstance(item, str) else np.array_equal(item, IMAGE[0])


@given(first=st.floats(0, 1, width=32), second=st.floats(0, 1, width=32))
def test_a_prediction_is_consistent_in_itself(first, second):
    (found,) = payload.predictions(np.array([[first, second]], np.float32), ReviewBand(0.2, 0.8))
    medical = found["probabilities"]["medical"]
    assert found["label"] == ("medical" if medical >= 0.5 else "non-medical")
    assert medical + found["probabilities"]["non_medical"] == pytest.approx(1)
    assert found["confidence"] == max(found["probabilities"].values()) >= 0.5
    assert medical == pytest.approx((first + second) / 2, abs=2e-5)
    assert found["review"] == (0.2 < medical < 0.8)


def test_the_response_document():
    entries = [*payload.predictions(np.array([[0.9, 0.7]], np.float32), ReviewBand()), Failure("image_empty", "none").as_dict()]
    assert json.loads(payload.document("medsift", "1.2.3", entries)) == {
        "model": {"name": "medsift", "version": "1.2.3"},
        "predictions": [
            {
                "label": "medical",
                "confidence": 0.8,
                "probabilities": {"medical": 0.8, "non_medical": 0.2},
                "models": {"original": 0.9, "finetuned": 0.7},
                "review": False,
            },
            {"error": {"code": "image_empty", "detail": "none"}},
        ],
    }
