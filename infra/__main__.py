"""``python -m infra deploy | status | delete | cost``."""

from __future__ import annotations

import sys
from collections.abc import Callable, Iterator
from contextlib import contextmanager
from pathlib import Path
from typing import Annotated

import typer
from rich.console import Console
from rich.progress import BarColumn, DownloadColumn, Progress, TextColumn
from rich.table import Table

from gateway.errors import MedsiftError, RequestInvalid
from infra import cost as costs
from infra import model, packaging
from infra.deployment import Deployment
from infra.stack import Event

app = typer.Typer(no_args_is_help=True, add_completion=False, help="Put medsift on AWS, look after it, remove it, price it.")
out = Console()
err = Console(stderr=True)

Name = Annotated[str, typer.Option(help="Name of the stack; resources carry it.")]
Region = Annotated[str | None, typer.Option(help="AWS region; else the environment's.")]
Poll = Annotated[float, typer.Option(hidden=True, min=0.0)]

BUILD = packaging.ROOT / "build" / "infra"
ARCHIVE = packaging.ROOT / "model_store" / "medsift.mar"


@app.command()
def deploy(
    image: Annotated[str | None, typer.Option(help="TorchServe image in ECR; needed the first time.")] = None,
    name: Name = "medsift",
    region: Region = None,
    set_: Annotated[
        list[str] | None, typer.Option("--set", help="A parameter of the template, as Name=value; may be repeated.")
    ] = None,
    archive: Annotated[Path, typer.Option(help="Model archive, from `medsift archive`.")] = ARCHIVE,
    functions: Annotated[Path | None, typer.Option(help="Functions' zip, instead of building it.")] = None,
    python: Annotated[str, typer.Option(help="Python of the functions: 3.12 or 3.13.")] = "3.13",
    poll_s: Poll = 5.0,
) -> None:
    """Build, upload, apply, wait. Run again without a change, it does nothing."""
    with _reported():
        settings = _settings(set_ or []) | {"PythonRuntime": f"python{python}"}
        if image:
            settings["InferenceImage"] = image
        deployment = Deployment.connect(name, region, poll_s=poll_s)
        if "InferenceImage" not in deployment.stack.parameters() | settings:
            raise RequestInvalid(
                "The first deployment needs --image: build infra/containers/torchserve.Dockerfile and push it to ECR."
            )
        if not archive.is_file():
            raise RequestInvalid(f"There is no {archive}: `medsift archive` builds it.")
        if functions is None:
            functions = _build(python)
        BUILD.mkdir(parents=True, exist_ok=True)
        repacked = model.repack(archive, BUILD / "model.tar.gz")
        with _sending(functions.stat().st_size + repacked.stat().st_size) as bar:
            change = deployment.deploy(functions, repacked, settings, _watch, bar)
        out.print({"unchanged": "Nothing to change.", "created": "Created.", "updated": "Updated."}[change])
        _print_outputs(deployment)


@app.command()
def status(name: Name = "medsift", region: Region = None) -> None:
    """Say how the stack is and where it answers."""
    with _reported():
        deployment = Deployment.connect(name, region)
        state = deployment.stack.status()
        out.print(f"{name}: {state or 'not deployed'}")
        if state is None:
            raise typer.Exit(1)
        if health := deployment.health():
            out.print(f"Endpoint: {health.endpoint}")
            out.print(f"Uploads: {health.waiting} waiting, {health.in_work} in work, {health.failed} failed")
        _print_outputs(deployment)


@app.command()
def delete(
    name: Name = "medsift",
    region: Region = None,
    yes: Annotated[bool, typer.Option("--yes", help="Do not ask.")] = False,
    poll_s: Poll = 5.0,
) -> None:
    """Remove everything: documents, reports, uploads, functions, endpoint."""
    with _reported():
        deployment = Deployment.connect(name, region, poll_s=poll_s)
        if not yes:
            typer.confirm(f"Delete {name} with all its documents and reports?", abort=True)
        out.print("Deleted." if deployment.delete(_watch) else "There was nothing to delete.")


