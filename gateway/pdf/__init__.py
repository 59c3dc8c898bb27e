"""Finds every image that a reader of a PDF sees, and only those."""

from gateway.pdf.finder import find

__all__ = ["find"]
