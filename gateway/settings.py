"""What is configured, and only here: environment variables that begin with ``MEDSIFT_``."""

from __future__ import annotations

from dataclasses import replace

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict

from gateway.limits import Limits


class Settings(BaseSettings):
    """Read from the environment: ``MEDSIFT_INFERENCE_URL`` sets ``inference_url``."""

    model_config = SettingsConfigDict(env_prefix="MEDSIFT_", env_ignore_empty=True, frozen=True)

    inference_url: str = Field(default="http://127.0.0.1:8080", description="TorchServe's inference address")
    inference_ca_file: str | None = Field(
        default=None, description="certificates to trust for inference_url, instead of the public ones"
    )
    sagemaker_endpoint: str | None = Field(
        default=None, description="name of a SageMaker endpoint; used instead of inference_url"
    )
    allow_hosts: str = Field(
        default="", description="host:port, comma-separated, that may be fetched although they are not on the public internet"
    )
    inline_bytes: int = Field(
        default=Limits.inline_bytes,
        gt=0,
        description="largest body of POST /v1/classify, in bytes; larger PDFs go through /v1/jobs",
    )
    answer_s: float | None = Field(
        default=None, gt=0, description="seconds within which a call must be answered; what was found by then is reported"
    )
    cors_origins: str = Field(default="", description="origins, comma-separated, whose pages may call the API; none by default")
    bucket: str | None = Field(default=None, description="bucket of uploads and reports; without it there are no jobs")
    queue_url: str | None = Field(default=None, description="SQS queue of the uploads, which medsift submit fills")
    gateway_url: str = Field(default="http://127.0.0.1:8000", description="where the Streamlit page finds the gateway")

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """``allow_hosts`` as a set."""
        return frozenset(_listed(self.allow_hosts.lower()))

    @property
    def allowed_origins(self) -> tuple[str, ...]:
        """``cors_origins``, in its order."""
        return tuple(_listed(self.cors_origins))

    @property
    def limits(self) -> Limits:
        """The bounds, with what is configured."""
        limits = Limits(inline_bytes=self.inline_bytes)
        if self.answer_s is None:
            return limits
        # Two thirds are for the search, the classifier has most of the rest, and the report is written in what is left.
        search_s, classify_s = self.answer_s * 2 / 3, self.answer_s / 4
        return replace(
            limits,
            search_s=search_s,
            fetch_total_s=min(limits.fetch_total_s, search_s / 2),
            inference_s=min(limits.inference_s, classify_s / 2),
            inference_total_s=min(limits.inference_total_s, classify_s),
        )


def _listed(text: str) -> list[str]:
    return [part.strip() for part in text.split(",") if part.strip()]
