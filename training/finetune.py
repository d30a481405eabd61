"""One fine-tuning loop for every encoder: gold labels, or a teacher's softened ones, or both."""

import copy
import math
import random
import time
from collections.abc import Callable, Iterable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from service.sentiment.learned.marking import Marked, mark
from service.sentiment.scorer import MentionContext
from training.backbones import Backbone, tokenize_with
from training.examples import Example
from training.names import rename
from training.network import Reader, pack


@dataclass(frozen=True, slots=True)
class Recipe:
    """What a run is made of. `hide` and `swap` are the shares of mentions whose name is hidden or replaced."""

    rate: float
    steps: int
    batch: int = 16
    warm: float = 0.06
    smoothing: float = 0.05
    hide: float = 0.2
    swap: float = 0.2
    seed: int = 1
    layer_decay: float = 1.0
    frozen: int = 0  # the embeddings and the layers below this one keep their weights
    gold_weight: float = 0.5  # of the gold label where a teacher's answer is known too


@dataclass(frozen=True, slots=True)
class Lesson:
    """An example and, where a teacher read it, its probabilities (−, 0, +)."""

    example: Example
    taught: tuple[float, float, float] | None = None


def vary(lesson: Lesson, recipe: Recipe, chance: random.Random) -> tuple[MentionContext | str, bool]:
    """The context as this pass shows it, and whether its name is hidden."""
    context = lesson.example.context
    if isinstance(context, str):
        return context, False
    draw = chance.random()
    if draw < recipe.hide:
        return context, True
    if draw < recipe.hide + recipe.swap:
        return rename(context, lesson.example.source, chance), False
    return context, False


def batches(
    lessons: Sequence[Lesson], backbone: Backbone, recipe: Recipe, chance: random.Random
) -> Iterable[list[tuple[Marked, Lesson]]]:
    """One pass over the lessons in random order, rows of like length together."""
    shown = [vary(lesson, recipe, chance) for lesson in lessons]
    tokenize = tokenize_with(backbone.tokenizer)
    plain = mark([context for context, _ in shown], tokenize, backbone.alphabet)
    hidden = mark([context for context, _ in shown], tokenize, backbone.alphabet, hide=True)
    rows = [hidden[at] if is_hidden else plain[at] for at, (_, is_hidden) in enumerate(shown)]
    order = list(range(len(rows)))
    chance.shuffle(order)
    ready = []
    for start in range(0, len(order), recipe.batch * 64):
        block = sorted(order[start : start + recipe.batch * 64], key=lambda at: len(rows[at].ids))
        ready += [block[at : at + recipe.batch] for at in range(0, len(block), recipe.batch)]
    chance.shuffle(ready)
    for block in ready:
        yield [(rows[at], lessons[at]) for at in block]


def loss_of(logits: Tensor, lessons: Sequence[Lesson], recipe: Recipe) -> Tensor:
    """Cross-entropy with smoothed gold labels, mixed with the teacher's answer where there is one."""
    wanted = torch.full_like(logits, recipe.smoothing / 3)
    for at, lesson in enumerate(lessons):
        own = torch.full((3,), recipe.smoothing / 3)
        own[lesson.example.label] += 1 - recipe.smoothing
        if lesson.taught is not None:
            share = recipe.gold_weight if lesson.example.source != "unlabelled" else 0.0
            own = share * own + (1 - share) * torch.tensor(lesson.taught)
        wanted[at] = own
    return -(wanted * nn.functional.log_softmax(logits.float(), dim=-1)).sum(-1).mean()


def fit(
    backbone: Backbone,
    passes: Iterable[Callable[[], Sequence[Lesson]]],
    recipe: Recipe,
    *,
    start: dict[str, Tensor] | None = None,
    say: Callable[[str], None] = print,
    after_pass: Callable[[Reader], None] | None = None,
) -> Reader:
    """A reader fitted by AdamW with warm-up and linear decay; its weights are a running mean over the last steps.

    `passes` give the lessons of each pass when it begins; the rate falls to nothing at `recipe.steps`.
    """
    torch.manual_seed(recipe.seed)
    chance = random.Random(recipe.seed)
    reader = Reader(backbone.encoder, backbone.width)
    if start is not None:
        reader.load_state_dict(start)
    reader.train()
    optimiser = torch.optim.AdamW(_groups(reader, recipe), lr=recipe.rate, betas=(0.9, 0.98), eps=1e-6, fused=True)
    bases = [group["lr"] for group in optimiser.param_groups]
    mean = copy.deepcopy(reader).eval()
    step, total, began = 0, 0.0, time.monotonic()
    for number, lessons in enumerate(passes):
        for block in batches(lessons(), backbone, recipe, chance):
            portion = _portion(step, recipe)
            for group, base in zip(optimiser.param_groups, bases, strict=True):
                group["lr"] = base * portion
            batch = pack([row for row, _ in block], backbone.alphabet)
            with torch.autocast("cpu", torch.bfloat16):
                logits = reader(batch.ids, batch.mask, batch.places)
            loss = loss_of(logits, [lesson for _, lesson in block], recipe)
            optimiser.zero_grad(set_to_none=True)
            loss.backward()
            nn.utils.clip_grad_norm_(reader.parameters(), 1.0)
            optimiser.step()
            step += 1
            total += float(loss.detach())
            if step % 10 == 0:
                _follow(mean, reader, 0.97 if step > recipe.steps // 4 else 0.8)
            if step % 100 == 0:
                seconds = time.monotonic() - began
                say(f"pass {number + 1} step {step}/{recipe.steps} loss {total / 100:.4f} {seconds:.0f} s")
                total = 0.0
        if after_pass is not None:
            after_pass(mean)
    return mean


def _portion(step: int, recipe: Recipe) -> float:
    warm = max(1, math.ceil(recipe.warm * recipe.steps))
    if step < warm:
        return (step + 1) / warm
    return max(0.02, (recipe.steps - step) / max(1, recipe.steps - warm))


def _groups(reader: Reader, recipe: Recipe) -> list[dict[str, object]]:
    """Parameters by layer: lower layers learn more slowly; biases and norms do not decay."""
    groups: dict[tuple[float, float], list[nn.Parameter]] = {}
    layers = getattr(getattr(reader.encoder, "config", None), "num_hidden_layers", 12)
    for name, parameter in reader.named_parameters():
        depth = layers + 1
        if ".embeddings." in name:
            depth = 0
        elif ".layer." in name:
            depth = int(name.split(".layer.")[1].split(".")[0]) + 1
        if depth < recipe.frozen:
            parameter.requires_grad = False
            continue
        scale = recipe.layer_decay ** (layers + 1 - depth)
        rate = recipe.rate * scale * (10 if name.startswith("head.") else 1)
        decay = 0.0 if parameter.ndim < 2 else 0.01
        groups.setdefault((rate, decay), []).append(parameter)
    return [{"params": own, "lr": rate, "weight_decay": decay} for (rate, decay), own in groups.items()]


@torch.no_grad()
def _follow(mean: Reader, reader: Reader, keep: float) -> None:
    for slow, fast in zip(mean.parameters(), reader.parameters(), strict=True):
        if not fast.requires_grad:
            continue
        slow.lerp_(fast, 1 - keep)
