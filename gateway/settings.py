"""What is configured, and only here: environment variables that begin with ``MEDSIFT_``."""

from __future__ import annotations

from pydantic import Field
from pydantic_settings import BaseSettings, SettingsConfigDict


class Settings(BaseSettings):
    """Read from the environment: ``MEDSIFT_INFERENCE_URL`` sets ``inference_url``."""

    model_config = SettingsConfigDict(env_prefix="MEDSIFT_", frozen=True)

    inference_url: str = Field("http://127.0.0.1:8080", description="TorchServe's inference address")
    allow_hosts: str = Field(
        "", description="host:port, comma-separated, that may be fetched although they are not on the public internet"
    )

    gateway_url: str = Field("http://127.0.0.1:8000", description="the gateway's address, for the page people use")

    @property
    def allowed_hosts(self) -> frozenset[str]:
        """``allow_hosts`` as a set."""
        return frozenset(host.strip().lower() for host in self.allow_hosts.split(",") if host.strip())
