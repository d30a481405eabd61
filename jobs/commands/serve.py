"""`newscandle serve` and `newscandle up`: the HTTP application, alone and with a daemon."""

import typer

from jobs.commands.options import open_house

group = typer.Typer(rich_markup_mode=None)


@group.command(epilog="Example: newscandle serve    then: curl http://127.0.0.1:8600/readyz")
def serve(context: typer.Context) -> None:
    """Answer over HTTP until SIGTERM or Ctrl-C: /healthz, /readyz, /metrics. Runs no jobs; the store may come later."""
    import signal

    from jobs import logs
    from jobs.answering import answer_as_server
    from jobs.settings_file import read_settings

    logs.begin(read_settings(context.obj).log)
    signals = (signal.SIGTERM, signal.SIGINT, signal.SIGHUP)
    signal.pthread_sigmask(signal.SIG_BLOCK, signals)  # before there are threads: they are waited for here alone
    answering = answer_as_server(lambda: read_settings(context.obj))
    answering.start()
    while signal.sigwait(signals) is signal.SIGHUP:
        answering.reload(lambda: read_settings(context.obj))
    answering.stop()


@group.command(epilog="Example: newscandle up")
def up(context: typer.Context) -> None:
    """Run the daemon and answer over HTTP, in one process, until SIGTERM or Ctrl-C; SIGHUP reads the settings anew."""
    from jobs.answering import answer_as_server
    from jobs.daemon import run_daemon
    from jobs.settings_file import read_settings

    run_daemon(lambda: open_house(context), lambda: read_settings(context.obj), answer=answer_as_server)
