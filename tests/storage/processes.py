"""Child processes for these tests, forked from a server that has imported everything already: quick to start."""

import multiprocessing
from multiprocessing.context import ForkServerContext

PROCESSES: ForkServerContext = multiprocessing.get_context("forkserver")
PROCESSES.set_forkserver_preload(["tests.storage.victim", "storage.migrations"])
