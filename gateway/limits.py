"""Every bound in one place."""

from __future__ import annotations

import math
from dataclasses import dataclass

MIB = 1 << 20


@dataclass(frozen=True)
class Limits:
    """What one request may cost. Sizes are in bytes, times in seconds, sides in pixels."""

    # A source
    source_bytes: int = 200 * MIB
    inline_bytes: int = 4 * MIB  # a function's request is 6 MB at most, in base64
    inline_s: float = 60.0  # for a body to arrive, where requests do not come through a function's front
    answer_bytes: int = 6 * 1000 * 1000  # a function's answer as JSON, in base64 where it is compressed
    parts: int = 100  # files in one form
    search_s: float = math.inf  # of one call: fetching and searching all that it hands in
    # Images
    image_side: int = 32  # smaller is an icon or a bullet, and is skipped
    image_pixels: int = 100_000_000
    images: int = 10_000  # distinct ones of a PDF
    placements: int = 200_000  # of them on its pages
    thumbnail_side: int = 256
    # The child process that reads a PDF
    pdf_pages: int = 5_000
    pdf_pixels: int = 20_000_000_000  # all images of a document together
    pdf_memory: int = 900 * MIB  # beside the 60 MiB that it starts with
    pdf_cpu_s: float = 600.0
    pdf_wall_s: float = 600.0
    pdf_page_s: float = 10.0  # of processor time
    pdf_children: int = 4  # side by side, where there are processors for them
    pdf_child_pages: int = 12  # a child for fewer is not worth its start
    # The network
    fetch_bytes: int = 50 * MIB
    fetch_connect_s: float = 5.0
    fetch_read_s: float = 10.0
    fetch_total_s: float = 30.0
    fetch_redirects: int = 10
    fetch_parallel: int = 16
    fetch_per_host: int = 6
    page_bytes: int = 20 * MIB  # of the page itself
    page_images: int = 1_000
    page_total_bytes: int = 500 * MIB
    page_wall_s: float = 120.0
    sheets: int = 50  # style sheets
    sheet_bytes: int = 4 * MIB
    sheet_depth: int = 3  # of @import
    # The classifier
    batch_images: int = 64  # 64 packed images are 3.1 MB; TorchServe takes 6.5 MB, a function's answer 6 MB
    inference_parallel: int = 2  # batches of one source that are on their way at the same time
    inference_connect_s: float = 3.0
    inference_s: float = 30.0
    inference_attempts: int = 5
    inference_backoff_s: float = 0.5  # doubles with each attempt, and dice choose how much of it is waited
    inference_backoff_max_s: float = 10.0
    inference_total_s: float = 60.0  # all attempts together
    retry_after_s: int = 5  # what a caller is told when the classifier names no time itself
    # Uploads
    upload_s: int = 3_600  # how long a presigned upload may begin
    link_s: int = 3_600  # how long a presigned link to a report works
    upload_retry_s: float = 30.0  # first wait when the classifier is away; doubles each time
    upload_retry_max_s: float = 3_600.0
