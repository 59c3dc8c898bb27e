"""The archive's way in: TorchServe imports this file from the archive's root, beside the ``handler`` package.

The archiver puts the file that it is given as the handler at the root. Were that ``handler.py``, ``import handler`` would find
either the file or the package of the same name, so it is this file, which holds the one class that TorchServe looks for.
"""

from handler.handler import Medsift


class Entry(Medsift):
    """What TorchServe instantiates: the only class that this module defines."""
