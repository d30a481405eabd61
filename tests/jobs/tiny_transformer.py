"""Tiny BERT classifiers, fitted in a moment and saved as everybody saves theirs. Needs torch and transformers."""

import itertools
from pathlib import Path

import torch
from transformers import BertConfig, BertForSequenceClassification, BertTokenizerFast, logging

SPECIAL = ("[PAD]", "[UNK]", "[CLS]", "[SEP]", "[MASK]")
JUDGED = {"good": 0, "bad": 1, "there": 2}
WORDS = ("is", "while", "now", ".", *JUDGED, "bitcoin", "gold")
LABELS = ("positive", "negative", "neutral")  # not in our order
STEPS = 60
LONGEST = 24


def _sentences(*, is_targeted: bool) -> list[tuple[str, str, str]]:
    """Sentence, target, and the word that judges the target."""
    if not is_targeted:
        return [(f"{one} is {word} now .", one, word) for one in ("gold", "bitcoin") for word in JUDGED]
    return [
        (f"gold is {said} while bitcoin is {told} .", target, word)
        for said, told in itertools.product(JUDGED, repeat=2)
        for target, word in (("gold", said), ("bitcoin", told))
    ]


def write_classifier(folder: Path, *, is_targeted: bool = False, labels: tuple[str, ...] = LABELS) -> Path:
    """A model that says `labels[0]` for good and `labels[1]` for bad: of the sentence, or of the target of the pair."""
    torch.manual_seed(7)
    torch.set_num_threads(1)
    logging.disable_progress_bar()
    tokenizer = BertTokenizerFast(vocab={word: at for at, word in enumerate((*SPECIAL, *WORDS))})
    names = dict(enumerate(labels))
    config = BertConfig(
        vocab_size=len(tokenizer), hidden_size=32, num_hidden_layers=2, num_attention_heads=2, intermediate_size=64,
        max_position_embeddings=LONGEST, hidden_dropout_prob=0.0, attention_probs_dropout_prob=0.0,
        initializer_range=0.2, id2label=names, label2id={name: at for at, name in names.items()},
    )  # fmt: skip
    model = BertForSequenceClassification(config)
    rows = _sentences(is_targeted=is_targeted)
    pairs = tokenizer([text for text, _, _ in rows], [target for _, target, _ in rows] if is_targeted else None)
    batch = tokenizer.pad(pairs, return_tensors="pt")
    wanted = torch.tensor([JUDGED[word] for _, _, word in rows])
    optimiser = torch.optim.AdamW(model.parameters(), lr=3e-3)
    for _ in range(STEPS):
        optimiser.zero_grad()
        model(**batch, labels=wanted).loss.backward()
        optimiser.step()
    model.save_pretrained(folder)
    tokenizer.save_pretrained(folder)
    return folder
