"""Finds the images of a web page.

One page is searched, the one that was asked for: links to other pages are not followed, so there is nothing that its
site's robots.txt would have a say in. Scripts do not run.
"""

from gateway.web.finder import find

__all__ = ["find"]
