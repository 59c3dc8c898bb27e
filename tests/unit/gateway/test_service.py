import hashlib
import threading
import tracemalloc
from dataclasses import replace

import numpy as np
import pytest

from gateway import telemetry
from gateway.correlation import request_id
from gateway.errors import ImageUndecodable, InferenceUnavailable, PdfEncrypted, PdfPasswordWrong
from gateway.fetch import Fetcher
from gateway.images import FoundImage, Keep, Placement, Repeated, Searched, Skipped
from gateway.inference import Predictions
from gateway.limits import Limits
from gateway.report import Model, Opinions, Prediction, Probabilities
from gateway.service import Service
from gateway.sources import Source, from_bytes
from tests.documents import Flat, pdf, picture
from tests.sites import serving


class Brightness:
    """Calls bright images medical; remembers the sizes of its batches and the ids they came under."""

    def __init__(self):
        self.batches, self.ids = [], []

    def predict(self, pixels):
        self.batches.append(len(pixels))
        self.ids.append(request_id.get())
        chances = [float(image.mean()) / 255 for image in pixels]
        return Predictions(Model("bright", "1"), tuple(map(prediction, chances)))


def prediction(chance):
    label = "medical" if chance >= 0.5 else "non-medical"
    probabilities = Probabilities(chance, 1 - chance)
    return Prediction(label, max(chance, 1 - chance), probabilities, Opinions(chance, chance), 0.4 < chance < 0.6)


def service(inference=None, **limits):
    limits = replace(Limits(), **limits)
    return Service(inference or Brightness(), Fetcher(limits), limits)


def scripted(monkeypatch, findings):
    """A PDF whose search gives these findings."""
    monkeypatch.setattr("gateway.pdf.find", lambda *_, **__: findings)
    return Source("pdf", "scripted.pdf", b"%PDF-")


def found(value, page=1, **changes):
    pixels = np.full((128, 128, 3), value, np.uint8)
    sha256 = hashlib.sha256(bytes([value])).hexdigest()
    return FoundImage(sha256, 200, 100, "embedded", pixels, Placement(page, (0, 0, 10, 10)), **changes)


def test_a_pdf_becomes_a_report():
    report = service(Flat()).classify(from_bytes(pdf(1, 2, 1), "three pages.pdf"))
    assert (report.source.kind, report.source.name, report.source.pages) == ("pdf", "three pages.pdf", 3)
    assert [entry.page for entry in report.images] == [1, 2]
    assert [place.page for place in report.images[0].placements] == [1, 3]
    assert report.summary.images == report.summary.medical == 2
    assert report.model.name == "medsift"
    assert set(report.timing_ms) == {"find", "classify", "total"}
    assert all(value >= 0 for value in report.timing_ms.values())


def test_the_order_is_that_of_the_document_and_the_answers_stay_with_their_images(monkeypatch):
    values = list(range(0, 250, 7))
    inference = Brightness()
    source = scripted(monkeypatch, iter([found(value) for value in values]))
    report = service(inference, batch_images=8).classify(source)
    assert [entry.index for entry in report.images] == list(range(len(values)))
    assert [round(entry.probabilities.medical * 255) for entry in report.images] == values
    assert sorted(inference.batches, reverse=True) == [8, 8, 8, 8, 4]


def test_batches_leave_while_the_search_goes_on(monkeypatch):
    first_answer = threading.Event()

    class Telling(Brightness):
        def predict(self, pixels):
            answer = super().predict(pixels)
            first_answer.set()
            return answer

    def findings():
        yield found(10)
        yield found(20)
        assert first_answer.wait(10), "the first batch was held back until the search was over"
        yield found(30)

    report = service(Telling(), batch_images=2).classify(scripted(monkeypatch, findings()))
    assert report.summary.images == 3


def test_a_slow_classifier_holds_the_search_up_instead_of_filling_the_memory(monkeypatch):
    may_answer, produced = threading.Event(), []

    class Slow(Brightness):
        def predict(self, pixels):
            assert may_answer.wait(10)
            return super().predict(pixels)

    def findings():
        for value in range(200):
            produced.append(value)
            yield found(value)

    source, answers = scripted(monkeypatch, findings()), []
    thread = threading.Thread(target=lambda: answers.append(service(Slow(), batch_images=2).classify(source)))
    thread.start()
    thread.join(0.5)
    assert len(produced) <= 2 * (Limits.inference_parallel + 1) + 2
    may_answer.set()
    thread.join(20)
    assert answers[0].summary.images == 200


def test_memory_does_not_grow_with_the_document(monkeypatch):
    def findings():
        for number in range(1500):  # 74 MB of pixels
            yield replace(found(1), sha256=str(number), pixels=np.zeros((128, 128, 3), np.uint8))

    source = scripted(monkeypatch, findings())
    tracemalloc.start()
    try:
        assert service(Flat()).classify(source).summary.images == 1500
        _, peak = tracemalloc.get_traced_memory()
    finally:
        tracemalloc.stop()
    assert peak < 40_000_000