@app.command()
def cost(
    documents: Annotated[int, typer.Option(min=0, help="Documents a month.")] = 10_000,
    images: Annotated[float, typer.Option(min=0, help="Images per document.")] = 12.0,
    megabytes: Annotated[float, typer.Option(min=0, help="Size of a document.")] = 2.0,
    seconds: Annotated[float, typer.Option(min=0, help="A function's seconds per document.")] = 5.0,
    images_per_second: Annotated[float, typer.Option(min=0.001, help="What one instance classifies.")] = 350.0,
    http: Annotated[bool, typer.Option("--http", help="Documents come through the API instead of the bucket.")] = False,
    instance: Annotated[str, typer.Option(help="Instance type of the endpoint.")] = "ml.g4dn.xlarge",
    min_instances: Annotated[int, typer.Option(min=1)] = 1,
) -> None:
    """Price a load from dated list prices."""
    with _reported():
        load = costs.Load(
            documents, images, megabytes, seconds, images_per_second, "http" if http else "uploads", instance, min_instances
        )
        bill = costs.bill(load)
        table = Table(
            title=f"{documents:,} documents with {load.images:,.0f} images a month, {bill.region}, prices of {bill.prices_of}"
        )
        table.add_column("")
        table.add_column("A month", justify="right")
        table.add_column("USD", justify="right")
        for line in bill.lines:
            table.add_row(line.name, line.quantity, f"{line.dollars:,.2f}")
        table.add_section()
        table.add_row("A month", "", f"{bill.month:,.2f}")
        if bill.per_thousand_images is not None:
            table.add_row("Per 1,000 images", "", f"{bill.per_thousand_images:,.4f}")
        out.print(table)
        out.print(
            f"Assumed, not measured: {seconds:g} s of a function per document, {images_per_second:g} images/s per instance."
        )


def _settings(words: list[str]) -> dict[str, str]:
    pairs = [word.partition("=") for word in words]
    if wrong := [word for word, equals, _ in pairs if not equals]:
        raise RequestInvalid(f"--set takes Name=value, not {wrong[0]!r}.")
    return {key: value for key, _, value in pairs}


def _build(python: str) -> Path:
    BUILD.mkdir(parents=True, exist_ok=True)
    with err.status(f"Building the functions for Python {python} on arm64"):
        package = packaging.build(BUILD, packaging.Target(python))
    out.print(f"Functions: {package.unpacked / 1e6:.1f} MB unpacked, {package.zipped / 1e6:.1f} MB zipped.")
    return package.path


@contextmanager
def _sending(total: int) -> Iterator[Callable[[int], None]]:
    columns = (TextColumn("Uploading"), BarColumn(), DownloadColumn())
    with Progress(*columns, console=err, disable=not err.is_terminal, transient=True) as progress:
        task = progress.add_task("", total=total)
        yield lambda sent: progress.advance(task, sent)


def _watch(event: Event) -> None:
    style = "red" if event.status.endswith("_FAILED") else None
    err.print(f"  {event.status:<20} {event.resource} {event.reason}", style=style, highlight=False, markup=False)


def _print_outputs(deployment: Deployment) -> None:
    width = max((len(key) for key in deployment.stack.outputs()), default=0)
    for key, value in sorted(deployment.stack.outputs().items()):
        out.print(f"  {key:<{width}}  {value}", highlight=False, soft_wrap=True)


@contextmanager
def _reported() -> Iterator[None]:
    """One line for what went wrong, and the exit status: 1 it failed, 2 wrong usage."""
    from boto3.exceptions import Boto3Error  # an upload that S3 refuses is neither of botocore's
    from botocore.exceptions import BotoCoreError, ClientError

    try:
        yield
    except RequestInvalid as error:
        err.print(error.detail, style="red", highlight=False, markup=False)
        raise typer.Exit(2) from None
    except MedsiftError as error:
        err.print(f"{error.code}: {error.detail}", style="red", highlight=False, markup=False)
        raise typer.Exit(1) from None
    except (Boto3Error, BotoCoreError, ClientError) as error:
        err.print(f"AWS: {error}", style="red", highlight=False, markup=False)
        raise typer.Exit(1) from None


if __name__ == "__main__":
    sys.exit(app())
