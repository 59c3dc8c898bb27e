"""The networks behind a SageMaker endpoint."""

from __future__ import annotations

from contextlib import closing
from typing import Any

from botocore.config import Config
from botocore.exceptions import BotoCoreError, ClientError, NoCredentialsError

from gateway.correlation import new_request_id, request_id
from gateway.errors import InferenceError, InferenceRejected, InferenceUnavailable
from gateway.inference import CONTENT_TYPE, Predictions, pack, parse
from gateway.limits import Limits
from handler.preprocess import Pixels

AWAY = frozenset(
    {"ModelNotReadyException", "ServiceUnavailable", "InternalFailure", "InternalDependencyException", "ThrottlingException"}
)
"""Errors that pass. ``ModelError`` passes where the container itself answered with such a status."""

INFERENCE_ID_LENGTH = 64


def connect(limits: Limits) -> Any:
    """A client that itself tries again, with jitter, what throttling and broken connections cost.

    As often as ``Limits.inference_total_s`` allows, were every attempt to take ``Limits.inference_s``.
    """
    import boto3

    attempts = min(limits.inference_attempts, int(limits.inference_total_s // limits.inference_s))

    return boto3.client(
        "sagemaker-runtime",
        config=Config(
            retries={"mode": "standard", "total_max_attempts": max(1, attempts)},
            connect_timeout=limits.inference_connect_s,
            read_timeout=limits.inference_s,
            max_pool_connections=32,
        ),
    )


class SageMakerInference:
    """``InvokeEndpoint``, signed with the caller's role. May be shared by threads.

    Args:
        client: What :func:`connect` gives; it tries again by itself, a bounded number of times.
        endpoint: The endpoint's name.
        limits: What a caller is told to wait.
    """

    def __init__(self, client: Any, endpoint: str, limits: Limits) -> None:
        self._client = client
        self._endpoint = endpoint
        self._limits = limits

    def predict(self, pixels: Pixels) -> Predictions:
        """Classify uint8 [N,128,128,3].

        Raises:
            InferenceUnavailable: Asleep, starting, scaling or full, after all attempts.
            InferenceRejected: An answer, but not N predictions, or a call that can never succeed.
        """
        try:
            answer = self._client.invoke_endpoint(
                EndpointName=self._endpoint,
                ContentType=CONTENT_TYPE,
                Accept="application/json",
                InferenceId=(request_id.get() or new_request_id())[:INFERENCE_ID_LENGTH],
                Body=pack(pixels),
            )
            with closing(answer["Body"]) as body:
                data = body.read()
        except ClientError as error:
            raise self._refusal(error) from None
        except NoCredentialsError:
            raise InferenceRejected("there are no credentials for the classifier's endpoint") from None
        except BotoCoreError:  # no connection, or one that broke
            raise InferenceUnavailable("the classifier's endpoint does not answer", self._limits.retry_after_s) from None
        return parse(data, len(pixels))

    def _refusal(self, error: ClientError) -> InferenceError:
        code = error.response["Error"]["Code"]
        status = error.response.get("OriginalStatusCode") if code == "ModelError" else None
        # TorchServe in the container answers 503 where its queue is full, 507 or 500 where a worker is starting.
        if code in AWAY or (status and (int(status) >= 500 or int(status) == 429)):
            return InferenceUnavailable("the classifier's endpoint is busy or starting", self._limits.retry_after_s)
        detail = f"it answers {status}" if status else code
        return InferenceRejected(f"the classifier's endpoint refused the request ({detail})")
