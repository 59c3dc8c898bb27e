"""The command line."""

from __future__ import annotations

import errno
import io
import json
import os
import sys
import tempfile
from collections.abc import Iterator
from contextlib import contextmanager
from dataclasses import replace
from pathlib import Path
from typing import Annotated, Any, Literal

import numpy as np
import typer
from pydantic import ValidationError

from gateway import compose, console, formats
from gateway.bodies import parse_pages
from gateway.errors import InferenceUnavailable, MedsiftError, OutputFailed, RequestInvalid
from gateway.formats import Format
from gateway.given import Given, are_several, each, expand
from gateway.images import Keep
from gateway.inference import Inference
from gateway.outcomes import Failure, Outcome
from gateway.report import Report
from gateway.service import Service
from gateway.settings import Settings
from gateway.sources import in_characters
from handler.preprocess import SIZE

INTERRUPTED = 130
ATTEMPTS = 3  # a person is waiting, and can start the classifier

app = typer.Typer(
    name="medsift",
    help="Finds every image in a PDF or on a web page and says which are medical.",
    no_args_is_help=True,
    add_completion=False,
    pretty_exceptions_enable=False,
)


Sources = Annotated[
    list[str], typer.Argument(metavar="PATH_OR_URL", help="PDFs, images, pages, or directories of PDFs and images.")
]
Password = Annotated[str | None, typer.Option(help="Opens encrypted PDFs.", envvar="MEDSIFT_PDF_PASSWORD")]
Pages = Annotated[str | None, typer.Option(help="Of PDFs: 3 or 1-8, counted from 1.")]
Port = Annotated[int, typer.Option(min=1, max=65535, help="On 127.0.0.1.")]


@app.command()
def classify(
    sources: Sources,
    format: Annotated[
        Format | None, typer.Option(help="By default a table on a terminal, csv to a file called so, else json.")
    ] = None,
    output: Annotated[Path | None, typer.Option(help="Write to this file.", dir_okay=False)] = None,
    password: Password = None,
    pages: Pages = None,
) -> None:
    """Find the images of each source and say which are medical."""
    chosen = format or formats.usual(output)
    span, service = _pages(pages), _service()
    failures: list[Failure] = []

    def work(given: Given, bars: console.Bars) -> Report:
        source = given.read(service.fetcher, service.limits)
        return service.classify(source, password=password, pages=span, progress=bars.searched)

    def outcomes() -> Iterator[Outcome]:
        for outcome in each(expand(sources), work):
            if isinstance(outcome, Failure):
                failures.append(outcome)
            yield outcome

    with formats.opened(output) as file:
        formats.write(outcomes(), chosen, are_several(sources), file)
    if failures:
        raise typer.Exit(1)


@app.command()
def extract(
    sources: Sources,
    output: Annotated[Path, typer.Option(help="Directory; several sources get one each in it.", file_okay=False)],
    password: Password = None,
    pages: Pages = None,
) -> None:
    """Write the images of each source as PNG files, and images.json."""
    from gateway.extract import extract as write
    from gateway.extract import folder_names

    span, service = _pages(pages), _service()
    given = expand(sources)
    readable = [one for one in given if isinstance(one, Given)]
    folders = dict(zip(map(id, readable), folder_names([one.name for one in readable]), strict=True))

    def work(one: Given, bars: console.Bars) -> tuple[str, int, Path]:
        source = one.read(service.fetcher, service.limits)
        findings = service.find(source, password=password, pages=span, keep=Keep.FULL)
        folder = output / folders[id(one)] if are_several(sources) else output
        return str(one), formats.writing(folder, lambda: write(source, findings, folder, bars.searched)), folder

    failures: list[Failure] = []
    for result in each(given, work):
        if isinstance(result, Failure):
            failures.append(result)
        else:
            name, count, folder = result
            typer.echo(f"{console.plain(name)}: {count} images in {folder}")
    if failures:
        raise typer.Exit(1)


@app.command()
def evaluate(
    folder: Annotated[
        Path, typer.Argument(metavar="DIR", help="Holds manifest.csv, or folders medical and non-medical.", file_okay=False)
    ],
    split: Annotated[str | None, typer.Option(help="Only rows of this split.")] = None,
    format: Annotated[Literal["table", "json"], typer.Option(help="How the figures are printed.")] = "table",
) -> None:
    """Measure both networks and the ensemble on labelled images."""
    from training.evaluate import evaluate as measure
    from training.evaluate import labelled, tables

    try:
        rows = labelled(folder, split)  # what is wrong with them is told before a classifier starts
    except OSError as error:
        raise RequestInvalid(f"{error.filename}: {error.strerror}") from None
    except ValueError as error:
        raise RequestInvalid(str(error)) from None
    with _some_inference() as inference, console.bars(1) as bars:
        bars.start(str(folder))
        try:
            result = measure(folder, rows, lambda pixels: inference.predict(pixels).predictions, bars.images)
        except ValueError as error:
            raise RequestInvalid(str(error)) from None
    with formats.opened() as file:
        if format == "json":
            file.write(in_characters(json.dumps(result, ensure_ascii=False)) + "\n")
        else:
            console.output(file).print(*tables(result))


