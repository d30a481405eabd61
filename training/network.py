"""An encoder with one small head: the states at the marks and of the first token decide between −, 0 and +."""

from collections.abc import Callable, Sequence
from dataclasses import dataclass

import torch
from torch import Tensor, nn

from service.sentiment.learned.marking import Alphabet, Marked


@dataclass(frozen=True, slots=True)
class Batch:
    """Padded inputs: `ids` and `mask` int64 (rows × tokens); `places` float (rows × tokens), each row summing to 1."""

    ids: Tensor
    mask: Tensor
    places: Tensor


class Reader(nn.Module):
    """Logits (rows × 3) of marked inputs."""

    def __init__(self, encoder: nn.Module, width: int, dropout: float = 0.1) -> None:
        super().__init__()
        self.encoder = encoder
        self.drop = nn.Dropout(dropout)
        self.head = nn.Linear(2 * width, 3)
        nn.init.normal_(self.head.weight, std=0.02)
        nn.init.zeros_(self.head.bias)

    def forward(self, ids: Tensor, mask: Tensor, places: Tensor) -> Tensor:
        """`places` weighs the tokens read; the first token is always read beside them."""
        states = self.encoder(input_ids=ids, attention_mask=mask).last_hidden_state
        marked = torch.einsum("bt,bth->bh", places.to(states.dtype), states)
        return self.head(self.drop(torch.cat([states[:, 0], marked], dim=-1)))


def pack(rows: Sequence[Marked], alphabet: Alphabet) -> Batch:
    """Rows padded to the longest of them."""
    longest = max(len(row.ids) for row in rows)
    ids = torch.full((len(rows), longest), alphabet.pad, dtype=torch.long)
    mask = torch.zeros((len(rows), longest), dtype=torch.long)
    places = torch.zeros((len(rows), longest))
    for at, row in enumerate(rows):
        ids[at, : len(row.ids)] = torch.tensor(row.ids)
        mask[at, : len(row.ids)] = 1
        places[at, list(row.places)] = 1 / len(row.places)
    return Batch(ids, mask, places)


@torch.no_grad()
def logits_of(
    reader: Callable[..., Tensor], rows: Sequence[Marked], alphabet: Alphabet, *, size: int = 64, half: bool = True
) -> Tensor:
    """Logits of all rows in their order, read in batches of like length."""
    order = sorted(range(len(rows)), key=lambda at: len(rows[at].ids))
    found = torch.zeros((len(rows), 3))
    for start in range(0, len(order), size):
        chosen = order[start : start + size]
        batch = pack([rows[at] for at in chosen], alphabet)
        with torch.autocast("cpu", torch.bfloat16, enabled=half):
            found[chosen] = reader(batch.ids, batch.mask, batch.places).float()
    return found
