"""What runs inside TorchServe: image bytes to tensors, two networks, one answer per request."""

LABELS = ("medical", "non-medical")
"""Class indices: 0 is medical."""
