"""The routes, for API Gateway's HTTP APIs and function URLs; under uvicorn the same ones, see :mod:`gateway.asgi`."""

from __future__ import annotations

import asyncio
import base64
import json
import time
from collections.abc import Callable, Sequence
from dataclasses import asdict
from functools import cache, partial
from typing import TYPE_CHECKING, Any, cast

import numpy as np
from aws_lambda_powertools.event_handler import APIGatewayHttpResolver, CORSConfig, Response
from aws_lambda_powertools.event_handler.api_gateway import ApiGatewayResolver

from gateway import contract, telemetry
from gateway.bodies import Body, Part, parse_flag, parse_pages, read_body, wants_csv
from gateway.correlation import HEADER, accepted
from gateway.errors import (
    AnswerTooLarge,
    JobsUnavailable,
    MedsiftError,
    RouteUnknown,
    SourceNotReached,
    SourceTooLarge,
    Unexpected,
)
from gateway.limits import Limits
from gateway.outcomes import Failure, Outcome, outcome_json, outcomes_csv, outcomes_json
from gateway.problems import problem
from gateway.report import Report
from gateway.service import Service
from gateway.sources import Source, from_address
from handler.preprocess import SIZE

if TYPE_CHECKING:
    from gateway.jobs import Jobs

JSON, CSV = "application/json", "text/csv; charset=utf-8"
PASSWORD = "X-Pdf-Password"  # noqa: S105 - a header's name


def create_app(
    service: Service,
    jobs: Jobs | None = None,
    *,
    origins: Sequence[str] = (),
    resolver: Callable[..., ApiGatewayResolver] = APIGatewayHttpResolver,
) -> ApiGatewayResolver:
    """The routes on a resolver of Powertools.

    Args:
        service: Finds and classifies.
        jobs: Uploads through a bucket, where there is one.
        origins: Of pages that may call from a browser.
        resolver: Makes the resolver; it is given ``cors``.
    """
    app = resolver(cors=_cors(origins))
    app.use(middlewares=[cast(Any, _edge)])  # Powertools' types know of plain functions only
    # Handlers are coroutines that leave the work to threads, so that calls run side by side under uvicorn.

    @app.post("/v1/classify", compress=True, **contract.CLASSIFY)
    async def classify() -> Response[Any]:
        event = app.current_event
        data = base64.b64decode(event.body or "") if event.is_base64_encoded else (event.body or "").encode()
        return await asyncio.to_thread(
            _classify, service, data, event.headers, event.query_string_parameters or {}, jobs is not None
        )

    @app.post("/v1/jobs", **contract.NEW_JOB)
    async def new_job() -> Response[Any]:
        event = app.current_event
        body = base64.b64decode(event.body or "").decode("utf-8", "replace") if event.is_base64_encoded else event.body
        job = await asyncio.to_thread(_jobs(jobs).create, contract.job_name(body))
        return _json(asdict(job), 201)

    @app.get("/v1/jobs/<job_id>", **contract.JOB)
    async def job(job_id: str) -> Response[Any]:
        return _json(asdict(await asyncio.to_thread(_jobs(jobs).get, job_id)))

    @app.get("/health", **contract.HEALTH)
    async def health() -> Response[Any]:
        answer = await asyncio.to_thread(service.inference.predict, np.full((1, SIZE, SIZE, 3), 127, np.uint8))
        return _json({"status": "ready", "model": asdict(answer.model)})

    @app.get("/openapi.json", include_in_schema=False, compress=True)
    async def openapi() -> Response[Any]:
        return Response(200, JSON, await asyncio.to_thread(contract.document, app))

    @app.get("/docs", include_in_schema=False, compress=True)
    async def docs() -> Response[Any]:
        return Response(200, "text/html; charset=utf-8", await asyncio.to_thread(contract.page, app))

    @app.not_found
    def not_found(_: Exception) -> Response[Any]:
        return problem(RouteUnknown(f"nothing answers {app.current_event.http_method} here; see /docs for what there is"))

    return app


