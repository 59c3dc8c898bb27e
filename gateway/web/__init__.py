"""Finds the images of a web page.

One page is searched, the one that was asked for, and the one that it sends its readers on to, if it does: links to other
pages are not followed, so there is nothing that its site's robots.txt would have a say in. Scripts do not run.

Left out on purpose: icons (``rel=icon``), which are no part of the page; ``template`` elements, which nobody sees before a
script copies them; masks and cursors in style sheets, whose shapes are seen and not their pixels; SVG drawn in the page.
SVG files are told as skipped. They are not rendered, for a drawing is never medical and a stranger's SVG is a program.
"""

from gateway.web.finder import find

__all__ = ["find"]
