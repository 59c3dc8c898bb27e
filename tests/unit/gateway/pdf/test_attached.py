"""Files that a PDF carries are named: who sorts an archive has to know that they are there."""

import pikepdf
from pikepdf import Array, Dictionary, Name

from gateway.images import FoundImage, Skipped
from gateway.pdf.attached import MOST
from tests.pdfs import Document, picture, search

AT = "q 96 0 0 64 50 200 cm /I Do Q"


def carrying(*names):
    document = Document()
    document.page(AT, {"I": document.image(picture())})
    for name in names:
        document.pdf.attachments[name] = pikepdf.AttachedFileSpec(document.pdf, b"...", filename=name)
    return document


def test_documents_and_pictures_are_named_and_data_is_not():
    found = search(carrying("Röntgen 1.pdf", "invoice.xml", "HEAD.PNG", "胸部.webp").bytes())
    assert sorted(each.detail.split(": ")[1] for each in found if isinstance(each, Skipped)) == [
        '"HEAD.PNG"', '"Röntgen 1.pdf"', '"胸部.webp"',
    ]  # fmt: skip
    assert {(each.reason, each.page) for each in found if isinstance(each, Skipped)} == {("attachment", None)}
    assert sum(isinstance(each, FoundImage) for each in found) == 1


def test_those_beyond_a_hundred_are_counted():
    found = search(carrying(*(f"{number:04}.jpg" for number in range(MOST + 7))).bytes())
    told = [each.detail for each in found if isinstance(each, Skipped)]
    assert len(told) == MOST + 1
    assert told[-1].endswith("and 7 more")


def test_a_file_pinned_to_a_page_is_named_with_it():
    document = carrying()
    file = Dictionary(Type=Name.Filespec, F="slice.jpg")
    note = document.pdf.make_indirect(
        Dictionary(Type=Name.Annot, Subtype=Name.FileAttachment, FS=file, Rect=Array([9, 9, 20, 20]))
    )
    document.page(AT, {"I": document.image(picture(1))}, Annots=Array([note, Dictionary(FS=Array([]))]))
    (told,) = [each for each in search(document.bytes(), 2) if isinstance(each, Skipped)]
    assert (told.reason, told.page) == ("attachment", 2)
    assert '"slice.jpg"' in told.detail


def test_a_list_of_files_that_is_none_hides_no_picture():
    document = carrying()
    document.pdf.Root.Names = Dictionary(EmbeddedFiles=Dictionary(Names=Array(["a", 7, "b", Array([]), "c"])))
    assert [type(each) for each in search(document.bytes())] == [FoundImage]