@app.command()
def archive(
    model_store: Annotated[Path | None, typer.Option(help="Where the networks' weights lie.", file_okay=False)] = None,
    output: Annotated[Path | None, typer.Option(help="The directory for medsift.mar.", file_okay=False)] = None,
) -> None:
    """Build the archive that TorchServe serves."""
    from gateway.stack import MODEL_STORE
    from handler.archive import build

    store = model_store or MODEL_STORE
    try:
        built = build(store, output or store)
    except (OSError, RuntimeError) as error:  # which says what is missing
        raise OutputFailed(str(error)) from None
    typer.echo(built)


@app.command()
def up(
    then_classify: Annotated[str | None, typer.Option(metavar="PATH_OR_URL", help="Classify this first.")] = None,
    port: Annotated[int, typer.Option(min=1, max=65535, help="The gateway's, on 127.0.0.1.")] = 8000,
    inference_port: Port = 8080,
    page_port: Port = 8501,
    bucket_port: Port = 9000,
) -> None:
    """Run TorchServe, the gateway, a bucket and the page here, until Ctrl-C."""
    from gateway import stack

    here = {"sagemaker_endpoint": None}
    service = _service(**here)  # what is wrong with settings and source is told before anything starts
    source = Given(then_classify).read(service.fetcher, service.limits) if then_classify else None
    typer.echo("Starting TorchServe, the gateway, a bucket and the page ...", err=True)
    try:
        with stack.up(stack.Ports(port, inference_port, page_port, bucket_port), os.environ) as running:
            if source:
                service = _service(**here, inference_url=running.addresses["TorchServe"])
                console.output().print(console.report_table(service.classify(source)))
            stack.ready(running)
            for name, address in running.addresses.items():
                typer.echo(f"{name}: {address}")
            typer.echo("Ctrl-C stops everything.")
            sys.stdout.flush()
            running.serve()
    except KeyboardInterrupt:
        typer.echo("Stopped.", err=True)  # which is how this command ends


@app.command()
def submit(
    prefix: Annotated[str, typer.Argument(metavar="s3://BUCKET/PREFIX", help="Where PDFs lie.")],
) -> None:
    """Queue the PDFs of a bucket that have no report yet; run again, it goes on where it stopped."""
    with console.status(prefix) as tell:
        done = compose.submit(_settings(), prefix, lambda so_far: tell(f"{so_far.seen:,} seen, {so_far.queued:,} queued"))
    typer.echo(f"{done.seen:,} PDFs: {done.queued:,} queued, {done.settled:,} have their result already")


def main() -> None:
    """The command ``medsift``: what is expected to go wrong is one line on standard error."""
    if isinstance(sys.stdout, io.TextIOWrapper):
        sys.stdout.reconfigure(errors="replace")  # a name that the locale has no characters for ends nothing
    try:
        app()
    except MedsiftError as error:
        console.complain(error.title, error)
        sys.exit(1)
    except OSError as error:
        if error.errno not in (errno.ENOSPC, errno.EDQUOT):
            raise
        full = OutputFailed(str(error.strerror))
        console.complain(full.title, full)
        os._exit(1)  # on the way out, the interpreter would try once more to write what is left
    except SystemExit as leaving:
        if leaving.code == INTERRUPTED:
            # Everything has been closed on the way here, but the interpreter would still wait for the classifier's answer.
            os._exit(INTERRUPTED)
        raise


def _settings(**overrides: Any) -> Settings:
    try:
        return Settings(**overrides)
    except ValidationError as error:
        wrong = error.errors()[0]
        raise RequestInvalid(f"MEDSIFT_{str(wrong['loc'][0]).upper()}: {wrong['msg']}") from None


def _service(**overrides: Any) -> Service:
    settings = _settings(**overrides)
    return compose.service(settings, replace(settings.limits, inference_attempts=ATTEMPTS))


def _pages(text: str | None) -> range | None:
    try:
        return parse_pages(text)
    except RequestInvalid as error:
        raise typer.BadParameter(error.detail, param_hint="--pages") from None


@contextmanager
def _some_inference() -> Iterator[Inference]:
    """The classifier that is configured; one of our own for as long as it takes, where none answers."""
    settings = _settings()
    once = replace(settings.limits, inference_attempts=1)
    try:
        compose.inference(settings, once).predict(np.full((1, SIZE, SIZE, 3), 127, np.uint8))
    except InferenceUnavailable:
        if settings.sagemaker_endpoint:
            raise
    else:
        yield compose.inference(settings, settings.limits)
        return
    from gateway import stack

    with tempfile.TemporaryDirectory(prefix="medsift-") as folder, stack.inference(0, Path(folder)) as torchserve:
        yield compose.inference(_settings(inference_url=torchserve.url), settings.limits)


if __name__ == "__main__":
    main()
