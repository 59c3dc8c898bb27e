"""What a load costs, from the list prices in prices.toml: per month and per 1,000 images."""

from __future__ import annotations

import math
import tomllib
from dataclasses import dataclass
from datetime import date
from pathlib import Path
from typing import Any, Literal

from gateway.errors import RequestInvalid
from gateway.limits import Limits

PRICES = Path(__file__).with_name("prices.toml")
HOURS_A_MONTH = 730
# As the template has them; a test compares.
FUNCTION_GB = 3008 / 1024
ALARMS = 7
METRICS = 20  # telemetry's, by stage and code

Way = Literal["uploads", "http"]


@dataclass(frozen=True)
class Load:
    """A month's work, and how fast it goes.

    The speeds are assumptions until they are measured where it runs: 350 images a second is what two processor cores do
    through OpenVINO, so that an instance with a GPU is not promised too much.
    """

    documents: int
    images_per_document: float = 12.0
    megabytes_per_document: float = 2.0
    seconds_per_document: float = 5.0  # of a function
    images_per_second: float = 350.0  # of one instance
    way: Way = "uploads"
    instance: str = "ml.g4dn.xlarge"
    min_instances: int = 1
    kept_months: float = 1.0

    @property
    def images(self) -> float:
        """Images a month."""
        return self.documents * self.images_per_document


@dataclass(frozen=True)
class Line:
    """One line of the bill, in dollars a month."""

    name: str
    quantity: str
    dollars: float


@dataclass(frozen=True)
class Bill:
    """A month's bill. ``prices_of`` is the date of the prices."""

    lines: tuple[Line, ...]
    images: float
    prices_of: date
    region: str

    @property
    def month(self) -> float:
        """Dollars a month."""
        return sum(line.dollars for line in self.lines)

    @property
    def per_thousand_images(self) -> float | None:
        """Dollars per 1,000 images, or None where there is no image."""
        return self.month / self.images * 1000 if self.images else None


def bill(load: Load, prices: dict[str, Any] | None = None) -> Bill:
    """Price a month.

    Raises:
        RequestInvalid: No price is known of the instance, or a number makes no sense.
    """
    prices = prices or tomllib.loads(PRICES.read_text())
    hourly = prices["per_hour"].get(load.instance)
    if hourly is None:
        raise RequestInvalid(f"No price is known of {load.instance}; {PRICES.name} has {', '.join(prices['per_hour'])}.")
    if min(load.documents, load.images_per_document, load.seconds_per_document) < 0 or load.images_per_second <= 0:
        raise RequestInvalid("A load cannot be negative, and an instance must classify something.")

    documents = load.documents
    batches = documents * math.ceil(load.images_per_document / Limits.batch_images)
    busy_hours = load.images / load.images_per_second / 3600
    hours = max(load.min_instances * HOURS_A_MONTH, busy_hours)
    gb_seconds = documents * load.seconds_per_document * FUNCTION_GB
    stored_gb = documents * load.megabytes_per_document / 1024 * load.kept_months
    log_gb = documents * 2_000 / 1e9  # some lines of JSON

    functions, storage, logs = prices["functions"], prices["storage"], prices["logs"]
    working = gb_seconds * functions["gb_second"] + documents / 1e6 * functions["million_requests"]
    watching = log_gb * logs["gb"] + (documents + batches) / 1e6 * logs["million_traces"]
    alarms = ALARMS * logs["alarm_month"] + METRICS * logs["metric_month"]
    lines = [
        Line("Endpoint", f"{hours:,.0f} h of {load.instance} ({busy_hours:,.1f} h busy)", hours * hourly),
        Line("Functions", f"{gb_seconds:,.0f} GB-s", working),
        Line("Logs and traces", f"{log_gb:,.2f} GB", watching),
        Line("Alarms and metrics", f"{ALARMS} and {METRICS}", alarms),
    ]
    if load.way == "uploads":
        # A message is sent, received and deleted; now and then a receive finds nothing.
        messages = 4 * documents
        # Written: the PDF and two reports. Read: the PDF, and what is there already.
        kept = stored_gb * storage["gb_month"]
        kept += 3 * documents / 1000 * storage["thousand_writes"] + 6 * documents / 1000 * storage["thousand_reads"]
        lines.append(Line("Queue", f"{messages:,} requests", messages / 1e6 * prices["queue"]["million_requests"]))
        lines.append(Line("Storage", f"{stored_gb:,.1f} GB", kept))
    else:
        # The API counts every 512 kB as a request.
        requests = documents * max(1, math.ceil(load.megabytes_per_document * 2))
        answers_gb = load.images * 700 / 1e9
        lines.append(Line("API", f"{requests:,} requests of 512 kB", requests / 1e6 * prices["api"]["million_requests"]))
        lines.append(Line("Answers", f"{answers_gb:,.2f} GB out", answers_gb * prices["network"]["gb_out"]))
    return Bill(tuple(lines), load.images, prices["date"], prices["region"])