def test_the_same_image_is_classified_once_and_listed_with_all_its_places(monkeypatch):
    inference = Brightness()
    twin = found(1, page=4)
    again = Repeated(twin.sha256, Placement(5, (1, 2, 3, 4)))
    stranger = Repeated("0" * 64, Placement(5, (1, 2, 3, 4)))
    report = service(inference).classify(scripted(monkeypatch, iter([found(1), found(2), twin, again, stranger])))
    assert sum(inference.batches) == 2
    assert [[place.page for place in entry.placements] for entry in report.images] == [[1, 4, 5], [1]]


def test_what_is_left_out_is_listed_with_its_reason(monkeypatch):
    skipped = Skipped("too_small", "9x9 px", 1)
    limit = Skipped("limit_time", "600 s are over", 2)
    report = service().classify(scripted(monkeypatch, iter([skipped, found(3), Searched(1, 9), limit])))
    assert report.skipped == (skipped, limit)
    assert (report.summary.images, report.summary.skipped, report.source.pages) == (1, 2, 9)


def test_progress_is_told(monkeypatch):
    told = []
    findings = iter([found(1), Searched(1, 2), found(2), Searched(2, 2)])
    service().classify(scripted(monkeypatch, findings), progress=told.append)
    assert [(one.page, one.pages, one.images) for one in told] == [(0, 0, 1), (1, 2, 1), (1, 2, 2), (2, 2, 2)]


def test_a_source_without_images_asks_nobody(monkeypatch):
    inference = Brightness()
    report = service(inference).classify(scripted(monkeypatch, iter([Searched(1, 1)])))
    assert (report.images, report.model, inference.batches) == ((), None, [])


def test_an_absent_classifier_ends_the_search(monkeypatch):
    closed = []

    class Absent:
        def predict(self, pixels):
            raise InferenceUnavailable("asleep", 9)

    def findings():
        try:
            for value in range(250):
                yield found(value)
        finally:
            closed.append(True)

    with pytest.raises(InferenceUnavailable) as caught:
        service(Absent(), batch_images=2).classify(scripted(monkeypatch, findings()))
    assert caught.value.retry_after_s == 9
    assert closed == [True]


def test_the_id_of_the_call_reaches_the_threads():
    inference = Brightness()
    with telemetry.correlated("call-1"):
        service(inference).classify(from_bytes(picture(1), "a.png"))
    assert inference.ids == ["call-1"]


def test_an_image_is_its_own_only_finding():
    report = service().classify(from_bytes(picture(1), "a.png"), thumbnails=True)
    (entry,) = report.images
    assert (entry.origin, entry.page, entry.placements, report.source.pages) == ("direct", None, (), None)
    assert entry.thumbnail.startswith("data:image/png;base64,")


def test_an_image_that_is_too_small_is_left_out():
    report = service().classify(from_bytes(picture(1, side=9), "a.png"))
    assert [skipped.reason for skipped in report.skipped] == ["too_small"]


@pytest.mark.parametrize(("data", "code"), [(picture(1)[:900], "image_corrupt"), (b"\0nothing", "image_unsupported")])
def test_an_image_that_cannot_be_decoded_is_an_error(data, code):
    with pytest.raises(ImageUndecodable) as caught:
        service().classify(from_bytes(data, "a", content_type="image/png"))
    assert caught.value.code == code


def test_passwords_and_pages_reach_the_pdf():
    source = from_bytes(pdf(1, 2, 3, password="open"), "a.pdf")
    report = service().classify(source, password="open", pages=range(2, 4))
    assert [entry.page for entry in report.images] == [2, 3]
    with pytest.raises(PdfEncrypted):
        service().classify(source)
    with pytest.raises(PdfPasswordWrong):
        service().classify(source, password="shut")


def test_finding_keeps_whole_images_where_it_is_asked_to():
    (image,) = [one for one in service().find(from_bytes(pdf(1), "a"), keep=Keep.FULL) if isinstance(one, FoundImage)]
    assert image.png.startswith(b"\x89PNG")


def test_the_images_of_a_page_are_fetched_and_classified():
    answers = {"/": (200, {"Content-Type": "text/html"}, b"<img src=a.png><img src=none.png>"), "/a.png": picture(3)}
    with serving(answers) as site:
        limits = Limits()
        fetcher = Fetcher(limits, frozenset({site.netloc}))
        page = from_bytes(answers["/"][2], site.url(), content_type="text/html", url=site.url())
        report = Service(Brightness(), fetcher, limits).classify(page)
    assert [entry.url for entry in report.images] == [site.url("/a.png")]
    assert [skipped.url for skipped in report.skipped] == [site.url("/none.png")]
