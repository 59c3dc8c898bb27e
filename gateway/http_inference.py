"""The networks behind TorchServe, over HTTP."""

from __future__ import annotations

import random
import time
from collections.abc import Callable
from http import HTTPStatus
from typing import Any

import requests
from requests.adapters import HTTPAdapter

from gateway.correlation import HEADER, new_request_id, request_id
from gateway.errors import InferenceRejected, InferenceUnavailable
from gateway.inference import CONTENT_TYPE, Predictions, pack, parse
from gateway.limits import Limits
from handler.preprocess import Pixels

CONNECTIONS = 32


class HttpInference:
    """``POST {url}/predictions/medsift``, tried again where that can help. May be shared by threads.

    Waits between attempts are drawn between zero and a bound that doubles ("full jitter": Brooker, "Exponential Backoff
    And Jitter", AWS Architecture Blog, 2015), so that callers that were turned away together do not come back together.
    A Retry-After that the endpoint names is waited out first.

    Args:
        url: TorchServe's inference address.
        limits: Attempts, times and bounds.
        ca_file: Certificates to trust instead of the public ones.
        sleep: Waits some seconds.
        dice: A number from [0, 1).
        clock: Seconds that never go back.
    """

    def __init__(
        self,
        url: str,
        limits: Limits,
        *,
        ca_file: str | None = None,
        sleep: Callable[[float], object] = time.sleep,
        dice: Callable[[], float] = random.random,
        clock: Callable[[], float] = time.monotonic,
    ) -> None:
        self.url = url.rstrip("/")
        self._limits = limits
        self._sleep = sleep
        self._dice = dice
        self._clock = clock
        self._session = requests.Session()
        self._session.trust_env = False  # neither proxies nor credentials of this machine's environment
        self._session.verify = ca_file or True
        for scheme in ("http://", "https://"):
            self._session.mount(scheme, HTTPAdapter(pool_maxsize=CONNECTIONS))

    def predict(self, pixels: Pixels) -> Predictions:
        """Classify uint8 [N,128,128,3].

        Raises:
            InferenceUnavailable: Not running, asleep or full, after all attempts.
            InferenceRejected: An answer, but not N predictions.
        """
        body = pack(pixels)
        headers = {"Content-Type": CONTENT_TYPE, HEADER: request_id.get() or new_request_id()}
        deadline = self._clock() + self._limits.inference_total_s
        for attempt in range(1, self._limits.inference_attempts + 1):
            try:
                return parse(self._post(body, headers, deadline), len(pixels))
            except _TurnedAway as error:
                wait = self._wait(attempt, error.named_s)
                if attempt == self._limits.inference_attempts or self._clock() + wait >= deadline:
                    raise InferenceUnavailable(error.detail, max(error.named_s, self._limits.retry_after_s)) from None
                self._sleep(wait)
        raise AssertionError("unreachable: the last attempt returns or raises")

    def _wait(self, attempt: int, named_s: int) -> float:
        bound = min(self._limits.inference_backoff_s * 2.0 ** (attempt - 1), self._limits.inference_backoff_max_s)
        return named_s + self._dice() * bound

    def _post(self, body: bytes, headers: dict[str, str], deadline: float) -> bytes:
        left = max(deadline - self._clock(), 0.001)
        options: dict[str, Any] = {
            "timeout": (min(self._limits.inference_connect_s, left), min(self._limits.inference_s, left)),
            "allow_redirects": False,
        }
        try:
            answer = self._session.post(f"{self.url}/predictions/medsift", body, headers=headers, **options)
        except requests.Timeout:
            raise _TurnedAway("the classifier does not answer in time") from None
        except requests.exceptions.SSLError:
            raise InferenceRejected("the classifier's certificate cannot be trusted") from None
        except (requests.ConnectionError, requests.exceptions.ChunkedEncodingError):
            raise _TurnedAway(f"no classifier answers at {self.url}") from None
        except (requests.RequestException, UnicodeError):
            raise InferenceRejected("the classifier's address is not valid, or its answer is not HTTP") from None
        except OSError:  # which requests does not make one of its own
            raise InferenceRejected("the file of certificates to trust cannot be read") from None
        if answer.status_code == HTTPStatus.OK:
            return answer.content
        if answer.status_code >= 500 or answer.status_code == HTTPStatus.TOO_MANY_REQUESTS:
            named = answer.headers.get("Retry-After", "")
            raise _TurnedAway(
                f"the classifier is busy or starting (it answers {answer.status_code})", int(named) if named.isdecimal() else 0
            )
        raise InferenceRejected(f"the classifier refused the request (it answers {answer.status_code})")


class _TurnedAway(Exception):
    # One attempt failed, and another may not. ``named_s`` is the endpoint's Retry-After.
    def __init__(self, detail: str, named_s: int = 0) -> None:
        super().__init__(detail)
        self.detail = detail
        self.named_s = named_s
