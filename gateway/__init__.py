"""The thin front: finds the images of a PDF or a web page, has them classified, and reports."""
