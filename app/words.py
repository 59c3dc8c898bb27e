"""Codes as words: what happened and what a person can do about it."""

from __future__ import annotations

from dataclasses import dataclass

from app.client import GatewayFailed


@dataclass(frozen=True)
class Explanation:
    """``what`` happened, and ``todo``: what to do. ``again``: whether trying again may help."""

    what: str
    todo: str
    again: bool = False


_PROBLEMS = {
    "gateway_unreachable": Explanation(
        "medsift's gateway cannot be reached.", "Start it with `medsift up`, or check MEDSIFT_GATEWAY_URL.", True
    ),
    "gateway_timeout": Explanation("The gateway did not answer in time.", "Try again; a smaller document is quicker.", True),
    "answer_invalid": Explanation(
        "This is not a medsift report.", "Open a JSON file that this page or `medsift classify --format json` has written."
    ),
    "inference_unavailable": Explanation(
        "The classifier is asleep or busy.", "It may need some minutes to wake up. Try again then.", True
    ),
    "internal_error": Explanation("The gateway failed.", "Try again; if it fails again, look at its log.", True),
    "answer_too_large": Explanation(
        "The result is too large to be sent at once.", "Classify it where it lies: `medsift classify FILE`."
    ),
    "request_invalid": Explanation("The gateway did not understand the page.", "They may be of different versions."),
    "inference_failed": Explanation("The classifier failed.", "Try again; if it fails again, look at its log.", True),
    "inference_rejected": Explanation(
        "The classifier refused the pictures.", "Gateway and classifier may be of different versions.", True
    ),
    "pdf_encrypted": Explanation("This PDF is protected by a password.", "Type the password to open it."),
    "pdf_password_wrong": Explanation("That password does not open the PDF.", "Check it and try again."),
    "pdf_invalid": Explanation("This PDF cannot be read.", "Open it and save it under a new name, or print it to a new PDF."),
    "pdf_corrupt": Explanation("This PDF is damaged.", "Download it again, or open it and save it under a new name."),
    "pdf_no_pages": Explanation("This PDF has no pages.", "It may be incomplete: download it again."),
    "pdf_crashed": Explanation(
        "This PDF could not be read: reading it failed each time.", "Print it to a new PDF and hand that in."
    ),
    "image_corrupt": Explanation("This picture is damaged.", "Download it again, or save it anew from a viewer."),
    "image_unsupported": Explanation("This picture's format is not supported.", "Save it as PNG or JPEG."),
    "image_too_large": Explanation("This picture has too many pixels to open safely.", "Save a smaller copy of it."),
    "source_invalid": Explanation("This file cannot be read.", "Choose another file."),
    "source_not_found": Explanation("There is no such file.", "Choose another file."),
    "source_empty": Explanation("The file is empty.", "Choose another file."),
    "source_unsupported": Explanation(
        "This is neither a PDF nor a web page nor a picture.",
        "Hand in a PDF, a PNG, JPEG, TIFF, WebP, GIF or BMP, or an address.",
    ),
    "source_too_large": Explanation(
        "The document is larger than can be sent this way.",
        "Split it, or classify it where it lies: `medsift classify FILE`, or `medsift submit` for documents in a bucket.",
    ),
    "source_not_reached": Explanation("There was no time left for this file.", "Hand it in on its own."),
    "fetch_failed": Explanation("The address cannot be fetched.", "Check it, and try it in your browser.", True),
    "address_invalid": Explanation("This is not an address that can be fetched.", "It must begin with http:// or https://."),
    "address_forbidden": Explanation(
        "This address is not on the public internet.", "Download the document and hand it in as a file."
    ),
    "address_unreachable": Explanation(
        "Nothing answers at this address.", "Check its spelling, and try it in your browser.", True
    ),
    "address_timeout": Explanation("The website took too long to answer.", "Try again later.", True),
    "address_status": Explanation(
        "The website refused to hand out the page.", "It may need a login: download the page and hand in the file.", True
    ),
}  # fmt: skip

_REASONS = {
    "too_small": "Smaller than 32 pixels on a side: icons, bullets and rules",
    "blank": "A single colour",
    "not_drawn": "In the file, but on no page",
    "duplicate": "The same picture as another",
    "svg": "A drawing made of lines, which no device took",
    "not_an_image": "Not a picture",
    "image_corrupt": "Damaged: cannot be decoded",
    "image_unsupported": "In a format that cannot be decoded",
    "image_too_large": "Too large to open safely",
    "page_corrupt": "The page is damaged: not searched, or not all of it",
    "attachment": "A file that the PDF carries: not searched, save it and hand it in",
    "page_missing": "Not there: the document has fewer pages",
    "address_relative": "Its address is incomplete: hand in the page by its address",
    "limit_bytes": "Not fetched: the page's pictures are too large together",
    "limit_time": "Not searched: the document took too long",
    "limit_memory": "Not searched: the document needed too much memory",
    "limit_cpu": "Not searched: the document took too much computing",
    "limit_pages": "Not searched: too many pages",
    "limit_pixels": "Not searched: too many pixels",
    "limit_sheets": "Not searched: too many style sheets",
    "not_finished": "Not searched: the document was not finished",
    "limit_images": "Not classified: too many pictures",
}


def explain(problem: GatewayFailed) -> Explanation:
    """An error in words; one whose code is not known keeps the gateway's own."""
    known = _PROBLEMS.get(problem.code)
    if known:
        return known
    if problem.status == 413:
        return _PROBLEMS["source_too_large"]
    return Explanation(f"{problem.title}: {problem.detail}.", "Try again, or hand in another document.", problem.retryable)


def reason(code: str) -> str:
    """Why a picture was left out; an unknown code becomes words as it is."""
    if code in _REASONS:
        return _REASONS[code]
    if code.startswith("address_"):
        return "Could not be fetched"
    return code.replace("_", " ").capitalize()


ORIGINS = {
    "embedded": "stored in the PDF",
    "inline": "drawn in the page's own text of commands",
    "annotation": "in a note on the page",
    "rendered": "drawn as lines, and taken as a picture of the page",
    "img": "an image of the page",
    "srcset": "the largest of several sizes",
    "picture": "the best of several formats",
    "lazy": "loaded when scrolled to",
    "css": "a background",
    "meta": "the page's preview picture",
    "data": "written into the page",
    "svg": "inside a drawing",
    "direct": "the file itself",
}


def percent(value: float) -> str:
    """A share in whole percent; never 100 unless it is, and never 0: one scan among a thousand pictures is one."""
    return f"{min(max(round(value * 100), 1), 99) if 0 < value < 1 else round(value * 100)} %"
