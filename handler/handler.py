"""The TorchServe adapter: several requests in, one forward pass, exactly one answer per request out.

The only module that imports ``ts``. TorchServe calls :meth:`Medsift.initialize` once and :meth:`Medsift.handle` per batch of
requests; both are looked up through ``entry.py``.
"""

from __future__ import annotations

import json
import logging
import re
import time
from collections.abc import Callable, Iterator
from concurrent.futures import ThreadPoolExecutor
from pathlib import Path
from typing import Any

import numpy as np
import torch
from ts.context import Context
from ts.metrics.metric_type_enum import MetricTypes
from ts.service import Service

from handler import engines, payload
from handler.ensemble import Ensemble
from handler.payload import Failure, Item, Part, Request
from handler.preprocess import Pixels

logger = logging.getLogger("medsift")

JSON = "application/json"

# A broken CUDA context mends only in a new process; TorchServe starts one when this one ends.
FAILURES_IN_A_ROW = 3

METRICS = {
    "medsift_images_per_forward": ("Images", MetricTypes.HISTOGRAM),
    "medsift_decode_seconds": ("Seconds", MetricTypes.HISTOGRAM),
    "medsift_forward_seconds": ("Seconds", MetricTypes.HISTOGRAM),
    "medsift_disagreements": ("Images", MetricTypes.COUNTER),
}
"""Ours, as ``metrics.yaml`` declares them to the server: unit and type by name."""


class Medsift:
    """The service behind one worker process."""

    def initialize(self, context: Context) -> None:
        """Load the networks, build and warm up the engine."""
        cores = engines.available_cores()
        torch.set_num_threads(cores)
        ensemble = Ensemble.load(Path(context.system_properties["model_dir"]))
        self._band = ensemble.band
        self._engine = engines.create(ensemble, context.system_properties.get("gpu_id"))
        self._decoders = ThreadPoolExecutor(cores, thread_name_prefix="decode")  # Pillow decodes without the interpreter's lock
        self._name = context.model_name
        self._version = str(context.manifest["model"]["modelVersion"])
        self._failures = 0
        keep_repeated_parts()
        logger.info("medsift %s runs on %s, %d cores", self._version, self._engine.name, cores)

    def handle(self, data: list[dict[str, payload.Value]], context: Context) -> list[bytes]:
        """Answer a batch of requests.

        No exception leaves this method for anything that a request holds: TorchServe would fail every request of the batch.
        """
        start = time.perf_counter()
        requests = [_request(parts, context.get_all_request_header(place)) for place, parts in enumerate(data)]
        unpacked = list(self._decoders.map(_unpack, requests))
        decoded = time.perf_counter()
        outcomes = self._answers(unpacked, context)
        done = time.perf_counter()
        self._count(context, "medsift_decode_seconds", decoded - start)
        answers = []
        for place, (status, body, failed) in enumerate(outcomes):
            context.set_response_status(code=status, idx=place)
            context.set_response_content_type(place, JSON)
            answers.append(body)
            images = unpacked[place]
            line = {
                "request": _request_id(context, place),
                "status": status,
                "images": 0 if isinstance(images, Failure) else len(images),
                "failed": failed,
                "requests_in_batch": len(data),
                "ms": round((done - start) * 1000, 1),
            }
            logger.info("%s", json.dumps(line))
        return answers

    def _answers(self, unpacked: list[list[Item] | Failure], context: Context) -> list[tuple[int, bytes, int]]:
        """Per request: HTTP status, body, and how many of its images failed."""
        images = [item for items in unpacked if isinstance(items, list) for item in items if not isinstance(item, Failure)]
        try:
            found = iter(self._classify(images, context))
            self._failures = 0
        except Exception:
            logger.exception("the forward pass failed")
            self._failures += 1
            if self._failures >= FAILURES_IN_A_ROW:
                raise SystemExit(1) from None
            failure = Failure("inference_failed", "the networks could not be run; try again")
            return [
                (400, payload.refusal(items), 0) if isinstance(items, Failure) else (503, payload.refusal(failure), len(items))
                for items in unpacked
            ]
        return [self._answer(items, found) for items in unpacked]

    def _answer(self, items: list[Item] | Failure, found: Iterator[dict[str, Any]]) -> tuple[int, bytes, int]:
        if isinstance(items, Failure):
            return 400, payload.refusal(items), 0
        entries = [item.as_dict() if isinstance(item, Failure) else next(found) for item in items]
        failed = sum(isinstance(item, Failure) for item in items)
        return 200, payload.document(self._name, self._version, entries), failed

    def _classify(self, images: list[Pixels], context: Context) -> list[dict[str, Any]]:
        """One forward pass over the images of all requests together."""
        if not images:
            return []
        start = time.perf_counter()
        opinions = self._engine.infer(np.stack(images))
        self._count(context, "medsift_forward_seconds", time.perf_counter() - start)
        self._count(context, "medsift_images_per_forward", len(images))
        medical = opinions >= 0.5
        self._count(context, "medsift_disagreements", int((medical.any(axis=1) & ~medical.all(axis=1)).sum()))
        return payload.predictions(opinions, self._band)

    def _count(self, context: Context, name: str, value: float) -> None:
        unit, kind = METRICS[name]
        metrics = context.metrics
        if name not in metrics.cache.get(kind, {}):  # the server runs with a metrics.yaml that does not know ours
            metrics.add_metric_to_cache(name, unit, ["ModelName"], kind)
        metrics.get_metric(name, kind).add_or_update(value, [self._name])