@telemetry.instrumented
def handler(event: dict[str, Any], context: Any) -> dict[str, Any]:
    """The Lambda function: HTTP API (payload 2.0) and function URL events."""
    answer = asyncio.run(_app().resolve_async(event, context))
    # Lambda counts what leaves it: packed where it is packed, and as JSON, in which a report's quotes take two bytes each.
    if len(json.dumps(answer)) <= Limits.answer_bytes:
        return answer
    error = AnswerTooLarge(f"the report has more than {Limits.answer_bytes:,} bytes: ask for fewer pages, or no thumbnails")
    telemetry.record_failure(error)
    refused = problem(error)
    headers = {name: value for name, value in answer["headers"].items() if name != "Content-Encoding"}
    headers["Content-Type"] = refused.content_type
    return {**answer, "statusCode": refused.status_code, "headers": headers, "body": refused.body, "isBase64Encoded": False}


@cache
def _app() -> ApiGatewayResolver:
    from gateway import compose
    from gateway.settings import Settings

    settings = Settings()
    return create_app(compose.service(settings), compose.jobs(settings), origins=settings.allowed_origins)


async def _edge(app: ApiGatewayResolver, next_middleware: Callable[[ApiGatewayResolver], Any]) -> Response[Any]:
    """Around every route: the call's id in and out, errors as problems, and an answer that a function can give."""
    identity = accepted(app.current_event.headers.get(HEADER))
    with telemetry.correlated(identity):
        try:
            response: Response[Any] = await next_middleware(app)
        except MedsiftError as error:
            telemetry.record_failure(error)
            response = problem(error)
        except Exception as error:
            telemetry.record_crash(error)
            response = problem(Unexpected(f"the log has it under {identity}"))
    response.headers[HEADER] = identity
    response.headers.setdefault("Cache-Control", "no-store")
    response.headers["X-Content-Type-Options"] = "nosniff"
    return response


def _classify(service: Service, data: bytes, headers: Any, query: dict[str, str], has_jobs: bool) -> Response[Any]:
    limits = service.limits
    deadline = time.monotonic() + limits.search_s
    if len(data) > limits.inline_bytes:
        way = "send it through POST /v1/jobs" if has_jobs else "no bucket for larger ones is configured"
        raise SourceTooLarge(f"a body may have {limits.inline_bytes:,} bytes; {way}")
    fetch = partial(from_address, fetcher=service.fetcher, limits=limits, deadline=deadline)
    body = read_body(data, headers.get("Content-Type") or "", headers.get("Content-Disposition") or "", limits, fetch)
    options = {
        "password": headers.get(PASSWORD) or body.password,
        "pages": parse_pages(query.get("pages")),
        "thumbnails": parse_flag(query.get("thumbnails"), "thumbnails"),
    }
    outcomes = _outcomes(service, body, options, deadline)
    if wants_csv(headers.get("Accept")):
        kind, answer = CSV, outcomes_csv(outcomes)
    else:
        kind, answer = JSON, outcomes_json(outcomes) if body.several else outcome_json(outcomes[0])
    return Response(200, kind, answer)


def _outcomes(service: Service, body: Body, options: dict[str, Any], deadline: float) -> list[Outcome]:
    outcomes: list[Outcome] = []
    for part in body.parts:
        try:
            if outcomes and time.monotonic() > deadline:
                raise SourceNotReached("the sources before it took all the time of the call; hand it in on its own")
            outcomes.append(_report(service, part, options, deadline))
        except MedsiftError as error:
            # A lone source's error is the call's, and so is one that is not the source's fault.
            if not body.several or error.retryable or error.status >= 500:
                raise
            telemetry.record_failure(error)
            outcomes.append(Failure(part.name, error))
    return outcomes


def _report(service: Service, part: Part, options: dict[str, Any], deadline: float) -> Report:
    source: Source = part.read()
    report = service.classify(source, **options, deadline=deadline)
    telemetry.record(report)
    return report


def _jobs(jobs: Jobs | None) -> Jobs:
    if jobs is None:
        raise JobsUnavailable("uploads need a bucket, and none is configured (MEDSIFT_BUCKET)")
    return jobs


def _json(document: dict[str, Any], status: int = 200) -> Response[Any]:
    return Response(status, JSON, json.dumps(document, ensure_ascii=False))


def _cors(origins: Sequence[str]) -> CORSConfig | None:
    if not origins:
        return None
    return CORSConfig(
        allow_origin=origins[0],
        extra_origins=list(origins[1:]),
        allow_headers=["Content-Type", "Content-Disposition", HEADER, PASSWORD],
        expose_headers=[HEADER, "Retry-After"],
        max_age=600,
    )
