"""When a source brought its articles: one stem for each part of the span, an empty line where it brought none."""

from dashboards.report.charts.canvas import Canvas, Scale, short

_WIDTH, _HEIGHT = 200, 16


def draw_arrivals(counts: tuple[int, ...]) -> str:
    """The strip of one source, as high as its own busiest part; the number stands beside it."""
    canvas = Canvas(_WIDTH, _HEIGHT)
    foot = _HEIGHT - 1
    canvas.line((0, foot), (_WIDTH, foot), "axis")
    upright, width = Scale(0, max([*counts, 1]), foot - 2, 0), _WIDTH / max(1, len(counts))
    boxes = (
        f"M{short(place * width)} {foot}V{short(upright(number))}h{short(max(1, width - 0.5))}V{foot}Z"
        for place, number in enumerate(counts)
        if number
    )
    canvas.path("".join(boxes), "arrived")
    return canvas.render_mute()
