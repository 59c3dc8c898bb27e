"""What runs inside TorchServe: image bytes to tensors, two networks, one answer per request."""
