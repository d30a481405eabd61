"""One finding against chance: a mark at its r, and in grey the ground that chance alone reaches."""

from dashboards.report.charts.canvas import Canvas, Scale

_WIDTH, _HEIGHT = 200, 20


def draw_finding(r: float | None, band: float | None, reach: float, *, is_shown: bool) -> str:
    """r on −reach…reach, grey ±band; a filled diamond where the verdict is more than not shown, else an open dot."""
    canvas = Canvas(_WIDTH, _HEIGHT)
    across, middle = Scale(-reach, reach, 4, _WIDTH - 4), _HEIGHT / 2
    if band is not None:
        low, high = across(-min(band, reach)), across(min(band, reach))
        canvas.box((low, 3), (high - low, _HEIGHT - 6), "band")
    canvas.line((4, middle), (_WIDTH - 4, middle), "axis")
    canvas.line((across(0), 1), (across(0), _HEIGHT - 1), "axis")
    if r is not None:
        x, half = across(r), 5.5 if is_shown else 3.6
        if is_shown:
            canvas.path(f"M{x:.1f} {middle - half}l{half} {half}l{-half} {half}l{-half} {-half}Z", "out")
        else:
            canvas.dot((x, middle), half, "in")
    return canvas.render_mute()
