"""Drills: each does newscandle a harm that operators fear, in a place of its own, and says what was promised and seen.

    prepare ─▶ harm ─▶ judge ─▶ report

Nothing of the operator's is touched: the store, the servers and the processes are the drill's own, and end with it.
"""