def keep_repeated_parts() -> None:
    """Make TorchServe 0.12 keep multipart parts that share a name.

    Its server passes every part on, but ``Service.retrieve_data_for_inference`` files them in a dict by name, so that all but
    the last of a name are lost. Here each name gets its place in front, ``0:name``, which no header is called either.
    """
    retrieve: Callable[[Any], Any] = Service.retrieve_data_for_inference
    if getattr(retrieve, "keeps_repeated_parts", False):
        return

    def retrieve_all(batch: list[dict[str, Any]]) -> Any:
        for request in batch or ():
            for place, part in enumerate(request["parameters"]):
                part["name"] = f"{place}:{part['name']}"
        return retrieve(batch)

    retrieve_all.keeps_repeated_parts = True  # type: ignore[attr-defined]
    Service.retrieve_data_for_inference = staticmethod(retrieve_all)


def _unpack(request: Request) -> list[Item] | Failure:
    try:
        return payload.unpack(request)
    except payload.PayloadInvalid as error:
        return Failure(error.code, error.detail)
    except Exception as error:  # a mistake of ours, which the batch must outlive
        logger.exception("a request could not be unpacked")
        return Failure("body_invalid", f"the body cannot be unpacked ({type(error).__name__})")


def _request(parts: dict[str, payload.Value], headers: dict[str, Any]) -> Request:
    """TorchServe's two dicts: part values by ``place:name``; and headers by name, among them each part's, a dict."""
    kinds = {name: value.get("content-type") or "" for name, value in headers.items() if isinstance(value, dict)}
    return Request(
        content_type=_header(headers, "content-type"),
        parts=tuple(Part(name.partition(":")[2], kinds.get(name, ""), value) for name, value in parts.items()),
    )


def _header(headers: dict[str, Any], name: str) -> str:
    return next((value for key, value in headers.items() if key.lower() == name and isinstance(value, str)), "")


def _request_id(context: Context, place: int) -> str:
    """The caller's X-Request-Id, if it is one that may stand in a log; else TorchServe's own."""
    given = _header(context.get_all_request_header(place), "x-request-id")
    return given if re.fullmatch(r"[\w.:-]{1,128}", given, re.ASCII) else str(context.get_request_id(place))
