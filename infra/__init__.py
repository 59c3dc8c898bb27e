"""What puts medsift on AWS (``python -m infra``) and on Kubernetes (``infra/kubernetes``)."""
